//! New pods and workloads with parts that no flag of `kubectl run` or `kubectl create` says: as a manifest.

use super::{
    super::{Builder, Out, is},
    Request,
};
use crate::{
    ops::{ContainerName, Image, LabelKey, LabelValue, Name, Op, Target, parts},
    road::plan::Assumed,
};
use serde_json::{Map, Value, json};

impl Builder<'_> {
    /// The manifest of what is made.
    pub(super) fn new_object(&mut self, r: &Request) -> Out<Vec<Op>> {
        let Some(kind) = r.new else { return Ok(Vec::new()) };
        let word = kind.word().into_owned();
        let all = self.parts(r)?;
        if r.about.object.is_some() {
            return Err(self.not_understood(&r.about.object.iter().flat_map(|o| o.names.clone()).collect::<Vec<_>>()));
        }
        let Some(name) = &r.name else {
            return Err(self.ask("name", format!("I understood that you want to create a {word}; what shall it be called?")));
        };
        let bad = |b: &Self, e: &dyn std::fmt::Display| b.ask("name", format!("I understood that you want to create a {word}, and {e}."));
        let low = name.to_lowercase();
        if low != *name {
            self.find.assumed.push(Assumed { said: name.clone(), taken: low.clone(), why: "names are in lower case".into() });
        }
        let target = Name::new(low.as_str()).and_then(|name| Target::new(kind, name)).map_err(|e| bad(self, &e))?;
        let explicit = r.containers.iter().any(|c| !c.init);
        let spare: Vec<String> = r.image.iter().chain(&r.about.container).filter(|_| explicit).cloned().collect();
        if !spare.is_empty() {
            return Err(self.not_understood(&spare));
        }
        let mut containers: Vec<(String, Option<String>, bool)> =
            r.containers.iter().map(|c| (c.name.clone(), c.image.clone(), c.init)).collect();
        if containers.iter().all(|(_, _, init)| *init) {
            let image = r.image.clone().or_else(|| (r.before && is(kind, "pods")).then(|| low.clone()));
            if r.image.is_none() && image.is_some() {
                let why = "no image was said, and the pod is called so".to_string();
                self.find.assumed.push(Assumed { said: low.clone(), taken: format!("image {low}"), why });
            }
            // One container that was named and said nothing more of.
            containers.insert(0, (r.about.container.clone().unwrap_or_else(|| low.clone()), image, false));
        }
        let running = containers.iter().filter(|(_, _, init)| !init).count();
        if r.announced.is_some_and(|n| usize::try_from(n) != Ok(running)) {
            return Err(self.ask(
                "container",
                format!("I understood {running} of the containers of {word} {name}; which are they all, each with its image?"),
            ));
        }
        let mut spec = json!({});
        for (container, image, init) in &containers {
            let container = ContainerName::new(container.as_str()).map_err(|e| bad(self, &e))?;
            let Some(image) = image else {
                return Err(self.ask(
                    "image",
                    format!("I understood that you want to create {} {name}; which image shall container {container} run?", word),
                ));
            };
            let image = Image::new(image.as_str()).map_err(|e| bad(self, &e))?;
            let list = if *init { "initContainers" } else { "containers" };
            let one = json!({"name": container, "image": image});
            match spec[list].as_array_mut() {
                Some(list) => list.push(one),
                None => spec[list] = json!([one]),
            }
        }
        let labels = self.labels_of_new(r, &target)?;
        let own = json!({"matchLabels": labels});
        // Said before any container was: of the only one, or of which?
        let shift = containers.len() - r.containers.len();
        for (of, every, part) in all {
            let names: Vec<&str> = match of {
                _ if every => containers.iter().filter(|(_, _, init)| !init).map(|(name, ..)| name.as_str()).collect(),
                Some(at) if part.of_a_container() => containers.get(at + shift).map(|(name, ..)| name.as_str()).into_iter().collect(),
                None if part.of_a_container() && running > 1 => {
                    return Err(self.ask("container", format!("{word} {name} has several containers; to which one does each part belong?")));
                }
                Some(_) | None => containers.iter().find(|(_, _, init)| !init).map(|(name, ..)| name.as_str()).into_iter().collect(),
            };
            for name in names {
                parts::write(std::slice::from_ref(&part), &mut spec, name, &own);
            }
        }
        self.mounts_fit(&spec)?;
        let template = |spec: Value| json!({"metadata": {"labels": labels}, "spec": spec});
        let object = if is(kind, "pods") {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": target.name(), "labels": labels}, "spec": spec})
        } else if is(kind, "jobs") || is(kind, "cronjobs") {
            return Ok(self.applied(vec![self.job(r, &target, spec)?]));
        } else {
            let mut body = json!({"selector": own, "template": template(spec)});
            if is(kind, "deployments") || is(kind, "statefulsets") {
                // As `kubectl create deployment` has it where no number is said.
                body["replicas"] = json!(r.replicas.unwrap_or(1));
            }
            if is(kind, "statefulsets") {
                body["serviceName"] = json!(target.name());
                self.find.assumed.push(Assumed {
                    said: low.clone(),
                    taken: format!("service {low}"),
                    why: "the service that names the pods of a stateful set was not said; it has to be there".into(),
                });
            }
            json!({"apiVersion": kind.api_version(), "kind": kind.info().kind, "metadata": {"name": target.name(), "labels": labels}, "spec": body})
        };
        Ok(self.applied(vec![object]))
    }

    /// A job, or what makes one by the clock, as `kubectl create` has them: without labels of its own, started again as kubectl's are.
    fn job(&self, r: &Request, target: &Target, mut spec: Value) -> Out<Value> {
        let by_clock = is(target.kind(), "cronjobs");
        if spec["restartPolicy"].is_null() {
            spec["restartPolicy"] = json!(if by_clock { "OnFailure" } else { "Never" });
        }
        let mut template = json!({"spec": spec});
        if !r.labels.is_empty() {
            template["metadata"] = json!({"labels": self.labels_of_new(r, target)?});
        }
        let job = json!({"template": template});
        let body = match (by_clock, &r.schedule) {
            (false, _) => job,
            (true, Some(cron)) => json!({"schedule": cron, "jobTemplate": {"spec": job}}),
            (true, None) => {
                let text = format!(
                    "I understood that you want to create cron job {}; when shall it run, for example every 5 minutes?",
                    target.name()
                );
                return Err(self.ask("schedule", text));
            }
        };
        let kind = target.kind();
        Ok(json!({"apiVersion": kind.api_version(), "kind": kind.info().kind, "metadata": {"name": target.name()}, "spec": body}))
    }

    /// The labels that were said, or those that kubectl gives: `run=NAME` to a pod, `app=NAME` to a workload.
    fn labels_of_new(&self, r: &Request, target: &Target) -> Out<Map<String, Value>> {
        let mut labels = Map::new();
        for (key, value) in &r.labels {
            let legal = LabelKey::new(key.as_str()).and_then(|key| LabelValue::new(value.as_str()).map(|value| (key, value)));
            let (key, value) = legal.map_err(|e| self.ask("label", format!("I understood labels, and {e}.")))?;
            labels.insert(key.to_string(), json!(value));
        }
        if labels.is_empty() {
            let key = if is(target.kind(), "pods") { "run" } else { "app" };
            labels.insert(key.into(), json!(target.name()));
        }
        Ok(labels)
    }

    /// Whether each volume that is mounted was said.
    fn mounts_fit(&self, spec: &Value) -> Out<()> {
        let list = |value: &Value, field: &str| value[field].as_array().cloned().unwrap_or_default();
        let volumes = list(spec, "volumes");
        for container in list(spec, "containers").into_iter().chain(list(spec, "initContainers")) {
            for mount in list(&container, "volumeMounts") {
                if !volumes.iter().any(|volume| volume["name"] == mount["name"]) {
                    let name = mount["name"].as_str().unwrap_or("?");
                    return Err(self.ask(
                        "volume",
                        format!(
                            "I understood that volume {name} shall be mounted; what is in it: a config map, a secret, a claim, an emptyDir?"
                        ),
                    ));
                }
            }
        }
        Ok(())
    }
}
