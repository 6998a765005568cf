//! `kubectl patch`: some fields of one object.

use crate::ops::{
    Argv, Call, CannotDo, Documents, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, PatchKind, Spec, Target, Verb, Wait, Way,
    restore, verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Patches one object; the way back from changes that have no verb of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// json, merge or strategic
    #[serde(rename = "type")]
    pub how: PatchType,
    /// the patch itself
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub patch: Value,
    /// instead of it a file a person named, which holds it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_file: Option<String>,
    /// which part of the object is patched; left out: the object itself
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<Subresource>,
}

/// The parts of an object that can be patched on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subresource {
    /// How many replicas.
    Scale,
    /// What controllers write.
    Status,
    /// A running pod's requests and limits.
    Resize,
}

impl Subresource {
    /// As it stands on a line and in an address.
    pub fn word(self) -> &'static str {
        match self {
            Subresource::Scale => "scale",
            Subresource::Status => "status",
            Subresource::Resize => "resize",
        }
    }
}

impl std::str::FromStr for Subresource {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Subresource::Scale, Subresource::Status, Subresource::Resize];
        all.into_iter().find(|one| one.word() == word).ok_or("scale, status or resize")
    }
}

impl Patch {
    /// A JSON patch of the object itself.
    pub fn json(target: Target, steps: Vec<Value>) -> Patch {
        Patch { target, how: PatchType::Json, patch: Value::Array(steps), patch_file: None, subresource: None }
    }
}

/// The three kinds of patch kubectl sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PatchType {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Kubernetes' own.
    #[default]
    Strategic,
}

impl std::str::FromStr for PatchType {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "json" => Ok(PatchType::Json),
            "merge" => Ok(PatchType::Merge),
            "strategic" => Ok(PatchType::Strategic),
            _ => Err("json, merge or strategic"),
        }
    }
}

impl Verb for Patch {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        match self.subresource {
            Some(part) => format!("patch the {} of {}", part.word(), self.target.slashed()),
            None => format!("patch {}", self.target.slashed()),
        }
    }
    fn files(&self) -> Vec<String> {
        self.patch_file.iter().cloned().collect()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        if self.patch_file.as_deref() == Some(file)
            && let [patch] = documents.values.as_slice()
        {
            self.patch = patch.clone();
        }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if let (Some(file), Value::Null) = (&self.patch_file, &self.patch) {
            return Err(CannotDo::new(format!("{file} does not hold one patch, or is not loaded"), ""));
        }
        let how = match (self.how, &self.patch) {
            (PatchType::Json, Value::Array(_)) => PatchKind::Json,
            (PatchType::Merge, Value::Object(_)) => PatchKind::Merge,
            (PatchType::Strategic, Value::Object(_)) => PatchKind::Strategic,
            (PatchType::Json, _) => return Err(CannotDo::new("a JSON patch is a list of operations", "[{\"op\": \"replace\", …}]")),
            (PatchType::Merge | PatchType::Strategic, _) => {
                return Err(CannotDo::new("a merge patch is an object with the fields to set", "{\"spec\": {…}}"));
            }
        };
        let part = self.subresource.map_or("", Subresource::word);
        Ok(vec![Call::patch(&self.target, how, self.patch.clone()).on(part)])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = match self.how {
            PatchType::Json => argv.flag("type", "json"),
            PatchType::Merge => argv.flag("type", "merge"),
            PatchType::Strategic => argv,
        };
        let mut argv = match &self.patch_file {
            Some(file) => argv.flag("patch-file", file),
            None => argv.flag("patch", &self.patch),
        };
        if let Some(part) = self.subresource {
            argv = argv.flag("subresource", part.word());
        }
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        match self.subresource {
            Some(Subresource::Status | Subresource::Resize) => Wait::Nothing,
            Some(Subresource::Scale) | None if self.target.kind().rolls_out() => Wait::There(self.targets()),
            // What was only kept by a finalizer is gone with it.
            Some(Subresource::Scale) | None => Wait::Nothing,
        }
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match (self.subresource, restore::way_back(&self.target, images)) {
            (Some(Subresource::Status), _) => Way::None("a status is written by controllers, which go by what is so"),
            // A running pod's amounts change by that part only.
            (Some(Subresource::Resize), Way::Back(ops)) => Way::Back(
                ops.into_iter()
                    .map(|op| match op {
                        Op::Patch(patch) => Patch { subresource: self.subresource, ..patch }.into(),
                        other => other,
                    })
                    .collect(),
            ),
            (_, way) => way,
        }
    }
}

