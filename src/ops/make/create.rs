//! `kubectl create -f`: new objects as a manifest has them; the way back from a deletion.

use crate::ops::{
    Argv, Call, CannotDo, Documents, Flag, Images, Impact, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Wait, Way, apply, look,
    manifest,
};
use crate::terms::written::Written;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Creates the objects of manifests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// files a person named; their contents are loaded before the plan is vetted
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// the objects
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
    /// namespace for objects that name none; an object that names another is refused
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// The namespace one stands in, filled in by the plan; an object that names another keeps it.
    #[serde(skip)]
    pub here: Option<Namespace>,
    /// What the objects were read from.
    #[serde(skip)]
    pub texts: Vec<Written>,
}

impl Create {
    /// The objects of those files, once they are loaded.
    pub fn of_files(files: Vec<String>) -> Create {
        Create { files, objects: Vec::new(), namespace: None, here: None, texts: Vec::new() }
    }

    /// Those objects.
    pub fn of(objects: Vec<Value>) -> Create {
        Create { objects, ..Create::of_files(Vec::new()) }
    }

    fn placed(&self) -> Result<Vec<manifest::Placed>, CannotDo> {
        manifest::placed(&self.files, &self.objects, &self.texts, self.namespace.as_ref(), self.here.as_ref())
    }
}

impl Verb for Create {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.here = Some(namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        manifest::targets(&self.objects, self.namespace.as_ref(), self.here.as_ref())
    }
    fn title(&self) -> String {
        manifest::title("create", &self.files, &self.targets())
    }
    fn files(&self) -> Vec<String> {
        self.files.clone()
    }
    fn load(&mut self, _file: &str, documents: Documents) {
        self.objects.extend(manifest::flatten(documents.values));
        self.texts.extend(documents.texts);
    }
    fn texts(&self) -> &[Written] {
        &self.texts
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(self.placed()?.into_iter().map(|p| Call::create(p.kind, p.namespace.as_ref(), p.body)).collect())
    }
    fn print(&self) -> Argv {
        let argv = manifest::print(Argv::of(Self::VERB), &self.files);
        argv.namespace(manifest::said(&self.objects, self.namespace.as_ref(), self.here.as_ref()))
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    /// What was made is deleted, last first; a name that the server made up is read from what is there.
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let Ok(placed) = self.placed() else { return Way::None("which objects it made is not known") };
        let made = placed.into_iter().zip(images).rev().map(|(p, images)| {
            p.target.or_else(|| {
                let name = Name::new(look::text(images.after?, "/metadata/name")).ok()?;
                Some(Target::new(p.kind, name).ok()?.in_namespace(p.namespace))
            })
        });
        match made.collect::<Option<Vec<_>>>() {
            Some(made) if !made.is_empty() => Way::Back(apply::deletions(made)),
            Some(_) | None => Way::None("which objects it made is not known"),
        }
    }
}

impl Spec for Create {
    const NAME: &'static str = "create";
    const VERB: &'static [&'static str] = &["create"];
    const ABOUT: &'static str = "Create objects from manifests; fails if they exist.";
    const EXAMPLE: &'static str = "kubectl create -f web.yaml";
    const BACK: &'static str = "deletes what was made";
    const FLAGS: &'static [Flag] =
        &[Flag::value("filename").short('f'), Flag::value("kustomize").short('k'), Flag::switch("recursive").short('R')];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        if let (Some(what), false) = (argv.places.first(), manifest::says_files(argv)) {
            return Err(Misuse::Says(format!("kubectl create {what} is not something aiops does: write a manifest and name it with -f")));
        }
        Ok(Create { namespace: argv.named_namespace()?, ..Create::of_files(manifest::files(argv)?) })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn posts_each_object_and_deletes_them_in_turn() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "job-", "namespace": "dev"}});
        let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "dev"}});
        let op = Op::from(Create::of(vec![config, pod]));
        let calls = op.verb().calls(&[], Default::default()).unwrap();
        assert_eq!(calls[1].path(), "/api/v1/namespaces/dev/pods");
        let after = json!({"metadata": {"name": "job-x7"}});
        let images = [Images { before: None, after: None }, Images { before: None, after: Some(&after) }];
        let Way::Back(back) = op.verb().inverse(&images) else { panic!() };
        assert_eq!(back[0].line(), "kubectl delete pod/job-x7 configmap/c -n dev");
    }
}
