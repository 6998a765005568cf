//! A role and its values: `port 80`, `the busybox image`, `verbs get, list and watch`, `the command "date"`.

use super::{
    super::{
        lexicon::{Act, Sense as S},
        slots::Given,
        tag::Is,
    },
    Reader,
};
use crate::terms::duration::GoDuration;

impl Reader<'_> {
    /// The role's noun was read; what stands behind it is taken.
    pub(super) fn role(&mut self, role: &'static str) {
        match role {
            "command" => return self.command(),
            "verb" => return self.verbs(),
            "limits" | "requests" | "hard" => return self.amounts(role),
            // "compare the usage of … between a and b"
            "min" if !matches!(self.is(self.at), Some(Is::Number(_) | Is::Sense(S::Named | S::Be | S::Of | S::To | S::Det))) => {
                self.prep = Some(S::Of);
                return;
            }
            _other => {}
        }
        let mut at = self.behind_the_noun(self.at);
        if role == "port" && self.is(at) == Some(&Is::Comma) && self.tokens[self.at - 1].said.ends_with('s') {
            at += 1;
        }
        let mut values = Vec::new();
        let mut end = self.at;
        let mut next = at;
        // "the condition ready": a word of the language where it stands alone.
        while let Some(value) = self
            .value(next)
            .or_else(|| self.any_word(next).filter(|_| matches!(role, "for" | "env" | "annotation" | "key") && values.is_empty()))
        {
            end = next + 1;
            // "a timeout of 20 seconds"
            match self.time(next).filter(|_| {
                matches!(role, "timeout" | "pod-running-timeout" | "grace-period" | "duration")
                    || role == "max" && self.out.acts.contains(&Act::Wait)
            }) {
                Some((length, took)) => {
                    values.push(if role == "grace-period" { seconds(&length) } else { length });
                    end = next + took;
                }
                // "at least one"
                None if matches!(self.is(next), Some(Is::Number(_))) && value.parse::<u64>().is_err() => {
                    values.extend(self.number(next).map(|n| n.to_string()));
                }
                None => values.push(value),
            }
            // "port 80 to 8080"
            if role == "port" && self.means(end, S::To) && self.number(end + 1).is_some() && !self.means(end + 2, S::Replicas) {
                let there = self.number(end + 1).map(|n| n.to_string()).into_iter().collect();
                self.out.given.push(Given { role: "target-port", values: there });
                end += 2;
                break;
            }
            let joint = self.past_joint(end);
            // "port 80 and 3 replicas", "user a and group b": the next is of another role.
            let another = matches!(self.is(joint + 1), Some(Is::Sense(S::Role(_) | S::Replicas | S::Image | S::Container) | Is::Kind(..)));
            if joint == end || another && role != "min" {
                break;
            }
            next = joint;
        }
        self.at = end;
        // "with key password and value x", "with the key password set to x": what a Secret or a ConfigMap holds.
        if role == "key" && values.len() == 1 && self.holds_values() {
            let mut at = end;
            while matches!(
                self.is(at),
                Some(Is::Comma | Is::Sense(S::And | S::With | S::Det | S::Value | S::Named | S::To | S::Alter(0) | S::Of | S::Be))
            ) {
                at += 1;
            }
            if let Some(value) = self.value(at).or_else(|| self.quoted(at)).or_else(|| self.any_word(at)).filter(|_| at > end) {
                self.at = at + 1;
                self.out.pairs.push(format!("{}={value}", values[0]));
                return;
            }
        }
        if role == "cpu-percent" && self.means(self.at, S::Cpu) {
            self.at += 1;
        }
        if matches!(role, "min" | "max") {
            let said = self.out.replicas;
            self.skip_replicas();
            self.out.replicas = said;
        }
        self.out.given.push(Given { role, values });
    }

    /// A value that stands before its noun: `8080 port`, `busybox image`. Says whether it was one.
    pub(super) fn value_before(&mut self) -> bool {
        // "two ports, 8443:443 and 8080:80"
        let counted = self.is(self.at + 1) == Some(&Is::Sense(S::Role("port"))) && self.tokens[self.at + 1].said.ends_with('s');
        if counted && self.number(self.at).is_some_and(|n| n < 10) && self.value(self.past_joint(self.at + 2)).is_some() {
            self.at += 1;
            return true;
        }
        let role = match self.is(self.at + 1) {
            Some(Is::Sense(S::Role(role))) => *role,
            // "70% CPU" of an autoscaler.
            Some(Is::Sense(S::Cpu)) if self.is(self.at) == Some(&Is::Amount) && self.tokens[self.at].said.ends_with('%') => "cpu-percent",
            Some(_) | None => return false,
        };
        // "the 'date' command"
        if role == "command" && self.is(self.at) == Some(&Is::Quoted) && self.value(self.behind_the_noun(self.at + 2)).is_none() {
            self.out.given.push(Given { role, values: command_words(&self.tokens[self.at].said) });
            self.at += 2;
            return true;
        }
        // "web port 80": the number is the port, and web is what has it.
        if self.value(self.behind_the_noun(self.at + 2)).is_some() || ["command", "env", "limits", "requests"].contains(&role) {
            return false;
        }
        let Some(value) = self.value(self.at) else { return false };
        self.out.given.push(Given { role, values: vec![value] });
        self.at += 2;
        true
    }

    /// `to`, `=`, `is`, `named`, articles: what may stand between the noun and its value.
    fn behind_the_noun(&self, mut at: usize) -> usize {
        while matches!(self.is(at), Some(Is::Sense(S::Named | S::Det | S::New | S::As | S::Be | S::To | S::Of))) {
            at += 1;
        }
        at
    }

    fn past_joint(&self, mut at: usize) -> usize {
        while matches!(self.is(at), Some(Is::Comma | Is::Sense(S::And | S::Or | S::Det))) {
            at += 1;
        }
        at
    }

    /// What may be a value by its form.
    pub(super) fn value(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at)?;
        // "ops@example.com"
        if token.is == Is::Strange && token.said.contains('@') {
            return Some(token.said.to_string());
        }
        let fits =
            matches!(token.is, Is::Number(_) | Is::Pair(_) | Is::Minus(_) | Is::Image | Is::File | Is::Duration | Is::Amount | Is::Address);
        // What a kind follows is that object's name.
        let word = token.nameable() && !matches!(self.is(at + 1), Some(Is::Kind(..)));
        match &token.is {
            Is::Pair(pair) => Some(pair.to_string()),
            _ => (fits || word).then(|| token.said.to_string()),
        }
    }

    /// `verbs get, list and watch`: whatever the words are elsewhere.
    pub(super) fn verbs(&mut self) {
        let mut values = Vec::new();
        let mut at = self.behind_the_noun(self.at);
        while let Some(token) = self.tokens.get(at) {
            let said = token.said.to_lowercase();
            if !is_access_verb(&said) {
                break;
            }
            values.push(said.into());
            self.at = at + 1;
            at = self.past_joint(self.at);
        }
        self.out.given.push(Given { role: "verb", values });
    }

    /// `limits cpu=1,memory=2Gi`, `a memory limit of 512Mi`, `limits of 500m cpu and 256Mi memory`.
    fn amounts(&mut self, role: &'static str) {
        // A quota counts objects as well: "2 pods".
        let resource = |is: Option<&Is>| match is {
            Some(Is::Sense(S::Cpu)) => Some("cpu"),
            Some(Is::Sense(S::Memory)) => Some("memory"),
            Some(Is::Kind(kind, true)) if role == "hard" => Some(kind.info().plural),
            Some(_) | None => None,
        };
        let mut of = self.at.checked_sub(2).and_then(|before| resource(self.is(before)));
        match of {
            Some("cpu") => self.out.cpu = false,
            Some(_) => self.out.memory = false,
            None => {}
        }
        let mut values = Vec::new();
        let mut at = self.at;
        loop {
            let next = self.behind_the_noun(self.past_joint(at));
            if let Some(word) = resource(self.is(next)) {
                of = Some(word);
                at = next + 1;
                continue;
            }
            let amount = matches!(self.is(next), Some(Is::Pair(_) | Is::Amount | Is::Duration | Is::Number(_) | Is::Quoted));
            let Some(value) = self.value(next).filter(|_| amount) else { break };
            if matches!(self.is(next), Some(Is::Pair(_))) {
                values.push(value);
                at = next + 1;
                continue;
            }
            match (of.take(), resource(self.is(next + 1))) {
                (Some(word), _) => {
                    values.push(format!("{word}={}", quantity(word, &value)));
                    at = next + 1;
                }
                (None, Some(word)) => {
                    values.push(format!("{word}={}", quantity(word, &value)));
                    at = next + 2;
                    continue;
                }
                (None, None) => break,
            }
        }
        self.at = at.max(self.at);
        if values.is_empty() {
            self.amount_of = of.map(|of| (role, of));
        }
        self.out.given.push(Given { role, values });
    }

    /// The amount that was still to come. Says whether it was one.
    pub(super) fn amount_comes(&mut self) -> bool {
        // "with 3 replicas" counts something else.
        if self.means(self.at + 1, S::Replicas) {
            return false;
        }
        let Some((role, of)) = self.amount_of.take() else { return false };
        let amount = self.tokens[self.at].said.to_string();
        match self.out.given.iter_mut().rev().find(|given| given.role == role) {
            Some(given) => given.values.push(format!("{of}={}", quantity(of, &amount))),
            None => return false,
        }
        self.at += 1;
        true
    }

    /// "run `ls /` in pod web-1", "run env in pod web-1": behind `run`.
    pub(super) fn runs_inside(&self) -> bool {
        let says = self.tokens.get(self.at).is_some_and(|t| {
            matches!(t.is, Is::Quoted | Is::Word)
                || matches!(self.is(self.at + 1), Some(Is::Sense(S::In | S::On))) && !matches!(t.is, Is::Kind(..))
        });
        let inside = |at: usize| {
            matches!(self.is(at), Some(Is::Sense(S::In | S::On)))
                && (at + 1..at + 7).any(
                    |n| matches!(self.is(n), Some(Is::Kind(kind, false) | Is::Slashed(kind, _)) if kind.is("pods", "") || kind.rolls_out()),
                )
        };
        let before =
            self.out.place.is_none() && self.out.objects.iter().any(|o| o.prep.is_some() && o.kinds.iter().any(|k| k.is("pods", "")));
        says && !self.tokens.iter().any(|t| t.means(S::Image)) && (before || (self.at + 1..self.tokens.len()).any(inside))
    }

    /// "make a job …": an article and a kind, and a name or an image behind.
    pub(super) fn makes_anew(&self) -> bool {
        let article = self.tokens.get(self.at).is_some_and(|t| ["a", "an", "me a", "new"].contains(&t.said.to_lowercase().as_str()));
        let at = self.past_small(self.at);
        article && (at..at + 3).any(|n| self.kind(n).is_some_and(|(_, plural)| !plural))
    }

    /// "10 pods and 4 cpu" of a quota. Says whether it was that.
    pub(super) fn counted_by_a_quota(&mut self) -> bool {
        let quota = self.out.acts == [Act::Create] && self.out.speaks_of("resourcequotas", "");
        let of = match self.is(self.at + 1) {
            Some(Is::Kind(kind, true)) => kind.info().plural,
            Some(Is::Sense(S::Cpu)) => "cpu",
            Some(Is::Sense(S::Memory)) => "memory",
            Some(_) | None => return false,
        };
        if !quota {
            return false;
        }
        let value = format!("{of}={}", quantity(of, &self.tokens[self.at].said));
        self.out.given.push(Given { role: "hard", values: vec![value] });
        self.at += 2;
        true
    }

    /// "sorted by their age": the field of the objects that is meant. Says whether it was that.
    pub(super) fn sorting(&mut self) -> bool {
        let at = self.at + 1;
        if !self.means(at, S::By) {
            return false;
        }
        let at = self.past_small(at + 1);
        let next = |n: usize| {
            let words = self.tokens.get(at..(at + n).min(self.tokens.len())).unwrap_or_default();
            words.iter().map(|t| t.said.to_lowercase()).collect::<Vec<_>>().join(" ")
        };
        const FIELDS: &[(&str, &str)] = &[
            ("name", ".metadata.name"),
            ("age", ".metadata.creationTimestamp"),
            ("creation time", ".metadata.creationTimestamp"),
            ("creation timestamp", ".metadata.creationTimestamp"),
            ("creation date", ".metadata.creationTimestamp"),
            ("creation", ".metadata.creationTimestamp"),
            ("start time", ".status.startTime"),
            ("node", ".spec.nodeName"),
            ("node name", ".spec.nodeName"),
            ("priority", ".spec.priority"),
            ("pod ip", ".status.podIP"),
            ("phase", ".status.phase"),
            ("type", ".spec.type"),
        ];
        if [next(2), next(1)].iter().any(|said| ["last timestamp", "time", "timestamp"].contains(&said.as_str())) {
            self.out.sorted_by_time = true;
            self.at = at + if next(2) == "last timestamp" { 2 } else { 1 };
            return true;
        }
        let found = (1..=2).rev().find_map(|n| FIELDS.iter().find(|(said, _)| *said == next(n)).map(|(_, field)| (*field, n)));
        let Some((field, n)) = found else { return false };
        // Events come in the order of their time in any case.
        if field == ".metadata.creationTimestamp" && self.out.topics.contains(&Act::Events) {
            self.out.sorted_by_time = true;
            self.at = at + n;
            return true;
        }
        self.out.given.push(Given { role: "sort-by", values: vec![field.into()] });
        self.at = at + n;
        true
    }

    /// "events, newest first": all are shown, and their times with them. Says whether it was that.
    pub(super) fn newest_first(&mut self) -> bool {
        let said = &self.tokens[self.at].said;
        let newest = || ["newest", "latest", "recent", "youngest", "oldest"].iter().any(|word| said.eq_ignore_ascii_case(word));
        let behind = self.means(self.at + 1, S::First) || self.means(self.at + 1, S::Last);
        if !(behind && newest() && self.out.acts.is_empty() && self.out.topics.contains(&Act::Events)) {
            return false;
        }
        self.out.sorted_by_time = true;
        self.at += 2;
        true
    }

    /// "from tls.crt and tls.key": what a TLS Secret is made of. Says whether it was that.
    pub(super) fn keeps_a_certificate(&mut self) -> bool {
        let said = self.tokens[self.at].said.to_string();
        let low = said.to_lowercase();
        let role = match low.rsplit('.').next() {
            Some("pem") if low.contains("key") || self.out.says("cert") => "key",
            Some("crt" | "cert" | "pem") => "cert",
            Some("key") => "key",
            Some(_) | None => return false,
        };
        if !low.contains('.') || self.out.acts != [Act::Create] || !self.out.speaks_of("secrets", "") {
            return false;
        }
        self.out.given.push(Given { role, values: vec![said] });
        self.at += 1;
        true
    }

    /// "sleeps for 1000 seconds", "echoes 'hello'": what a new container does. Says whether it was that.
    pub(super) fn does(&mut self) -> bool {
        if !self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Run)) || self.out.says("command") {
            return false;
        }
        let said = self.tokens[self.at].said.to_lowercase();
        let mut at = self.past_small(self.at + 1);
        if self.means(at, S::Of) {
            at += 1;
        }
        let words = match said.as_str() {
            "sleeps" | "sleeping" | "sleep" => match (self.number(at), self.is(at + 1)) {
                (Some(n), Some(Is::Sense(S::Unit("s")))) => {
                    at += 2;
                    vec!["sleep".to_string(), n.to_string()]
                }
                (Some(n), _) => {
                    at += 1;
                    vec!["sleep".to_string(), n.to_string()]
                }
                (None, _) if self.tokens.get(at).is_some_and(|t| t.said.eq_ignore_ascii_case("infinity")) => {
                    at += 1;
                    vec!["sleep".to_string(), "infinity".to_string()]
                }
                (None, _) => return false,
            },
            "echoes" | "echoing" | "prints" | "printing" => match self.quoted(at) {
                Some(text) => {
                    at += 1;
                    vec!["echo".to_string(), text]
                }
                None => return false,
            },
            _other => return false,
        };
        self.out.given.push(Given { role: "command", values: words });
        self.at = at;
        true
    }

    /// Whether what stands behind "which runs" is a command: an image is said elsewhere.
    pub(super) fn runs_a_command(&self, here: usize) -> bool {
        let makes = self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Run))
            && [("jobs", "batch"), ("cronjobs", "batch"), ("pods", "")].iter().any(|(kind, group)| self.out.speaks_of(kind, group));
        let imaged = self.out.image.is_some() || self.tokens[here..].iter().any(|t| t.means(S::Image));
        let said = self.tokens[here].said.to_lowercase();
        let leads = said.ends_with("runs") || said.ends_with("that run");
        makes
            && imaged
            && leads
            && matches!(self.is(self.at), Some(Is::Word | Is::Quoted | Is::Sense(S::Foreign | S::Show)))
            && self.schedule(self.at).is_none()
    }

    /// Whether a Secret or a ConfigMap is made.
    fn holds_values(&self) -> bool {
        let holds = self.out.speaks_of("secrets", "") || self.out.speaks_of("configmaps", "");
        self.out.acts == [Act::Create] && holds && !self.out.says("cert")
    }

    /// Whether the words before say that a path follows: "from the file conf/app.properties".
    pub(super) fn a_file_comes(&self) -> bool {
        const NOUNS: &[&str] = &["file", "files", "directory", "folder", "dir"];
        let noun = |at: usize| {
            self.tokens.get(at).is_some_and(|t| t.said.to_lowercase().split(' ').next_back().is_some_and(|w| NOUNS.contains(&w)))
        };
        let makes = self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Apply | Act::Replace | Act::Delete | Act::Diff));
        let named = usize::from(self.at > 1 && self.means(self.at - 1, S::Named));
        makes && self.at.checked_sub(1 + named).is_some_and(noun)
    }

    /// Everything behind `command` is the command, to where the step says where.
    pub(super) fn command(&mut self) {
        let mut words: Vec<String> = Vec::new();
        let mut at = self.behind_the_noun(self.at);
        // "the command with arguments …"
        if self.means(at, S::With)
            && self.tokens.get(at + 1).is_some_and(|t| ["arguments", "args"].contains(&t.said.to_lowercase().as_str()))
        {
            at += 2;
        }
        while self.means(at, S::Role("command")) || self.means(at, S::Det) {
            at += 1;
        }
        if let Some(Is::Quoted) = self.is(at) {
            words = command_words(&self.tokens[at].said);
            at += 1;
        } else {
            while let Some(token) = self.tokens.get(at) {
                // "sleep 3600 with restart policy Never": what follows is said of what runs it.
                let told = |at: usize| matches!(self.is(at), Some(Is::Sense(S::Role("restart" | "port") | S::Given("restart", _))));
                let leads_on = matches!(token.is, Is::Sense(S::With)) && self.image_leads(at + 1)
                    || matches!(token.is, Is::Sense(S::With | S::And | S::Det))
                        && told(self.past_small(at + 1 + usize::from(self.means(at + 1, S::Be))))
                    || matches!(token.is, Is::Sense(S::Given("restart", _)))
                    || self.schedule(at).is_some()
                    || matches!(token.is, Is::Sense(S::In | S::On | S::Of | S::With))
                        && (self.kind(at + 1).is_some()
                            || self.kind(at + 2).is_some()
                            || self.kind(at + 3).is_some()
                            || self.means(self.past_small(at + 1), S::Container));
                if self.means(at, S::Given("terminal", "true")) {
                    self.out.given.push(Given { role: "terminal", values: vec!["true".into()] });
                    at += 1;
                    continue;
                }
                if leads_on || token.is == Is::Stop || token.is == Is::Comma || matches!(token.is, Is::Sense(S::HereNamespace)) {
                    break;
                }
                words.push(token.said.to_string());
                at += 1;
            }
        }
        self.at = at.max(self.at);
        self.out.given.push(Given { role: "command", values: words });
    }
}

