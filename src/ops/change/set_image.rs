//! `kubectl set image`: another image in a workload's pod template.

use crate::ops::{
    Argv, Call, CannotDo, ContainerName, Flag, Image, Images, Impact, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Wait, Way,
    look, template, verb::objects_on,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Sets images in a pod template (or in a bare pod).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetImage {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// container and image, one or more
    pub images: Vec<ContainerImage>,
}

/// One container's image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerImage {
    /// the container; left out: the only one there is
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// the image
    pub image: Image,
}

/// The two lists in which a container can stand.
const LISTS: [&str; 2] = ["containers", "initContainers"];

impl SetImage {
    /// For each image: the list its container stands in, the container's name, the image it has there.
    fn resolved<'a>(&'a self, object: &'a Value) -> Result<Vec<(&'static str, &'a str, &'a str)>, CannotDo> {
        let slashed = self.target.slashed();
        let spec = template::pod_spec(self.target.kind(), object)
            .ok_or_else(|| CannotDo::new(format!("{slashed} has no pod template, so it has no image"), "name a workload or a pod"))?;
        let all: Vec<(&'static str, &str, &str)> =
            LISTS.iter().flat_map(|list| template::containers(spec, list).map(|(name, image)| (*list, name, image))).collect();
        let known = all.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ");
        let hint = || format!("say container=image; it has: {known}");
        let mut found: Vec<(&'static str, &str, &str)> = Vec::with_capacity(self.images.len());
        for wanted in &self.images {
            let one = match &wanted.container {
                Some(name) => all
                    .iter()
                    .find(|(_, n, _)| *n == name.as_str())
                    .ok_or_else(|| CannotDo::new(format!("{slashed} has no container {:?}", name.as_str()), hint()))?,
                None => match all.as_slice() {
                    [only] => only,
                    [] => return Err(CannotDo::new(format!("{slashed} has no container"), "")),
                    [..] => return Err(CannotDo::new(format!("{slashed} has {} containers, which one?", all.len()), hint())),
                },
            };
            if found.iter().any(|f| f.1 == one.1) {
                return Err(CannotDo::new(format!("two images are given for container {:?}", one.1), ""));
            }
            found.push(*one);
        }
        Ok(found)
    }
}

impl Verb for SetImage {
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
        let shown = |i: &ContainerImage| match &i.container {
            Some(container) => format!("{container}={}", i.image),
            None => i.image.to_string(),
        };
        format!("set image {} {}", self.target.slashed(), self.images.iter().map(shown).collect::<Vec<_>>().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// One strategic patch. `*=image` sets every container in kubectl, so where there are several a name is asked for.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let found = self.resolved(look::object(seen, &self.target)?)?;
        if found.is_empty() {
            return Err(CannotDo::new("which image? none is named", "say container=image"));
        }
        let object = look::object(seen, &self.target)?;
        let spec = template::pod_spec(self.target.kind(), object).unwrap_or(&Value::Null);
        let mut lists = Map::new();
        for list in LISTS {
            // In the order they stand in: a strategic merge puts what it names into the order it names it in, and the first container is
            // the one that commands mean.
            let patched = template::containers(spec, list).filter_map(|(name, _)| {
                let at = found.iter().position(|(l, n, _)| *l == list && *n == name)?;
                Some(json!({"name": name, "image": self.images.get(at)?.image}))
            });
            let patched: Vec<Value> = patched.collect();
            if !patched.is_empty() {
                lists.insert(list.into(), patched.into());
            }
        }
        let path = template::path(self.target.kind()).unwrap_or_default();
        Ok(vec![Call::patch(&self.target, PatchKind::Strategic, template::wrap(path, Value::Object(lists)))])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = self
            .images
            .iter()
            .fold(argv, |argv, i| argv.place(format!("{}={}", i.container.as_ref().map_or("*", ContainerName::as_str), i.image)));
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        if self.target.kind().rolls_out() { Wait::RolledOut(self.target.clone()) } else { Wait::Nothing }
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        const UNKNOWN: Way = Way::None("which images there were before is not known");
        let Some(before) = images.first().and_then(|i| i.before) else { return UNKNOWN };
        let Ok(found) = self.resolved(before) else { return UNKNOWN };
        let former = found.iter().map(|(_, name, image)| {
            Some(ContainerImage { container: Some(ContainerName::new(*name).ok()?), image: Image::new(*image).ok()? })
        });
        match former.collect::<Option<Vec<_>>>() {
            Some(images) => Way::Back(vec![SetImage { target: self.target.clone(), images }.into()]),
            None => UNKNOWN,
        }
    }
}

impl Spec for SetImage {
    const NAME: &'static str = "set_image";
    const VERB: &'static [&'static str] = &["set", "image"];
    const ABOUT: &'static str = "Set the image of one or more containers of a workload.";
    const EXAMPLE: &'static str = "kubectl set image deployment/web web=nginx:1.28";
    const BACK: &'static str = "sets the former images";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (mut targets, rest) = objects_on(argv)?;
        let target = match (targets.pop(), targets.is_empty()) {
            (Some(one), true) => one,
            (Some(_), false) => return Err(Misuse::says("kubectl set image: one workload at a time")),
            (None, _) => return Err(Misuse::says("kubectl set image: which workload? kind/name is missing")),
        };
        let mut images = Vec::new();
        for pair in rest {
            let (container, image) = pair.split_once('=').ok_or_else(|| Misuse::Says(format!("{pair:?}: container=image was expected")))?;
            let container = if container == "*" { None } else { Some(ContainerName::new(container)?) };
            images.push(ContainerImage { container, image: Image::new(image)? });
        }
        if images.is_empty() {
            return Err(Misuse::says("kubectl set image: which image? container=image is missing"));
        }
        Ok(SetImage { target, images })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn web(containers: Value, init: Value) -> Lookup<Value> {
        Lookup::Known(json!({"spec": {"template": {"spec": {"containers": containers, "initContainers": init}}}}))
    }
    fn op(line: &str) -> Op {
        Op::from_line(line).unwrap()
    }

    #[test]
    fn the_only_container_or_the_one_named() {
        let one = [web(json!([{"name": "a", "image": "x:1"}]), json!([]))];
        let set = op("kubectl set image deploy/web *=x:2");
        let calls = set.verb().calls(&one, Default::default()).unwrap();
        let body = calls[0].body(None).unwrap();
        assert_eq!(body, json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:2"}]}}}}));
        let two = [web(json!([{"name": "a", "image": "x:1"}]), json!([{"name": "i", "image": "y:1"}]))];
        let e = set.verb().calls(&two, Default::default()).unwrap_err();
        assert!(e.hint.contains("a, i"), "{e:?}");
        let e = op("kubectl set image deploy/web c=x:2").verb().calls(&two, Default::default()).unwrap_err();
        assert!(e.sentence.contains("\"c\""), "{e:?}");
        let both = op("kubectl set image deployment web a=x:2 i=y:2").verb().calls(&two, Default::default()).unwrap();
        assert_eq!(both[0].body(None).unwrap()["spec"]["template"]["spec"]["initContainers"], json!([{"name": "i", "image": "y:2"}]));
        assert_eq!(set.verb().calls(&[Lookup::Missing], Default::default()).unwrap_err().missing.unwrap().slashed(), "deployment/web");
    }

    #[test]
    fn a_cronjob_keeps_its_template_deeper_and_the_way_back_names_the_container() {
        let cron = json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:1"}]}}}}}});
        let set = op("kubectl set image cronjob/nightly *=x:2 -n dev");
        let calls = set.verb().calls(&[Lookup::Known(cron.clone())], Default::default()).unwrap();
        assert_eq!(calls[0].body(None).unwrap().pointer("/spec/jobTemplate/spec/template/spec/containers/0/image").unwrap(), "x:2");
        let Way::Back(back) = set.verb().inverse(&[Images { before: Some(&cron), after: None }]) else { panic!() };
        assert_eq!(back[0].line(), "kubectl set image cronjob/nightly a=x:1 -n dev");
    }
}
