//! The same operation on every object that is meant: several names, a selector, `--all`, the objects of a file.
//!
//! kubectl has these forms for most verbs that change one object. Here they are one operation around another: once it is known which
//! objects there are, it becomes one operation for each of them, and only those are vetted, shown and carried out.

use super::{
    Argv, CATALOGUE, Call, CannotDo, Documents, Entry, Flag, Impact, Kind, Lookup, Misuse, Namespace, Op, Spec, Target, Verb,
    argv::Takes,
    look, manifest,
    verb::{objects_on, split_behind},
};
use crate::terms::selector::LabelSelector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Stands where a name will, while the names are not known; it is never sent.
const ANY: &str = "each-of-them";

/// The flags that say which objects are meant.
pub(super) const CHOICE: &[Flag] = &[
    Flag::value("selector").short('l'),
    Flag::value("field-selector"),
    Flag::switch("all"),
    Flag::value("filename").short('f'),
    Flag::switch("recursive").short('R'),
    Flag::value("kustomize").short('k'),
];

/// Which objects are meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// these
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// those of these kinds
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector: app=web,tier!=db; left out: all of them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// field selector: status.phase=Failed
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_selector: Option<String>,
    /// files a person named: the objects in them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What was loaded from them.
    #[serde(skip)]
    pub objects: Vec<Value>,
}

impl Choice {
    /// What a line chooses, and its other words; `None` where it names exactly one object, or none and no selector.
    ///
    /// # Errors
    /// [`Misuse`] for a selector that is none, or forms that exclude each other.
    pub(super) fn on_line(argv: &Argv, reads: bool) -> Result<Option<(Choice, Vec<String>)>, Misuse> {
        let says = |text: &str| Misuse::Says(format!("kubectl {}: {text}", argv.verb.join(" ")));
        // A read of a kind alone is one of all its objects; a change has to say --all.
        let kind_alone = reads && argv.places.len() == 1 && argv.places.iter().all(|word| !word.contains('/'));
        let (selector, field_selector) = (argv.get("selector"), argv.get("field-selector"));
        let all = argv.on("all") || (kind_alone && !manifest::says_files(argv));
        let namespace = argv.named_namespace()?;
        if manifest::says_files(argv) {
            if selector.is_some() || all {
                return Err(says("-f or -k says which objects; a selector or --all cannot stand beside it"));
            }
            let files = manifest::files(&Argv { places: Vec::new(), ..argv.clone() })?;
            return Ok(Some((Choice { files, namespace, ..Choice::default() }, argv.places.clone())));
        }
        if selector.is_some() || field_selector.is_some() || all {
            if let Some(selector) = selector {
                selector.parse::<LabelSelector>().map_err(|e| says(&format!("-l {selector:?}: {e}")))?;
            }
            let Some((first, rest)) = argv.places.split_first() else { return Err(says("which kind? it is missing")) };
            if first.contains('/') {
                return Err(says("a name and a selector cannot stand together"));
            }
            let kinds = first.split(',').map(super::verb::kind_named).collect::<Result<_, _>>()?;
            let text = |word: Option<&str>| word.map(str::to_string);
            let choice = Choice {
                kinds,
                namespace,
                all_namespaces: argv.on("all-namespaces"),
                selector: text(selector),
                field_selector: text(field_selector),
                ..Choice::default()
            };
            return Ok(Some((choice, rest.to_vec())));
        }
        let (targets, rest) = objects_on(argv)?;
        Ok((targets.len() > 1).then(|| (Choice { targets, namespace, ..Choice::default() }, rest)))
    }

    /// Fills in the namespace where nobody named one.
    pub(super) fn place(&mut self, namespace: &Namespace) {
        self.targets.iter_mut().for_each(|target| target.place(namespace));
        let wants = !self.files.is_empty() || self.kinds.iter().any(|kind| kind.namespaced());
        if self.namespace.is_none() && !self.all_namespaces && wants {
            self.namespace = Some(namespace.clone());
        }
    }

