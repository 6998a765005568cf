//! `kubectl diff`: what `kubectl apply` of the same manifests would change. The server says, by the same dry run.

use crate::ops::{
    Answer, Apply, Argv, Call, CannotDo, Documents, Flag, Form, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb, manifest,
    verb::refuse,
};
use crate::terms::written::Written;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells what applying the objects of manifests would change; nothing is changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Diff(pub Apply);

impl Verb for Diff {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.0.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        self.0.targets()
    }
    fn title(&self) -> String {
        manifest::title("what would change by applying", &self.0.files, &self.0.targets())
    }
    fn files(&self) -> Vec<String> {
        self.0.files()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        self.0.load(file, documents);
    }
    fn texts(&self) -> &[Written] {
        self.0.texts()
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if self.0.prune { Vec::new() } else { self.0.looks(seen) }
    }
    /// The very calls of the apply, to be rehearsed and no more.
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.0.prune {
            return Err(CannotDo::new(PRUNE, "kubectl apply --prune --dry-run=server"));
        }
        Ok(self.0.calls(seen, now)?.into_iter().map(|call| call.shaped(Form::Rehearsal)).collect())
    }
    fn finds(&self, answer: &Answer) -> bool {
        matches!(answer, Answer::Differences { objects } if !objects.is_empty())
    }
    fn print(&self) -> Argv {
        Argv { verb: Argv::of(Self::VERB).verb, ..self.0.print() }
    }
}

const PRUNE: &str = "what goes by pruning is told by kubectl apply --prune itself, before it asks";

impl Spec for Diff {
    const NAME: &'static str = "diff";
    const VERB: &'static [&'static str] = &["diff"];
    const ABOUT: &'static str = "Tell what applying manifests would change.";
    const EXAMPLE: &'static str = "kubectl diff --server-side -f web.yaml";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("filename").short('f'),
        Flag::switch("server-side"),
        Flag::switch("force-conflicts"),
        Flag::value("kustomize").short('k'),
        Flag::switch("recursive").short('R'),
        Flag::value("selector").short('l'),
        Flag::switch("prune"),
        Flag::value("prune-allowlist"),
        Flag::value("concurrency"),
        Flag::value("field-manager"),
        Flag::switch("show-managed-fields"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("prune", PRUNE),
                ("prune-allowlist", PRUNE),
                ("concurrency", "eight objects are asked about at a time"),
                ("field-manager", "what is applied here is aiops' own"),
                ("show-managed-fields", "kubectl get -o yaml --show-managed-fields shows them"),
            ],
        )?;
        Apply::parse(argv).map(Diff)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn it_sends_what_apply_would_send_and_changes_nothing() {
        let load = |line: &str| {
            let mut op = Op::from_line(line).unwrap();
            op.verb_mut().place(&Namespace::new("dev").unwrap());
            let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}});
            op.verb_mut().load("x.yaml", vec![map].into());
            op.verb().calls(&[], Default::default()).unwrap()
        };
        let (apply, diff) = (load("kubectl apply -f x.yaml"), load("kubectl diff -f x.yaml"));
        assert!(diff.iter().all(|call| !call.mutates() && !call.rehearses()));
        assert_eq!(diff.into_iter().map(|call| call.shaped(Form::Json)).collect::<Vec<_>>(), apply);
        let op = Op::from_line("kubectl diff -R -f dir -l app=x").unwrap();
        assert_eq!(op.line(), "kubectl diff --server-side -f dir --recursive --selector=app=x");
        for bad in ["", "-k dir -f x", "-f x.yaml --prune", "-f ftp://a/b.yaml", "-f - -f -"] {
            let e = Op::from_line(&format!("kubectl diff {bad}")).unwrap_err().to_string();
            assert!(!e.contains("apply:"), "{e}");
        }
    }
}
