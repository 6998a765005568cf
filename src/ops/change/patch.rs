//! `kubectl patch`: some fields of one object.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Wait, Way, restore,
    verb::workload_place,
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
    pub patch: Value,
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
        format!("patch {}", self.target.slashed())
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let how = match (self.how, &self.patch) {
            (PatchType::Json, Value::Array(_)) => PatchKind::Json,
            (PatchType::Merge, Value::Object(_)) => PatchKind::Merge,
            (PatchType::Strategic, Value::Object(_)) => PatchKind::Strategic,
            (PatchType::Json, _) => return Err(CannotDo::new("a JSON patch is a list of operations", "[{\"op\": \"replace\", …}]")),
            (PatchType::Merge | PatchType::Strategic, _) => {
                return Err(CannotDo::new("a merge patch is an object with the fields to set", "{\"spec\": {…}}"));
            }
        };
        Ok(vec![Call::patch(&self.target, how, self.patch.clone())])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = match self.how {
            PatchType::Json => argv.flag("type", "json"),
            PatchType::Merge => argv.flag("type", "merge"),
            PatchType::Strategic => argv,
        };
        argv.flag("patch", &self.patch).namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for Patch {
    const NAME: &'static str = "patch";
    const VERB: &'static [&'static str] = &["patch"];
    const ABOUT: &'static str = "Patch fields of one object.";
    const EXAMPLE: &'static str = "kubectl patch deployment/web -p '{\"spec\":{\"paused\":true}}'";
    const BACK: &'static str = "patches the fields back";
    const FLAGS: &'static [Flag] = &[Flag::value("patch").short('p'), Flag::value("type")];
    const READS: bool = false;

    /// The patch may be JSON or YAML, as for kubectl.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let text = argv.get("patch").ok_or_else(|| Misuse::says("kubectl patch: which fields? -p PATCH is missing"))?;
        let patch = match serde_json::from_str(text) {
            Ok(patch) => patch,
            Err(e) if text.trim_start().starts_with(['{', '[']) => return Err(Misuse::Says(format!("-p: {e}"))),
            Err(_) => serde_saphyr::from_str::<Value>(text).map_err(|e| Misuse::Says(format!("-p: {e}")))?,
        };
        Ok(Patch { target: workload_place(argv)?, how: argv.parsed("type")?.unwrap_or_default(), patch })
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
    fn the_way_back_is_a_patch_and_a_secret_has_none() {
        let (before, after) = (json!({"spec": {"a": 1}}), json!({"spec": {"a": 2}}));
        let images = [Images { before: Some(&before), after: Some(&after) }];
        let Way::Back(back) = Op::from_line("kubectl patch svc web -p '{}'").unwrap().verb().inverse(&images) else { panic!() };
        assert_eq!(back[0].line(), r#"kubectl patch service/web --type=json --patch='[{"op":"replace","path":"/spec/a","value":1}]'"#);
        assert!(matches!(Op::from_line("kubectl patch secret s -p '{}'").unwrap().verb().inverse(&images), Way::None(_)));
    }
}
