//! aiops and kubectl, side by side: the same generated line in twin namespaces leaves the same object, and undo puts ours back.
//! On the built-in cluster, where kubectl is not: each line does what it says, and undo puts it back.
//!
//! `AIOPS_PARITY_CASES` says how many lines are made (520 on the real cluster unless said).

mod lines;

use crate::support::face::{Person, real_kubeconfig};
use aiops::{
    faces::args::Global,
    ops::{CATALOGUE, Op},
};
use futures::{StreamExt, stream};
use lines::Case;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

const WORKERS: usize = 6;

/// What may differ between two objects of the same making.
fn bare(object: Option<Value>, namespace: &str) -> Option<Value> {
    let mut object = object?;
    let status = object.as_object_mut()?.remove("status").unwrap_or_default();
    if object["kind"] == "CertificateSigningRequest" {
        object["answers"] = status["conditions"].as_array().into_iter().flatten().map(|c| json!([c["type"], c["status"]])).collect();
    }
    let metadata = object["metadata"].as_object_mut()?;
    if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
        labels.retain(|key, _| !key.starts_with("topology.kubernetes.io/"));
        if labels.is_empty() {
            metadata.remove("labels");
        }
    }
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace", "selfLink", "ownerReferences"]
    {
        metadata.remove(field);
    }
    if let Some(notes) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        notes.remove("deployment.kubernetes.io/revision");
        notes.remove("kubectl.kubernetes.io/last-applied-configuration");
        // The TTL controller writes it on a node some time after it was made.
        notes.remove("node.alpha.kubernetes.io/ttl");
        notes.remove("deprecated.daemonset.template.generation");
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
    // What the nodes' own controllers and the scheduler say.
    if let Some(taints) = object.pointer_mut("/spec/taints").and_then(Value::as_array_mut) {
        taints.retain(|taint| !taint["key"].as_str().is_some_and(|key| key.starts_with("node.kubernetes.io/")));
        // Their order says nothing.
        taints.sort_by_key(ToString::to_string);
    }
    if object.pointer("/spec/taints").is_some_and(|taints| taints.as_array().is_some_and(Vec::is_empty)) {
        object["spec"].as_object_mut()?.remove("taints");
    }
    for chosen in ["podCIDR", "podCIDRs", "nodeName"] {
        object["spec"].as_object_mut().and_then(|spec| spec.remove(chosen));
    }
    for port in object.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        port.as_object_mut()?.remove("nodePort");
    }
    if object["spec"].as_object().is_some_and(serde_json::Map::is_empty) {
        object.as_object_mut()?.remove("spec");
    }
    let made_up = regex::Regex::new("kube-api-access-[a-z0-9]{5}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}").ok()?;
    let text = object.to_string().replace(namespace, "NAMESPACE");
    serde_json::from_str(&made_up.replace_all(&text, "MADE-UP")).ok()
}

/// What came of one line.
enum Came {
    Same,
    BothRefuse,
    Differs(String),
}

/// The other side.
#[derive(Clone)]
struct Kubectl {
    program: String,
    kubeconfig: PathBuf,
}

impl Kubectl {
    async fn says(&self, namespace: &str, words: &[String]) -> Result<String, String> {
        // A controller that wrote in between makes kubectl's own reading old (`replace`): it is said once more.
        match self.says_once(namespace, words).await {
            Err(error) if error.contains("the object has been modified") => self.says_once(namespace, words).await,
            said => said,
        }
    }

    async fn says_once(&self, namespace: &str, words: &[String]) -> Result<String, String> {
        let mut command = tokio::process::Command::new(&self.program);
        // kubectl counts what follows `--` as the command's own.
        let (flags, tail) = words.split_at(words.iter().position(|w| w == "--").unwrap_or(words.len()));
        command.args(flags).args(["-n", namespace, "--kubeconfig"]).arg(&self.kubeconfig).args(tail);
        let out = command.output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }
}

struct Twins {
    person: Person,
    kubectl: Option<Kubectl>,
    ours: String,
    theirs: String,
}

