//! What every verb must say of itself, and nothing more: preview, policy, journal and faces know no verb by name.

use super::{
    Answer, Argv, Call, Choice, Contents, Documents, Draft, Flag, Follow, Lookup, Misuse, Namespace, Op, Program, Reply, Sensitive, Target,
    Wait,
};
use crate::terms::written::Written;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

/// How deep an operation cuts. Ordered: the deeper, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Impact {
    /// Looks only.
    Reads,
    /// Changes what can be changed back.
    Changes,
    /// Pods end or move because of it.
    Disrupts,
    /// Something is gone afterwards.
    Destroys,
}

/// Why an operation cannot be carried out as it stands, for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct CannotDo {
    /// What is wrong, with the object's name in it.
    pub sentence: String,
    /// What to do instead; may be empty.
    pub hint: String,
    /// Whether the object it needs is simply not there.
    pub missing: Option<Target>,
}

impl CannotDo {
    /// A sentence and what to do next.
    pub fn new(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        CannotDo { sentence: sentence.into(), hint: hint.into(), missing: None }
    }

    /// The object is not there.
    pub fn missing(target: &Target) -> Self {
        CannotDo {
            sentence: format!("{target} does not exist"),
            hint: format!("kubectl get {} shows what is there", target.kind().plural()),
            missing: Some(target.clone()),
        }
    }
}

/// The way back from a change that was made.
#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    /// These operations, in this order.
    Back(Vec<Op>),
    /// None, and why: `the pods' own data is gone`.
    None(&'static str),
}

/// Files on their way between this machine and a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copying {
    /// Into the container.
    In {
        /// The file or folder here.
        from: String,
        /// What it is called there; in a folder of that name, where there is one. Empty: as here.
        name: String,
    },
    /// Out of the container.
    Out {
        /// Where its entries stand in the stream.
        prefix: String,
        /// The file or folder here.
        to: String,
    },
}

/// An object before and after one call.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a> {
    /// `None` where there was none.
    pub before: Option<&'a Value>,
    /// `None` where there is none any more.
    pub after: Option<&'a Value>,
}

/// What a value of a verb says of itself.
pub trait Verb: std::fmt::Debug {
    /// How deep it cuts.
    fn impact(&self) -> Impact;

    /// Fills in the namespace wherever nobody named one.
    fn place(&mut self, namespace: &Namespace);

    /// The objects it names, for policy, RBAC and display. Reads of many name none.
    fn targets(&self) -> Vec<Target>;

    /// A few words for its heading, without the values that only the cluster knows: `scale deployment/backend to 3`.
    fn title(&self) -> String;

    /// Which objects it is about where no names say so: all of a kind, those with a label, those of a file.
    fn choice(&self) -> Option<&Choice> {
        None
    }

    /// Files it wants loaded before it can be lowered; a person named them.
    fn files(&self) -> Vec<String> {
        Vec::new()
    }

    /// Takes one loaded file's documents.
    fn load(&mut self, _file: &str, _documents: Documents) {}

    /// The texts its objects were read from, where it has any.
    fn texts(&self) -> &[Written] {
        &[]
    }

    /// Files and folders whose bytes it wants; a person named them.
    fn contents(&self) -> Vec<String> {
        Vec::new()
    }

    /// Takes one of them.
    fn take(&mut self, _file: &str, _contents: Contents) {}

    /// The values it holds that are sent and never shown.
    fn sensitive(&self) -> Vec<&Sensitive> {
        Vec::new()
    }

    /// The next reads it needs before it can be lowered, given the answers to the former ones, in order. A list answers with
    /// one `{"items": […]}`. Asked again until it returns nothing (at most four times).
    fn looks(&self, _seen: &[Lookup<Value>]) -> Vec<Call> {
        Vec::new()
    }

    /// Where it stands for others that are known only now (all pods with a label): those, in the order they are done. They take its place
    /// before anything is judged or shown. `seen` answers its looks.
    ///
    /// # Errors
    /// [`CannotDo`] where nothing is meant, or what is meant could not be read.
    fn expand(&self, _seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        Ok(None)
    }

    /// Lowers it to the calls that do it.
    ///
    /// # Errors
    /// [`CannotDo`] where what was seen forbids it: the object is missing, the label is already another, nothing to roll back to.
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo>;

    /// The kubectl line that does the same.
    fn print(&self) -> Argv;

