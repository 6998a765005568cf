//! Canaries and blue-green, from the objects as they are: several operations, one question.

use super::super::{Builder, Out};
use crate::{
    facts::Need,
    ops::{Call, ContainerImage, ContainerName, Delete, Image, Kind, Lookup, Name, Op, Patch, PatchType, Scale, SetImage, Target},
    road::plan::{
        Assumed,
        from_words::{
            Step,
            making::{Release, Releasing, Share},
            slots::{Object, looks_like_tag},
        },
    },
};
use serde_json::{Map, Value, json};

/// The label that tells a canary's pods from the others, as in kubernetes.io/docs/concepts/workloads/management.
const TRACK: &str = "track";

impl Builder<'_> {
    /// The operations of a release.
    pub(super) fn released(&mut self, r: &Releasing) -> Out<Vec<Op>> {
        if !r.unread.is_empty() {
            return Err(self.not_understood(&r.unread));
        }
        match &r.what {
            Release::Canary { of, image, container, share } => self.canary(of.as_ref(), image.as_deref(), container.as_deref(), *share),
            Release::Promote(of) => self.promoted(of),
            Release::Abort(of) => self.aborted(of),
            Release::Switch { service, from, to } => self.switched(service.as_ref(), from.as_deref(), to),
        }
    }

    fn deployment(&mut self, object: &Object) -> Out<(Target, Value)> {
        if !self.find.scope.cluster {
            return Err(self.ask("name", "A release goes by what runs now, and there is no cluster to look at."));
        }
        let mut targets = Vec::new();
        self.of_object(object, &["deployment"], &|_| None, &mut targets)?;
        let [target] = targets.as_slice() else { return Err(Box::new(Step::Unknown)) };
        match self.live(target)? {
            Some(live) => Ok((target.clone(), live)),
            None => Err(Box::new(Step::Unknown)),
        }
    }

    fn canary(&mut self, of: Option<&Object>, image: Option<&str>, container: Option<&str>, share: Option<Share>) -> Out<Vec<Op>> {
        let Some(of) = of else { return Err(self.ask("name", "I understood a canary; of which deployment?")) };
        let (target, live) = self.deployment(of)?;
        let name = target.slashed();
        let Some(image) = image else {
            return Err(self.ask("image", format!("I understood a canary of {name}; which image shall it run?")));
        };
        let now = live.pointer("/spec/replicas").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let (few, rest) = match share {
            Some(Share::Of(few, total)) => (few, Some(total - few)),
            Some(Share::Beside(few)) => (few, None),
            Some(Share::Percent(percent)) if now * percent % 100 == 0 => (now * percent / 100, Some(now - now * percent / 100)),
            Some(Share::Percent(percent)) => {
                return Err(self.ask(
                    "replicas",
                    format!("{name} has {now} pods, and {percent}% of them is no whole number; how many of how many, for example 1 of 5?"),
                ));
            }
            None => {
                return Err(self.ask(
                    "replicas",
                    format!(
                        "I understood a canary of {name}, which has {now} pods; how many of how many shall it take, for example 1 of 5?"
                    ),
                ));
            }
        };
        let labels = live.pointer("/spec/template/metadata/labels").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(track) = labels.get(TRACK).and_then(Value::as_str) {
            return Err(self.ask("label", format!("The pods of {name} have the label {TRACK}={track} already, and a Service may go by it; by which label shall the canary be told apart?")));
        }
        let canary = Name::new(format!("{}-canary", target.name()))
            .and_then(|name| Target::new(target.kind(), name))
            .map_err(|e| self.ask("name", e.to_string()))?;
        let canary = canary.in_namespace(target.namespace().cloned());
        if self.is_there(&canary)? {
            let choices = vec![format!("promote the canary of {}", target.name()), format!("remove the canary of {}", target.name())];
            return Err(Step::ask(
                "which",
                format!("There is {} already; shall it be promoted or removed first?", canary.slashed()),
                choices,
            ));
        }
        let container =
            container.map(|name| ContainerName::new(name.to_lowercase())).transpose().map_err(|e| self.ask("container", e.to_string()))?;
        let whole = match looks_like_tag(image) && !image.contains(['/', ':']) {
            true => self.with_tag(&target, container.as_ref(), image)?,
            false => image.to_string(),
        };
        let image = Image::new(whole).map_err(|e| self.ask("image", e.to_string()))?;
        let mut template = crate::ops::parts::template(&live);
        template["metadata"]["labels"][TRACK] = json!("canary");
        let list = template.pointer_mut("/spec/containers").and_then(Value::as_array_mut);
        let mut all: Vec<&mut Value> = list.into_iter().flatten().collect();
        let at = match &container {
            Some(name) => all.iter().position(|c| c["name"] == name.as_str()),
            None => (all.len() == 1).then_some(0),
        };
        match at {
            Some(at) => all[at]["image"] = json!(image),
            None => {
                let names = all.iter().filter_map(|c| c["name"].as_str()).collect::<Vec<_>>().join(", ");
                return Err(self.ask("container", format!("{name} has the containers {names}; the image of which one?")));
            }
        }
        let mut selector = live.pointer("/spec/selector").cloned().unwrap_or_else(|| json!({}));
        if !selector["matchLabels"].is_object() {
            selector["matchLabels"] = json!({});
        }
        selector["matchLabels"][TRACK] = json!("canary");
        let mut own = live.pointer("/metadata/labels").and_then(Value::as_object).cloned().unwrap_or_default();
        own.insert(TRACK.into(), json!("canary"));
        let mut metadata = json!({"name": canary.name(), "labels": own});
        if let Some(namespace) = target.namespace() {
            metadata["namespace"] = json!(namespace);
        }
        let body = json!({"apiVersion": target.kind().api_version(), "kind": "Deployment", "metadata": metadata,
            "spec": {"replicas": few, "selector": selector, "template": template}});
        let mut ops = self.applied(vec![body]);
        if let Some(rest) = rest.filter(|rest| *rest != now) {
            ops.push(Scale::to(target, rest).into());
        }
        Ok(ops)
    }

    /// Whether an object of that name is there.
    fn is_there(&self, target: &Target) -> Out<bool> {
        let known = self.find.need(target.kind(), target.namespace().or(self.here().as_ref()))?;
        Ok(matches!(known, Lookup::Known(all) if all.iter().any(|brief| brief.name == *target.name())))
    }

    /// A Deployment and its canary, as they are.
    fn pair(&mut self, of: &Object) -> Out<(Target, Value, Target, Value)> {
        let (target, live) = self.deployment(of)?;
        let canary = Object { kinds: vec![target.kind()], names: vec![format!("{}-canary", target.name())], ..Object::default() };
        let sought =
            Target::new(target.kind(), Name::new(format!("{}-canary", target.name())).map_err(|e| self.ask("name", e.to_string()))?);
        let sought = sought.map_err(|e| self.ask("name", e.to_string()))?.in_namespace(target.namespace().cloned());
        if !self.is_there(&sought)? {
            return Err(self.ask("name", format!("{} has no canary: there is no {}.", target.slashed(), sought.slashed())));
        }
        let (canary, its) = self.deployment(&canary)?;
        Ok((target, live, canary, its))
    }

    fn total(&mut self, live: &Value, its: &Value) -> u32 {
        let replicas =
            |live: &Value| live.pointer("/spec/replicas").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let (own, few) = (replicas(live), replicas(its));
        self.find.assumed.push(Assumed {
            said: "canary".into(),
            taken: format!("{} replicas afterwards", own.saturating_add(few)),
            why: format!("{own} run now, and {few} of the canary"),
        });
        own.saturating_add(few)
    }

    fn promoted(&mut self, of: &Object) -> Out<Vec<Op>> {
        let (target, live, canary, its) = self.pair(of)?;
        let images = |object: &Value| -> Map<String, Value> {
            let all = object.pointer("/spec/template/spec/containers").and_then(Value::as_array).cloned().unwrap_or_default();
            all.iter().filter_map(|c| Some((c["name"].as_str()?.to_string(), c["image"].clone()))).collect()
        };
        let before = images(&live);
        let mut set = Vec::new();
        for (name, image) in images(&its) {
            if before.get(&name) != Some(&image) {
                let container = ContainerName::new(name).map_err(|e| self.ask("container", e.to_string()))?;
                let image = Image::new(image.as_str().unwrap_or_default()).map_err(|e| self.ask("image", e.to_string()))?;
                set.push(ContainerImage { container: Some(container), image });
            }
        }
        let mut ops: Vec<Op> = Vec::new();
        if !set.is_empty() {
            ops.push(SetImage { target: target.clone(), images: set }.into());
        }
        let total = self.total(&live, &its);
        ops.push(Scale::to(target, total).into());
        ops.push(Delete::of(vec![canary]).into());
        Ok(ops)
    }

    fn aborted(&mut self, of: &Object) -> Out<Vec<Op>> {
        let (target, live, canary, its) = self.pair(of)?;
        let total = self.total(&live, &its);
        Ok(vec![Scale::to(target, total).into(), Delete::of(vec![canary]).into()])
    }

    /// A Service's selector, moved by the one label in which the Deployments behind it differ.
    fn switched(&mut self, service: Option<&Object>, from: Option<&str>, to: &str) -> Out<Vec<Op>> {
        let Some(service) = service else {
            return Err(self.ask("name", format!("I understood that traffic shall go to {to}; the traffic of which service?")));
        };
        if !self.find.scope.cluster {
            return Err(
                self.ask("label", format!("By which label {to} is told apart is looked up in the cluster, and there is none to look at."))
            );
        }
        let mut targets = Vec::new();
        self.of_object(service, &["service"], &|_| None, &mut targets)?;
        let [target] = targets.as_slice() else { return Err(Box::new(Step::Unknown)) };
        let live = self.live(target)?.unwrap_or_default();
        let selector = live.pointer("/spec/selector").and_then(Value::as_object).cloned().unwrap_or_default();
        if selector.is_empty() {
            return Err(self.ask("label", format!("{} has no selector, so it goes by no label.", target.slashed())));
        }
        if let Some(from) = from.map(str::to_lowercase)
            && !selector.values().filter_map(Value::as_str).any(|value| value == from || format!("{}-{value}", target.name()) == from)
        {
            return Err(self.ask("which", format!("{} does not send its traffic to {from:?} now; where shall it go?", target.slashed())));
        }
        let to = to.to_lowercase();
        let mut found: Vec<(String, String, Value)> = Vec::new();
        let mut others = Vec::new();
        for deployment in self.all_deployments(target)? {
            let name = deployment.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
            let labels = deployment.pointer("/spec/template/metadata/labels").and_then(Value::as_object).cloned().unwrap_or_default();
            let differs: Vec<(&String, &Value)> = selector.iter().filter(|(key, value)| labels.get(*key) != Some(value)).collect();
            let means = |value: &str| value == to || name == to || name == format!("{}-{to}", target.name());
            match differs.as_slice() {
                [] if means(selector.values().filter_map(Value::as_str).find(|value| *value == to).unwrap_or_default()) => {
                    return Err(self
                        .ask("which", format!("{} sends its traffic to deployment/{name} already; where shall it go?", target.slashed())));
                }
                [(key, _)] => {
                    let Some(value) = labels.get(*key).and_then(Value::as_str) else { continue };
                    // Behind a selector of one label every deployment differs in one.
                    if selector.len() > 1 {
                        others.push(format!("{name} ({key}={value})"));
                    }
                    if means(value) {
                        found.push(((*key).clone(), value.to_string(), deployment.clone()));
                    }
                }
                [] | [_, _, ..] => {}
            }
        }
        let [(key, value, deployment)] = found.as_slice() else {
            let others = if others.is_empty() {
                "there is no deployment that differs from it in one label".to_string()
            } else {
                format!("there is {}", others.join(", "))
            };
            return Err(self.ask(
                "which",
                format!("I cannot tell what {to:?} is behind {}; {others}. To which label shall it send?", target.slashed()),
            ));
        };
        let ready = deployment.pointer("/status/readyReplicas").and_then(Value::as_u64).unwrap_or(0);
        if deployment.get("status").is_some() && ready == 0 {
            let name = deployment.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            self.find.assumed.push(Assumed {
                said: to.clone(),
                taken: format!("deployment/{name}"),
                why: "it has no ready pod now: requests would find nobody".into(),
            });
        }
        let patch = json!({"spec": {"selector": {key.as_str(): value}}});
        Ok(vec![Patch { target: target.clone(), how: PatchType::Strategic, patch, patch_file: None, subresource: None }.into()])
    }

    fn all_deployments(&self, near: &Target) -> Out<Vec<Value>> {
        let place = near.namespace().cloned().or_else(|| self.here());
        let call = Call::list(Kind::built_in("deployment"), place.as_ref());
        if !self.find.facts.looked(&call) {
            return Err(Box::new(Step::Needs(vec![Need::Look(call)])));
        }
        match self.find.facts.look(&call) {
            Lookup::Known(list) => Ok(list["items"].as_array().cloned().unwrap_or_default()),
            Lookup::Missing => Ok(Vec::new()),
            Lookup::NotChecked(why) => {
                Err(self.ask("label", format!("The deployments could not be listed ({why}); by which label is it told apart?")))
            }
        }
    }
}