impl Twins {
    async fn begin(person: Person, kubectl: Option<Kubectl>, worker: usize) -> Twins {
        let name = |side: &str| format!("parity-{}-{worker}-{side}", std::process::id());
        let twins = Twins { person, kubectl, ours: name("a"), theirs: name("b") };
        for side in twins.sides() {
            twins.person.namespace(side).await;
        }
        twins
    }

    fn sides(&self) -> Vec<&str> {
        let theirs = self.kubectl.iter().map(|_| self.theirs.as_str());
        std::iter::once(self.ours.as_str()).chain(theirs).collect()
    }

    async fn looks(&self, case: &Case, namespace: &str) -> Vec<Option<Value>> {
        let mut found = Vec::new();
        for (kind, name) in &case.looks {
            let name = Case::on(name, namespace, "");
            let object = match &self.kubectl {
                // What a Secret holds never comes out of aiops.
                Some(kubectl) if *kind == "secret" => {
                    let words = ["get", "secret", &name, "-o", "json", "--ignore-not-found"].map(String::from);
                    serde_json::from_str(&kubectl.says(namespace, &words).await.unwrap()).ok()
                }
                _ => self.person.object(kind, &name, namespace).await,
            };
            found.push(bare(object, namespace));
        }
        found
    }

    async fn play(&self, case: &Case) -> Came {
        let mut dir = String::new();
        for (file, text) in &case.files {
            let path = self.person.file(file, text);
            dir = path.parent().unwrap().display().to_string();
        }
        for manifest in &case.first {
            let file = |side: &str| {
                self.person
                    .file(&format!("{side}.yaml"), &Case::on(manifest, side, "").replace("UNSCHEDULABLE", "false"))
                    .display()
                    .to_string()
            };
            let theirs = async {
                let Some(kubectl) = &self.kubectl else { return };
                let words = ["apply", "--server-side", "-f", &file(&self.theirs)].map(String::from);
                kubectl.says(&self.theirs, &words).await.unwrap();
            };
            let sure = Global { yes: true, confirm: Some(Case::on(&case.looks[0].1, &self.ours, "")), ..Global::default() };
            let line = format!("kubectl apply --server-side -f {}", file(&self.ours));
            let said = [line.as_str()];
            let (heard, ()) = tokio::join!(self.person.says_with(&self.ours, &said, sure), theirs);
            assert_eq!(heard.code, 0, "{}", heard.text);
        }
        let came = self.compare(case, &dir).await;
        for side in self.sides() {
            for (kind, name) in case.looks.iter().filter(|(kind, _)| Case::cleared_away(kind)) {
                if let Some(kubectl) = &self.kubectl {
                    let name = Case::on(name, side, "");
                    let words = ["delete", kind, &name, "--ignore-not-found", "--wait=false"].map(String::from);
                    let _gone = kubectl.says(side, &words).await;
                }
            }
        }
        came
    }

