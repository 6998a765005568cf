//! Sixth step: an act and its slots become operations, or the question that names what is missing.

mod changes;
mod goal;
mod line;
mod made;
mod official;
mod reads;
mod sought;

pub use made::{loaded, parts, release, storage, taking, traffic};
pub use sought::sought;

use super::{
    Scope, Step,
    find::{self, Finder, Wanted},
    frames::verb,
    goals::Aim,
    lexicon::Act,
    lines,
    slots::{Object, Place, Slots},
};
use crate::{
    facts::Facts,
    ops::{Get, Kind, Lookup, Namespace, Op, RolloutHistory, RolloutRestart, RolloutStatus, Target},
    road::plan::{Aside, Assumed},
};

const WORKLOADS: &[&str] = &["deployment", "statefulset", "daemonset"];

type Out<T> = Result<T, Box<Step>>;

/// What a goal comes to: what is looked at for it, or the question by which operation it is reached.
pub fn goal(aim: &'static Aim, change: bool, s: &Slots, scope: &Scope, facts: &Facts) -> Step {
    let built = Builder::new(Act::Usage, s, scope, facts).and_then(|mut b| if change { b.ways(aim) } else { b.evidence(aim) });
    match built {
        Ok(ops) if ops.is_empty() => Step::Unknown,
        Ok(ops) => Step::Ops(ops, Vec::new()),
        Err(step) => *step,
    }
}

/// Operations that differ only in the object they are about, as the one that kubectl's line for all of them is: `label pod/a pod/b x=y`.
/// Where they are no such line they stay as they are.
fn at_once(ops: Vec<Op>) -> Vec<Op> {
    let lines: Vec<Vec<String>> = ops.iter().filter_map(|op| crate::ops::argv::split(&op.line()).ok()).collect();
    let [first, rest @ ..] = lines.as_slice() else { return ops };
    if rest.is_empty() || lines.len() != ops.len() || rest.iter().any(|line| line.len() != first.len()) {
        return ops;
    }
    let differs = |at: &usize| rest.iter().any(|line| line[*at] != first[*at]);
    let places: Vec<usize> = (0..first.len()).filter(differs).collect();
    let [at] = places.as_slice() else { return ops };
    if lines.iter().any(|line| !line[*at].contains('/')) {
        return ops;
    }
    let mut words = first[1..*at].to_vec();
    words.extend(lines.iter().map(|line| line[*at].clone()));
    words.extend_from_slice(&first[at + 1..]);
    Op::from_words(crate::ops::Program::Kubectl, &words).map_or(ops, |op| vec![op])
}

/// Builds one step.
pub fn build(act: Act, s: &Slots, scope: &Scope, facts: &Facts) -> Step {
    let mut b = match Builder::new(act, s, scope, facts) {
        Ok(b) => b,
        Err(step) => return *step,
    };
    let built = match act {
        act if let Some(line) = lines::chosen(s, act) => b.line(line),
        Act::Get => b.get(),
        Act::Describe => b.describe(),
        Act::Logs => b.logs(),
        Act::Events => b.events(),
        // What does not roll out has a state, and its row tells it.
        Act::Status if b.rolls_not() => b.get(),
        Act::Status => b.each(WORKLOADS, |target| Some(RolloutStatus { target }.into())),
        Act::History => b.each(WORKLOADS, |target| Some(RolloutHistory { target, revision: s.revision }.into())),
        Act::Usage => b.usage(),
        Act::Scale => b.scale(),
        Act::SetImage => b.set_image(),
        Act::Restart => b.each(WORKLOADS, |target| Some(RolloutRestart { target }.into())),
        Act::RollBack => b.roll_back(),
        Act::Delete => b.delete(),
        Act::Label | Act::Unlabel => b.label(),
        Act::Cordon | Act::Uncordon => b.cordon(),
        Act::Create => b.create(),
        Act::Apply => b.apply(),
        Act::Investigate => b.investigate(),
        Act::Undo => b.undo(),
        Act::Help => Err(Box::new(Step::Aside(Aside::Help))),
        // These are lines; without one that fits there is something to ask.
        other => Err(b.ask("what", format!("I understood that you want to {}; what exactly?", verb(other)))),
    };
    match built {
        Ok(ops) if ops.is_empty() => Step::Unknown,
        Ok(ops) => {
            let ops = if act.names_many() { at_once(ops) } else { ops };
            let mut assumed = b.find.assumed;
            if act.changes() {
                let why = |said: &str, word: &str| Assumed { said: said.into(), taken: word.into(), why: "one letter off".into() };
                assumed.extend(s.mended.iter().map(|(said, word)| why(said, word)));
                if let (Some(ns), Some(Place::Named(said))) = (&b.namespace, &s.place)
                    && ns.as_str() != said
                {
                    assumed.push(Assumed { said: said.clone(), taken: ns.to_string(), why: "names are in lower case".into() });
                }
            }
            Step::Ops(ops, assumed)
        }
        Err(step) => *step,
    }
}

