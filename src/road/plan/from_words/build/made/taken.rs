//! Parts that are taken off the pod template of a workload that is there, or changed in it.

use super::super::{
    super::{
        Step,
        making::{Taking, Wish},
    },
    Builder, Out,
};
use crate::ops::{
    ContainerName, Op, SetEnv, Target,
    parts::{self, Absent, Gone},
};
use serde_json::Value;

impl Builder<'_> {
    /// One operation for each workload that is named.
    pub(super) fn taken(&mut self, r: &Taking) -> Out<Vec<Op>> {
        if !r.unread.is_empty() {
            return Err(self.not_understood(&r.unread));
        }
        if let Some(lack) = &r.lack {
            return Err(self.lacks(lack.clone()));
        }
        let Some(object) = &r.about.object else {
            return Err(
                self.ask("name", "I understood what shall change in a pod template; of which deployment, statefulset or daemonset?")
            );
        };
        let targets = self.with_template(object)?;
        targets.into_iter().map(|target| self.one_taken(&target, r)).collect()
    }

    fn one_taken(&mut self, target: &Target, r: &Taking) -> Out<Op> {
        let named = r.about.container.as_deref();
        if let Wish::Unset(names) = &r.wish {
            let containers = named.map(str::to_lowercase);
            return Ok(SetEnv {
                target: target.clone(),
                set: Vec::new(),
                remove: names.clone(),
                from: None,
                prefix: String::new(),
                containers,
                keep_existing: false,
            }
            .into());
        }
        let live = self.live(target)?;
        let live = live.as_ref();
        let make = |name: Option<&str>| match &r.wish {
            Wish::Take(gone) => parts::take(target, gone, name, live),
            Wish::Tune(sort, tuned) => parts::tune(target, *sort, tuned, name.unwrap_or_default(), live),
            Wish::Unset(_) => Err(Absent::Unknown("the variables")),
        };
        let of_a_container = match &r.wish {
            Wish::Take(gone) => gone.iter().any(Gone::of_a_container),
            Wish::Tune(..) | Wish::Unset(_) => true,
        };
        if !of_a_container {
            return make(None).map_err(|absent| self.absent(target, None, &absent));
        }
        if let Some(name) = named {
            let name = ContainerName::new(name.to_lowercase())
                .map_err(|e| self.ask("container", format!("I understood what shall change in {}, and {e}.", target.slashed())))?;
            let there = live.map(|live| parts::containers(target.kind(), live));
            if let Some(there) = there.filter(|there| !there.iter().any(|known| known == name.as_str())) {
                let text = format!("{} has no container {name}; it has {}. Which one?", target.slashed(), there.join(", "));
                return Err(self.ask("container", text));
            }
            return make(Some(name.as_str())).map_err(|absent| self.absent(target, Some(name.as_str()), &absent));
        }
        let Some(there) = live.map(|live| parts::containers(target.kind(), live)) else {
            let text = format!("I understood what shall change in {}; in which of its containers, by its name?", target.slashed());
            return Err(self.ask("container", text));
        };
        // Of several containers the only one that has it is meant.
        let made: Vec<(&String, Op)> = there.iter().filter_map(|name| Some((name, make(Some(name)).ok()?))).collect();
        match made.as_slice() {
            [(_, op)] => Ok(op.clone()),
            [] => {
                let why = there.first().and_then(|name| make(Some(name)).err());
                Err(self.absent(target, None, &why.unwrap_or(Absent::No("no container".into()))))
            }
            many => {
                let names = many.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                let text = format!("Several containers of {} have it: {names}; which one is meant?", target.slashed());
                Err(Step::ask("container", text, many.iter().map(|(_, op)| op.line()).collect()))
            }
        }
    }

    /// What is not there cannot go.
    fn absent(&self, target: &Target, container: Option<&str>, absent: &Absent) -> Box<Step> {
        let of = container.map_or_else(String::new, |name| format!("container {name} of "));
        match absent {
            Absent::No(what) => self.ask("which", format!("{of}{} has {what}, so nothing is changed. What is meant?", target.slashed())),
            Absent::Unknown(what) => self.ask(
                "meaning",
                format!(
                    "I understood what shall change in {}, but {what} is not known without a cluster; nothing is done.",
                    target.slashed()
                ),
            ),
        }
    }

    /// The pod template's owner, by the name that was said.
    pub(super) fn with_template(&mut self, object: &super::super::Object) -> Out<Vec<Target>> {
        let said = |plural: &str| object.kinds.iter().any(|kind| super::super::is(*kind, plural));
        if said("jobs") {
            return Err(self.ask(
                "which",
                "The pod template of a job is fixed once the job is there; the parts go into a new job, or into the cron job that makes it. Which?",
            ));
        }
        let kinds: &[&str] = if said("cronjobs") { &["cronjob"] } else { super::super::WORKLOADS };
        let mut targets = Vec::new();
        self.of_object(object, kinds, &|_| None, &mut targets)?;
        Ok(targets)
    }

    /// The pod spec of a live object.
    pub(super) fn pod_spec<'v>(target: &Target, live: Option<&'v Value>) -> Option<&'v Value> {
        live.and_then(|live| parts::pod_spec(target.kind(), live))
    }
}
