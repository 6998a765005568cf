//! `kubectl replace`: objects as a manifest has them, as a whole: what it does not name goes.

use crate::ops::{
    Argv, Call, CannotDo, Documents, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, Spec, Target, Verb, Wait, Way, manifest, restore,
    verb::refuse,
};
use crate::terms::written::Written;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Replaces the objects of manifests; each has to be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replace {
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

impl Replace {
    /// The objects of those files, once they are loaded.
    pub fn of_files(files: Vec<String>) -> Replace {
        Replace { files, objects: Vec::new(), namespace: None, here: None, texts: Vec::new() }
    }

    fn placed(&self) -> Result<Vec<(Target, Value)>, CannotDo> {
        let placed = manifest::placed(&self.files, &self.objects, &self.texts, self.namespace.as_ref(), self.here.as_ref())?;
        let named = placed.into_iter().map(|p| {
            let nameless = || CannotDo::new(format!("a {} without a name cannot be replaced", p.kind.word()), "give it metadata.name");
            Ok((p.target.clone().ok_or_else(nameless)?, p.body))
        });
        named.collect()
    }
}

impl Verb for Replace {
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
        manifest::title("replace", &self.files, &self.targets())
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
    /// Whether each is there: a PUT of some kinds would make what is not.
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match self.placed() {
            Ok(placed) if seen.is_empty() => placed.iter().map(|(target, _)| Call::get(target)).collect(),
            Ok(_) | Err(_) => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let placed = self.placed()?;
        if let Some(((target, _), _)) = placed.iter().zip(seen).find(|(_, seen)| **seen == Lookup::Missing) {
            let missing = CannotDo::missing(target);
            return Err(CannotDo { hint: "kubectl create -f makes what is not there".into(), ..missing });
        }
        Ok(placed.into_iter().map(|(target, body)| Call::replace(&target, body)).collect())
    }
    fn print(&self) -> Argv {
        let argv = manifest::print(Argv::of(Self::VERB), &self.files);
        argv.namespace(manifest::said(&self.objects, self.namespace.as_ref(), self.here.as_ref()))
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    /// What was changed is patched back, last first.
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let Ok(placed) = self.placed() else { return Way::None("which objects it touched is not known") };
        let mut ops: Vec<Op> = Vec::new();
        for ((target, _), images) in placed.iter().zip(images).rev() {
            match restore::patch_back(target, images) {
                Ok(op) => ops.extend(op),
                Err(why) => return Way::None(why),
            }
        }
        if ops.is_empty() { Way::None("it changed nothing") } else { Way::Back(ops) }
    }
}

impl Spec for Replace {
    const NAME: &'static str = "replace";
    const VERB: &'static [&'static str] = &["replace"];
    const ABOUT: &'static str = "Replace objects as a whole by what manifests have.";
    const EXAMPLE: &'static str = "kubectl replace -f web.yaml";
    const BACK: &'static str = "patches back what was changed; none for Secrets";
    const FLAGS: &'static [Flag] = &[
        Flag::value("filename").short('f'),
        Flag::value("kustomize").short('k'),
        Flag::switch("recursive").short('R'),
        Flag::switch("force"),
        Flag::value("cascade"),
        Flag::value("grace-period"),
        Flag::value("raw"),
        Flag::value("subresource"),
        Flag::switch("save-config"),
    ];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        const FORCE: &str = "it deletes and makes anew: say kubectl delete -f and then kubectl create -f, and both are shown";
        refuse(
            argv,
            &[
                ("force", FORCE),
                ("cascade", FORCE),
                ("grace-period", FORCE),
                ("raw", "objects only, no bare addresses"),
                ("subresource", "kubectl patch --subresource says which fields"),
                ("save-config", "no last-applied is kept: apply is server-side here"),
            ],
        )?;
        Ok(Replace { namespace: argv.named_namespace()?, ..Replace::of_files(manifest::files(argv)?) })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_whole_object_is_put_and_has_to_be_there() {
        let mut op = Op::from_line("kubectl replace -f x.yaml -n dev").unwrap();
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}});
        op.verb_mut().load("x.yaml", vec![map].into());
        let before = json!({"metadata": {"name": "c"}, "data": {"old": "1"}});
        let call = op.verb().calls(&[Lookup::Known(before.clone())], Default::default()).unwrap().remove(0);
        assert_eq!((call.path().as_str(), call.rbac_verb()), ("/api/v1/namespaces/dev/configmaps/c", "update"));
        let pin = Pin { uid: "u".into(), resource_version: "7".into(), digest: "d".into() };
        let body = call.body(Some(&pin)).unwrap();
        assert_eq!(body["metadata"], json!({"name": "c", "namespace": "dev", "uid": "u", "resourceVersion": "7"}));
        assert!(op.verb().calls(&[Lookup::Missing], Default::default()).unwrap_err().sentence.contains("does not exist"));
        let after = json!({"metadata": {"name": "c"}, "data": {"k": "v"}});
        let Way::Back(back) = op.verb().inverse(&[Images { before: Some(&before), after: Some(&after) }]) else { panic!() };
        assert!(matches!(back[0], Op::Patch(_)));
        for bad in ["", "-f x.yaml --force", "-f - -f -", "-f ftp://a/b.yaml", "-k dir -R", "-f x.yaml --subresource=status"] {
            assert!(Op::from_line(&format!("kubectl replace {bad}")).is_err(), "{bad}");
        }
    }
}