    async fn compare(&self, case: &Case, dir: &str) -> Came {
        let before = self.looks(case, &self.ours).await;
        let flags = || Global { yes: true, confirm: Some(Case::on(&case.typed, &self.ours, "")), ..Global::default() };
        let ours = Case::on(&case.line, &self.ours, dir);
        let theirs = async {
            let kubectl = self.kubectl.as_ref()?;
            let mut line = Case::on(&case.line, &self.theirs, dir);
            // A printed line withholds what a Secret is to hold.
            if case.printed && !case.op.starts_with("create_secret") {
                line = Op::from_line(&line).map_or(line, |op| op.line());
            }
            let words: Vec<String> = aiops::ops::argv::split(&line).unwrap().into_iter().skip(1).collect();
            Some(kubectl.says(&self.theirs, &words).await)
        };
        let said = [ours.as_str()];
        let (ours, theirs) = tokio::join!(self.person.says_with(&self.ours, &said, flags()), theirs);
        match (ours.code, theirs) {
            (0, None | Some(Ok(_))) => {}
            (0, Some(Err(error))) => return Came::Differs(format!("kubectl refuses: {error}")),
            (_, None | Some(Err(_))) => return Came::BothRefuse,
            (code, Some(Ok(_))) => return Came::Differs(format!("aiops ends with {code}: {}", ours.text)),
        }
        let a = self.looks(case, &self.ours).await;
        if self.kubectl.is_some() {
            let b = self.looks(case, &self.theirs).await;
            if a != b {
                let differences = a.iter().zip(&b).flat_map(|(a, b)| {
                    let none = Value::Null;
                    aiops::terms::diff::diff(b.as_ref().unwrap_or(&none), a.as_ref().unwrap_or(&none))
                });
                let said: Vec<String> = differences.map(|d| format!("{}: kubectl {:?}, aiops {:?}", d.path, d.before, d.after)).collect();
                return Came::Differs(said.join("\n    "));
            }
        }
        if before == a {
            return Came::Same;
        }
        let undone = self.person.says_with(&self.ours, &["undo"], flags()).await;
        let back = self.looks(case, &self.ours).await;
        match case.back {
            true if undone.code != 0 || back != before => {
                Came::Differs(format!("undo ends with {}: {}\n    before {before:?}\n    back {back:?}", undone.code, undone.text))
            }
            false if undone.code == 0 || back != a => Came::Differs(format!("it has no way back, and undo ends with {}", undone.code)),
            _ => Came::Same,
        }
    }

    async fn end(&self) {
        for side in self.sides() {
            let sure = Global { yes: true, confirm: Some(side.to_string()), ..Global::default() };
            self.person.says_with("default", &[&format!("kubectl delete namespace {side} --wait=false")], sure).await;
        }
    }
}

async fn played(twins: Vec<Twins>, cases: &[Case]) {
    let workers = twins.len();
    let shares = twins.into_iter().enumerate().map(|(worker, twins)| async move {
        let mut came = Vec::new();
        for case in cases.iter().skip(worker).step_by(workers) {
            came.push((case, twins.play(case).await));
        }
        twins.end().await;
        came
    });
    let came: Vec<_> = stream::iter(shares).buffer_unordered(workers).concat().await;
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, came) in &came {
        let (same, refused) = counts.entry(case.op).or_default();
        match came {
            Came::Same => *same += 1,
            Came::BothRefuse => *refused += 1,
            Came::Differs(why) => wrong.push(format!("{}\n    {why}", case.line)),
        }
    }
    println!("{} lines carried out: {counts:?} (the same, refused)", came.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), came.len(), wrong.join("\n"));
    let only_refused: Vec<_> = counts.iter().filter(|(_, (same, _))| *same == 0).map(|(op, _)| op).collect();
    assert!(only_refused.is_empty(), "of {only_refused:?} nothing was carried out");
}

fn wanted(unless_said: usize) -> usize {
    std::env::var("AIOPS_PARITY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(unless_said)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_line_leaves_the_same_object() {
    let Some(kubeconfig) = real_kubeconfig("parity") else { return };
    let kubectl = Kubectl { program: std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into()), kubeconfig };
    let mut twins = Vec::new();
    for worker in 0..WORKERS {
        twins.push(Twins::begin(Person::on_real(kubectl.kubeconfig.clone()).await, Some(kubectl.clone()), worker).await);
    }
    played(twins, &lines::cases(wanted(520))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_can_be_undone_on_the_built_in_cluster() {
    played(vec![Twins::begin(Person::on_built_in().await, None, 0).await], &lines::cases(wanted(156))).await;
}

/// Changing verbs that leave no object behind which two sides could be compared by, or that have tests of their own with kubectl.
const ELSEWHERE: &[&str] = &["exec", "attach", "each", "edit", "debug", "cp", "create_token"];

#[test]
fn every_changing_operation_is_compared() {
    let compared: Vec<_> = lines::cases(200).into_iter().map(|case| case.op).collect();
    let changing = CATALOGUE.iter().filter(|entry| !entry.reads && entry.program == aiops::ops::Program::Kubectl);
    let missing: Vec<_> = changing.map(|entry| entry.name).filter(|name| !compared.contains(name) && !ELSEWHERE.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
