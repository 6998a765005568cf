//! A goal becomes what is to be looked at, or the question by which operation it shall be reached.

use super::{
    super::{
        Step,
        goals::Aim,
        slots::{Object, Place},
    },
    Builder, Out, WORKLOADS, is,
};
use crate::ops::{Op, Target};

impl Builder<'_> {
    /// What shows how things are about the goal.
    pub(super) fn evidence(&mut self, aim: &'static Aim) -> Out<Vec<Op>> {
        let mut ops = Vec::new();
        for target in self.workloads()? {
            let place = target.namespace().or(self.namespace.as_ref()).map(|ns| format!(" -n {ns}")).unwrap_or_default();
            ops.push(self.of_line(&format!("describe {}{place}", target.slashed()))?);
            ops.push(self.of_line(&format!("top pods -l app={}{place}", target.name()))?);
        }
        if !ops.is_empty() {
            return Ok(ops);
        }
        let whole = self.s.cluster || self.all_namespaces();
        let place = match &self.namespace {
            Some(ns) => format!(" -n {ns}"),
            None if whole => " -A".into(),
            None => String::new(),
        };
        let of_the_cluster = aim.of_the_cluster.iter().filter(|_| whole);
        let nodes = self.s.objects.iter().any(|o| o.kinds.iter().any(|k| is(*k, "nodes")));
        let of_namespaces = aim.evidence.iter().filter(|_| !nodes || aim.of_the_cluster.is_empty());
        for line in aim.of_the_cluster.iter().filter(|_| nodes && !whole).chain(of_the_cluster) {
            ops.push(self.of_line(line)?);
        }
        for line in of_namespaces {
            ops.push(self.of_line(&format!("{line}{place}"))?);
        }
        Ok(ops)
    }

    /// By which operation: the choices there are, the evidence first.
    pub(super) fn ways(&mut self, aim: &'static Aim) -> Out<Vec<Op>> {
        let Some(target) = self.workloads()?.into_iter().next() else {
            // Of all there is: what shows where to begin.
            return self.evidence(aim);
        };
        let place = match &self.s.place {
            Some(Place::Named(ns)) => format!(" in {ns}"),
            Some(Place::All | Place::Here) | None => String::new(),
        };
        let it = target.name().to_string();
        let look = format!("show the resource usage of {it}{place}");
        let ways = aim.ways.iter().map(|way| format!("{}{place}", way.replace("{it}", &it)));
        let text = format!("I understood that {it} shall {}, and there is more than one way to it; which one, and how much?", aim.shall);
        Err(Step::ask("which", text, std::iter::once(look).chain(ways).collect()))
    }

    /// The workloads that are spoken of by name.
    fn workloads(&mut self) -> Out<Vec<Target>> {
        let a_place = |o: &&Object| o.kinds.iter().any(|k| is(*k, "namespaces"));
        if let Some(name) = self.s.objects.iter().find(a_place).and_then(|o| o.names.first()) {
            self.namespace = crate::ops::Namespace::new(name.to_lowercase()).ok();
        }
        let named: Vec<Object> = self.objects().into_iter().filter(|o| !o.names.is_empty() && !a_place(o)).cloned().collect();
        let mut found = Vec::new();
        for mut object in named {
            // "the web pods", "the web service": what runs behind them.
            if object.kinds.iter().all(|k| !k.rolls_out()) {
                object.kinds.clear();
            }
            self.of_object(&object, if self.find.scope.cluster { WORKLOADS } else { &WORKLOADS[..1] }, &|_| None, &mut found)?;
        }
        Ok(found)
    }

    fn of_line(&self, line: &str) -> Out<Op> {
        self.of_words(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }
}
