//! What containers do, told in advance: built in code from [`Script::runs`] and its sisters, or read from data (`scripts.yaml`, [`Script::from_json`]).
use crate::simulator::manifest;
use serde::Deserialize;
use serde_json::Value;

/// Which containers a script is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The image, where `*` stands for anything: `todo-worker:*`.
    Image(String),
    /// Pods with this label.
    Label(String, String),
    /// The pod's name, with `*` as above.
    Pod(String),
    /// The container's name, with `*` as above.
    Container(String),
    /// All of these.
    All(Vec<Match>),
    /// Those of one namespace that also fit another match.
    In(String, Box<Match>),
}

impl Match {
    /// The same, in one namespace only.
    #[must_use]
    pub fn within(self, namespace: &str) -> Self {
        Match::In(namespace.to_owned(), Box::new(self))
    }

    pub(super) fn fits(&self, pod: &Value, container: &Value) -> bool {
        let named = |pattern: &str, object: &Value, field: &str| object[field].as_str().is_some_and(|text| glob(pattern, text));
        match self {
            Match::Image(pattern) => named(pattern, container, "image"),
            Match::Label(key, value) => pod.pointer("/metadata/labels").is_some_and(|l| l[key] == value.as_str()),
            Match::Pod(pattern) => named(pattern, &pod["metadata"], "name"),
            Match::Container(pattern) => named(pattern, container, "name"),
            Match::All(parts) => parts.iter().all(|part| part.fits(pod, container)),
            Match::In(namespace, which) => pod["metadata"]["namespace"] == namespace.as_str() && which.fits(pod, container),
        }
    }
}

/// `*` stands for any text; all else for itself.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| glob(rest, &tail[at..]))),
    }
}

/// One container's play. Times are seconds after its start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// When it begins to answer its probes.
    pub ready_after: i64,
    /// What it writes when it starts.
    pub log: Vec<String>,
    /// What it goes on writing.
    pub tick: Option<Tick>,
    /// Environment variables without which it ends at once.
    pub needs: Vec<Need>,
    /// Where a probe is answered otherwise.
    pub probes: Probes,
    /// What it does when it is asked to end.
    pub stops: Stops,
    /// What it uses, as `kubectl top` shows it.
    pub usage: Option<Usage>,
    /// What it does in the end.
    pub then: Behaviour,
}

/// A line that is written again and again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// Seconds between two.
    pub every: i64,
    pub line: String,
}

/// A variable that a program cannot do without: it says so and ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub variable: String,
    pub says: String,
    #[serde(default = "one")]
    pub code: i32,
}

fn one() -> i32 {
    1
}

/// How each probe is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Probes {
    pub startup: Answers,
    pub liveness: Answers,
    pub readiness: Answers,
}

/// The answers to one probe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    /// When it begins to pass; the script's `ready_after` if not said.
    pub passes: Option<When>,
    /// When it begins to fail (again).
    pub fails: Option<i64>,
    /// The output of a failed probe; a refused connection if not said.
    pub says: Option<String>,
}

/// A time, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    Never,
    #[serde(untagged)]
    After(i64),
}

/// The CPU and memory a container uses; what is not said is worked out from what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// Nobody measures it.
    Unknown,
    #[serde(untagged)]
    Of {
        #[serde(default)]
        cpu: Option<String>,
        #[serde(default)]
        memory: Option<String>,
    },
}

/// What a container does with SIGTERM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stops {
    /// Nothing; it is killed at the end of its grace.
    Never,
    /// Ends so many seconds later with this code.
    #[serde(untagged)]
    In {
        after: i64,
        #[serde(default)]
        code: i32,
    },
}

impl Default for Stops {
    fn default() -> Self {
        Stops::In { after: 1, code: 0 }
    }
}

/// What a container does in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Behaviour {
    #[default]
    Runs,
    /// Ends after so many seconds with this code and these last words.
    Exits {
        after: i64,
        code: i32,
        #[serde(default)]
        last: Vec<String>,
    },
    /// Is killed for its memory after so many seconds.
    OutOfMemory { after: i64 },
    /// Its image cannot be had, for this reason of the registry's.
    CannotPull(String),
}

impl Default for Script {
    fn default() -> Self {
        Script::runs()
    }
}

impl Script {
    /// Starts, answers its probes at once, runs for ever.
    pub fn runs() -> Self {
        Script {
            ready_after: 0,
            log: Vec::new(),
            tick: None,
            needs: Vec::new(),
            probes: Probes::default(),
            stops: Stops::default(),
            usage: None,
            then: Behaviour::Runs,
        }
    }

    /// Ends after so many seconds.
    pub fn exits(after: i64, code: i32) -> Self {
        Script { then: Behaviour::Exits { after, code, last: Vec::new() }, ..Script::runs() }
    }