    /// What a person has to edit before it can be lowered; what they made of it takes its place. Only a person is asked.
    ///
    /// # Errors
    /// [`CannotDo`] where there is nothing to edit.
    fn draft(&self, _seen: &[Lookup<Value>]) -> Result<Option<Draft>, CannotDo> {
        Ok(None)
    }

    /// Whether what a read found is something that a script wants to know of: the exit code says so.
    fn finds(&self, _answer: &Answer) -> bool {
        false
    }

    /// What has to hold before the change is called done.
    fn wait(&self) -> Wait {
        Wait::Nothing
    }

    /// How long its change may take to hold, where the operation says so itself; zero is without end.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// The way back, from the images of each of its calls.
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::None("it changes nothing")
    }

    /// How a read goes on once its calls are answered; `None`: it does not. Its calls are lists then, or logs that are followed.
    fn follows(&self) -> Option<Follow> {
        None
    }

    /// Which files of this machine go into a container, or come out of one.
    fn copies(&self) -> Option<Copying> {
        None
    }

    /// Whether somebody has to sit at it: it takes what is typed or piped in, or a terminal. Only a person can ask for that.
    fn interactive(&self) -> bool {
        false
    }

    /// What the replies of a read say; one reply per page, each naming its call.
    ///
    /// # Errors
    /// [`CannotDo`] where the object is missing or may not be read.
    fn answer(&self, _calls: &[Call], _replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        Err(CannotDo::new("this operation yields no answer", ""))
    }

    /// The same, with the replies used up: what is large need not stand twice, as bytes and as what was made of them.
    ///
    /// # Errors
    /// As [`Verb::answer`].
    fn answer_with(&self, calls: &[Call], replies: Vec<Reply>, now: Timestamp) -> Result<Answer, CannotDo> {
        self.answer(calls, &replies, now)
    }
}

/// What a verb says before there is a value of it.
pub trait Spec: Verb + Clone + Serialize + DeserializeOwned + JsonSchema + Into<Op> + 'static {
    /// Its tag in JSON: `rollout_restart`.
    const NAME: &'static str;
    /// Whose words those are.
    const PROGRAM: Program = Program::Kubectl;
    /// The program's words for it.
    const VERB: &'static [&'static str];
    /// One sentence on what it does, for help and for a model.
    const ABOUT: &'static str;
    /// A kubectl line that is this verb, for help, the docs and a model.
    const EXAMPLE: &'static str;
    /// What undoing it does, in a few words, or why nothing does; empty for what only reads.
    const BACK: &'static str;
    /// Its own flags.
    const FLAGS: &'static [Flag];
    /// Whether every value of it only reads.
    const READS: bool;
    /// Whether it is about one object and can be done to one after the other: several names, a selector, `--all`, `-f`.
    const EACH: bool = false;
    /// Whether it makes new objects and nothing else, so that their manifest can be shown instead (`--dry-run=client -o yaml`).
    const MAKES: bool = false;
    /// Whether only a person may ask for it: a model is not offered it, and no playbook may hold it.
    const PERSONAL: bool = false;
    /// How many of the last words on its line are no objects though they read like names: `set serviceaccount deployment web ACCOUNT`.
    const BEHIND: usize = 0;
    /// From a parsed kubectl line.
    ///
    /// # Errors
    /// [`Misuse`] naming what is missing or does not fit.
    fn parse(argv: &Argv) -> Result<Self, Misuse>;
}

pub(super) fn schema_of<S: JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<S>().to_value();
    if let Some(map) = schema.as_object_mut() {
        map.remove("$schema");
        map.remove("title");
        map.remove("description");
        // Models' interfaces want the field also where there is nothing to say.
        map.entry("properties").or_insert_with(|| serde_json::json!({}));
    }
    schema
}

/// The programs take several spellings of some words.
pub(super) fn same_word(ours: &str, said: &str) -> bool {
    ours == said
        || matches!(
            (ours, said),
            ("namespace", "ns" | "namespaces")
                | ("configmap", "cm")
                | ("cronjob", "cj")
                | ("deployment", "deploy")
                | ("ingress", "ing")
                | ("poddisruptionbudget", "pdb")
                | ("priorityclass", "pc")
                | ("quota", "resourcequota")
                | ("service", "svc")
                | ("serviceaccount", "sa")
                | ("pods", "pod" | "po")
                | ("nodes", "node" | "no")
                | ("logs", "log")
                | ("events", "event")
                | ("list", "ls")
                | ("history", "hist")
                | ("uninstall", "delete" | "del" | "un")
        )
}