impl Reader<'_> {
    /// "the image x", "image x".
    fn image_leads(&self, at: usize) -> bool {
        self.means(self.past_small(at), S::Image)
    }
}

/// The words of a command in quotes; what cannot be split is one word.
fn command_words(said: &str) -> Vec<String> {
    crate::ops::argv::split(said).unwrap_or_else(|_| vec![said.to_string()])
}

/// `15m` in seconds, as `--grace-period` has it.
fn seconds(length: &str) -> String {
    let read = length.parse::<GoDuration>().ok().and_then(GoDuration::to_std);
    read.map_or_else(|| length.to_string(), |length| length.as_secs().to_string())
}

/// An amount as Kubernetes writes it: `512mi` and `300 MB` of memory are 512Mi and 300M. CPU's `m` is a thousandth and stays.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
fn quantity(of: &str, said: &str) -> String {
    let low = said.to_lowercase();
    let digits = low.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &low[digits.len()..];
    let unit = match unit.strip_suffix('b').unwrap_or(unit) {
        "ki" => "Ki",
        "mi" => "Mi",
        "gi" => "Gi",
        "ti" => "Ti",
        "k" => "k",
        "g" => "G",
        "t" => "T",
        // Of memory a thousandth makes no sense, a million does; it is asked about, unless it was said in full.
        "m" if unit == "mb" => "M",
        _ => return said.to_string(),
    };
    if of == "cpu" { said.to_string() } else { format!("{digits}{unit}") }
}

/// The verbs that access rules know.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>.
pub fn is_access_verb(word: &str) -> bool {
    const VERBS: &[&str] = &[
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "use",
        "bind",
        "escalate",
        "impersonate",
        "approve",
        "sign",
        "*",
    ];
    VERBS.contains(&word)
}
