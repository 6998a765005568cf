//! The operations: everything aiops can do to or ask of a cluster, one file per verb, in `read/`, `change/` and `make/`.
//!
//! Owns: the [`Op`] enum and its catalogue, names and kinds that are legal by construction, the [`Call`]s an operation lowers
//! to, kubectl's argument grammar ([`argv`]), and the values a read yields ([`Answer`]).
//! Does not own: who may do what (vet), what would change (preview), how a call is sent (`doors/cluster`).
//! Invariants: an operation whose [`Impact`] is `Reads` lowers to calls that do not mutate; what [`Verb::print`] prints,
//! [`Op::from_line`] reads back as the same operation; an operation never holds a path it has not been given by a person.

pub mod answer;
pub mod argv;
pub mod call;
mod draft;
mod each;
pub mod expression;
mod follow;
mod items;
mod kind;
mod look;
mod lookup;
mod manifest;
pub mod names;
mod not_ours;
mod object_rule;
mod one_pod;
pub mod parts;
mod pin;
mod program;
mod read_path;
mod redact;
mod removed;
mod restore;
mod sensitive;
mod takeover;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod verb;
mod wait;

mod change;
pub mod helm;
mod make;
mod read;

pub use answer::{Answer, ObjectForm};
pub use argv::{Argv, Flag, Misuse};
pub use call::{Action, Address, Call, Cascade, Form, Local, PatchKind, Reply};
pub use draft::Draft;
pub use each::{Choice, Each};
pub use follow::{Follow, Piece, Renewal};
pub use items::Items;
pub use kind::Kind;
pub use lookup::Lookup;
pub use manifest::{Documents, KUSTOMIZATION, kustomization_of, reaches_out};
pub use names::{
    BadName, ContainerName, DataKey, DnsName, EnvName, FilePath, Image, LabelKey, LabelValue, MetricTarget, Name, Namespace, Quantity,
    ReleaseName,
};
pub use object_rule::ObjectRule;
pub use pin::{Pin, without_noise};
pub use program::Program;
pub use read_path::{PathObjects, ReadPath};
pub use redact::redacted;
pub use sensitive::{Contents, Sensitive, WITHHELD};
pub use takeover::taken_over;
pub use target::Target;
pub use verb::{CannotDo, Copying, Images, Impact, Spec, Verb, Way};
pub use wait::{Until, Wait, WaitState};

pub use change::*;
pub use helm::{
    HelmDiffRevision, HelmGetHooks, HelmGetManifest, HelmGetNotes, HelmGetValues, HelmHistory, HelmInstall, HelmLint, HelmList,
    HelmRollback, HelmStatus, HelmTemplate, HelmUninstall, HelmUpgrade,
};
pub use make::*;
pub use read::*;

use serde::Serialize;
use serde_json::Value;

/// One row of the catalogue: all that is known of a verb before there is a value of it.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its tag in JSON and its name as a model's tool: `rollout_restart`.
    pub name: &'static str,
    /// Whose line it is.
    pub program: Program,
    /// The program's words for it: `["rollout", "restart"]`.
    pub verb: &'static [&'static str],
    /// One sentence on what it does.
    pub about: &'static str,
    /// A line that is this verb.
    pub example: &'static str,
    /// What undoing it does, or why nothing does; empty for what only reads.
    pub back: &'static str,
    /// Its own flags, beside [`argv::COMMON`].
    pub flags: &'static [Flag],
    /// Whether every value of it only reads.
    pub reads: bool,
    /// How many of the last words on its line are no objects though they read like names.
    behind: usize,
    /// Whether it is about one object, and can be done to several one after the other ([`Each`]).
    pub each: bool,
    /// Whether it makes new objects, whose manifest can be shown instead ([`ShowManifest`]).
    pub makes: bool,
    /// Whether only a person may ask for it.
    pub personal: bool,
    /// JSON Schema of its arguments, without `$ref`.
    pub schema: fn() -> Value,
    /// From arguments in JSON (without the `op` tag); the error names the field.
    pub from_json: fn(Value) -> Result<Op, String>,
    /// From a parsed kubectl line.
    pub from_argv: fn(&Argv) -> Result<Op, Misuse>,
}

impl Entry {
    const fn of<S: Spec>() -> Entry {
        Entry {
            name: S::NAME,
            program: S::PROGRAM,
            verb: S::VERB,
            about: S::ABOUT,
            example: S::EXAMPLE,
            back: S::BACK,
            flags: S::FLAGS,
            reads: S::READS,
            behind: S::BEHIND,
            each: S::EACH,
            makes: S::MAKES,
            personal: S::PERSONAL,
            schema: verb::schema_of::<S>,
            from_json: |value| serde_json::from_value::<S>(value).map(Into::into).map_err(|e| e.to_string()),
            from_argv: |argv| S::parse(argv).map(Into::into),
        }
    }
}

macro_rules! ops {
    ($($Verb:ident),* $(,)?) => {
        /// One typed operation. Made from words, JSON or a kubectl line; never from text that is run.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "op", rename_all = "snake_case")]
        pub enum Op { $(
            #[doc = concat!("See [`", stringify!($Verb), "`].")]
            $Verb($Verb),
        )* }
        impl Op {
            /// What the operation says of itself.
            pub fn verb(&self) -> &dyn Verb {
                match self { $(Op::$Verb(v) => v),* }
            }
            /// The same, to fill in what the plan knows.
            pub fn verb_mut(&mut self) -> &mut dyn Verb {
                match self { $(Op::$Verb(v) => v),* }
            }
            /// The row of the catalogue it belongs to.
            pub fn entry(&self) -> &'static Entry {
                match self { $(Op::$Verb(_) => { const E: &Entry = &Entry::of::<$Verb>(); E }),* }
            }
        }
        $(impl From<$Verb> for Op { fn from(v: $Verb) -> Op { Op::$Verb(v) } })*
        /// Every operation there is.
        pub const CATALOGUE: &[Entry] = &[$(Entry::of::<$Verb>()),*];
    };
}