    /// The kinds of what is meant, as far as they are known before it is known which objects those are.
    pub fn all_kinds(&self) -> impl Iterator<Item = Kind> {
        let in_files = self.objects.iter().filter_map(|o| Kind::of_object(look::text(o, "/apiVersion"), look::text(o, "/kind")));
        self.targets.iter().map(Target::kind).chain(self.kinds.iter().copied()).chain(in_files)
    }

    /// The lists that tell which objects there are.
    pub(super) fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        let list = |kind: &Kind| {
            Call::list(*kind, self.namespace.as_ref().filter(|_| !self.all_namespaces))
                .with("labelSelector", self.selector.clone().unwrap_or_default())
                .with("fieldSelector", self.field_selector.clone().unwrap_or_default())
        };
        if seen.is_empty() { self.kinds.iter().map(list).collect() } else { Vec::new() }
    }

    /// Takes the documents of a file it names.
    pub(super) fn load(&mut self, file: &str, documents: Documents) {
        if self.files.iter().any(|chosen| chosen == file) {
            self.objects.extend(manifest::flatten(documents.values));
        }
    }

    /// The objects that are meant, each once.
    ///
    /// # Errors
    /// [`CannotDo`] where a kind could not be listed, or nothing is meant.
    pub(super) fn found(&self, seen: &[Lookup<Value>]) -> Result<Vec<Target>, CannotDo> {
        let mut found = self.targets.clone();
        if !self.files.is_empty() {
            let placed = manifest::placed(&self.files, &self.objects, &[], None, self.namespace.as_ref())?;
            found.extend(placed.into_iter().filter_map(|object| object.target));
        }
        for (at, kind) in self.kinds.iter().enumerate() {
            for object in look::listed(seen, at, *kind)? {
                found.extend(look::target_of(*kind, object));
            }
        }
        let mut known = std::collections::HashSet::new();
        found.retain(|target| known.insert(target.clone()));
        if found.is_empty() {
            return Err(CannotDo::new(format!("there are no {}", self.said()), ""));
        }
        Ok(found)
    }

    /// `pods with app=web in dev`.
    pub(super) fn said(&self) -> String {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.plural()).collect();
        let mut said = match (kinds.is_empty(), self.files.is_empty()) {
            (false, _) => kinds.join(", "),
            (true, false) => format!("objects of {}", manifest::shown(&self.files)),
            (true, true) => "objects".to_string(),
        };
        for selector in [&self.selector, &self.field_selector].into_iter().flatten() {
            said.push_str(&format!(" with {selector}"));
        }
        if let Some(namespace) = &self.namespace {
            said.push_str(&format!(" in {namespace}"));
        }
        said
    }

    /// As it stands on a line, behind the verb.
    pub(super) fn print(&self, argv: Argv) -> Argv {
        let mut argv = self.targets.iter().fold(argv, |argv, target| argv.place(target.slashed()));
        if !self.kinds.is_empty() {
            let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.plural()).collect();
            argv = argv.place(kinds.join(","));
        }
        argv
    }

    /// Its flags.
    /// `kind_alone`: a kind without --all means all of its objects already.
    pub(super) fn flags(&self, mut argv: Argv, kind_alone: bool) -> Argv {
        argv = manifest::named(argv, &self.files);
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
        if let Some(selector) = &self.field_selector {
            argv = argv.flag("field-selector", selector);
        }
        argv = argv.switch("all", !kind_alone && !self.kinds.is_empty() && self.selector.is_none() && self.field_selector.is_none());
        if self.all_namespaces {
            return argv.switch("all-namespaces", true);
        }
        argv.namespace(self.namespace.as_ref().or_else(|| self.targets.iter().find_map(Target::namespace)))
    }
}

/// Does the same to every object that is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Loose", into = "Loose")]
#[schemars(with = "Loose")]
pub struct Each {
    /// Which objects.
    choice: Choice,
    /// The operation on an object of [`ANY`] name.
    what: Box<Op>,
}

/// The same, before it is known that the operation is one on a single object.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loose {
    /// the objects
    of: Choice,
    /// an operation on one object, without its kind, name and namespace
    #[serde(rename = "do")]
    what: Value,
}

const TARGET: [&str; 3] = ["kind", "name", "namespace"];

