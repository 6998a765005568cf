//! `kubectl create namespace`: a new, empty namespace.

use crate::ops::{
    Argv, Call, CannotDo, Delete, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Wait, Way,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Creates a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateNamespace {
    /// its name
    pub name: Namespace,
}

impl Verb for CreateNamespace {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        // Whatever is a namespace's name is an object's name too.
        let name = Name::new(self.name.as_str()).and_then(|name| Target::new(Kind::built_in("namespaces"), name));
        name.into_iter().collect()
    }
    fn title(&self) -> String {
        format!("create namespace {}", self.name)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}});
        Ok(vec![Call::create(Kind::built_in("namespaces"), None, body)])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(&self.name)
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::Back(vec![Delete::of(self.targets()).into()])
    }
}

impl Spec for CreateNamespace {
    const NAME: &'static str = "create_namespace";
    const VERB: &'static [&'static str] = &["create", "namespace"];
    const ABOUT: &'static str = "Create a namespace.";
    const EXAMPLE: &'static str = "kubectl create namespace dev";
    const BACK: &'static str = "deletes it, after a look at what has been put inside";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        match argv.places.as_slice() {
            [name] => Ok(CreateNamespace { name: Namespace::new(name.as_str())? }),
            [] => Err(Misuse::says("kubectl create namespace: which name?")),
            [_, extra, ..] => Err(Misuse::Says(format!("kubectl create namespace: {extra:?} was not expected"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;

    #[test]
    fn made_by_a_post_and_taken_back_by_a_delete() {
        let op = Op::from_line("kubectl create ns dev").unwrap();
        let call = &op.verb().calls(&[], Default::default()).unwrap()[0];
        assert_eq!((call.path().as_str(), call.rbac_verb()), ("/api/v1/namespaces", "create"));
        assert_eq!(call.target().unwrap().slashed(), "namespace/dev");
        let Way::Back(back) = op.verb().inverse(&[]) else { panic!() };
        assert_eq!(back[0].line(), "kubectl delete namespace/dev");
    }
}
