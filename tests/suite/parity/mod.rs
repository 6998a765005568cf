//! aiops and kubectl, side by side: the same generated line in twin namespaces leaves the same object, and undo puts ours back.
//!
//! `AIOPS_PARITY_CASES` says how many lines are made (120 unless said).

mod lines;

use crate::support::face::{Person, real_kubeconfig};
use aiops::faces::args::Global;
use futures::{StreamExt, stream};
use lines::Case;
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, sync::Arc};

const WORKERS: usize = 4;

/// What may differ between two objects of the same making.
fn bare(object: Option<Value>, namespace: &str) -> Option<Value> {
    let mut object = object?;
    object.as_object_mut()?.remove("status");
    let metadata = object["metadata"].as_object_mut()?;
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace", "selfLink", "ownerReferences"]
    {
        metadata.remove(field);
    }
    if let Some(notes) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        notes.remove("deployment.kubernetes.io/revision");
        notes.remove("kubectl.kubernetes.io/last-applied-configuration");
        if notes.is_empty() {
            metadata.remove("annotations");
        }
    }
    if let Some(restarted) = object.pointer_mut("/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt") {
        *restarted = "a time".into();
    }
    for address in ["clusterIP", "clusterIPs", "nodePort"] {
        if object["spec"].get(address).is_some_and(|given| *given != "None") {
            object["spec"].as_object_mut()?.remove(address);
        }
    }
    for port in object.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        port.as_object_mut()?.remove("nodePort");
    }
    let text = object.to_string().replace(namespace, "NAMESPACE");
    serde_json::from_str(&text).ok()
}

/// What came of one line.
enum Came {
    Same,
    BothRefuse,
    Differs(String),
}

struct Twins<'a> {
    person: &'a Person,
    kubectl: &'a Path,
    kubeconfig: &'a Path,
    ours: String,
    theirs: String,
}

impl Twins<'_> {
    async fn looks(&self, case: &Case, namespace: &str) -> Vec<Option<Value>> {
        let mut found = Vec::new();
        for (kind, name) in &case.looks {
            found.push(bare(self.person.object(kind, name, namespace).await, namespace));
        }
        found
    }

    async fn theirs(&self, line: &str) -> (bool, String) {
        let words: Vec<String> = aiops::ops::argv::split(line).unwrap().into_iter().skip(1).collect();
        let mut command = tokio::process::Command::new(self.kubectl);
        // kubectl counts what follows `--` as the command's own.
        let (flags, tail) = words.split_at(words.iter().position(|w| w == "--").unwrap_or(words.len()));
        command.args(flags).args(["-n", &self.theirs, "--kubeconfig"]).arg(self.kubeconfig).args(tail);
        let out = command.output().await.unwrap();
        (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
    }

    async fn play(&self, case: &Case) -> Came {
        if !case.first.is_empty() {
            // One file each: the person's own way of applying names it by the namespace.
            self.person.applies(&self.ours, &case.first).await;
            self.person.applies(&self.theirs, &case.first).await;
        }
        let before = self.looks(case, &self.ours).await;
        let flags = || Global { yes: true, confirm: Some(case.name.clone()), ..Global::default() };
        let (ours, (done, error)) =
            tokio::join!(async { self.person.says_with(&self.ours, &[&case.line], flags()).await }, self.theirs(&case.line));
        match (ours.code, done) {
            (0, true) => {}
            (0, false) => return Came::Differs(format!("kubectl refuses: {error}")),
            (_, false) => return Came::BothRefuse,
            (code, true) => return Came::Differs(format!("aiops ends with {code}: {}", ours.text)),
        }
        let (a, b) = (self.looks(case, &self.ours).await, self.looks(case, &self.theirs).await);
        if a != b {
            let differences = a.iter().zip(&b).flat_map(|(a, b)| {
                let none = Value::Null;
                aiops::terms::diff::diff(b.as_ref().unwrap_or(&none), a.as_ref().unwrap_or(&none))
            });
            let said: Vec<String> = differences.map(|d| format!("{}: kubectl {:?}, aiops {:?}", d.path, d.before, d.after)).collect();
            return Came::Differs(said.join("\n    "));
        }
        if case.back && before != a {
            let undone = self.person.says_with(&self.ours, &["undo"], flags()).await;
            let back = self.looks(case, &self.ours).await;
            if undone.code != 0 || back != before {
                return Came::Differs(format!("undo ends with {}: {}\n    before {before:?}\n    back {back:?}", undone.code, undone.text));
            }
        }
        Came::Same
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_line_leaves_the_same_object() {
    let Some(kubeconfig) = real_kubeconfig("parity") else { return };
    let kubectl = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let wanted: usize = std::env::var("AIOPS_PARITY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(120);
    let cases = Arc::new(lines::cases(wanted));
    let (kubectl, kubeconfig, cases) = (&kubectl, &kubeconfig, &cases);
    let shares = stream::iter(0..WORKERS).map(|worker| async move {
        let person = Person::on_real(kubeconfig.clone()).await;
        let name = |side: &str| format!("parity-{}-{worker}-{side}", std::process::id());
        let twins = Twins { person: &person, kubectl: Path::new(kubectl), kubeconfig, ours: name("a"), theirs: name("b") };
        person.namespace(&twins.ours).await;
        person.namespace(&twins.theirs).await;
        let mut came = Vec::new();
        for case in cases.iter().skip(worker).step_by(WORKERS) {
            came.push((case, twins.play(case).await));
        }
        let flags = Global { yes: true, confirm: None, ..Global::default() };
        for side in [&twins.ours, &twins.theirs] {
            let sure = Global { confirm: Some(side.clone()), ..flags.clone() };
            person.says_with("default", &[&format!("kubectl delete namespace {side} --wait=false")], sure).await;
        }
        came
    });
    let came: Vec<_> = shares.buffer_unordered(WORKERS).concat().await;
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, came) in &came {
        let (same, refused) = counts.entry(case.verb).or_default();
        match came {
            Came::Same => *same += 1,
            Came::BothRefuse => *refused += 1,
            Came::Differs(why) => wrong.push(format!("{}\n    {why}", case.line)),
        }
    }
    println!("{} lines compared with kubectl: {counts:?} (the same, both refuse)", came.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), came.len(), wrong.join("\n"));
    let only_refused: Vec<_> = counts.iter().filter(|(_, (same, _))| *same == 0).map(|(verb, _)| verb).collect();
    assert!(only_refused.is_empty(), "of {only_refused:?} nothing was carried out");
}
