//! `kubectl edit`: one object in the person's own editor; what they changed in it is then asked about like any change.
//!
//! It is never sent as such: once it is edited, the patch that was meant takes its place ([`Draft::read`]).

use super::Subresource;
use crate::ops::{
    Argv, Call, CannotDo, Draft, Flag, Images, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb, Way, look,
    verb::{refuse, workload_place},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Opens one object in an editor; only a person can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// as JSON instead of YAML
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub json: bool,
    /// which part of the object is edited; left out: the object itself
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<Subresource>,
}

impl Verb for Edit {
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
            Some(part) => format!("edit the {} of {}", part.word(), self.target.slashed()),
            None => format!("edit {}", self.target.slashed()),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        let part = self.subresource.map_or("", Subresource::word);
        // The part of a pod that is resized is read as the pod.
        let part = if part == "resize" { "" } else { part };
        if seen.is_empty() { vec![Call::get(&self.target).on(part)] } else { Vec::new() }
    }
    fn draft(&self, seen: &[Lookup<Value>]) -> Result<Option<Draft>, CannotDo> {
        let live = look::object(seen, &self.target)?;
        Ok(Some(Draft::of(self.target.clone(), self.subresource, live.clone(), self.json)))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Err(CannotDo::new(format!("{} has not been edited", self.target.slashed()), ""))
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.target.slashed());
        if self.json {
            argv = argv.flag("output", "json");
        }
        if let Some(part) = self.subresource {
            argv = argv.flag("subresource", part.word());
        }
        argv.namespace(self.target.namespace())
    }
    fn interactive(&self) -> bool {
        true
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::None("it was not edited")
    }
}

impl Spec for Edit {
    const NAME: &'static str = "edit";
    const VERB: &'static [&'static str] = &["edit"];
    const ABOUT: &'static str = "Edit an object in your own editor; the difference is asked about like any change.";
    const EXAMPLE: &'static str = "kubectl edit deployment/web";
    const BACK: &'static str = "patches the fields back";
    const FLAGS: &'static [Flag] = &[
        Flag::value("output").short('o'),
        Flag::value("subresource"),
        Flag::switch("save-config"),
        Flag::switch("show-managed-fields"),
        Flag::switch("output-patch"),
        Flag::switch("windows-line-endings"),
        Flag::value("validate"),
        Flag::value("field-manager"),
        Flag::value("kustomize").short('k'),
        Flag::value("template"),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("save-config", "no last-applied is kept: apply is server-side here"),
                ("show-managed-fields", "the server writes those; kubectl get -o yaml --show-managed-fields shows them"),
                ("output-patch", "the patch is shown before it is asked about"),
                ("windows-line-endings", "your editor says how lines end"),
                ("validate", "the server judges every field before it is asked about"),
                ("field-manager", "what is changed here is aiops' own"),
                ("kustomize", "name the objects"),
                ("template", "-o yaml or json"),
            ],
        )?;
        let json = match argv.get("output") {
            None | Some("" | "yaml") => false,
            Some("json") => true,
            Some(other) => return Err(Misuse::Says(format!("kubectl edit -o {other}: yaml or json"))),
        };
        Ok(Edit { target: workload_place(argv)?, json, subresource: argv.parsed("subresource")? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_part_that_is_edited_is_the_part_that_is_read() {
        for (line, path, printed) in [
            ("kubectl edit deploy web -n dev", "/apis/apps/v1/namespaces/dev/deployments/web", "kubectl edit deployment/web -n dev"),
            (
                "kubectl edit deployment web --subresource=scale -o json -n dev",
                "/apis/apps/v1/namespaces/dev/deployments/web/scale",
                "kubectl edit deployment/web -o json --subresource=scale -n dev",
            ),
        ] {
            let op = Op::from_line(line).unwrap();
            assert_eq!(op.verb().looks(&[])[0].path(), path);
            assert_eq!(op.line(), printed);
            assert!(op.verb().draft(&[Lookup::Known(json!({}))]).unwrap().is_some());
            assert!(op.verb().draft(&[Lookup::Missing]).unwrap_err().sentence.contains("does not exist"));
            assert!(op.verb().calls(&[], Default::default()).is_err() && op.verb().interactive());
        }
        for bad in [
            "kubectl edit",
            "kubectl edit deploy web -o wide",
            "kubectl edit deploy web --save-config",
            "kubectl edit deploy web --subresource=log",
        ] {
            assert!(Op::from_line(bad).is_err(), "{bad}");
        }
    }
}