fn aimed(mut what: Value, kind: Kind, name: &str, namespace: Option<&Namespace>) -> Result<Op, String> {
    let map = what.as_object_mut().ok_or("`do` is an operation without its target")?;
    map.insert("kind".into(), json!(kind));
    map.insert("name".into(), name.into());
    if let Some(namespace) = namespace.filter(|_| kind.namespaced()) {
        map.insert("namespace".into(), json!(namespace));
    }
    Op::from_json(what)
}

impl TryFrom<Loose> for Each {
    type Error = String;
    fn try_from(loose: Loose) -> Result<Self, String> {
        let named = loose.of.targets.first().map(Target::kind);
        let kind = loose.of.kinds.first().copied().or(named).unwrap_or_else(|| Kind::built_in("deployments"));
        let what = aimed(loose.what, kind, ANY, None)?;
        match what.entry().each {
            true => Ok(Each { choice: loose.of, what: Box::new(what) }),
            false => Err(format!("{} is not done to one object after the other", what.entry().name)),
        }
    }
}

impl From<Each> for Loose {
    fn from(each: Each) -> Loose {
        Loose { what: each.template(), of: each.choice }
    }
}

impl Each {
    /// Reads a line of a verb that is about one object where it is about several; `None` where it is about one.
    pub(super) fn of_line(entry: &Entry, argv: &Argv) -> Result<Option<Op>, Misuse> {
        let (line, behind) = split_behind(argv, entry.behind);
        let Some((choice, rest)) = Choice::on_line(&line, entry.reads)? else { return Ok(None) };
        let named = choice.targets.first().map(Target::kind);
        let kind = choice.kinds.first().copied().or(named).unwrap_or_else(|| Kind::built_in("deployments"));
        let places = std::iter::once(format!("{}/{ANY}", kind.word())).chain(rest).chain(behind).collect();
        let chooses = |name: &str| CHOICE.iter().any(|flag| flag.long == name) || name == "namespace" || name == "all-namespaces";
        let flags = argv.flags.iter().filter(|(name, _)| !chooses(name)).cloned().collect();
        let what = (entry.from_argv)(&Argv { program: argv.program, verb: argv.verb.clone(), places, flags, tail: argv.tail.clone() })?;
        Ok(Some(Each { choice, what: Box::new(what) }.into()))
    }

    /// The operation that is done to each, on an object that stands for any of them.
    pub fn what(&self) -> &Op {
        &self.what
    }

    fn template(&self) -> Value {
        let mut what = serde_json::to_value(&*self.what).unwrap_or_default();
        if let Some(map) = what.as_object_mut() {
            TARGET.iter().for_each(|field| drop(map.remove(*field)));
        }
        what
    }
}

impl Verb for Each {
    fn impact(&self) -> Impact {
        self.what.verb().impact()
    }
    fn place(&mut self, namespace: &Namespace) {
        self.choice.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        self.choice.targets.clone()
    }
    fn choice(&self) -> Option<&Choice> {
        Some(&self.choice)
    }
    fn title(&self) -> String {
        self.print().line().trim_start_matches("kubectl ").to_string()
    }
    fn files(&self) -> Vec<String> {
        self.choice.files.iter().cloned().chain(self.what.verb().files()).collect()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        self.what.verb_mut().load(file, documents.clone());
        self.choice.load(file, documents);
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.choice.looks(seen)
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let template = self.template();
        let one = |target: Target| {
            let op = aimed(template.clone(), target.kind(), target.name().as_str(), target.namespace());
            op.map_err(|why| CannotDo::new(format!("{}: {why}", target.slashed()), ""))
        };
        self.choice.found(seen)?.into_iter().map(one).collect::<Result<Vec<_>, _>>().map(Some)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Err(CannotDo::new("it is not known yet which objects are meant", ""))
    }
    fn print(&self) -> Argv {
        let inner = self.what.verb().print();
        let mut argv = self.choice.print(Argv { program: inner.program, verb: inner.verb.clone(), ..Argv::default() });
        let stands_for = |word: &String| word.ends_with(&format!("/{ANY}")) || word == ANY;
        let mut rest: Vec<String> = inner.places;
        // `taint` and `set serviceaccount` have their kind as a word of its own.
        if let [kind, any, ..] = rest.as_slice()
            && any == ANY
        {
            let of_one_kind = self.choice.targets.iter().all(|target| target.kind().word() == *kind);
            if !self.choice.targets.is_empty() && of_one_kind {
                argv.places = self.choice.targets.iter().map(|target| target.name().to_string()).collect();
                argv.places.insert(0, kind.clone());
            }
            rest.remove(0);
        }
        argv.places.extend(rest.into_iter().filter(|word| !stands_for(word)));
        argv.flags.extend(inner.flags);
        argv.tail = inner.tail;
        self.choice.flags(argv, self.what.entry().reads)
    }
}