ops! {
    Get, Describe, Logs, Events, RolloutStatus, RolloutHistory, Top, Find, WhoCan,
    ApiResources, ApiVersions, ServerVersion, ClusterInfo, Explain, CanI, Whoami,
    ConfigView, CurrentContext, GetContexts, GetClusters, GetUsers,
    Scale, SetImage, RolloutRestart, RolloutUndo, Delete, Label, Cordon, Uncordon, CreateNamespace, Apply, Patch, Create, Each, Drain,
    CreateDeployment, CreateJob, CreateCronJob, CreateService, CreateIngress, CreateRole, CreateClusterRole, CreateRoleBinding,
    CreateClusterRoleBinding, CreateServiceAccount, CreateQuota, CreatePodDisruptionBudget, CreatePriorityClass, CreateConfigMap, CreateSecret, CreateSecretTls, CreateSecretDockerRegistry, Run, Expose, ShowManifest,
    HelmList, HelmStatus, HelmHistory, HelmGetValues, HelmGetManifest, HelmGetNotes, HelmGetHooks, HelmDiffRevision,
    HelmTemplate, HelmLint, HelmInstall, HelmUpgrade, HelmRollback, HelmUninstall,
    Annotate, Taint, RolloutPause, RolloutResume, SetEnv, SetResources, SetSelector, SetServiceAccount, SetSubject, Autoscale,
    Exec, Attach, PortForward, Edit, Diff, Debug, Cp, CreateToken,
    Replace, Kustomize, WaitFor, CertificateApprove, CertificateDeny,
}

impl Op {
    /// From JSON with its `op` tag, as [`Serialize`] writes it.
    ///
    /// # Errors
    /// A sentence naming the tag or the field.
    pub fn from_json(mut value: Value) -> Result<Op, String> {
        let tag = match value.as_object_mut().and_then(|o| o.remove("op")) {
            Some(Value::String(tag)) => tag,
            Some(_) | None => return Err("the field `op` is missing".into()),
        };
        let entry = CATALOGUE.iter().find(|e| e.name == tag).ok_or_else(|| format!("there is no operation {tag:?}"))?;
        (entry.from_json)(value)
    }

    /// From a line that begins with `kubectl` (or `k`) or `helm`, as a person types it.
    ///
    /// # Errors
    /// [`Misuse`] saying which part was not understood or is refused.
    pub fn from_line(line: &str) -> Result<Op, Misuse> {
        let words = argv::split(line.trim())?;
        match words.split_first().and_then(|(first, rest)| Some((Program::named(first)?, rest))) {
            Some((program, words)) => Self::from_words(program, words),
            None => Err(Misuse::says("a kubectl line begins with kubectl, a helm line with helm")),
        }
    }

    /// From the words behind the program's own.
    ///
    /// # Errors
    /// As [`Op::from_line`].
    pub fn from_words(program: Program, words: &[String]) -> Result<Op, Misuse> {
        // Flags may stand before the verb (`kubectl -n dev get pods`): a value flag there hides a word that is not the verb.
        let (before, rest) = verb::leading_flags(program, words)?;
        let said: Vec<String> = rest.iter().take(3).map(|w| w.to_ascii_lowercase()).collect();
        let entry = CATALOGUE
            .iter()
            .filter(|e| {
                e.program == program
                    && !e.verb.is_empty()
                    && e.verb.len() <= said.len()
                    && e.verb.iter().zip(&said).all(|(a, b)| verb::same_word(a, b))
            })
            .max_by_key(|e| e.verb.len());
        let not_ours = not_ours::why(program, &said);
        let entry = match (entry, not_ours) {
            (Some(entry), None) => entry,
            (Some(_) | None, Some(why)) => return Err(why),
            (None, None) => {
                // "set" and "create" alone say nothing yet.
                let more = CATALOGUE
                    .iter()
                    .any(|e| e.program == program && e.verb.len() > 1 && e.verb.first() == said.first().map(String::as_str).as_ref());
                return Err(Misuse::unknown(program, &said[..said.len().min(if more { 2 } else { 1 })]));
            }
        };
        let words: Vec<String> = before.iter().chain(&rest[entry.verb.len()..]).cloned().collect();
        if entry.makes {
            let argv = Argv::parse(program, entry.verb, &words, &[entry.flags, make::MANNER])?;
            return ShowManifest::of_line(entry, &argv)?.map_or_else(|| (entry.from_argv)(&argv), Ok);
        }
        if !entry.each {
            return (entry.from_argv)(&Argv::parse(program, entry.verb, &words, &[entry.flags])?);
        }
        let argv = Argv::parse(program, entry.verb, &words, &[entry.flags, each::CHOICE])?;
        Each::of_line(entry, &argv)?.map_or_else(|| (entry.from_argv)(&argv), Ok)
    }

    /// The line that does the same.
    pub fn line(&self) -> String {
        self.verb().print().line()
    }
}
