//! Which release, and which revision of it: what most of helm's verbs are about.

use super::release::{self, Kept, Release};
use crate::ops::{Argv, Call, CannotDo, Lookup, Misuse, Namespace, Program, ReleaseName, Reply, look::gathered};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A release, and maybe one revision of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Which {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// revision; left out: the latest
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

impl Which {
    /// `shop`, `shop, revision 2`: for titles.
    pub(super) fn said(&self) -> String {
        self.revision.map_or_else(|| self.name.to_string(), |n| format!("{}, revision {n}", self.name))
    }

    pub(super) fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }

    /// The first look: which revisions there are.
    pub(super) fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { release::revisions(&self.name, self.namespace.as_ref()) } else { Vec::new() }
    }

    /// The revisions that were found, oldest first.
    pub(super) fn found(&self, seen: &[Lookup<Value>]) -> Result<Vec<Kept>, CannotDo> {
        release::found(&self.name, self.namespace.as_ref(), seen)
    }

    /// The read of the revision that is meant.
    pub(super) fn calls(&self, seen: &[Lookup<Value>]) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![release::get(release::chosen(&self.found(seen)?, &self.name, self.revision)?)])
    }

    /// The release that came back for [`Which::calls`].
    pub(super) fn release(&self, calls: &[Call], replies: &[Reply]) -> Result<Release, CannotDo> {
        let answers = gathered(calls, replies);
        release::whole(&self.name, answers.first().unwrap_or(&Lookup::Missing))
    }

    pub(super) fn print(&self, verb: &[&str]) -> Argv {
        let argv = Argv::to(Program::Helm, verb).place(&self.name);
        match self.revision {
            Some(revision) => argv.flag("revision", revision),
            None => argv,
        }
        .namespace(self.namespace.as_ref())
    }

    /// The release that a line names, and nothing behind it.
    pub(super) fn parse(argv: &Argv) -> Result<Which, Misuse> {
        let [which] = names(argv)?;
        Ok(which)
    }
}

/// The one release that a line names, and exactly as many words behind it.
///
/// # Errors
/// [`Misuse`] naming what is missing or too much.
pub(super) fn places<const N: usize>(argv: &Argv) -> Result<[&str; N], Misuse> {
    if argv.on("all-namespaces") {
        return Err(Misuse::Says(format!("{}: a release is in one namespace: name it with -n", argv.head())));
    }
    if let Some(extra) = argv.places.get(N).or_else(|| argv.tail.first()) {
        return Err(Misuse::Says(format!("{}: {extra:?} was not expected", argv.head())));
    }
    let words: Vec<&str> = argv.places.iter().map(String::as_str).collect();
    words.try_into().map_err(|words: Vec<&str>| match words.len() {
        0 => Misuse::Says(format!("{}: which release? its name is missing", argv.head())),
        _ => Misuse::Says(format!("{}: something is missing behind {}", argv.head(), words.join(" "))),
    })
}

fn names(argv: &Argv) -> Result<[Which; 1], Misuse> {
    let [name] = places::<1>(argv)?;
    Ok([Which { name: ReleaseName::new(name)?, namespace: argv.named_namespace()?, revision: revision(argv)? }])
}

/// The revision that a flag names; helm takes 0 for the latest.
pub(super) fn revision(argv: &Argv) -> Result<Option<u64>, Misuse> {
    Ok(argv.parsed::<u64>("revision")?.filter(|n| *n > 0))
}