    /// Has an image that no registry knows.
    pub fn cannot_pull() -> Self {
        Script { then: Behaviour::CannotPull("not found".to_owned()), ..Script::runs() }
    }

    /// Runs and is never ready.
    pub fn never_ready(output: &str) -> Self {
        let readiness = Answers { passes: Some(When::Never), fails: None, says: Some(output.to_owned()) };
        Script { probes: Probes { readiness, ..Probes::default() }, ..Script::runs() }
    }

    /// The same, with these lines in its log.
    #[must_use]
    pub fn saying(mut self, lines: &[&str]) -> Self {
        self.log.extend(lines.iter().map(|l| (*l).to_owned()));
        self
    }

    /// The same, writing a line every so many seconds.
    #[must_use]
    pub fn ticking(mut self, seconds: i64, line: &str) -> Self {
        self.tick = Some(Tick { every: seconds.max(1), line: line.to_owned() });
        self
    }

    /// A script and whom it is for, from one entry of a `scripts.yaml`: `image`, `label` (`key=value`), `pod` and `container` say for whom (all of them must
    /// fit; none: for every container), everything else is the script.
    ///
    /// # Errors
    /// A field that is not known or has the wrong form, in words.
    pub fn from_json(mut entry: Value) -> Result<(Match, Script), String> {
        let mut parts = Vec::new();
        let fields = entry.as_object_mut().ok_or("a script is a map of fields")?;
        for (name, by) in
            [("image", Match::Image as fn(String) -> Match), ("pod", Match::Pod as fn(String) -> Match), ("container", Match::Container)]
        {
            if let Some(pattern) = fields.remove(name) {
                parts.push(by(pattern.as_str().ok_or(format!("{name} is a text"))?.to_owned()));
            }
        }
        if let Some(label) = fields.remove("label") {
            let (key, value) = label.as_str().and_then(|l| l.split_once('=')).ok_or("label is key=value")?;
            parts.push(Match::Label(key.to_owned(), value.to_owned()));
        }
        let mut script: Script = serde_json::from_value(entry).map_err(|why| why.to_string())?;
        if let Some(tick) = &mut script.tick {
            tick.every = tick.every.max(1);
        }
        Ok((if let [only] = &parts[..] { only.clone() } else { Match::All(parts) }, script))
    }

    /// Every entry of a `scripts.yaml`: a list, as [`Script::from_json`] reads its entries.
    ///
    /// # Errors
    /// Text that is not YAML, or the first entry that cannot be read.
    pub fn from_yaml(text: &str) -> Result<Vec<(Match, Script)>, String> {
        let entries = manifest::one(text).map_err(|why| why.to_string())?;
        let entries = entries.as_array().cloned().ok_or("scripts are a list")?;
        entries.into_iter().zip(1..).map(|(entry, at)| Script::from_json(entry).map_err(|why| format!("script {at}: {why}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, Behaviour, Match, Script, Stops, When, glob};

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text) in [("a:*", "a:1"), ("*", ""), ("*:no-such-tag", "x/y:no-such-tag"), ("a*c*e", "abcde"), ("a", "a")] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a:*", "b:1"), ("a", "ab"), ("*x", "xy")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn scripts_are_read_from_data() {
        let text = "
- {image: 'worker:*', label: app=a, log: [one], tick: {every: 0, line: x}, needs: [{variable: URL, says: no URL}, [KEY, no key, 3]], then: {exits: {after: 3, code: 2}}}
- {container: web, ready_after: 60, stops: never, probes: {liveness: {passes: never, says: 'no'}, readiness: {fails: 9}}}
- {image: 'x', then: {cannot_pull: not found}, stops: {after: 5}}
";
        let read = Script::from_yaml(text).unwrap();
        assert_eq!(read[0].0, Match::All(vec![Match::Image("worker:*".into()), Match::Label("app".into(), "a".into())]));
        assert_eq!(read[0].1.then, Behaviour::Exits { after: 3, code: 2, last: vec![] });
        assert_eq!(read[0].1.needs.iter().map(|n| n.code).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(read[0].1.tick.as_ref().unwrap().every, 1, "a line every zero seconds would never end");
        assert_eq!((read[1].1.ready_after, read[1].1.stops), (60, Stops::Never));
        assert_eq!(read[1].1.probes.liveness, Answers { passes: Some(When::Never), fails: None, says: Some("no".into()) });
        assert_eq!(read[2].1.stops, Stops::In { after: 5, code: 0 });
        let unknown = Script::from_yaml("- {image: x, redy_after: 3}").unwrap_err();
        assert!(unknown.starts_with("script 1: unknown field `redy_after`"), "{unknown}");
    }
}