struct Builder<'a> {
    act: Act,
    s: &'a Slots,
    namespace: Option<Namespace>,
    find: Finder<'a>,
    /// An object that stood where the frame found it, not where objects stand.
    extra: Option<Object>,
    /// An image that nobody said and that is taken for granted.
    image: Option<String>,
}

fn is(kind: Kind, plural: &str) -> bool {
    kind.info().plural == plural
}

impl<'a> Builder<'a> {
    /// # Errors
    /// The question for a namespace whose name is none.
    fn new(act: Act, s: &'a Slots, scope: &'a Scope, facts: &'a Facts) -> Out<Builder<'a>> {
        let namespace = match &s.place {
            Some(Place::Named(name)) => Some(
                Namespace::new(name.to_lowercase())
                    .map_err(|e| Step::ask("namespace", format!("I understood that you want to {}, and {e}.", verb(act)), Vec::new()))?,
            ),
            Some(Place::All | Place::Here) | None => None,
        };
        Ok(Builder { act, s, namespace, find: Finder { scope, facts, assumed: Vec::new() }, extra: None, image: None })
    }
}

impl Builder<'_> {
    fn verb(&self) -> &'static str {
        verb(self.act)
    }
    fn all_namespaces(&self) -> bool {
        self.s.place == Some(Place::All)
    }
    /// Where names are looked for.
    fn here(&self) -> Option<Namespace> {
        if self.all_namespaces() { None } else { Some(self.namespace.clone().unwrap_or_else(|| self.find.scope.namespace.clone())) }
    }
    fn ask(&self, missing: &str, text: impl Into<String>) -> Box<Step> {
        Step::ask(missing, text.into(), Vec::new())
    }

    /// The objects spoken of, without those that only say what the named ones are made of ("the pods of deployment web").
    fn objects(&self) -> Vec<&Object> {
        let named = self.s.objects.iter().any(|o| !o.names.is_empty());
        let made_of = |o: &&Object| !(named && o.names.is_empty() && !o.this && o.kinds.iter().all(|k| is(*k, "pods")));
        self.s.objects.iter().filter(made_of).collect()
    }

    /// One operation for each object named.
    fn each(&mut self, defaults: &[&str], make: impl Fn(Target) -> Option<Op>) -> Out<Vec<Op>> {
        let targets = self.targets(defaults, &|t| make(t.clone()))?;
        Ok(targets.into_iter().filter_map(make).collect())
    }

    /// Every object named, exactly; a question where one is missing.
    fn targets(&mut self, defaults: &[&str], choice: &dyn Fn(&Target) -> Option<Op>) -> Out<Vec<Target>> {
        let mut out = Vec::new();
        let extra = self.extra.take();
        let objects: Vec<Object> = self.objects().into_iter().cloned().chain(extra).collect();
        for object in &objects {
            self.of_object(object, defaults, choice, &mut out)?;
        }
        if out.is_empty() && self.s.it {
            out.push(self.last(None)?);
        }
        if out.is_empty() {
            return Err(self.nameless(&objects, choice));
        }
        Ok(out)
    }

    fn of_object(&mut self, object: &Object, defaults: &[&str], choice: &dyn Fn(&Target) -> Option<Op>, out: &mut Vec<Target>) -> Out<()> {
        if object.this && object.names.is_empty() {
            out.push(self.last(object.kinds.first().copied())?);
            return Ok(());
        }
        if object.names.is_empty() {
            return Err(self.nameless(std::slice::from_ref(object), choice));
        }
        let default_kinds = find::kinds(defaults);
        let rolls = defaults == WORKLOADS;
        let pods = object.kinds.iter().any(|k| is(*k, "pods"));
        if let Some(kind) = object.kinds.iter().find(|k| rolls && !is(**k, "pods") && !self.suits(**k)) {
            return Err(self.ask(
                "name",
                format!(
                    "I understood that you want to {} a {kind}, and only deployments, statefulsets and daemonsets can be; which one?",
                    self.verb()
                ),
            ));
        }
        // "restart the web pods": the workload they belong to.
        let of_workload = pods && object.plural && object.before;
        if pods && !object.plural && rolls && self.act.changes() {
            return Err(self.pod_of_a_workload(object));
        }
        if self.act.changes() && object.plural && object.before && object.names.len() == 1 && !(of_workload && rolls) {
            return Err(self.ask(
                "name",
                format!(
                    "To {} {} I need each one's exact name.",
                    self.verb(),
                    object.kinds.first().map_or_else(String::new, |k| k.plural().into_owned())
                ),
            ));
        }
        let said_kinds: Vec<Kind> =
            if of_workload && (rolls || defaults == READABLE && self.act != Act::Describe) { Vec::new() } else { object.kinds.clone() };
        let here = self.here();
        for name in &object.names {
            let wanted = |kinds: &'_ [Kind], workloads: usize, f: &mut Finder<'_>| {
                let wanted = Wanted {
                    said: name,
                    kinds,
                    workloads,
                    namespace: here.as_ref(),
                    changes: self.act.changes(),
                    choice,
                    verb: verb(self.act),
                };
                f.find(&wanted)
            };
            if said_kinds.is_empty() {
                let workloads = default_kinds.iter().take_while(|k| k.rolls_out()).count();
                // A deletion prefers nothing: two that fit are asked about.
                let ahead = if self.act == Act::Delete { 0 } else { workloads };
                out.push(wanted(&default_kinds, ahead, &mut self.find)?);
            } else {
                for kind in &said_kinds {
                    out.push(wanted(&[*kind], 1, &mut self.find)?);
                }
            }
        }
        Ok(())
    }

    /// Whether the act can be done to that kind at all.
    fn suits(&self, kind: Kind) -> bool {
        let plural = kind.info().plural;
        match self.act {
            // Scale says itself what it can scale.
            Act::Scale | Act::Get => true,
            Act::SetImage => kind.rolls_out() || ["replicasets", "replicationcontrollers", "cronjobs"].contains(&plural),
            _ => kind.rolls_out(),
        }
    }

    fn last(&self, kind: Option<Kind>) -> Out<Target> {
        match &self.find.scope.last {
            // "it in staging": the object of that name there.
            Some(last) if kind.is_none_or(|k| k == last.kind()) => {
                Ok(last.clone().in_namespace(self.namespace.clone().or_else(|| last.namespace().cloned())))
            }
            _ => Err(self
                .ask("name", format!("I understood that you want to {} something, but not what \"it\" is; please name it.", self.verb()))),
        }
    }

    /// Whether one object is named, or pointed to, that is of a kind without a rollout.
    fn rolls_not(&self) -> bool {
        let of = |kind: &Kind| !kind.rolls_out() && !is(*kind, "pods");
        match self.s.objects.as_slice() {
            [] => self.s.it && self.find.scope.last.as_ref().is_some_and(|last| of(&last.kind())),
            [object] => !object.kinds.is_empty() && object.kinds.iter().all(of) && (!object.names.is_empty() || object.this),
            [..] => false,
        }
    }

    /// A kind without a name, or nothing at all: what is missing, with the choices there are.
    fn nameless(&self, objects: &[Object], choice: &dyn Fn(&Target) -> Option<Op>) -> Box<Step> {
        let kinds: Vec<Kind> = objects.iter().flat_map(|o| o.kinds.iter().copied()).collect();
        let what = match kinds.first() {
            Some(kind) => kind.word().into_owned(),
            None => "object".into(),
        };
        let many = if self.s.all || !self.s.pairs.is_empty() || !self.s.states.is_empty() {
            " Many at once are not changed in one go: name each."
        } else {
            ""
        };
        let many = if self.act.changes() { many } else { "" };
        let mut choices = Vec::new();
        if let (true, [kind]) = (self.find.scope.cluster, kinds.as_slice()) {
            let here = self.here();
            match self.find.need(*kind, here.as_ref()) {
                Err(needs) => return needs,
                Ok(Lookup::Known(briefs)) if briefs.len() <= 9 => {
                    let targets = briefs
                        .iter()
                        .filter_map(|b| Some(Target::new(*kind, b.name.clone()).ok()?.in_namespace(b.namespace.clone().or(here.clone()))));
                    choices = targets.filter_map(|t| choice(&t)).map(|op| op.line()).collect();
                }
                Ok(_) => {}
            }
        }
        Step::ask("name", format!("I understood that you want to {} {} {what}; which one?{many}", self.verb(), article(&what)), choices)
    }

    fn pod_of_a_workload(&self, object: &Object) -> Box<Step> {
        let name = object.names.first().map_or("", String::as_str).to_lowercase();
        let place = self.namespace.as_ref().map_or(String::new(), |ns| format!(" -n {ns}"));
        let choices = match self.act {
            Act::Restart => vec![format!("kubectl rollout restart deployment/{name}{place}"), format!("kubectl delete pod {name}{place}")],
            _ => Vec::new(),
        };
        Step::ask(
            "which",
            format!(
                "A pod by itself cannot be the one to {}; do you mean the deployment behind pod {name}, or shall that pod be deleted so that a new one comes?",
                self.verb()
            ),
            choices,
        )
    }

    // Asides.

    fn investigate(&mut self) -> Out<Vec<Op>> {
        let s = self.s;
        let is_place = |o: &Object| o.kinds.iter().any(|k| is(*k, "namespaces"));
        if let Some(name) = s.objects.iter().find(|o| is_place(o)).and_then(|o| o.names.first()) {
            let namespace = Namespace::new(name.to_lowercase())
                .map_err(|e| self.ask("namespace", format!("I understood that you want to know how things are, and {e}.")))?;
            return Err(Box::new(Step::Aside(Aside::Investigate { subject: None, namespace: Some(namespace) })));
        }
        let named: Vec<Object> = self.objects().into_iter().filter(|o| !o.names.is_empty() || o.this).cloned().collect();
        let mut found = Vec::new();
        // In a story ("why can't I reach the web service") what has a kind is what it is about.
        let about = named.iter().find(|o| !o.kinds.is_empty()).or_else(|| named.iter().find(|o| o.led || o.prep.is_some()));
        if about.is_none() && (!named.is_empty() || !s.leftover.is_empty()) {
            return Err(Box::new(Step::Unknown));
        }
        if let Some(object) = about {
            let mut object = object.clone();
            let pods = object.kinds.iter().all(|k| is(*k, "pods"));
            if object.before && pods && (object.plural || self.find.scope.cluster) {
                object.kinds.clear();
            }
            let defaults: &[&str] = if self.find.scope.cluster { READABLE } else { &["deployment"] };
            self.of_object(&object, defaults, &|t| Some(one(t)), &mut found)?;
        } else if s.it {
            found.push(self.last(None)?);
        }
        let everywhere = self.all_namespaces()
            || s.cluster
            || s.everything && s.place.is_none()
            || s.place.is_none() && s.objects.is_empty() && found.is_empty() && s.health;
        let namespace = found.first().and_then(|t: &Target| t.namespace().cloned()).or_else(|| if everywhere { None } else { self.here() });
        let mut subject = found.into_iter().next();
        if let (Some(subject), Some(ns)) = (&mut subject, &namespace) {
            subject.place(ns);
        }
        Err(Box::new(Step::Aside(Aside::Investigate { subject, namespace })))
    }

    fn undo(&mut self) -> Out<Vec<Op>> {
        match self.s.objects.as_slice() {
            [] => Err(Box::new(Step::Aside(Aside::Undo(None)))),
            [one] if one.kinds.is_empty() && one.names.len() == 1 && one.names[0].starts_with(|c: char| c.is_ascii_digit()) => {
                Err(Box::new(Step::Aside(Aside::Undo(one.names.first().cloned()))))
            }
            [one] if one.this && one.names.is_empty() => Err(Box::new(Step::Aside(Aside::Undo(None)))),
            [one, ..] => {
                let what = one.names.first().map_or("it", String::as_str);
                let choices = vec!["undo".to_string(), format!("roll back {what}")];
                Err(Step::ask("which", format!("Shall the last run be undone, or the rollout of {what} be rolled back?"), choices))
            }
        }
    }
}

/// Kinds that a bare name may mean in a read, likeliest first.
const READABLE: &[&str] = &["deployment", "statefulset", "daemonset", "cronjob", "job", "pod", "service"];

fn one(target: &Target) -> Op {
    Get { names: vec![target.name().clone()], namespace: target.namespace().cloned(), ..Get::all(target.kind()) }.into()
}

fn types(s: &Slots) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for t in &s.types {
        if !types.iter().any(|known| known == t) {
            types.push((*t).to_string());
        }
    }
    types
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