impl Spec for Patch {
    const NAME: &'static str = "patch";
    const VERB: &'static [&'static str] = &["patch"];
    const ABOUT: &'static str = "Patch fields of one object.";
    const EXAMPLE: &'static str = "kubectl patch deployment/web -p '{\"spec\":{\"paused\":true}}'";
    const BACK: &'static str = "patches the fields back";
    const FLAGS: &'static [Flag] =
        &[Flag::value("patch").short('p'), Flag::value("patch-file"), Flag::value("type"), Flag::value("subresource")];
    const READS: bool = false;
    const EACH: bool = true;

    /// The patch may be JSON or YAML, as for kubectl.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (how, subresource) = (argv.parsed("type")?.unwrap_or_default(), argv.parsed("subresource")?);
        let text = match (argv.get("patch"), argv.get("patch-file")) {
            (Some(text), None) => text,
            (None, Some(file)) if file.is_empty() || file == "-" || file.contains("://") => {
                return Err(Misuse::Says(format!("--patch-file={file}: a file on this machine is meant")));
            }
            (None, Some(file)) => {
                let patch_file = Some(file.to_string());
                return Ok(Patch { target: workload_place(argv)?, how, patch: Value::Null, patch_file, subresource });
            }
            (Some(_), Some(_)) => return Err(Misuse::says("kubectl patch: --patch and --patch-file exclude each other")),
            (None, None) => return Err(Misuse::says("kubectl patch: which fields? -p PATCH is missing")),
        };
        let patch = match serde_json::from_str(text) {
            Ok(patch) => patch,
            Err(e) if text.trim_start().starts_with(['{', '[']) => return Err(Misuse::Says(format!("-p: {e}"))),
            Err(_) => serde_saphyr::from_str::<Value>(text).map_err(|e| Misuse::Says(format!("-p: {e}")))?,
        };
        if patch.is_null() {
            return Err(Misuse::says("kubectl patch: -p is empty"));
        }
        Ok(Patch { target: workload_place(argv)?, how, patch, patch_file: None, subresource })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_three_kinds_in_json_or_yaml() {
        let op = Op::from_line(r#"kubectl patch deploy web -p 'spec: {paused: true}'"#).unwrap();
        assert_eq!(op.line(), r#"kubectl patch deployment/web --patch='{"spec":{"paused":true}}'"#);
        assert_eq!(op.verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap(), json!({"spec": {"paused": true}}));
        let list = Op::from_line(r#"kubectl patch svc web --type=json -p='[{"op":"remove","path":"/spec/x"}]'"#).unwrap();
        assert!(list.verb().calls(&[], Default::default()).is_ok());
        let wrong = Op::from_line(r#"kubectl patch svc web --type merge -p '[]'"#).unwrap();
        assert!(wrong.verb().calls(&[], Default::default()).is_err());
        for bad in ["kubectl patch svc web", "kubectl patch svc web -p '{'", "kubectl patch svc web -p '{}' --type=x"] {
            assert!(Op::from_line(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_a_part_and_several_objects() {
        let mut op = Op::from_line("kubectl patch deploy web --subresource=scale --type=merge --patch-file p.yaml").unwrap();
        assert_eq!(op.line(), "kubectl patch deployment/web --type=merge --patch-file=p.yaml --subresource=scale");
        assert_eq!(op.verb().files(), ["p.yaml"]);
        assert!(op.verb().calls(&[], Default::default()).unwrap_err().sentence.contains("p.yaml"));
        op.verb_mut().load("p.yaml", vec![json!({"spec": {"replicas": 2}})].into());
        let call = op.verb().calls(&[], Default::default()).unwrap().remove(0);
        assert_eq!(call.path(), "/apis/apps/v1/deployments/web/scale");
        assert_eq!(call.body(None).unwrap(), json!({"spec": {"replicas": 2}}));
        let mut each = Op::from_line("kubectl patch deploy a b --patch-file=p.yaml").unwrap();
        assert_eq!(each.verb().files(), ["p.yaml"]);
        each.verb_mut().load("p.yaml", vec![json!({"spec": {"paused": true}})].into());
        let ops = each.verb().expand(&[]).unwrap().unwrap();
        assert_eq!(ops[1].verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap(), json!({"spec": {"paused": true}}));
        let (before, after) = (json!({"spec": {"a": 1}}), json!({"spec": {"a": 2}}));
        let images = [Images { before: Some(&before), after: Some(&after) }];
        let Way::Back(back) = Op::from_line("kubectl patch pod a --subresource=resize -p '{}'").unwrap().verb().inverse(&images) else {
            panic!()
        };
        assert!(back[0].line().ends_with("--subresource=resize"), "{}", back[0].line());
        for bad in ["-p '{}' --patch-file=x", "--patch-file=-", "-p null", "-p '{}' --subresource=exec"] {
            assert!(Op::from_line(&format!("kubectl patch deploy web {bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_way_back_is_a_patch_and_a_secret_has_none() {
        let (before, after) = (json!({"spec": {"a": 1}}), json!({"spec": {"a": 2}}));
        let images = [Images { before: Some(&before), after: Some(&after) }];
        let Way::Back(back) = Op::from_line("kubectl patch svc web -p '{}'").unwrap().verb().inverse(&images) else { panic!() };
        assert_eq!(back[0].line(), r#"kubectl patch service/web --type=json --patch='[{"op":"replace","path":"/spec/a","value":1}]'"#);
        assert!(matches!(Op::from_line("kubectl patch secret s -p '{}'").unwrap().verb().inverse(&images), Way::None(_)));
    }
}
