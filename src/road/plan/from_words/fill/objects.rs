//! The objects of a step: kinds and the names before and behind them, and the labels they bear.

use super::{
    super::{
        lexicon::{Act, Sense as S},
        slots::{Given, Object},
        tag::{Is, Token},
    },
    Reader,
};
use crate::ops::LabelKey;

impl Reader<'_> {
    /// `label`: a verb at the start, else a noun with a key behind it.
    pub(super) fn label(&mut self, sense: S, first: bool) {
        // "in namespace dev label pod web-1 with …"
        let opens = self.out.acts.is_empty() && self.out.alter.is_none() && self.out.ask.is_none() && !self.out.show && !self.out.want;
        if sense == S::Label && (first || opens && self.out.place.is_some() && self.out.objects.is_empty()) {
            self.out.acts.push(Act::Label);
            return;
        }
        self.out.labels = true;
        let mut at = self.at;
        while matches!(self.is(at), Some(Is::Sense(S::Named | S::Det | S::Of))) && !matches!(self.is(at), Some(Is::Sense(S::Of))) {
            at += 1;
        }
        let changes = self.out.alter.is_some() || self.out.acts.iter().any(|act| act.changes());
        // "the label env in (dev, staging)"
        if let (false, Some(key), Some((values, end))) = (changes, self.any_word(at), self.one_of(at + 1)) {
            self.out.pairs.push(format!("{key} {values}"));
            self.at = end;
            return;
        }
        if !changes && self.labels_in_words(at) {
            return;
        }
        // "node-role.kubernetes.io/control-plane" has the form of an image.
        let prefixed =
            |t: &Token| matches!(t.is, Is::Image | Is::Address) && t.said.contains('/') && LabelKey::new(t.said.as_str()).is_ok();
        if !changes && self.tokens.get(at).is_some_and(prefixed) {
            self.out.label_key = Some(self.tokens[at].said.to_string());
            self.at = at + 1;
            return;
        }
        let key = if changes && sense == S::Label { self.any_word(at) } else { self.name(at) };
        if let Some(key) = key.filter(|_| sense == S::Label || self.tokens[at].is == Is::Quoted) {
            // "the label app set to web"
            let set = self.means(at + 1, S::Alter(0)) && self.means(at + 2, S::To) && self.tokens[at + 1].said.eq_ignore_ascii_case("set");
            if let (true, Some(value)) = (set, self.any_word(at + 3).or_else(|| self.quoted(at + 3))) {
                self.out.pairs.push(format!("{key}={value}"));
                self.at = at + 4;
                return;
            }
            self.out.label_key = Some(key);
            self.at = at + 1;
        }
    }

    /// "with the label environment production and tier frontend": keys and values side by side. Says whether they were.
    fn labels_in_words(&mut self, at: usize) -> bool {
        let mut from = self.at.saturating_sub(1);
        while from > 0 && self.means(from - 1, S::Det) {
            from -= 1;
        }
        if from == 0 || !self.means(from - 1, S::With) {
            return false;
        }
        let word = |at: usize| {
            let token = self.tokens.get(at)?;
            let plain = token.nameable() || matches!(token.is, Is::Sense(S::Role(_) | S::Type | S::Tag | S::State(_)) | Is::Number(_));
            (plain && !token.said.contains(' ')).then(|| token.said.to_string())
        };
        let ends = |at: usize| {
            matches!(
                self.is(at),
                None | Some(Is::Comma | Is::Stop | Is::Sense(S::And | S::In | S::Of | S::On | S::EveryNamespace | S::HereNamespace))
            )
        };
        let mut pairs = Vec::new();
        let (mut at, mut end) = (at, at);
        while let (Some(key), Some(value), true) =
            (word(at).filter(|_| !matches!(self.is(at), Some(Is::Number(_)))), word(at + 1), ends(at + 2))
        {
            pairs.push(format!("{key}={value}"));
            end = at + 2;
            if !matches!(self.is(end), Some(Is::Comma | Is::Sense(S::And))) {
                break;
            }
            at = end + 1;
        }
        if pairs.is_empty() {
            return false;
        }
        self.out.pairs.append(&mut pairs);
        self.at = end;
        true
    }

    /// `in (a, b)`, `not in (a, b)`, `one of a, b` behind a label's key, as a selector has it, and where it ends.
    fn one_of(&self, at: usize) -> Option<(String, usize)> {
        let not = self.means(at, S::Not);
        let at = at + usize::from(not);
        if !self.means(at, S::In) {
            return None;
        }
        let listed = self.tokens.get(at + 1).filter(|t| t.is == Is::Aside)?;
        let inside = listed.said.trim_start_matches('(').trim_end_matches(')');
        let values: Vec<&str> = inside.split([',', ' ']).filter(|value| !value.is_empty() && !["or", "and"].contains(value)).collect();
        let legal = |value: &&str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        (!values.is_empty() && values.iter().all(legal))
            .then(|| (format!("{}in ({})", if not { "not" } else { "" }, values.join(",")), at + 2))
    }

    /// "without the label a", "no `a` label", "that do not have the label a=b": behind the `not`. Says whether it was one.
    pub(super) fn unlabelled(&mut self) -> bool {
        let mut at = self.at;
        let mut label = false;
        while let Some(Is::Sense(sense @ (S::With | S::Det | S::Label | S::Labels | S::Named | S::Of | S::Be))) = self.is(at) {
            label |= matches!(sense, S::Label | S::Labels);
            at += 1;
        }
        let behind = self.means(at + 1, S::Label) || self.means(at + 1, S::Labels);
        if self.out.acts.iter().any(|act| act.changes()) || !(label || behind) {
            return false;
        }
        let key = match self.is(at) {
            Some(Is::Pair(pair)) => pair.replacen('=', "!=", 1),
            Some(Is::Word | Is::Quoted | Is::Image) => format!("!{}", self.tokens[at].said),
            Some(_) | None => return false,
        };
        self.out.pairs.push(key);
        self.at = at + 1 + usize::from(behind);
        true
    }

    /// "where environment is production and tier is frontend": labels, said as sentences. Says whether they were.
    pub(super) fn key_is_value(&mut self) -> bool {
        let mut pairs = Vec::new();
        let mut at = self.at;
        loop {
            let mut small = self.past_small(at);
            // "whose label tier is web"
            let said_label = self.means(small, S::Label);
            small += usize::from(said_label);
            let key =
                self.tokens.get(small).filter(|t| matches!(t.is, Is::Word | Is::Quoted | Is::Sense(S::Role(_))) && !t.said.contains(' '));
            // "whose environment label is production"
            small += usize::from(self.means(small + 1, S::Label));
            let be = self.tokens.get(small + 1).filter(|t| ["is", "equals"].contains(&t.said.to_lowercase().as_str()));
            // "whose env is in (dev, staging)", "whose env is not in (dev)"
            if let (Some(key), Some(_), Some((values, end))) = (key, be, self.one_of(small + 2)) {
                pairs.push(format!("{} {values}", key.said));
                at = end;
                break;
            }
            // "whose tier is not cache"
            let not = usize::from(self.means(small + 2, S::Not));
            let (Some(key), Some(_), Some(value)) = (key, be, self.any_word(small + 2 + not)) else { break };
            at = small + 3 + not;
            if not == 1 {
                // "not a or b" may mean either.
                if self.means(at, S::Or) {
                    return false;
                }
                pairs.push(format!("{}!={value}", key.said));
                match self.is(at) {
                    Some(Is::Comma | Is::Sense(S::And)) => at += 1,
                    Some(_) | None => break,
                }
                continue;
            }
            match self.any_word(at + 1).filter(|_| self.means(at, S::Or)) {
                Some(other) => {
                    pairs.push(format!("{} in ({value},{other})", key.said));
                    at += 2;
                }
                None => pairs.push(format!("{}={value}", key.said)),
            }
            match self.is(at) {
                Some(Is::Comma | Is::Sense(S::And)) => at += 1,
                Some(_) | None => break,
            }
        }
        // "whose name is x" is no label.
        if pairs.is_empty()
            || pairs.iter().any(|pair| {
                ["name", "status", "state", "type", "image", "phase"]
                    .iter()
                    .any(|key| ["=", "!=", " "].iter().any(|sign| pair.starts_with(&format!("{key}{sign}"))))
            })
        {
            return false;
        }
        self.out.pairs.append(&mut pairs);
        self.at = at;
        true
    }

    /// Whether a role is made: then words such as "get" and "list" say what it allows.
    pub(super) fn makes_a_role(&self) -> bool {
        self.out.acts.first() == Some(&Act::Create)
            && self.out.objects.first().is_some_and(|o| {
                o.kinds.iter().any(|k| k.is("roles", "rbac.authorization.k8s.io") || k.is("clusterroles", "rbac.authorization.k8s.io"))
            })
    }

    /// "as a service called front", "as front": what is made is called so. Says whether it was one.
    pub(super) fn as_what(&mut self, then: usize) -> bool {
        let makes = |act: &Act| matches!(act, Act::Expose | Act::Trigger);
        if !self.out.acts.iter().any(makes) {
            return false;
        }
        // "as a NodePort service"
        let mut then = then;
        if let Some(Is::Sense(S::Given("type", value))) = self.is(then)
            && self.kind(then + 1).is_some_and(|(k, _)| k.is("services", ""))
        {
            self.out.given.push(Given { role: "type", values: vec![(*value).into()] });
            then += 1;
            if !self.means(then + 1, S::Named) {
                self.at = then + 1;
                return true;
            }
        }
        let of_kind = self.kind(then).is_some_and(|(k, _)| k.is("services", "") || k.is("jobs", "batch"));
        let mut at = then + usize::from(of_kind);
        at += usize::from(self.means(at, S::Named));
        match self.name(at) {
            Some(name) => {
                self.out.given.push(Given { role: "service-name", values: vec![name] });
                self.at = at + 1;
                true
            }
            // "as a service of type NodePort"
            None if of_kind => {
                self.at = at;
                true
            }
            None => false,
        }
    }

    pub(super) fn named(&mut self, here: usize) {
        let Some(name) = self.name(self.at) else {
            // "the same names", "names of the pods": nothing follows.
            return;
        };
        let mut names = vec![name];
        self.at += 1;
        // "removing the label named x"
        if here > 0 && self.means(here - 1, S::Act(Act::Unlabel)) && self.out.label_key.is_none() {
            self.out.label_key = names.pop();
            return;
        }
        // "a service for pod web, on port 80, with the name front"
        let of_another = matches!(self.out.objects.as_slice(), [service, there, ..]
            if service.names.is_empty() && service.kinds.iter().any(|k| k.is("services", "")) && !there.names.is_empty());
        if of_another && self.out.acts.contains(&Act::Create) {
            self.out.given.push(Given { role: "service-name", values: names });
            return;
        }
        self.more_names(&mut names);
        // "an nginx pod named web": what stood before is what it runs.
        let makes = self.out.opens_new || self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Run));
        let runs = |o: &&mut Object| {
            o.names.len() == 1 && o.kinds.iter().any(|k| ["pods", "deployments", "jobs", "cronjobs"].contains(&k.info().plural))
        };
        if let (true, [name], Some(object)) = (makes, names.as_slice(), self.out.objects.last_mut().filter(runs)) {
            let before = std::mem::replace(&mut object.names[0], name.clone());
            if self.out.image.is_none() && !before.eq_ignore_ascii_case(name) {
                self.out.image = Some(before);
            }
            self.name_ended = Some(self.at);
            return;
        }
        match self.out.objects.last_mut().filter(|o| o.names.is_empty() && !o.kinds.is_empty()) {
            Some(object) => object.names = names,
            None => {
                let prep = self.prep.take();
                self.out.objects.push(Object { names, prep, joined: here > 0 && self.means(here - 1, S::And), ..Object::default() });
            }
        }
        self.name_ended = Some(self.at);
    }

    /// `, b and c` behind a name.
    pub(super) fn more_names(&mut self, names: &mut Vec<String>) {
        loop {
            let mut at = self.at;
            let joint = matches!(self.is(at), Some(Is::Comma | Is::Sense(S::And)));
            while matches!(self.is(at), Some(Is::Comma | Is::Sense(S::And | S::Det))) {
                at += 1;
            }
            match self.name(at) {
                Some(name) if joint && !matches!(self.is(at + 1), Some(Is::Kind(..) | Is::Sense(S::Container))) => {
                    names.push(name);
                    self.at = at + 1;
                }
                _ => return,
            }
        }
    }

    pub(super) fn joined(&self) -> bool {
        self.at > 0 && matches!(self.tokens[self.at - 1].is, Is::Sense(S::And) | Is::Comma)
    }

    /// A kind, or several joined, and the names behind.
    pub(super) fn kinds(&mut self) {
        let joined = self.joined();
        let mut object = Object { prep: self.prep.take(), joined, ..Object::default() };
        while let Some((kind, plural)) = self.kind(self.at) {
            object.kinds.push(kind);
            object.plural |= plural;
            self.at += 1;
            let joint = matches!(self.is(self.at), Some(Is::Comma | Is::Sense(S::And)));
            let next = self.past_small(self.at + usize::from(joint));
            if !joint || self.kind(next).is_none() || (self.name(next + 1).is_some() && object.kinds.len() == 1 && !object.plural) {
                break;
            }
            self.at = next;
        }
        let at = if self.means(self.at, S::Named) { self.at + 1 } else { self.at };
        let said_named = at > self.at;
        // "the nginx container", "the nginx container image"
        let of_a_container =
            self.tokens.get(at + 1).is_some_and(|t| t.means(S::Container) || t.said.to_lowercase().starts_with("container "))
                && self.name(at + 2).is_none();
        if let Some(name) = self.name(at).filter(|_| !of_a_container || said_named) {
            // "deployment frontend pods": the name before a plural belongs to what stands before it.
            object.direct = object.plural && !said_named;
            object.names.push(name);
            self.at = at + 1;
            let mut more = Vec::new();
            self.more_names(&mut more);
            object.names.append(&mut more);
            self.name_ended = Some(self.at);
        }
        self.out.objects.push(object);
    }

    /// One or more names: of a kind that stands behind them, of a container, of a namespace, or of nothing said.
    pub(super) fn names(&mut self) {
        if self.value_before() {
            return;
        }
        // "execute 'ls /tmp' in pod web-1"
        let runs = self.at > 0
            && (self.means(self.at - 1, S::Act(Act::Exec))
                || self.means(self.at - 1, S::Act(Act::Attach))
                    && self.tokens[self.at - 1].said.to_lowercase().ends_with("running")
                    && self.is(self.at) == Some(&Is::Quoted));
        if runs && self.kind(self.at + 1).is_none() {
            return self.command();
        }
        let Some(first) = self.name(self.at) else { return self.leave() };
        // "change the tier label on pod web-1 to front"
        if self.means(self.at + 1, S::Label) && (self.out.alter.is_some() || self.out.acts == [Act::Delete]) && self.out.label_key.is_none()
        {
            self.out.label_key = Some(first);
            self.out.labels = true;
            self.at += 2;
            return;
        }
        // "the busybox image"
        let of_a_container = self.tokens.get(self.at + 1).is_some_and(|t| t.said.to_lowercase().starts_with("container "));
        if self.means(self.at + 1, S::Image) && self.out.image.is_none() && (of_a_container || !self.image_follows(self.at + 2)) {
            // "the nginx container image": of that container.
            if self.tokens[self.at + 1].said.to_lowercase().starts_with("container") {
                self.out.container = Some(first);
            } else {
                self.out.image = Some(first);
            }
            self.out.image_said = true;
            self.at += 2;
            return;
        }
        if self.name_ended == Some(self.at) {
            return self.leave();
        }
        let joined = self.joined();
        let start = self.at;
        let mut names = vec![first];
        self.at += 1;
        // Joined names and a kind behind the last: "a and b deployments".
        self.more_names(&mut names);
        let mut after = self.at;
        if names.len() == 1 {
            let next = if matches!(self.is(after), Some(Is::Comma | Is::Sense(S::And))) { self.past_small(after + 1) } else { after };
            if next > after && self.name(next).is_some() && self.kind(next + 1).is_some_and(|(_, plural)| plural) {
                names.extend(self.name(next));
                after = next + 1;
                self.at = after;
            }
        }
        if let Some((kind, plural)) = self.kind(after) {
            self.at = after + 1;
            // "todo-app namespace" and the like keep the name they have; another right behind is left over.
            self.name_ended = Some(self.at);
            let object = Object { kinds: vec![kind], names, plural, before: true, joined, prep: self.prep.take(), ..Object::default() };
            self.out.objects.push(object);
            return;
        }
        if self.means(self.at, S::Container) && names.len() == 1 {
            // "web container app" may be read both ways.
            if self.name(self.at + 1).is_some() {
                self.out.leftover.append(&mut names);
                return;
            }
            self.out.container = names.pop();
            self.at += 1;
            return;
        }
        self.name_ended = Some(self.at);
        let prep = self.prep.take();
        // "if the deployment named mysql's current size is 2, scale mysql to 3": said again.
        if names.len() == 1 && self.out.says("current-replicas") && self.out.objects.iter().any(|o| o.names == names) {
            return;
        }
        // A bare name behind another object, led by nothing, belongs to nothing.
        let loose = prep.is_none() && !joined && !self.out.objects.is_empty();
        if prep == Some(S::With) || loose {
            self.out.leftover.extend(self.tokens[start..self.at].iter().map(|t| t.said.to_string()));
            return;
        }
        let led = self.led(start);
        self.out.objects.push(Object { names, joined, prep, led, ..Object::default() });
    }

    /// Whether the word `image` has its value behind it: "set web image to nginx:1.27".
    fn image_follows(&self, mut at: usize) -> bool {
        while matches!(self.is(at), Some(Is::Sense(S::Named | S::To | S::Tag | S::As | S::Be | S::Det))) {
            at += 1;
        }
        matches!(self.is(at), Some(Is::Image | Is::Word | Is::Quoted | Is::Number(_)))
    }

    /// Whether a bare name stands where a subject stands: behind `is`, `why`, `of`, or at the very beginning.
    fn led(&self, start: usize) -> bool {
        let before = self.tokens[..start].iter().rev().find(|t| !matches!(t.is, Is::Sense(S::Det | S::This | S::All | S::Filler)));
        let ends = matches!(
            self.is(self.at),
            None | Some(Is::Sense(S::In | S::Of | S::Because | S::EveryNamespace | S::WholeCluster | S::Goal(_) | S::Health))
        );
        // "whether web can reach db": the one who shall reach.
        let reaches = self.means(self.at, S::Reach);
        reaches
            || before.is_none_or(|t| {
                ends && (t.means(S::Probe) || t.means(S::Advise))
                    || matches!(t.is, Is::Sense(S::Be | S::Why | S::Of | S::With | S::Which | S::And | S::Not))
            })
    }
}
