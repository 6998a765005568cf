//! Changing: scale, set image, roll back, delete, label, cordon, create, apply.

use super::{
    super::{
        Step, find,
        lexicon::Act,
        slots::{Amount, Object, looks_like_tag},
    },
    Builder, Out, WORKLOADS,
};
use crate::{
    facts::Need,
    ops::{
        Apply, Call, ContainerImage, ContainerName, Cordon, Create, Delete, Image, Label, LabelKey, LabelValue, Name, Op, RolloutUndo,
        Scale, SetImage, Target, Uncordon,
    },
    road::plan::Assumed,
};

impl Builder<'_> {
    pub(super) fn scale(&mut self) -> Out<Vec<Op>> {
        let Some(amount) = self.s.amount else {
            let what = self.s.objects.iter().flat_map(|o| o.names.iter()).next().map_or("it", String::as_str);
            return Err(self.ask("replicas", format!("I understood that {what} shall be scaled; to how many replicas?")));
        };
        let fixed = match amount {
            Amount::To(n) => {
                Some(u32::try_from(n).map_err(|_| self.ask("replicas", "That is more replicas than Kubernetes can count; how many?"))?)
            }
            Amount::By(_) | Amount::Double | Amount::Half | Amount::Share(_) => None,
        };
        let object = Object { names: self.s.to_word.iter().cloned().collect(), ..Object::default() };
        self.extra = (!object.names.is_empty()).then_some(object);
        let targets = self.targets(WORKLOADS, &|t| fixed.map(|replicas| Scale::to(t.clone(), replicas).into()))?;
        let mut ops = Vec::new();
        for target in targets {
            let word = target.kind().info().plural;
            if !["deployments", "statefulsets", "replicasets", "replicationcontrollers"].contains(&word) {
                return Err(self
                    .ask("name", format!("A {} cannot be scaled; deployments, statefulsets and replicasets can.", target.kind().word())));
            }
            let replicas = match fixed {
                Some(n) => n,
                None => self.relative(&target, amount)?,
            };
            ops.push(Scale::to(target, replicas).into());
        }
        Ok(ops)
    }

    /// So many more or fewer than there are: the cluster says how many that is.
    fn relative(&mut self, target: &Target, amount: Amount) -> Out<u32> {
        let unknown = || self.ask("replicas", format!("I cannot see how many replicas {target} has now; to how many shall it be scaled?"));
        if !self.find.scope.cluster {
            return Err(unknown());
        }
        let object = self.looked(target)?;
        let now = object.as_ref().and_then(|o| o.pointer("/spec/replicas")?.as_u64()).ok_or_else(unknown)?;
        let then = match (amount, self.s.direction) {
            (Amount::By(n), 0 | 1) => now.checked_add(n),
            (Amount::By(n), _) => now.checked_sub(n),
            (Amount::Double, _) => now.checked_mul(2),
            (Amount::Half, _) if now % 2 == 0 => Some(now / 2),
            // More or fewer has to be said, and nobody can have half a pod.
            (Amount::Share(n), way) if way != 0 => match now.checked_mul(n) {
                Some(part) if part % 100 == 0 && way > 0 => now.checked_add(part / 100),
                Some(part) if part % 100 == 0 => now.checked_sub(part / 100),
                Some(_) | None => None,
            },
            (Amount::Half | Amount::To(_) | Amount::Share(_), _) => None,
        };
        let then = then
            .and_then(|n| u32::try_from(n).ok())
            .ok_or_else(|| self.ask("replicas", format!("{target} has {now} replicas; to how many shall it be scaled?")))?;
        let taken = format!("{then} replicas");
        self.find.assumed.push(Assumed { said: "a change by so many".into(), taken, why: format!("{} has {now} now", target.slashed()) });
        Ok(then)
    }

    pub(super) fn looked(&self, target: &Target) -> Out<Option<serde_json::Value>> {
        let mut target = target.clone();
        target.place(&self.find.scope.namespace);
        let call = Call::get(&target);
        if !self.find.facts.looked(&call) {
            return Err(Box::new(Step::Needs(vec![Need::Look(call)])));
        }
        Ok(self.find.facts.look(&call).into_known())
    }

    pub(super) fn set_image(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        let pair = match s.pairs.as_slice() {
            [] => None,
            [one] => one.split_once('='),
            _ => return Err(self.ask("image", "One container's image at a time, please: which one first?")),
        };
        let said = s.image.clone().or(pair.map(|(_, image)| image.to_string()));
        let word = s.tag.clone().or(s.to_word.clone());
        let (whole, tag) = match (said, word) {
            (Some(image), None) if looks_like_tag(&image) && !image.contains(['/', ':']) => (None, Some(image)),
            (Some(image), Some(tag)) if !image.contains(':') && looks_like_tag(&tag) => (Some(format!("{image}:{tag}")), None),
            (Some(_), Some(extra)) => {
                return Err(
                    self.ask("image", format!("I understood a new image, but not what {extra:?} has to do with it; which image exactly?"))
                );
            }
            (Some(image), None) => (Some(image), None),
            (None, Some(word)) if looks_like_tag(&word) => (None, Some(word)),
            (None, Some(word)) => (Some(word), None),
            (None, None) => return Err(self.ask("image", "I understood that an image shall change; to which image?")),
        };
        let container = s.container.as_deref().or(pair.map(|(c, _)| c)).map(|c| ContainerName::new(c.to_lowercase())).transpose();
        let container = container.map_err(|e| self.ask("container", format!("I understood that an image shall change, and {e}.")))?;
        let legal = |b: &Self, image: &str| {
            Image::new(image).map_err(|e| b.ask("image", format!("I understood that an image shall change, and {e}.")))
        };
        let image = whole.as_deref().map(|i| legal(self, i)).transpose()?;
        let set = |target: &Target, images: Vec<ContainerImage>| -> Op { SetImage { target: target.clone(), images }.into() };
        let kinds: &[&str] = WORKLOADS;
        let targets =
            self.targets(kinds, &|t| image.clone().map(|image| set(t, vec![ContainerImage { container: container.clone(), image }])))?;
        let mut ops = Vec::new();
        for target in targets {
            let image = match (&image, &tag) {
                (Some(image), _) => image.clone(),
                (None, Some(tag)) => legal(self, &self.with_tag(&target, container.as_ref(), tag)?)?,
                (None, None) => return Err(Box::new(Step::Unknown)),
            };
            ops.push(set(&target, vec![ContainerImage { container: container.clone(), image }]));
        }
        Ok(ops)
    }

    /// The image that the workload has now, with another tag.
    pub(super) fn with_tag(&self, target: &Target, container: Option<&ContainerName>, tag: &str) -> Out<String> {
        let which = |known: &str| {
            self.ask("image", format!("I understood that {} shall run version {tag:?}; {known}which image exactly?", target.slashed()))
        };
        if !self.find.scope.cluster {
            return Err(which(""));
        }
        let object = self.looked(target)?.ok_or_else(|| which("its present image is not known; "))?;
        let template = object.pointer("/spec/template/spec/containers").or_else(|| object.pointer("/spec/containers"));
        let all: Vec<(&str, &str)> = template
            .and_then(|c| c.as_array())
            .into_iter()
            .flatten()
            .filter_map(|c| Some((c.get("name")?.as_str()?, c.get("image")?.as_str()?)))
            .collect();
        let image = match (container, all.as_slice()) {
            (Some(name), many) => many.iter().find(|(n, _)| *n == name.as_str()).map(|(_, i)| *i),
            (None, [(_, image)]) => Some(*image),
            (None, many) => {
                let names = many.iter().map(|(n, i)| format!("{n} ({i})")).collect::<Vec<_>>().join(", ");
                return Err(self.ask("container", format!("{} has several containers: {names}; the image of which one?", target.slashed())));
            }
        };
        let image = image.ok_or_else(|| which("that container is not in it; "))?;
        let path = image.split('@').next().unwrap_or(image);
        let repository = match path.rsplit_once(':') {
            Some((repository, old)) if !old.contains('/') => repository,
            _ => path,
        };
        Ok(format!("{repository}:{tag}"))
    }

    pub(super) fn roll_back(&mut self) -> Out<Vec<Op>> {
        let to_revision = match (self.s.revision, self.s.amount) {
            (Some(n), None) => Some(n),
            (None, Some(Amount::To(n))) => Some(n),
            (None, None) => None,
            _ => return Err(self.ask("revision", "I understood that something shall be rolled back; to which revision?")),
        };
        if to_revision == Some(0) || to_revision.is_none() && self.s.revision_said && !self.s.previous {
            return Err(self.ask("revision", "I understood that something shall be rolled back; to which revision?"));
        }
        self.each(WORKLOADS, |target| Some(RolloutUndo { target, to_revision }.into()))
    }

    pub(super) fn delete(&mut self) -> Out<Vec<Op>> {
        let grace = self.s.values("grace-period").first().map(|n| n.parse::<u32>()).transpose();
        let grace = grace.map_err(|_| self.ask("value", "I understood a deletion with a grace period; of how many seconds?"))?;
        if self.s.says("grace-period") && grace.is_none() {
            return Err(self.ask("value", "I understood a deletion with a grace period; of how many seconds?"));
        }
        // kubectl's `--now` is a second.
        let force = self.s.says("force").then_some(0).or(self.s.says("now").then_some(1));
        let ignore_not_found = self.s.says("ignore-not-found");
        let one_op =
            |targets: Vec<Target>| -> Op { Delete { grace_period: force.or(grace), ignore_not_found, ..Delete::of(targets) }.into() };
        if self.s.all && self.s.objects.iter().any(|o| !o.names.is_empty()) {
            return Err(self.ask("name", "I understood a deletion of many at once, and aiops deletes named objects only; which ones?"));
        }
        if !(self.s.pairs.is_empty() && self.s.states.is_empty() && self.s.label_key.is_none()) {
            return Err(self.nameless(&self.s.objects, &|t| Some(one_op(vec![t.clone()]))));
        }
        if !self.find.scope.cluster
            && let Some(name) = self.s.objects.iter().find(|o| o.kinds.is_empty()).and_then(|o| o.names.first())
        {
            let name = name.to_lowercase();
            let choices = ["deployment", "pod", "service"].iter().map(|k| format!("delete {k} {name}")).collect();
            return Err(Step::ask(
                "kind",
                format!("I understood that {name:?} shall be deleted; what is it: a deployment, a pod, a service, …?"),
                choices,
            ));
        }
        let kinds = &["deployment", "statefulset", "daemonset", "cronjob", "job", "pod", "service", "ingress", "configmap", "secret"];
        let targets = self.targets(kinds, &|t| Some(one_op(vec![t.clone()])))?;
        Ok(vec![one_op(targets)])
    }

    pub(super) fn label(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        let mut labels = std::collections::BTreeMap::new();
        let mut objects: Vec<Object> = s.objects.clone();
        let bad = |b: &Self, e: &dyn std::fmt::Display| b.ask("label", format!("I understood that labels shall change, and {e}."));
        for pair in &s.pairs {
            let Some((key, value)) = pair.split_once('=').filter(|(k, v)| !k.ends_with('!') && !v.contains(['=', ','])) else {
                return Err(self.ask("label", format!("I understood that a label shall change, but {pair:?} is no key=value; which one?")));
            };
            labels.insert(LabelKey::new(key).map_err(|e| bad(self, &e))?, Some(LabelValue::new(value).map_err(|e| bad(self, &e))?));
        }
        for key in &s.minus {
            labels.insert(LabelKey::new(key.as_str()).map_err(|e| bad(self, &e))?, None);
        }
        let unlabels = self.act == Act::Unlabel;
        let mut key = s.label_key.clone();
        if key.is_none() && labels.is_empty() && objects.len() > 1 {
            // "remove the label bar from …": the first bare words are the keys.
            if objects[0].kinds.is_empty() && objects[0].prep.is_none() {
                let mut keys = objects.remove(0).names;
                key = keys.pop();
                for key in keys {
                    if !unlabels {
                        return Err(self.ask("label", "I understood that labels shall change; which, as key=value?"));
                    }
                    labels.insert(LabelKey::new(key).map_err(|e| bad(self, &e))?, None);
                }
            }
        }
        if let Some(key) = key {
            let key = LabelKey::new(key).map_err(|e| bad(self, &e))?;
            let value = s.label_value.clone().or(s.to_word.clone());
            match (unlabels, value) {
                (true, None) => labels.insert(key, None),
                (false, Some(value)) => labels.insert(key, Some(LabelValue::new(value).map_err(|e| bad(self, &e))?)),
                (true, Some(_)) => {
                    return Err(self.ask("label", "I understood that a label shall be removed, and a value was said too; which label?"));
                }
                (false, None) => return Err(self.ask("value", format!("I understood that the label {key} shall be set; to which value?"))),
            };
        } else if let Some(word) = &s.to_word {
            // "add label a=b to web": what stands behind `to` is the object.
            objects.push(Object { names: vec![word.clone()], ..Object::default() });
        }
        if unlabels && labels.values().any(Option::is_some) {
            return Err(self.ask("label", "I understood that a label shall be removed; of which key (key- or its name)?"));
        }
        if labels.is_empty() {
            return Err(self.ask("label", "I understood that labels shall change; which label, as key=value?"));
        }
        let make = |target: &Target| -> Option<Op> {
            Some(Label { target: target.clone(), labels: labels.clone(), overwrite: s.overwrite || s.change }.into())
        };
        let mut found = Vec::new();
        for object in &objects {
            if object.kinds.is_empty() && !self.find.scope.cluster {
                let name = object.names.join(" ");
                return Err(
                    self.ask("kind", format!("I understood that {name:?} shall be labelled; what is it: a pod, a deployment, a node, …?"))
                );
            }
            self.of_object(object, &["deployment", "statefulset", "daemonset", "pod", "service", "node"], &make, &mut found)?;
        }
        if found.is_empty() && s.it {
            found.push(self.last(None)?);
        }
        if found.is_empty() {
            return Err(self.nameless(&objects, &make));
        }
        Ok(found.iter().filter_map(make).collect())
    }

    pub(super) fn cordon(&mut self) -> Out<Vec<Op>> {
        let mut objects: Vec<Object> = self.s.objects.clone();
        let node = find::kind("node").ok_or_else(|| Box::new(Step::Unknown))?;
        objects.extend(self.s.node.iter().map(|n| Object { kinds: vec![node], names: vec![n.clone()], ..Object::default() }));
        if objects.iter().any(|o| o.kinds.iter().any(|k| *k != node)) {
            return Err(self.ask("name", format!("Only nodes can be {}ed; which node?", self.verb())));
        }
        let cordons = self.act == Act::Cordon;
        let make = |nodes: Vec<Name>| -> Op { if cordons { Cordon::of(nodes).into() } else { Uncordon::of(nodes).into() } };
        let mut found = Vec::new();
        for object in &objects {
            self.of_object(object, &["node"], &|t| Some(make(vec![t.name().clone()])), &mut found)?;
        }
        if found.is_empty() && self.s.it {
            found.push(self.last(Some(node))?);
        }
        if found.is_empty() {
            let object = Object { kinds: vec![node], ..Object::default() };
            return Err(self.nameless(&[object], &|t| Some(make(vec![t.name().clone()]))));
        }
        Ok(vec![make(found.into_iter().map(|t| t.name().clone()).collect())])
    }

    pub(super) fn create(&mut self) -> Out<Vec<Op>> {
        match !self.s.files.is_empty() && self.s.objects.is_empty() && !self.s.new {
            true => Ok(vec![Create { namespace: self.namespace.clone(), ..Create::of_files(self.s.files.clone()) }.into()]),
            false => Err(Box::new(Step::Unknown)),
        }
    }

    pub(super) fn apply(&mut self) -> Out<Vec<Op>> {
        let manifest_word = self.s.objects.iter().all(|o| o.names.is_empty() && o.kinds.is_empty());
        if !manifest_word {
            return Err(Box::new(Step::Unknown));
        }
        if self.s.files.is_empty() {
            return Err(self.ask("file", "I understood that a manifest shall be applied; which file?"));
        }
        Ok(vec![Apply { namespace: self.namespace.clone(), ..Apply::of_files(self.s.files.clone()) }.into()])
    }
}
