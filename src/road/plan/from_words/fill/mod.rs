//! Third step: the tokens of one step fill its [`Slots`], left to right; each meaning knows what it takes from behind it.

mod amounts;
mod objects;
mod places;
mod reader;
mod roles;
mod schedule;
mod taints;

pub use roles::is_access_verb;

use reader::Reader;

use super::{
    lexicon::{Act, Sense as S, State},
    slots::{Amount, Ask, Given, Object, Place, Slots, looks_like_tag, settle_namespaces, settle_objects},
    tag::{Is, Token},
};
use crate::ops::Output;

/// Fills the slots from one step's tokens.
pub fn fill(tokens: &[Token]) -> Slots {
    let mut reader = Reader::of(tokens);
    while reader.at < tokens.len() {
        let (known, out) = (reader.out.objects.len(), &reader.out);
        let early = out.acts.is_empty() && out.alter.is_none() && !out.want && !out.mark && !out.overwrite && !out.new;
        reader.one();
        if early {
            reader.out.objects[known..].iter_mut().for_each(|o| o.early = true);
        }
    }
    let mut out = reader.out;
    out.out_of_pod = out_of_pod(tokens);
    settle_namespaces(&mut out);
    settle_objects(&mut out);
    out.it |= out.its && out.objects.is_empty();
    out
}