impl Spec for Each {
    const NAME: &'static str = "each";
    const VERB: &'static [&'static str] = &[];
    const ABOUT: &'static str = "Do the same to several objects: names, all of a kind, those with a label.";
    const EXAMPLE: &'static str = "kubectl rollout restart deployments --selector=app=web";
    const BACK: &'static str = "that of each operation, last first";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::unknown(argv.program, &argv.verb))
    }
}

/// The flag of a verb, its own or one that says which objects are meant.
pub(super) fn takes(entry: &Entry, long: &str) -> Option<Takes> {
    let choice: &[Flag] = if entry.each { CHOICE } else { &[] };
    let manner: &[Flag] = if entry.makes { super::make::MANNER } else { &[] };
    entry.flags.iter().chain(choice).chain(manner).chain(super::argv::COMMON).find(|flag| flag.long == long).map(|flag| flag.takes)
}

/// The row of the catalogue that a line's verb names.
pub(super) fn entry_of(argv: &Argv) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| !entry.verb.is_empty() && entry.program == argv.program && entry.verb.iter().eq(argv.verb.iter()))
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn a_selector_becomes_one_operation_for_each() {
        let mut op = Op::from_line("kubectl rollout restart deployments -l app=web").unwrap();
        op.verb_mut().place(&Namespace::new("dev").unwrap());
        assert_eq!(op.line(), "kubectl rollout restart deployments --selector=app=web -n dev");
        assert_eq!(Op::from_json(serde_json::to_value(&op).unwrap()).unwrap(), op);
        assert_eq!(op.verb().impact(), Impact::Disrupts);
        let calls = op.verb().looks(&[]);
        assert_eq!(calls[0].path(), "/apis/apps/v1/namespaces/dev/deployments");
        let list = json!({"items": [{"metadata": {"name": "a", "namespace": "dev"}}, {"metadata": {"name": "b", "namespace": "dev"}}]});
        let ops = op.verb().expand(&[Lookup::Known(list)]).unwrap().unwrap();
        let lines: Vec<String> = ops.iter().map(Op::line).collect();
        assert_eq!(lines, ["kubectl rollout restart deployment/a -n dev", "kubectl rollout restart deployment/b -n dev"]);
        assert!(op.verb().expand(&[Lookup::Known(json!({"items": []}))]).unwrap_err().sentence.contains("app=web"));
    }

    #[test]
    fn several_names_are_several_operations() {
        let op = Op::from_line("kubectl scale deployment/a deployment/b --replicas=2 -n dev").unwrap();
        assert_eq!(op.line(), "kubectl scale deployment/a deployment/b --replicas=2 -n dev");
        let ops = op.verb().expand(&[]).unwrap().unwrap();
        assert_eq!(ops[1].line(), "kubectl scale deployment/b --replicas=2 -n dev");
        assert!(matches!(Op::from_line("kubectl scale deployment/a --replicas=2").unwrap(), Op::Scale(_)));
    }

    #[test]
    fn words_that_say_nothing_definite_are_refused() {
        for line in [
            "kubectl label pods -l 'a in (' b=c",
            "kubectl label pod/x -l a=b b=c",
            "kubectl label -l a=b",
            "kubectl label pods --all -f x.yaml a=b",
            "kubectl each pods",
        ] {
            assert!(Op::from_line(line).is_err(), "{line}");
        }
    }
}