/// Flags that stand before the verb, with their values.
pub(super) fn leading_flags(program: Program, words: &[String]) -> Result<(&[String], &[String]), Misuse> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            break;
        }
        let one = Argv::parse(program, &[], std::slice::from_ref(word), &[]);
        at += match one {
            Ok(_) => 1,
            Err(Misuse::NeedsValue(_)) => 2,
            Err(other) => return Err(other),
        };
    }
    Ok(words.split_at(at.min(words.len())))
}

/// The objects that stand on a line, in kubectl's two forms: `kind/name kind/name` or `kind,kind name name`. What does not name
/// an object (`key=value`, `key-`) is left to the verb.
pub(super) fn objects_on(argv: &Argv) -> Result<(Vec<Target>, Vec<String>), Misuse> {
    let namespace = argv.named_namespace()?;
    let mut targets = Vec::new();
    let mut places = argv.places.iter().peekable();
    // No name ends in '-', and none holds '=': such a word sets or removes a label. `key:NoExecute` is a taint.
    let names_none = |w: &str| {
        w.contains('=') || w.ends_with('-') || w.rsplit_once(':').is_some_and(|(_, effect)| effect.parse::<super::Effect>().is_ok())
    };
    match places.peek() {
        Some(first) if names_none(first) => {}
        Some(first) if first.contains('/') => {
            while let Some(word) = places.next_if(|w| w.contains('/') && !names_none(w)) {
                let (kind, name) = word.split_once('/').ok_or_else(|| Misuse::says("kind/name was expected"))?;
                targets.push(Target::new(kind_named(kind)?, super::Name::new(name)?)?.in_namespace(namespace.clone()));
            }
        }
        Some(_) => {
            let kinds = places.next().map_or("", String::as_str).split(',').map(kind_named).collect::<Result<Vec<_>, _>>()?;
            let mut names = Vec::new();
            while let Some(word) = places.next_if(|w| !names_none(w)) {
                names.push(super::Name::new(word.as_str())?);
            }
            for kind in kinds {
                for name in &names {
                    targets.push(Target::new(kind, name.clone())?.in_namespace(namespace.clone()));
                }
            }
        }
        None => {}
    }
    Ok((targets, places.cloned().collect()))
}

/// Says why a flag that kubectl has is not taken here.
pub(super) fn refuse(argv: &Argv, flags: &[(&str, &str)]) -> Result<(), Misuse> {
    match flags.iter().find(|(flag, _)| argv.get(flag).is_some_and(|v| v != "false" || !argv.is_switch(flag))) {
        Some((flag, why)) => Err(Misuse::Says(format!("{} --{flag}: {why}", argv.head()))),
        None => Ok(()),
    }
}

/// Nothing but flags.
pub(super) fn no_places(argv: &Argv) -> Result<(), Misuse> {
    match argv.places.first() {
        Some(extra) => Err(Misuse::Says(format!("{}: {extra:?} was not expected", argv.head()))),
        None => Ok(()),
    }
}

/// Exactly one object, and nothing behind it.
pub(super) fn workload_place(argv: &Argv) -> Result<Target, Misuse> {
    let (target, rest) = target_and_rest(argv)?;
    match rest.first() {
        Some(extra) => Err(Misuse::Says(format!("{}: {extra:?} was not expected", argv.head()))),
        None => Ok(target),
    }
}

/// Exactly one object, and the words behind it.
pub(super) fn target_and_rest(argv: &Argv) -> Result<(Target, Vec<String>), Misuse> {
    let head = argv.head();
    let (targets, rest) = objects_on(argv)?;
    let mut targets = targets.into_iter();
    match (targets.next(), targets.next()) {
        (Some(one), None) => Ok((one, rest)),
        (None, _) => Err(Misuse::Says(format!("{head}: which object? kind/name is missing"))),
        (Some(_), Some(_)) => Err(Misuse::Says(format!("{head}: one object at a time"))),
    }
}

/// The line without its last words, and those.
pub(super) fn split_behind(argv: &Argv, words: usize) -> (Argv, Vec<String>) {
    let mut argv = argv.clone();
    let behind = argv.places.split_off(argv.places.len().saturating_sub(words));
    (argv, behind)
}

/// The kind a word on a line means.
pub(super) fn kind_named(word: &str) -> Result<super::Kind, Misuse> {
    super::Kind::find(word).ok_or_else(|| Misuse::UnknownKind(word.chars().take(80).collect()))
}
