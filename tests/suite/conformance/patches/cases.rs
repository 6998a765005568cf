//! Which object a case is about, and what is done to it.
use super::{Step, edits};
use serde_json::Value;
use std::path::Path;

/// Numbers from a seed (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x5851_f42d_4c95_7f2d))
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

pub struct Case {
    pub seed: u64,
    pub kind: String,
    /// The file the object comes from.
    pub origin: String,
    pub name: String,
    /// The path of all objects of the kind, `{ns}` for the namespace.
    pub collection: String,
    pub steps: Vec<Step>,
}

/// The kinds whose controllers can be kept still, with their paths.
const KINDS: &[(&str, &str)] = &[
    ("ConfigMap", "/api/v1/namespaces/{ns}/configmaps"),
    ("Secret", "/api/v1/namespaces/{ns}/secrets"),
    ("Service", "/api/v1/namespaces/{ns}/services"),
    ("ServiceAccount", "/api/v1/namespaces/{ns}/serviceaccounts"),
    ("PersistentVolumeClaim", "/api/v1/namespaces/{ns}/persistentvolumeclaims"),
    ("Deployment", "/apis/apps/v1/namespaces/{ns}/deployments"),
    ("StatefulSet", "/apis/apps/v1/namespaces/{ns}/statefulsets"),
    ("CronJob", "/apis/batch/v1/namespaces/{ns}/cronjobs"),
    ("Job", "/apis/batch/v1/namespaces/{ns}/jobs"),
    ("Ingress", "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"),
    ("NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies"),
    ("PodDisruptionBudget", "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"),
    ("HorizontalPodAutoscaler", "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers"),
    ("Role", "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles"),
    ("RoleBinding", "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings"),
];

/// Every object of those kinds in the project's examples and, where they are, in the collection of real manifests beside the project.
pub fn manifests() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in [root.join("examples"), root.join("../shared/cases/manifests")] {
        if folder.is_dir() {
            walk(&folder, &mut files)
        } else {
            eprintln!("patches: without the manifests of {}: it is not there", folder.display())
        }
    }
    files.sort();
    let mut found: Vec<(String, Value)> = Vec::new();
    for file in files {
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.len() > 300_000 {
            continue;
        }
        let Ok(documents) = serde_saphyr::from_multiple_with_options::<Value>(&text, options) else { continue };
        let origin = file.file_name().unwrap().to_string_lossy().into_owned();
        let known = documents
            .into_iter()
            .filter(|d| KINDS.iter().any(|(kind, path)| d["kind"] == **kind && path.contains(d["apiVersion"].as_str().unwrap_or("?"))));
        found.extend(known.filter(|d| d.to_string().len() < 60_000).map(|d| (origin.clone(), d)));
    }
    found
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files)
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(path)
        }
    }
}

/// Makes sure that no controller does anything with it.
fn keep_still(object: &mut Value) {
    match object["kind"].as_str().unwrap_or_default() {
        "Deployment" => {
            object["spec"]["replicas"] = 0.into();
            object["spec"]["paused"] = true.into();
        }
        "StatefulSet" => object["spec"]["replicas"] = 0.into(),
        "Job" | "CronJob" => object["spec"]["suspend"] = true.into(),
        _ => {}
    }
}

impl Case {
    pub fn of(seed: u64, manifests: &[(String, Value)]) -> Case {
        let mut dice = Dice::new(seed);
        let (mut case, object) = Case::chosen(seed, &mut dice, manifests);
        case.steps = case.plan(&mut dice, object);
        case
    }

    /// A case without steps, and the object it is about.
    pub fn with_object(seed: u64, manifests: &[(String, Value)]) -> (Case, Value) {
        Case::chosen(seed, &mut Dice::new(seed), manifests)
    }

    fn chosen(seed: u64, dice: &mut Dice, manifests: &[(String, Value)]) -> (Case, Value) {
        // Kinds equally often, not files: half of all manifests are Services and accounts.
        let (mut kind, mut collection) = *dice.of(KINDS);
        let mut of_kind: Vec<&(String, Value)> = manifests.iter().filter(|(_, m)| m["kind"] == kind).collect();
        if of_kind.is_empty() {
            (kind, collection) = KINDS[5];
            of_kind = manifests.iter().filter(|(_, m)| m["kind"] == kind).collect();
        }
        let (origin, manifest) = dice.of(&of_kind);
        let name = format!("p{seed}");
        let mut object = manifest.clone();
        object["metadata"]["name"] = name.clone().into();
        object["metadata"].as_object_mut().map(|m| m.remove("namespace"));
        keep_still(&mut object);
        let case = Case { seed, kind: kind.to_owned(), origin: origin.clone(), name, collection: collection.to_owned(), steps: Vec::new() };
        (case, object)
    }

    fn plan(&self, dice: &mut Dice, mut object: Value) -> Vec<Step> {
        let mut steps = vec![match dice.roll(3) {
            0 => self.apply(&object, "first", false),
            1 => Step { query: "fieldManager=kubectl-client-side-apply".to_owned(), ..Step::create(&object) },
            _ => Step::create(&object),
        }];
        for _ in 0..2 + dice.roll(4) {
            let edit = edits::random(dice, &object);
            let (before, manager) = (object.clone(), *dice.of(&["first", "first", "second"]));
            edits::make(&mut object, &edit);
            steps.push(match dice.roll(8) {
                0 => self.patch("application/json-patch+json", edits::json_patch(&before, &edit)),
                1 => self.patch("application/merge-patch+json", edits::merge_patch(&before, &object)),
                2 => self.patch("application/strategic-merge-patch+json", edits::strategic_patch(&before, &edit)),
                3 => {
                    let mut part = object.clone();
                    edits::thin(dice, &mut part);
                    self.apply(&part, manager, dice.roll(2) == 0)
                }
                4 => Step { method: "PUT", name: self.name.clone(), ..Step::create(&object) },
                _ => self.apply(&object, manager, dice.roll(2) == 0),
            });
        }
        steps.push(Step { method: "GET", name: self.name.clone(), ..Step::create(&Value::Null) });
        steps
    }

    fn patch(&self, content: &'static str, body: Value) -> Step {
        Step { method: "PATCH", name: self.name.clone(), query: String::new(), content, body }
    }

    fn apply(&self, config: &Value, manager: &str, force: bool) -> Step {
        let query = format!("fieldManager={manager}&force={force}");
        Step { query, ..self.patch("application/apply-patch+yaml", config.clone()) }
    }
}