impl Reader<'_> {
    fn leave(&mut self) {
        let said = self.tokens[self.at].said.clone();
        self.out.leftover.push(said);
        self.at += 1;
    }

    /// Reads what begins here, and goes on behind it.
    fn one(&mut self) {
        let token = &self.tokens[self.at];
        if let (Some(word), false) = (token.mended, token.is == Is::Word) {
            self.out.mended.push((token.said.clone(), word));
        }
        match token.is.clone() {
            Is::Sense(S::Act(Act::Taint)) if self.taint() => {}
            Is::Sense(S::Role("key")) if self.out.acts.contains(&Act::Taint) && self.taint() => {}
            Is::Word if token.said.eq_ignore_ascii_case("taints") && self.taint() => {}
            Is::Sense(sense) => self.sense(sense),
            Is::Kind(..) => self.kinds(),
            Is::Word | Is::Quoted => self.names(),
            Is::Slashed(kind, name) => {
                let joined = self.joined();
                self.out.objects.push(Object { kinds: vec![kind], names: vec![name], joined, prep: self.prep.take(), ..Object::default() });
                self.at += 1;
            }
            Is::Number(_) | Is::Duration | Is::Amount if self.amount_comes() => {}
            Is::Number(_) | Is::Image | Is::Duration | Is::Amount if self.value_before() => {}
            Is::Number(n) if !self.out.acts.contains(&Act::Forward) => self.amount(n),
            // "create from https://example.com/web.yaml": a manifest that is fetched.
            Is::Address if fetched(&token.said) && self.out.acts.iter().any(|act| FROM_FILES.contains(act)) => {
                self.out.from_file = true;
                self.out.files.push(token.said.clone());
                self.at += 1;
            }
            // What is counted is said by its role; by itself it says nothing.
            Is::Amount | Is::Address => self.leave(),
            Is::Pair(pair) => {
                let label = |at: usize| matches!(self.is(at), Some(Is::Sense(S::Label | S::Labels)));
                let behind = label(self.at + 1);
                let labelled = behind || self.at > 0 && label(self.at - 1);
                // An annotation's objects are told by their labels.
                if labelled && (self.out.acts.contains(&Act::Annotate) || self.out.says("annotation")) {
                    self.out.given.push(Given { role: "of-label", values: vec![pair] });
                    self.at += if behind { 2 } else { 1 };
                } else {
                    self.out.pairs.push(pair);
                    self.at += 1;
                }
            }
            Is::Minus(key) => {
                self.out.minus.push(key);
                self.at += 1;
            }
            Is::Number(_) | Is::Image if self.out.acts.contains(&Act::Forward) && ports(&token.said) => {
                self.out.given.push(Given { role: "port", values: vec![token.said.clone()] });
                self.at += 1;
            }
            Is::Image => {
                self.out.image = Some(token.said.clone());
                self.at += 1;
            }
            Is::File => {
                self.out.from_file |= self.prep.take().is_some();
                self.out.files.push(token.said.clone());
                self.at += 1;
            }
            Is::Duration => {
                self.out.since = Some(token.said.to_lowercase());
                self.at += 1;
            }
            Is::Flag(name, value) => self.flag(&name, value),
            Is::Strange | Is::Number(_) => self.leave(),
            Is::Comma | Is::Stop => self.at += 1,
            Is::Aside => {
                self.out.asides = true;
                self.at += 1;
            }
        }
    }

    fn sense(&mut self, sense: S) {
        let first = self.tokens[..self.at].iter().all(|t| matches!(t.is, Is::Sense(S::Filler | S::And | S::Then | S::Det) | Is::Comma));
        if self.out.acts.contains(&Act::Create)
            && let Some((cron, took)) = self.schedule(self.at)
        {
            self.out.given.push(Given { role: "schedule", values: vec![cron] });
            self.at += took;
            return;
        }
        self.at += 1;
        let here = self.at - 1;
        match sense {
            S::Act(act) => {
                if self.tokens[here].said.to_lowercase().starts_with("generat") && only_shown(self.tokens) {
                    self.out.given.push(Given { role: "dry-run", values: vec!["true".into()] });
                }
                if !(act == Act::Forward && self.out.acts.contains(&act)) {
                    self.out.acts.push(act);
                }
            }
            S::Topic(Act::CanI) => {
                self.out.topics.push(Act::CanI);
                // Whatever the word is elsewhere, here it is the verb that is asked about.
                if let Some(token) = self.tokens.get(self.at) {
                    self.out.given.push(Given { role: "verb", values: vec![token.said.to_lowercase()] });
                    self.at += 1;
                }
            }
            S::Topic(act) => self.out.topics.push(act),
            S::Show => self.out.show = true,
            S::Want => self.out.want = true,
            S::Mark => self.out.mark = true,
            // "how much memory does web use"
            S::Alter(0) if !first && self.out.alter.is_none() && self.tokens[here].said.eq_ignore_ascii_case("use") => {
                self.out.topics.push(Act::Usage);
            }
            S::Alter(way) => {
                self.out.alter = Some(way);
                // Who changes a label expects it to be there.
                self.out.change |= ["change", "modify", "switch"].contains(&self.tokens[here].said.to_lowercase().as_str());
                if way != 0 {
                    self.out.direction = way;
                }
            }
            // "set the number of replicas": counts nothing.
            S::HowMany if self.out.alter.is_some() || !self.out.acts.is_empty() => {}
            S::HowMany => self.out.ask = self.out.ask.or(Some(Ask::HowMany)),
            S::Which => self.out.ask = self.out.ask.or(Some(Ask::Which)),
            S::Be if first && !(self.tokens[here].said.to_lowercase().starts_with("do") && self.means(self.at, S::Not)) => {
                self.out.ask = Some(Ask::Be)
            }
            S::Be => self.out.be = true,
            S::Why => self.out.ask = Some(Ask::Why),
            S::Lesson => self.out.lesson = true,
            S::Health => self.out.health = true,
            S::Trouble if first && self.tokens[here].said.eq_ignore_ascii_case("restarting") => self.out.acts.push(Act::Restart),
            S::Trouble => self.out.trouble = true,
            // With an image it is a container beside those of the pod.
            S::Probe if self.tokens[here].said.eq_ignore_ascii_case("debug") && self.tokens[here..].iter().any(|t| t.means(S::Image)) => {
                self.out.acts.push(Act::Debug);
            }
            S::Probe => self.out.probe = true,
            // "a shell in the running pod web-1": in another there is none.
            S::State(State::Running) if self.out.acts.iter().any(|act| matches!(act, Act::Shell | Act::Exec | Act::Attach)) => {}
            S::State(state) => self.out.states.push((state, false)),
            S::Not => match self.is(self.at) {
                Some(Is::Sense(S::State(state))) => {
                    self.out.states.push((*state, true));
                    self.at += 1;
                }
                _ => self.out.not = true,
            },
            S::Label | S::Labels => self.label(sense, first),
            S::In | S::Of | S::On => self.place(sense),
            S::To => self.to(),
            S::By => match (self.number(self.at), self.is(self.at)) {
                (Some(n), _) => {
                    self.out.amount = Some(Amount::By(n));
                    self.at += 1;
                    self.skip_replicas();
                }
                (None, Some(Is::Sense(S::Times(0)))) if self.out.direction > 0 => {
                    self.out.amount = Some(Amount::Share(50));
                    self.at += 1;
                }
                (None, Some(Is::Sense(S::Times(0)))) => {}
                // "by label app=web"; "update pod web by removing an annotation": not the pod is removed.
                (None, Some(Is::Sense(S::Label | S::Labels))) => {}
                (None, Some(Is::Sense(S::Act(Act::Delete)))) if self.a_part_is_said() => {}
                (None, Some(Is::Amount)) if amounts::share(&self.tokens[self.at].said).is_some() => {
                    self.out.amount = amounts::share(&self.tokens[self.at].said).map(Amount::Share);
                    self.at += 1;
                    self.skip_replicas();
                }
                _ => {
                    self.at = here;
                    self.leave();
                }
            },
            // "wrong with web": the way to an object.
            S::With if here > 0 && self.means(here - 1, S::Trouble) => self.prep = Some(S::Of),
            S::With => self.prep = self.name(self.at).map(|_| S::With).filter(|_| !self.means(self.at + 1, S::Container)),
            S::As => {
                let then = self.past_small(self.at);
                // "as the service account ci"
                if self.kind(then).is_some_and(|(k, _)| k.is("serviceaccounts", "")) {
                    self.at = then;
                    return;
                }
                if !matches!(self.is(then), Some(Is::Sense(S::State(_) | S::Output(_)))) {
                    self.at = here;
                    self.leave();
                }
            }
            S::Named => self.named(here),
            S::This => {
                let said = self.tokens[here].said.to_lowercase();
                if let Some((kind, plural)) = self.kind(self.at).filter(|(k, _)| !k.is("namespaces", "")) {
                    if self.name(self.at + 1).is_none() {
                        let prep = self.prep.take();
                        self.out.objects.push(Object { kinds: vec![kind], plural, this: true, prep, ..Object::default() });
                        self.at += 1;
                    }
                } else if said != "that" && self.name(self.at).is_none() {
                    self.out.it = true;
                }
            }
            S::It => self.out.it = true,
            S::Det => self.out.its |= ["its", "their"].contains(&self.tokens[here].said.to_lowercase().as_str()),
            S::All => self.out.all = true,
            S::Everything => self.out.everything = true,
            S::EveryNamespace => {
                let said = self.tokens[here].said.to_lowercase();
                self.out.namespaces_bare =
                    !["in", "across", "from", "of", "for", "over", "existing"].iter().any(|p| said.starts_with(p)) && said.contains("name");
                self.out.place = Some(Place::All);
            }
            // "in the namespace of shop"
            S::HereNamespace if self.means(self.at, S::Of) && self.name(self.at + 1).is_some() => {
                if let Some(name) = self.name(self.at + 1) {
                    self.set_place(Place::Named(name));
                    self.at += 2;
                }
            }
            S::HereNamespace => self.out.place = self.out.place.take().or(Some(Place::Here)),
            S::WholeCluster | S::Cluster => self.out.cluster = true,
            S::Or => self.out.or = true,
            S::Condition => self.out.condition = true,
            S::Because => self.out.leftover.push(self.tokens[here].said.clone()),
            S::Up => self.out.direction = 1,
            S::Down => self.out.direction = -1,
            S::More => match self.is(self.at) {
                Some(Is::Number(n)) => {
                    self.out.amount = Some(Amount::By(*n));
                    self.at += 1;
                    self.skip_replicas();
                }
                // "add more capacity"
                Some(Is::Sense(S::Goal(_))) => {}
                _ => self.out.leftover.push(self.tokens[here].said.clone()),
            },
            S::Most => self.out.most = true,
            S::Times(n) => {
                self.out.amount = Some(if n == 2 { Amount::Double } else { Amount::Half });
                if first {
                    self.out.alter = self.out.alter.or(Some(0));
                }
            }
            S::New => self.out.new = true,
            S::Replicas => {
                self.out.replicas = true;
                if let Some(n) = self.number(self.at) {
                    self.out.amount = Some(Amount::To(n));
                    self.at += 1;
                }
            }
            S::Lines => self.out.leftover.push(self.tokens[here].said.clone()),
            S::Container => {
                let then = if self.means(self.at, S::Named) { self.at + 1 } else { self.at };
                match self.name(then) {
                    Some(name) => {
                        self.out.container = Some(name);
                        self.at = then + 1;
                    }
                    // "why is my container failing": some pod's, and that is looked for.
                    None if self.out.ask == Some(Ask::Why) || self.out.probe => {}
                    None => self.out.leftover.push(self.tokens[here].said.clone()),
                }
            }
            S::AllContainers => self.out.all_containers = true,
            S::Value if matches!(self.is(self.at), Some(Is::Pair(_))) => {}
            S::Value => {
                match self.any_word(self.at).or_else(|| self.quoted(self.at)).or_else(|| self.number(self.at).map(|n| n.to_string())) {
                    Some(value) => {
                        self.out.label_value = Some(value);
                        self.at += 1;
                    }
                    None => self.out.leftover.push(self.tokens[here].said.clone()),
                }
            }
            S::Last => self.last(here),
            S::Previous => {
                self.out.previous = true;
                while matches!(self.is(self.at), Some(Is::Sense(S::Revision | S::Tag))) {
                    self.out.revision_said = true;
                    self.at += 1;
                }
            }
            S::Since => match self.time(self.at) {
                Some((since, n)) => {
                    self.out.since = Some(since);
                    self.at += n;
                }
                None => self.out.leftover.push(self.tokens[here].said.clone()),
            },
            S::First if first => {}
            S::Ago | S::Unit(_) | S::First => self.out.leftover.push(self.tokens[here].said.clone()),
            S::Cpu => self.out.cpu = true,
            // "and memory utilization 70%" of an autoscaler.
            S::Memory if self.out.acts.contains(&Act::Autoscale) => {
                if self.means(self.at, S::Topic(Act::Usage)) {
                    self.at += 1;
                }
                self.role("memory-target");
            }
            S::Memory => self.out.memory = true,
            S::Resource => self.out.resource = true,
            S::Image => {
                self.out.image_said = true;
                self.image_word();
            }
            S::Tag if first && self.tokens[here].said.eq_ignore_ascii_case("tag") => self.out.acts.push(Act::Label),
            S::Tag => self.image_word(),
            S::Revision => {
                self.out.revision_said = true;
                if let Some(n) = self.number(self.at) {
                    self.out.revision = Some(n);
                    self.at += 1;
                }
            }
            S::Output(form) => self.out.output = form.parse().ok(),
            S::Format => {
                let said = &self.tokens[here].said.to_lowercase();
                if self.out.output.is_none() && !said.contains("ps ") && !said.contains("plain") && said != "form" {
                    self.out.leftover.push(self.tokens[here].said.clone());
                }
            }
            S::Timestamps => self.out.timestamps = true,
            S::Overwrite => self.out.overwrite = true,
            S::SortedByName => self.out.sorted_by_name = true,
            S::SortedByTime => self.out.sorted_by_time = true,
            S::Type => self.types(),
            S::Warning => self.out.types.push("Warning"),
            S::Normal => self.out.types.push("Normal"),
            S::Role(role) => self.role(role),
            S::Given(role, value) => {
                self.out.given.push(Given { role, values: vec![value.into()] });
                // "even if there are pods not managed by a job or a daemon set on it": whose they are not is no object.
                if role == "force" && self.tokens[here].said.contains(' ') {
                    while matches!(self.is(self.at), Some(Is::Kind(..) | Is::Comma | Is::Sense(S::Or | S::And | S::Det | S::On | S::It))) {
                        self.at += 1;
                    }
                }
            }
            S::Runs => {}
            S::Foreign => self.out.foreign.push(self.tokens[here].said.clone()),
            S::Halt => self.out.halt = Some(true),
            S::Start => self.out.halt = Some(false),
            S::Docker => self.out.docker = true,
            S::Goal(goal) => self.out.goals.push(goal),
            S::Wish => self.out.wish = true,
            S::Advise => self.out.advise = true,
            S::Reach => self.reach(),
            // What carries nothing by itself: it led to what stands behind it, or it is small talk.
            S::And | S::Then | S::Filler => {}
        }
    }

    /// `of type 'Warning' or 'Normal'`, in quotes or not.
    fn types(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.said.to_lowercase().as_str() {
                "warning" | "warnings" => self.out.types.push("Warning"),
                "normal" => self.out.types.push("Normal"),
                _ if service_type(&token.said).is_some() => {
                    let values = service_type(&token.said).map(String::from).into_iter().collect();
                    self.out.given.push(Given { role: "type", values });
                }
                "or" if !self.out.types.is_empty() => self.out.or = true,
                "and" | "," if !self.out.types.is_empty() => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    /// The word behind `image`, `tag` or `version`.
    fn image_word(&mut self) {
        let at = if matches!(self.is(self.at), Some(Is::Sense(S::Named | S::Tag))) { self.at + 1 } else { self.at };
        let Some(said) = self.name(at).or_else(|| self.number(at).map(|n| n.to_string())) else { return };
        if matches!(self.is(at + 1), Some(Is::Kind(..))) {
            return;
        }
        if looks_like_tag(&said) {
            self.out.tag = Some(said);
        } else if self.means(self.at - 1, S::Image) {
            self.out.image = Some(said);
        } else {
            return;
        }
        self.at = at + 1;
    }

    fn flag(&mut self, name: &str, value: Option<String>) {
        let number = value.as_deref().and_then(|v| v.parse::<u64>().ok());
        match (name, value) {
            ("namespace", Some(ns)) => self.set_place(Place::Named(ns)),
            ("all-namespaces", None) => self.set_place(Place::All),
            ("selector", Some(selector)) => self.out.pairs.push(selector),
            ("container", Some(container)) => self.out.container = Some(container),
            ("output", Some(form)) if form.parse::<Output>().is_ok() => self.out.output = form.parse().ok(),
            ("tail", Some(_)) if number.is_some() => self.out.tail = number,
            ("since", Some(since)) => self.out.since = Some(since),
            ("replicas", Some(_)) if number.is_some() => self.out.amount = number.map(Amount::To),
            ("to-revision", Some(_)) if number.is_some() => self.out.revision = number,
            ("filename", Some(file)) => {
                self.out.from_file = true;
                self.out.files.push(file);
            }
            ("previous", None) => self.out.previous = true,
            ("all-containers", None) => self.out.all_containers = true,
            ("timestamps", None) => self.out.timestamps = true,
            ("overwrite", None) => self.out.overwrite = true,
            ("show-labels", None) => self.out.labels = true,
            _ => return self.leave(),
        }
        self.at += 1;
    }
}

/// What takes manifests.
const FROM_FILES: &[Act] = &[Act::Create, Act::Apply, Act::Delete, Act::Replace, Act::Diff];

fn fetched(said: &str) -> bool {
    said.starts_with("https://") || said.starts_with("http://")
}

/// `8080`, `8080:80`.
fn ports(said: &str) -> bool {
    said.split(':').all(|port| port.parse::<u16>().is_ok()) && said.split(':').count() <= 2
}

/// Whether of two paths the first is the one in the pod: "copy /x from pod web-1 to ./y", against "copy ./y to /x in pod web-1".
fn out_of_pod(tokens: &[Token]) -> bool {
    let files: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].is == Is::File).collect();
    let pod = tokens.iter().position(|t| matches!(&t.is, Is::Kind(kind, _) | Is::Slashed(kind, _) if kind.is("pods", "")));
    let (Some(pod), [first, second]) = (pod, files.as_slice()) else { return false };
    let led_by_to =
        tokens[..pod].iter().rev().find(|t| !matches!(t.is, Is::Sense(S::Det | S::New) | Is::Word)).is_some_and(|t| t.means(S::To));
    pod < *second && (pod < *first || !led_by_to)
}

/// Whether what would be made is to be written out instead of made.
pub fn written(s: &Slots) -> bool {
    s.says("dry-run") && matches!(s.output, Some(Output::Yaml | Output::Json))
}

/// "generate a manifest", "without creating it": shown, and not sent.
pub fn only_shown(tokens: &[Token]) -> bool {
    let written = tokens.iter().any(|t| matches!(t.is, Is::Sense(S::Output(_))));
    let generates = |t: &Token| t.means(S::Act(Act::Create)) && t.said.to_lowercase().starts_with("generat");
    tokens.iter().any(|t| t.means(S::Given("dry-run", "true")) || written && generates(t))
}

/// A type of Services as Kubernetes writes it.
fn service_type(word: &str) -> Option<&'static str> {
    ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].into_iter().find(|known| known.eq_ignore_ascii_case(word))
}
