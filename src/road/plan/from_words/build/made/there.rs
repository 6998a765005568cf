//! Parts that are added to the pod template of a workload that is there.

use super::{
    super::{Builder, Out},
    Request,
};
use crate::{
    ops::{
        ContainerName, Kind, Op, Target,
        parts::{self, Part, Placing},
    },
    road::plan::{Assumed, from_words::Step},
};
use serde_json::Value;

impl Builder<'_> {
    /// One patch for each workload that is named.
    pub(super) fn added(&mut self, r: &Request) -> Out<Vec<Op>> {
        let mut all: Vec<Part> = self.parts(r)?.into_iter().map(|(_, _, part)| part).collect();
        all.dedup();
        let Some(object) = r.about.object.clone() else {
            return Err(self.ask("name", "I understood what shall be added; to which deployment, statefulset or daemonset?"));
        };
        let targets = self.with_template(&object)?;
        let mut ops = Vec::new();
        for target in targets {
            ops.push(self.patched(&target, &all, r.about.container.as_deref())?);
        }
        Ok(ops)
    }

    fn patched(&mut self, target: &Target, all: &[Part], named: Option<&str>) -> Out<Op> {
        let live = self.live(target)?;
        let live = live.as_ref();
        let container =
            if all.iter().any(Part::of_a_container) || named.is_some() { Some(self.container(target, all, named, live)?) } else { None };
        let own = match all.iter().any(|part| matches!(part, Part::Placing(placing) if placing.needs_labels())) {
            true => self.selector(target, live)?,
            false => Value::Null,
        };
        if let Some(container) = &container {
            let spec = Self::pod_spec(target, live);
            let clash = all.iter().find_map(|part| match part {
                Part::Mount(mount) => spec.and_then(|spec| mount.clashes(spec, container)),
                _ => None,
            });
            if let Some(why) = clash {
                return Err(self
                    .ask("name", format!("I understood a mount in {}, but {why}; under which name and at which path?", target.slashed())));
            }
        }
        // Without the object nobody knows what stands in a list that is replaced whole.
        if live.is_none() && all.iter().any(|part| !part.replaces().is_empty()) {
            let what =
                if all.iter().any(|part| matches!(part, Part::Placing(Placing::Toleration(_)))) { "tolerations" } else { "affinity rules" };
            self.find.assumed.push(Assumed {
                said: target.slashed(),
                taken: format!("one without {what} of its own"),
                why: "it was not looked at; those that are there would be replaced".into(),
            });
        }
        parts::patch(target, all, container.as_deref(), named.is_some(), live, &own).ok_or_else(|| {
            self.ask("name", format!("{} has no pod template; which deployment, statefulset or daemonset?", target.slashed()))
        })
    }

    /// The object as it is; `None` where there is no cluster.
    pub(in crate::road::plan::from_words::build) fn live(&self, target: &Target) -> Out<Option<Value>> {
        if !self.find.scope.cluster {
            return Ok(None);
        }
        match self.looked(target)? {
            Some(object) => Ok(Some(object)),
            None => {
                Err(self.ask("name", format!("{target} could not be read, and what is added goes by what is there; is the name right?")))
            }
        }
    }

    /// The container that is meant: the one named, or the only one.
    fn container(&self, target: &Target, all: &[Part], named: Option<&str>, live: Option<&Value>) -> Out<String> {
        let kind: Kind = target.kind();
        let there = live.map(|live| parts::containers(kind, live));
        if let Some(name) = named {
            let name = ContainerName::new(name.to_lowercase())
                .map_err(|e| self.ask("container", format!("I understood what shall be added to {}, and {e}.", target.slashed())))?;
            return match &there {
                Some(there) if !there.iter().any(|known| known == name.as_str()) => {
                    Err(self
                        .ask("container", format!("{} has no container {name}; it has {}. Which one?", target.slashed(), there.join(", "))))
                }
                Some(_) | None => Ok(name.to_string()),
            };
        }
        match there.as_deref() {
            Some([one]) => Ok(one.clone()),
            Some(many) => {
                let choice = |name: &String| parts::patch(target, all, Some(name), true, live, &Value::Null).map(|op| op.line());
                let needs = all.iter().any(|part| matches!(part, Part::Placing(placing) if placing.needs_labels()));
                let choices = if needs { Vec::new() } else { many.iter().filter_map(choice).collect() };
                let text = format!("{} has several containers: {}; which one is meant?", target.slashed(), many.join(", "));
                Err(Step::ask("container", text, choices))
            }
            None => Err(self.ask(
                "container",
                format!("I understood what shall be added to {}; to which of its containers, by its name?", target.slashed()),
            )),
        }
    }

    /// The selector of a workload's own pods.
    pub(in crate::road::plan::from_words::build) fn selector(&self, target: &Target, live: Option<&Value>) -> Out<Value> {
        let selector = live.and_then(|live| live.pointer("/spec/selector")).filter(|selector| selector.is_object());
        selector.cloned().ok_or_else(|| {
            self.ask(
                "label",
                format!(
                    "Which labels the pods of {} have is not known here; by which label are they selected, for example app=web?",
                    target.slashed()
                ),
            )
        })
    }
}
