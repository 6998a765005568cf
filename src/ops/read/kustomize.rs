//! `kubectl kustomize`: what a kustomization is built to, Secret values masked. Nothing is sent anywhere.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Documents, Flag, Impact, Lookup, Misuse, Namespace, ObjectForm, Reply, Spec, Target, Verb, manifest,
    redacted, verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows the manifests that a kustomization is built to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kustomize {
    /// the folder a person named, with a kustomization.yaml in it
    pub folder: String,
    /// What it was built to.
    #[serde(skip)]
    pub objects: Vec<Value>,
}

impl Verb for Kustomize {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        format!("what kustomization {} is built to", self.folder)
    }
    fn files(&self) -> Vec<String> {
        vec![manifest::kustomization(&self.folder).unwrap_or_else(|_| self.folder.clone())]
    }
    fn load(&mut self, _file: &str, documents: Documents) {
        self.objects.extend(manifest::flatten(documents.values));
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(Vec::new())
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(&self.folder)
    }
    fn answer(&self, _calls: &[Call], _replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        Ok(Answer::Objects { output: ObjectForm::Yaml, items: self.objects.iter().cloned().map(redacted).collect() })
    }
}

impl Spec for Kustomize {
    const NAME: &'static str = "kustomize";
    const VERB: &'static [&'static str] = &["kustomize"];
    const ABOUT: &'static str = "Show what a kustomization is built to, Secret values masked; only a person may have one built.";
    const EXAMPLE: &'static str = "kubectl kustomize overlays/dev";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("output").short('o'),
        Flag::switch("as-current-user"),
        Flag::switch("enable-alpha-plugins"),
        Flag::switch("enable-exec"),
        Flag::switch("enable-helm"),
        Flag::value("env").short('e'),
        Flag::value("helm-command"),
        Flag::value("load-restrictor"),
        Flag::value("mount"),
        Flag::switch("network"),
        Flag::value("network-name"),
    ];
    const READS: bool = true;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        const PLUGINS: &str = "a kustomization runs no program from here";
        refuse(
            argv,
            &[
                ("output", "it is shown here, and no file is written"),
                ("as-current-user", PLUGINS),
                ("enable-alpha-plugins", PLUGINS),
                ("enable-exec", PLUGINS),
                ("env", PLUGINS),
                ("mount", PLUGINS),
                ("network", PLUGINS),
                ("network-name", PLUGINS),
                ("enable-helm", "charts are helm's: helm template by hand, and name its output in resources"),
                ("helm-command", PLUGINS),
                ("load-restrictor", "what a kustomization reads lies in its own folders"),
            ],
        )?;
        let folder = match argv.places.as_slice() {
            [] => ".",
            [folder] => folder.as_str(),
            [_, extra, ..] => return Err(Misuse::Says(format!("kubectl kustomize: {extra:?} was not expected"))),
        };
        manifest::kustomization(folder)?;
        Ok(Kustomize { folder: folder.to_string(), objects: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn a_folder_of_this_machine_and_no_flag_that_widens_it() {
        let mut op = Op::from_line("kubectl kustomize overlays/dev").unwrap();
        assert_eq!(op.verb().files(), ["kustomize://overlays/dev"]);
        assert_eq!(Op::from_line("kubectl kustomize").unwrap().line(), "kubectl kustomize .");
        for refused in [
            "https://github.com/a/b?ref=v1",
            "git@github.com:a/b",
            "--enable-helm .",
            "--enable-alpha-plugins .",
            "--load-restrictor=LoadRestrictionsNone .",
            "-o x.yaml .",
            "a b",
        ] {
            assert!(Op::from_line(&format!("kubectl kustomize {refused}")).is_err(), "{refused}");
        }
        let secret = json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "aHVudGVyMg=="}});
        op.verb_mut().load("kustomize://overlays/dev", vec![secret].into());
        let Answer::Objects { items, .. } = op.verb().answer(&[], &[], Default::default()).unwrap() else { panic!() };
        assert_eq!(items.iter().map(|item| item["data"]["k"].clone()).collect::<Vec<_>>(), [json!("<redacted>")]);
    }

    #[test]
    fn what_takes_files_takes_a_kustomization_and_nothing_beside_it() {
        for line in [
            "kubectl apply --server-side --kustomize=dir",
            "kubectl create --kustomize=dir",
            "kubectl replace --kustomize=dir",
            "kubectl get --kustomize=dir",
            "kubectl delete --kustomize=dir",
            "kubectl diff --server-side --kustomize=dir",
            "kubectl label mine=yes --kustomize=dir",
        ] {
            let op = Op::from_line(line).unwrap();
            assert_eq!(op.verb().files(), ["kustomize://dir"], "{line}");
            assert_eq!(op.line(), line);
            for more in [" -f x.yaml", " -R", " -k https://example.com/x"] {
                assert!(Op::from_line(&format!("{line}{more}")).is_err(), "{line}{more}");
            }
        }
        assert!(Op::from_line("kubectl apply -f kustomize://dir").is_err());
        assert_eq!(Op::from_line("kubectl apply -k dir --prune -l app=x").unwrap().verb().title(), "apply kustomization dir");
    }
}
