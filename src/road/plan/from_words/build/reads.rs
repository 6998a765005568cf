//! Looking: get, describe, logs, events, usage.

use super::{
    super::{
        Step,
        find::{self, Finder},
        lexicon::State,
        slots::{Object, Place},
    },
    Builder, Out, READABLE, WORKLOADS, is, one, types,
};
use crate::ops::{
    ContainerName, Describe, Events, Get, Kind, LabelValue, Logs, Lookup, Name, Namespace, Op, Output, SortBy, Target, Top, TopWhat,
};

impl Builder<'_> {
    pub(super) fn get(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        if s.replicas {
            // "how many replicas of web": its row says so.
            return match s.objects.iter().all(|o| !o.names.is_empty()) && s.pairs.is_empty() && s.node.is_none() {
                true => self.each(WORKLOADS, |t| Some(one(&t))),
                false => Err(Box::new(Step::Unknown)),
            };
        }
        let mut get = Get::all(find::kind("pod").ok_or_else(|| Box::new(Step::Unknown))?);
        get.kinds.clear();
        get.namespace = self.namespace.clone();
        get.all_namespaces = self.all_namespaces();
        get.output = s.output.clone().unwrap_or_default();
        let objects: Vec<Object> = s.objects.clone();
        for object in &objects {
            self.get_object(object, &mut get)?;
        }
        if get.kinds.is_empty() && s.it {
            let last = self.last(None)?;
            get.namespace = last.namespace().cloned();
            get.kinds.push(last.kind());
            get.names.push(last.name().clone());
        }
        // "what is running in dev", "anything pending": pods run and wait.
        let things = s.everything && !s.states.is_empty();
        let running = s.ask.is_some() && s.states.iter().any(|(state, _)| *state == State::Running);
        if get.kinds.is_empty() && s.objects.is_empty() && (things || running) {
            get.kinds.extend(find::kind("pod"));
        }
        if get.kinds.is_empty() {
            return Err(Box::new(Step::Unknown));
        }
        if get.all_namespaces && get.kinds.iter().all(|k| !k.namespaced()) {
            get.all_namespaces = false;
        }
        if s.cluster && !get.all_namespaces && self.namespace.is_none() && get.names.is_empty() {
            // "pods in the cluster" are those of all namespaces; a cluster's own kinds have none.
            get.all_namespaces = get.kinds.iter().any(|k| k.namespaced());
        }
        self.selectors(&mut get)?;
        Ok(vec![get.into()])
    }

    fn selectors(&self, get: &mut Get) -> Out<()> {
        let s = self.s;
        let mut terms = s.pairs.clone();
        terms.extend(s.label_key.iter().map(|key| s.label_value.as_ref().map_or(key.clone(), |v| format!("{key}={v}"))));
        if !terms.is_empty() && !get.names.is_empty() {
            return Err(Box::new(Step::Unknown));
        }
        if !terms.is_empty() {
            let joined = terms.join(",");
            joined.parse::<crate::terms::selector::LabelSelector>().map_err(|_| Box::new(Step::Unknown))?;
            get.selector = Some(get.selector.take().map_or(joined.clone(), |own| format!("{own},{joined}")));
        }
        get.sort_by = s.values("sort-by").first().map(|path| (*path).to_string());
        get.show_labels = s.labels && terms.is_empty() || s.says("show-labels");
        let (pods, nodes) = (get.kinds.iter().all(|k| is(*k, "pods")), get.kinds.iter().all(|k| is(*k, "nodes")));
        let mut fields = Vec::new();
        for (state, denied) in &s.states {
            let (field, value) = field(*state);
            if !(pods && field == "status.phase" || nodes && field == "spec.unschedulable") {
                return Err(Box::new(Step::Unknown));
            }
            fields.push(format!("{field}{}{value}", if *denied { "!=" } else { "=" }));
        }
        if let Some(node) = &s.node {
            if !pods {
                return Err(Box::new(Step::Unknown));
            }
            fields.push(format!("spec.nodeName={}", Name::new(node.as_str()).map_err(|_| Box::new(Step::Unknown))?));
            get.all_namespaces = self.namespace.is_none() && s.place != Some(Place::Here);
        }
        if !fields.is_empty() {
            get.field_selector = Some(fields.join(","));
        }
        Ok(())
    }

    fn get_object(&mut self, object: &Object, get: &mut Get) -> Out<()> {
        let many_kinds = get.kinds.is_empty().then_some(()).ok_or_else(|| Box::new(Step::Unknown));
        // "the endpoints of service web" are called as it is.
        let endpoints = matches!(get.kinds.as_slice(), [kind] if is(*kind, "endpoints")) && get.names.is_empty();
        if endpoints && object.kinds.iter().all(|k| is(*k, "services")) && !object.names.is_empty() {
            let kind = get.kinds[0];
            for name in &object.names {
                get.names.push(find::target(kind, &name.to_lowercase(), None)?.name().clone());
            }
            return Ok(());
        }
        if object.this && object.names.is_empty() {
            let last = self.last(object.kinds.first().copied())?;
            get.kinds.push(last.kind());
            get.names.push(last.name().clone());
            get.namespace = last.namespace().cloned();
            return Ok(());
        }
        if object.names.is_empty() {
            if !get.names.is_empty() {
                return many_kinds;
            }
            get.kinds.extend(object.kinds.iter().filter(|k| !get.kinds.contains(k)).copied().collect::<Vec<_>>());
            return Ok(());
        }
        let pods = object.kinds.iter().all(|k| is(*k, "pods"));
        // "pods of backend", "backend pods": those that belong to it.
        if object.kinds.is_empty() && !get.kinds.is_empty() {
            // "the endpoints for web and api", "the service of web": called so themselves.
            if let ([kind], false) = (get.kinds.as_slice(), get.kinds.iter().any(|k| is(*k, "pods")))
                && get.names.is_empty()
            {
                let kind = *kind;
                for name in &object.names {
                    get.names.push(find::target(kind, &name.to_lowercase(), None)?.name().clone());
                }
                return Ok(());
            }
            let owned = get.kinds.iter().all(|k| is(*k, "pods")) && object.names.len() == 1 && object.prep.is_some();
            if owned && object.prep == Some(super::super::lexicon::Sense::On) && self.is_node(&object.names[0])? {
                let node = Name::new(object.names[0].to_lowercase()).map_err(|_| Box::new(Step::Unknown))?;
                get.field_selector = Some(format!("spec.nodeName={node}"));
                get.all_namespaces = self.namespace.is_none() && self.s.place != Some(Place::Here);
                return Ok(());
            }
            return if owned { self.pods_of(&object.names[0], get) } else { many_kinds };
        }
        if get.kinds.iter().all(|k| is(*k, "pods"))
            && !get.kinds.is_empty()
            && object.kinds.iter().all(|k| k.rolls_out())
            && object.names.len() == 1
        {
            return self.pods_of(&object.names[0], get);
        }
        many_kinds?;
        if object.plural && object.before && object.names.len() == 1 && pods && !object.kinds.is_empty() {
            // "deleted pods", "pending things": a participle is no name, unless the cluster knows one.
            let participle = object.names[0].ends_with("ed") || object.names[0].ends_with("ing");
            if (!self.spoken_to() || participle) && !self.find.scope.cluster {
                return Err(Box::new(Step::Unknown));
            }
            get.kinds.extend(object.kinds.iter().copied());
            return self.pods_of(&object.names[0], get);
        }
        if object.plural
            && object.direct
            && object.names.len() == 1
            && self.s.place.is_none()
            && object.kinds.iter().all(|k| k.namespaced())
            && self.is_namespace(&object.names[0])?
        {
            get.kinds.extend(object.kinds.iter().copied());
            get.namespace = Namespace::new(object.names[0].to_lowercase()).ok();
            return Ok(());
        }
        let before_plural = object.plural && object.before && object.names.len() == 1;
        if before_plural {
            // "failed jobs", "worker nodes": what the word says of them is not known here.
            return Err(Box::new(Step::Unknown));
        }
        if object.kinds.is_empty() && !self.find.scope.cluster {
            return Err(Box::new(Step::Unknown));
        }
        if object.kinds.len() > 1 {
            get.kinds.extend(object.kinds.iter().copied());
            for name in &object.names {
                get.names.push(find::target(object.kinds[0], &name.to_lowercase(), None)?.name().clone());
            }
            return Ok(());
        }
        let mut found = Vec::new();
        self.of_object(object, READABLE, &|t| Some(one(t)), &mut found)?;
        let first = found.first().ok_or_else(|| Box::new(Step::Unknown))?;
        if found.iter().any(|t| t.kind() != first.kind() || t.namespace() != first.namespace()) {
            return Err(Box::new(Step::Unknown));
        }
        get.kinds.push(first.kind());
        get.namespace = first.namespace().cloned();
        get.all_namespaces = false;
        get.names.extend(found.iter().map(|t| t.name().clone()));
        Ok(())
    }

    /// Whether what pods are said to be on is a node: asked of the cluster; without one it is, for that is what pods are on.
    fn is_node(&self, word: &str) -> Out<bool> {
        if self.find.scope.cluster { self.is_called("node", word) } else { Ok(true) }
    }

    /// Whether an object of a kind without namespaces is known by that name.
    fn is_called(&self, kind: &str, word: &str) -> Out<bool> {
        let Some(kind) = find::kind(kind) else { return Ok(false) };
        let name = word.to_lowercase();
        Ok(self.find.need(kind, None)?.known().is_some_and(|all| all.iter().any(|b| b.name.as_str() == name)))
    }

    fn spoken_to(&self) -> bool {
        self.s.show || self.s.ask.is_some() || self.s.want
    }

    /// Whether the word behind a plural is a namespace: asked of the cluster; without one it is, unless `get` was said, behind
    /// which kubectl's users put names.
    fn is_namespace(&self, word: &str) -> Out<bool> {
        if self.find.scope.cluster { self.is_called("namespace", word) } else { Ok(!self.spoken_to()) }
    }

    /// The pods that belong to something of that name: by their names where they are known, else by the label that most carry.
    fn pods_of(&mut self, said: &str, get: &mut Get) -> Out<()> {
        let name = Name::new(said.to_lowercase()).map_err(|_| Box::new(Step::Unknown))?;
        let kind = find::kind("pod").ok_or_else(|| Box::new(Step::Unknown))?;
        let here = self.here();
        if self.find.scope.cluster
            && !get.all_namespaces
            && let Lookup::Known(all) = self.find.need(kind, here.as_ref())?
        {
            let empty = all.is_empty();
            let found = self.find.all_like(kind, here.as_ref(), said);
            if found.is_empty() && !empty {
                let place = here.map_or_else(String::new, |ns| format!(" in namespace {ns}"));
                return Err(self.ask("name", format!("No pod{place} is like {said:?}; \"show pods\" lists them.")));
            }
            if !found.is_empty() {
                get.names.extend(found.into_iter().map(|b| b.name));
                return Ok(());
            }
        }
        LabelValue::new(name.as_str()).map_err(|_| Box::new(Step::Unknown))?;
        get.selector = Some(format!("app={name}"));
        Ok(())
    }

    pub(super) fn describe(&mut self) -> Out<Vec<Op>> {
        if self.s.output.as_ref().is_some_and(|o| *o != Output::Wide) {
            return Err(Box::new(Step::Unknown));
        }
        let defaults: &[&str] = if self.find.scope.cluster { READABLE } else { &["pod"] };
        self.each(defaults, |target| Some(Describe { target, without_events: false }.into()))
    }

    pub(super) fn logs(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        if s.output.is_some() {
            return Err(Box::new(Step::Unknown));
        }
        let container = s.container.as_deref().map(|c| ContainerName::new(c.to_lowercase())).transpose();
        let container = container.map_err(|e| self.ask("container", format!("I understood that you want logs, and {e}.")))?;
        let tail =
            s.tail.map(u32::try_from).transpose().map_err(|_| self.ask("lines", "How many lines of the log? That number is too large."))?;
        let number = |role: &str| s.values(role).first().and_then(|n| n.parse::<std::num::NonZeroU32>().ok());
        if !s.pairs.is_empty() && s.objects.iter().all(|o| o.names.is_empty()) {
            let mut words = vec!["logs".to_string(), format!("--selector={}", s.pairs.join(","))];
            words.extend(s.container.iter().map(|c| format!("--container={c}")));
            words.extend(s.tail.iter().map(|n| format!("--tail={n}")));
            words.extend(s.since.iter().map(|since| format!("--since={since}")));
            words.extend(number("max-log-requests").map(|n| format!("--max-log-requests={n}")));
            words.extend(self.namespace.iter().map(|ns| format!("--namespace={ns}")));
            let switches = [
                ("all-containers", s.all_containers),
                ("previous", s.previous),
                ("timestamps", s.timestamps),
                ("follow", s.says("follow")),
                ("prefix", s.says("prefix")),
            ];
            words.extend(switches.iter().filter(|(_, on)| *on).map(|(flag, _)| format!("--{flag}")));
            return Ok(vec![self.of_words(&words)?]);
        }
        let all_pods = s.says("all-pods")
            || s.all && s.objects.iter().any(|o| o.names.is_empty() && o.plural && o.kinds.iter().all(|k| is(*k, "pods")));
        let make = |target: &Target| -> Option<Op> {
            let (container, since) = (container.clone(), s.since.clone());
            Some(
                Logs {
                    follow: s.says("follow"),
                    prefix: s.says("prefix").then_some(true),
                    limit_bytes: number("limit-bytes"),
                    max_log_requests: number("max-log-requests"),
                    all_pods: all_pods && target.kind().rolls_out(),
                    container,
                    previous: s.previous,
                    tail,
                    since,
                    all_containers: s.all_containers,
                    timestamps: s.timestamps,
                    pod_running_timeout: s.values("pod-running-timeout").first().map(|timeout| (*timeout).to_string()),
                    ..Logs::of(target.clone())
                }
                .into(),
            )
        };
        let workload_pods = s.objects.iter().any(|o| o.before && o.plural);
        let defaults: &[&str] = match self.find.scope.cluster {
            true => &["deployment", "statefulset", "daemonset", "job", "cronjob", "pod"],
            false if workload_pods => &["deployment"],
            false => &["pod"],
        };
        let mut objects: Vec<Object> = self.objects().into_iter().cloned().collect();
        // "the backend pod": its exact name if there is one, else the workload that has it.
        for object in &mut objects {
            let loose = self.find.scope.cluster && object.kinds.len() == 1 && is(object.kinds[0], "pods");
            if object.before && (object.plural || loose) {
                object.kinds.clear();
            }
        }
        let mut found = Vec::new();
        for object in &objects {
            if object.kinds.iter().any(|k| {
                !(k.rolls_out()
                    || ["pods", "jobs", "cronjobs", "replicasets", "replicationcontrollers", "services"].contains(&k.info().plural))
            }) {
                return Err(self.ask("name", format!("A {} has no logs; of which pod or workload?", object.kinds[0].word())));
            }
            self.of_object(object, defaults, &make, &mut found)?;
        }
        if found.is_empty() && s.it {
            found.push(self.last(None)?);
        }
        if found.is_empty() {
            return Err(self.ask("name", "I understood that you want logs; of which pod or workload?"));
        }
        Ok(found.iter().filter_map(make).collect())
    }

    pub(super) fn events(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        if let Some(output) = s.output.clone() {
            let plain = s.objects.is_empty() && s.types.is_empty();
            let kind = find::kind("event").filter(|_| plain).ok_or_else(|| Box::new(Step::Unknown))?;
            let get = Get { output, namespace: self.namespace.clone(), all_namespaces: self.all_namespaces(), ..Get::all(kind) };
            return Ok(vec![get.into()]);
        }
        let defaults: &[&str] = if self.find.scope.cluster { READABLE } else { &["pod"] };
        let events = |target: Option<Target>| -> Op {
            let all = target.is_none() && (self.all_namespaces() || s.cluster && self.namespace.is_none());
            let namespace = target.as_ref().map_or(self.namespace.clone(), |t| t.namespace().cloned());
            Events { target, namespace, all_namespaces: all, types: types(s), watch: false }.into()
        };
        if s.objects.is_empty() && !s.it
            || s.objects.iter().all(|o| o.names.is_empty() && !o.this && o.plural)
                && !s.it
                && s.objects.iter().all(|o| o.kinds.iter().all(|k| is(*k, "pods")))
                && s.objects.is_empty()
        {
            return Ok(vec![events(None)]);
        }
        let choice = |t: &Target| Some(events(Some(t.clone())));
        // The closure borrows what the search changes: the facts decide first.
        let mut b = Builder {
            act: self.act,
            s,
            namespace: self.namespace.clone(),
            find: Finder { scope: self.find.scope, facts: self.find.facts, assumed: Vec::new() },
            extra: None,
            image: None,
        };
        let targets = b.targets(defaults, &choice)?;
        Ok(targets.into_iter().map(|t| events(Some(t))).collect())
    }

    pub(super) fn usage(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        let kinds: Vec<Kind> = s.objects.iter().flat_map(|o| o.kinds.iter().copied()).collect();
        let nodes = kinds.iter().any(|k| is(*k, "nodes")) || kinds.is_empty() && s.cluster && s.objects.is_empty();
        if kinds.iter().any(|k| is(*k, "nodes")) && kinds.len() > 1 {
            return Err(Box::new(Step::Unknown));
        }
        let said = s.values("sort-by").first().map(|by| by.parse::<SortBy>());
        let sort_by = match (s.most, s.cpu, s.memory) {
            _ if said.is_some() => Some(said.and_then(Result::ok).ok_or_else(|| Box::new(Step::Unknown))?),
            (true, true, false) => Some(SortBy::Cpu),
            (true, false, true) => Some(SortBy::Memory),
            (true, ..) => return Err(self.ask("which", "By cpu or by memory?")),
            (false, ..) => None,
        };
        let what = if nodes { TopWhat::Nodes } else { TopWhat::Pods };
        let all_namespaces = !nodes && (self.all_namespaces() || s.cluster && self.namespace.is_none());
        let namespace = self.namespace.clone().filter(|_| !nodes);
        let selector = (!s.pairs.is_empty()).then(|| s.pairs.join(","));
        let mut top = Top { what, name: None, namespace, all_namespaces, selector, containers: s.all_containers, sort_by };
        for object in s.objects.iter().filter(|o| !o.names.is_empty()) {
            let single =
                object.kinds.iter().all(|k| is(*k, if nodes { "nodes" } else { "pods" })) && !object.kinds.is_empty() && !object.plural;
            let [name] = object.names.as_slice() else { return Err(Box::new(Step::Unknown)) };
            let legal = Name::new(name.to_lowercase()).map_err(|_| Box::new(Step::Unknown))?;
            if top.name.is_some() || top.selector.is_some() {
                return Err(Box::new(Step::Unknown));
            }
            match single {
                true => top.name = Some(legal),
                false if nodes => return Err(Box::new(Step::Unknown)),
                false => top.selector = Some(format!("app={legal}")),
            }
        }
        if s.objects.iter().any(|o| {
            o.names.is_empty() && o.kinds.iter().any(|k| !is(*k, "pods") && !is(*k, "nodes") && !is(*k, "services") && !k.rolls_out())
        }) {
            return Err(Box::new(Step::Unknown));
        }
        Ok(vec![top.into()])
    }
}

/// What a field selector asks for in a state.
fn field(state: State) -> (&'static str, &'static str) {
    match state {
        State::Running => ("status.phase", "Running"),
        State::Pending => ("status.phase", "Pending"),
        State::Failed => ("status.phase", "Failed"),
        State::Succeeded => ("status.phase", "Succeeded"),
        State::Unschedulable => ("spec.unschedulable", "true"),
        State::Schedulable => ("spec.unschedulable", "false"),
    }
}

/// The phase of pods that a state is, if it is one.
pub(super) fn phase(state: State) -> Option<&'static str> {
    match field(state) {
        ("status.phase", phase) => Some(phase),
        _of_nodes => None,
    }
}

/// The same as a term of a field selector.
pub(super) fn field_of((state, denied): (State, bool)) -> String {
    let (field, value) = field(state);
    format!("{field}{}{value}", if denied { "!=" } else { "=" })
}
