//! `kubectl create … --dry-run=client -o yaml`: what would be made, as a manifest; nothing is sent but what has to be looked at.

use super::made::{MANNER, only_shown};
use crate::ops::{
    Action, Answer, Argv, Call, CannotDo, Contents, Documents, Entry, Flag, Impact, Kind, Lookup, Misuse, Namespace, ObjectForm, Op, Reply,
    Sensitive, Spec, Target, Verb, look,
};
use crate::terms::written::Written;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows what another operation would make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Loose", into = "Loose")]
#[schemars(with = "Loose")]
pub struct ShowManifest {
    of: Box<Op>,
    output: ObjectForm,
}

/// The same, before it is known that the operation makes something.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loose {
    /// the operation that would make it, with its `op` field
    of: Value,
    /// as what it is shown
    #[serde(default = "yaml")]
    output: ObjectForm,
}

fn yaml() -> ObjectForm {
    ObjectForm::Yaml
}

impl TryFrom<Loose> for ShowManifest {
    type Error = String;
    fn try_from(loose: Loose) -> Result<Self, String> {
        let of = Op::from_json(loose.of)?;
        match of.entry().makes {
            true => Ok(ShowManifest { of: Box::new(of), output: loose.output }),
            false => Err(format!("{} makes no new object", of.entry().name)),
        }
    }
}

impl From<ShowManifest> for Loose {
    fn from(show: ShowManifest) -> Loose {
        // An operation is plain data of texts and numbers: it can always be written down.
        Loose { of: serde_json::to_value(&*show.of).unwrap_or_default(), output: show.output }
    }
}

impl ShowManifest {
    /// Reads a line of a verb that makes objects where they are only to be shown; `None` where they are to be made.
    pub(in crate::ops) fn of_line(entry: &Entry, argv: &Argv) -> Result<Option<Op>, Misuse> {
        let Some(output) = only_shown(argv)? else { return Ok(None) };
        let manner = |name: &str| MANNER.iter().any(|flag| flag.long == name);
        let flags = argv.flags.iter().filter(|(name, _)| !manner(name)).cloned().collect();
        let of = (entry.from_argv)(&Argv { flags, ..argv.clone() })?;
        Ok(Some(ShowManifest { of: Box::new(of), output }.into()))
    }
}

impl Verb for ShowManifest {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.of.verb_mut().place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        self.of.verb().targets()
    }
    fn title(&self) -> String {
        format!("show what would be made: {}", self.of.verb().title())
    }
    fn files(&self) -> Vec<String> {
        self.of.verb().files()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        self.of.verb_mut().load(file, documents);
    }
    fn texts(&self) -> &[Written] {
        self.of.verb().texts()
    }
    fn contents(&self) -> Vec<String> {
        self.of.verb().contents()
    }
    fn take(&mut self, file: &str, contents: Contents) {
        self.of.verb_mut().take(file, contents);
    }
    fn sensitive(&self) -> Vec<&Sensitive> {
        self.of.verb().sensitive()
    }
    /// What the other operation has to look at; mostly nothing.
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.of.verb().targets().iter().any(|target| target.kind() == Kind::built_in("secrets")) {
            return Err(CannotDo::new(
                "the manifest of a Secret is its values, and they are never shown",
                format!("by hand: {} --dry-run=client -o yaml", self.of.line()),
            ));
        }
        Ok(self.of.verb().looks(&[]))
    }
    fn print(&self) -> Argv {
        let form = match self.output {
            ObjectForm::Yaml => "yaml",
            ObjectForm::Json => "json",
            ObjectForm::Name => "name",
        };
        self.of.verb().print().flag("dry-run", "client").flag("output", form)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let made = self.of.verb().calls(&look::gathered(calls, replies), now)?;
        let body = |call: Call| match call.action {
            Action::Create(body) => Some(body),
            Action::Get
            | Action::List
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Delete { .. }
            | Action::Evict { .. }
            | Action::Talk
            | Action::Program(_)
            | Action::Carried(_) => None,
        };
        Ok(Answer::Objects { output: self.output, items: made.into_iter().filter_map(body).collect() })
    }
}

impl Spec for ShowManifest {
    const NAME: &'static str = "show_manifest";
    const VERB: &'static [&'static str] = &[];
    const ABOUT: &'static str = "Show the manifest of what an operation would make, without making it.";
    const EXAMPLE: &'static str = "kubectl create deployment web --image=nginx:1.27 --dry-run=client -o yaml";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::unknown(argv.program, &argv.verb))
    }
}
