//! What each meaning of the lexicon puts into the slots, and what it takes from behind it.

use super::{
    super::{
        lexicon::{Act, Sense as S, State},
        slots::{Amount, Ask, Given, Object, Place},
        tag::{Is, Token},
    },
    Reader, amounts, only_shown,
};

impl Reader<'_> {
    pub(super) fn sense(&mut self, sense: S) {
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
                // "which cron jobs run in dev": what they do, and no order.
                let asked = self.out.ask.is_some() || self.out.output.is_some();
                let tells = act == Act::Run && asked && !self.out.objects.is_empty();
                // "run `ls /` in pod web-1", "run env in pod web-1"
                if act == Act::Run && self.runs_inside() {
                    return self.command();
                }
                // "a service with port 80 forwarding to target port 8080"
                let of_a_port = act == Act::Forward && self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Expose));
                if act == Act::Shell && self.tokens[here].said.to_lowercase().contains("bash") {
                    self.out.given.push(Given { role: "shell", values: vec!["bash".into()] });
                }
                if !(tells || of_a_port || act == Act::Forward && self.out.acts.contains(&act)) {
                    self.out.acts.push(act);
                }
            }
            S::Topic(Act::CanI) => {
                self.out.topics.push(Act::CanI);
                // Whatever the word is elsewhere, here it is the verb that is asked about.
                if let Some(token) = self.tokens.get(self.at) {
                    self.out.given.push(Given { role: "verb", values: vec![token.said.to_lowercase().into()] });
                    self.at += 1;
                }
            }
            S::Topic(act) => {
                let said = self.tokens[here].said.to_lowercase();
                if act == Act::Line("version") && said.contains("client") && !said.contains("server") {
                    self.out.given.push(Given { role: "client", values: vec!["true".into()] });
                }
                self.out.topics.push(act);
            }
            S::Show => self.out.show = true,
            S::Want => self.out.want = true,
            S::Mark => self.out.mark = true,
            // "how much memory does web use"
            S::Alter(0) if !first && self.out.alter.is_none() && self.tokens[here].said.eq_ignore_ascii_case("use") => {
                self.out.topics.push(Act::Usage);
            }
            // "make a job called smoke"
            S::Alter(0) if first && self.tokens[here].said.eq_ignore_ascii_case("make") && self.makes_anew() => {
                self.out.acts.push(Act::Create)
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
            // "until deployment web is available"
            S::Health | S::State(State::Failed | State::Succeeded) if self.out.acts.contains(&Act::Wait) && !self.out.says("for") => {
                let condition = match (&sense, self.tokens[here].said.to_lowercase().as_str()) {
                    (S::State(State::Failed), _) => "condition=Failed",
                    (S::State(_), _) => "condition=Complete",
                    (_, "available") => "condition=Available",
                    (_, _) => "condition=Ready",
                };
                self.out.given.push(Given { role: "for", values: vec![condition.into()] });
            }
            // "until pod web is running"
            S::State(state @ (State::Running | State::Pending)) if self.out.acts.contains(&Act::Wait) && !self.out.says("for") => {
                let phase = if state == State::Running { "Running" } else { "Pending" };
                self.out.given.push(Given { role: "for", values: vec![format!("jsonpath={{.status.phase}}={phase}")] });
            }
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
            S::State(State::Running) if self.out.acts == [Act::Run] && self.out.says("command") => {}
            // "the pending csr x", "the running pod web-1": the one that is named, whatever its state.
            S::State(State::Pending) if matches!(self.out.acts.as_slice(), [Act::Approve | Act::Deny]) => {}
            S::State(State::Running) if self.kind(self.at).is_some_and(|(_, plural)| !plural) && self.name(self.at + 1).is_some() => {}
            S::State(state) => self.out.states.push((state, false)),
            S::Not => {
                if let Some(Is::Sense(S::State(state))) = self.is(self.at) {
                    self.out.states.push((*state, true));
                    self.at += 1;
                } else if !self.unlabelled() {
                    self.out.not = true;
                }
            }
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
                // "top pods by cpu"
                (None, Some(Is::Sense(S::Cpu | S::Memory))) if self.out.topics.contains(&Act::Usage) => {
                    let by = if self.means(self.at, S::Cpu) { "cpu" } else { "memory" };
                    self.out.given.push(Given { role: "sort-by", values: vec![by.into()] });
                    self.at += 1;
                }
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
            // "where environment is production and tier is frontend"
            S::With if self.key_is_value() => {}
            S::With if here > 0 && self.means(here - 1, S::Trouble) => self.prep = Some(S::Of),
            S::With => self.prep = self.name(self.at).map(|_| S::With).filter(|_| !self.means(self.at + 1, S::Container)),
            S::As => {
                let then = self.past_small(self.at);
                // "as the service account ci"
                if self.kind(then).is_some_and(|(k, _)| k.is("serviceaccounts", "")) {
                    self.at = then;
                    return;
                }
                if self.as_what(then) {
                    return;
                }
                if !matches!(self.is(then), Some(Is::Sense(S::State(_) | S::Output(_) | S::Given(..) | S::Role(_)))) {
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
            S::Det => {
                let said = self.tokens[here].said.to_lowercase();
                self.out.its |= ["its", "their"].contains(&said.as_str());
                self.out.the |= ["the", "my", "our"].contains(&said.as_str()) && self.tokens.get(self.at).is_some_and(Token::nameable);
            }
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
            // "in the namespace dev"
            S::HereNamespace
                if self.tokens[here].said.to_lowercase().ends_with("the namespace")
                    && self.name(self.at).is_some()
                    && !matches!(self.is(self.at + 1), Some(Is::Kind(..) | Is::Sense(S::Topic(_) | S::Be))) =>
            {
                if let Some(name) = self.name(self.at) {
                    self.set_place(Place::Named(name));
                    self.at += 1;
                }
            }
            S::HereNamespace => self.out.place = self.out.place.take().or(Some(Place::Here)),
            S::WholeCluster | S::Cluster => self.out.cluster = true,
            S::Or => self.out.or = true,
            // "what would change if web.yaml were applied"
            S::Condition if self.out.acts == [Act::Diff] => {
                for token in &self.tokens[self.at..] {
                    if token.is == Is::File {
                        self.out.files.push(token.said.to_string());
                    }
                }
                self.at = self.tokens.len();
            }
            S::Condition => self.out.condition = true,
            // "patch service web so that its type is NodePort"
            S::Because if self.out.alter.is_some() && self.tokens[self.at..].iter().any(|t| matches!(t.is, Is::Sense(S::Given(..)))) => {}
            S::Because => self.out.leftover.push(self.tokens[here].said.to_string()),
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
                _ => self.out.leftover.push(self.tokens[here].said.to_string()),
            },
            S::Most => self.out.most = true,
            S::Times(n) => {
                self.out.amount = Some(if n == 2 { Amount::Double } else { Amount::Half });
                if first {
                    self.out.alter = self.out.alter.or(Some(0));
                }
            }
            S::New => {
                self.out.new = true;
                self.out.opens_new |= first;
            }
            // "a single instance of nginx pod": how many of what is said by its kind.
            S::Replicas
                if self.out.amount.is_none()
                    && self.means(self.at, S::Of)
                    && self.name(self.at + 1).is_some()
                    && self.kind(self.at + 2).is_some_and(|(kind, _)| kind.is("pods", "")) =>
            {
                self.at += 1;
            }
            S::Replicas => {
                self.out.replicas = true;
                self.out.instances |= self.tokens[here].said.to_lowercase().starts_with("instance");
                if let Some(n) = self.number(self.at) {
                    self.out.amount = Some(Amount::To(n));
                    self.at += 1;
                }
            }
            S::Lines => self.out.leftover.push(self.tokens[here].said.to_string()),
            S::Container => {
                let then = if self.means(self.at, S::Named) { self.at + 1 } else { self.at };
                match self.name(then) {
                    Some(name) => {
                        self.out.container = Some(name);
                        self.at = then + 1;
                    }
                    // "why is my container failing": some pod's, and that is looked for.
                    None if self.out.ask == Some(Ask::Why) || self.out.probe => {}
                    // "the container of pod web-1": the only one, or the one that kubectl takes.
                    None if matches!(self.is(self.at), Some(Is::Sense(S::Of | S::In)))
                        && (self.out.topics == [Act::Logs]
                            || matches!(self.out.acts.as_slice(), [Act::Attach | Act::Shell | Act::Exec])) => {}
                    None => self.out.leftover.push(self.tokens[here].said.to_string()),
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
                    None => self.out.leftover.push(self.tokens[here].said.to_string()),
                }
            }
            // "the last 5 events": events come newest last, and kubectl has no number for them.
            S::Last if self.number(self.at).is_some() && self.means(self.at + 1, S::Topic(Act::Events)) => {
                self.out.sorted_by_time = true;
                self.at += 1;
            }
            S::Last => self.last(here),
            S::Previous => {
                self.out.previous = true;
                while matches!(self.is(self.at), Some(Is::Sense(S::Revision | S::Tag))) {
                    self.out.revision_said = true;
                    self.at += 1;
                }
                // "to the previous deployment"
                let again = self.kind(self.at).is_some_and(|(k, plural)| !plural && k.is("deployments", "apps"));
                if again && self.out.acts.contains(&Act::RollBack) && !self.out.objects.is_empty() && self.name(self.at + 1).is_none() {
                    self.at += 1;
                }
            }
            S::Since => match self.time(self.at) {
                Some((since, n)) => {
                    self.out.since = Some(since);
                    self.at += n;
                }
                None => self.out.leftover.push(self.tokens[here].said.to_string()),
            },
            S::First if self.means(self.at, S::Revision) => {
                self.out.revision = Some(1);
                self.at += 1;
            }
            S::First if first => {}
            // "min 2 max 10"
            S::Unit("m") if self.out.acts.contains(&Act::Autoscale) && self.number(self.at).is_some() => self.role("min"),
            S::Ago | S::Unit(_) | S::First => self.out.leftover.push(self.tokens[here].said.to_string()),
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
                    self.out.leftover.push(self.tokens[here].said.to_string());
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
            // "which runs curl -s http://x with the image curl": an image is said elsewhere, so this is the command.
            S::Runs if self.runs_a_command(here) => self.command(),
            // "using image 'mysql'": in quotes it may have any form.
            S::Runs if self.tokens[here].said.to_lowercase().contains("image") && self.is(self.at) == Some(&Is::Quoted) => {
                self.out.image_said = true;
                self.out.image = Some(self.tokens[self.at].said.to_string());
                self.at += 1;
            }
            S::Runs => {}
            S::Foreign => self.out.foreign.push(self.tokens[here].said.to_string()),
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
}
