//! `kubectl wait`: until conditions hold of objects, or time is up.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Choice, Documents, Flag, Impact, Lookup, Misuse, Namespace, Op, Reply, Spec, Target, Until, Verb, Wait,
    answer::Table,
    verb::{objects_on, refuse},
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// kubectl's own patience.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a negative time means to kubectl.
const A_WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Waits until something holds of objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitFor {
    /// the objects
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// instead of names: all of a kind, those with a label, those in a file
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Choice>,
    /// what has to hold, one after the other: create, delete, condition=NAME or condition=NAME=VALUE
    #[serde(rename = "for")]
    pub until: Vec<Until>,
    /// how long it may take: 90s, 5m; 0 looks once; left out: 30s
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

impl WaitFor {
    fn said(&self) -> String {
        self.until.iter().map(Until::said).collect::<Vec<_>>().join(" and ")
    }
}

impl Verb for WaitFor {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.targets.iter_mut().for_each(|target| target.place(namespace));
        if let Some(of) = &mut self.of {
            of.place(namespace);
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }
    fn choice(&self) -> Option<&Choice> {
        self.of.as_ref()
    }
    fn title(&self) -> String {
        let names: Vec<String> = self.targets.iter().map(Target::slashed).chain(self.of.iter().map(Choice::said)).collect();
        format!("wait for {}: {}", names.join(", "), self.said())
    }
    fn files(&self) -> Vec<String> {
        self.of.iter().flat_map(|of| of.files.clone()).collect()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        if let Some(of) = &mut self.of {
            of.load(file, documents);
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.of.as_ref().map_or_else(Vec::new, |of| of.looks(seen))
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let Some(of) = &self.of else { return Ok(None) };
        if !self.targets.is_empty() {
            return Err(CannotDo::new("names and a choice of objects cannot stand together", "say one of the two"));
        }
        let all_seen = seen.iter().all(|list| !matches!(list, Lookup::NotChecked(_)));
        let targets = match of.found(seen) {
            // What is not there needs no waiting for its end.
            Err(_) if self.until.contains(&Until::Delete) && all_seen => Vec::new(),
            found => found?,
        };
        Ok(Some(vec![WaitFor { targets, of: None, ..self.clone() }.into()]))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.of.is_some() {
            return Err(CannotDo::new("it is not known yet which objects are meant", ""));
        }
        if self.until.is_empty() {
            return Err(CannotDo::new("for what? nothing is said", "for example --for=condition=Available"));
        }
        Ok(self.targets.iter().map(Call::get).collect())
    }
    fn print(&self) -> Argv {
        let mut argv = self.targets.iter().fold(Argv::of(Self::VERB), |argv, t| argv.place(t.slashed()));
        if let Some(of) = &self.of {
            argv = of.print(argv);
        }
        argv = self.until.iter().fold(argv, |argv, until| argv.flag("for", until));
        if let Some(timeout) = &self.timeout {
            argv = argv.flag("timeout", timeout);
        }
        match &self.of {
            Some(of) => of.flags(argv, false),
            None => argv.namespace(self.targets.iter().find_map(Target::namespace)),
        }
    }
    fn wait(&self) -> Wait {
        Wait::Until(self.targets.clone(), self.until.clone())
    }
    fn patience(&self) -> Option<Duration> {
        let said = self.timeout.as_ref().and_then(|timeout| timeout.parse::<GoDuration>().ok());
        Some(match said.map(GoDuration::to_std) {
            None => PATIENCE,
            Some(None) => A_WEEK,
            // Zero would be without end: it looks once.
            Some(Some(patience)) => patience.max(Duration::from_nanos(1)),
        })
    }
    fn answer(&self, _calls: &[Call], _replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let state = |target: &Target| vec![target.slashed(), self.said()];
        let table = Table {
            title: "objects to wait for".into(),
            columns: vec!["Object".into(), "Holds".into()],
            rows: self.targets.iter().map(state).collect(),
        };
        Ok(Answer::Tables { tables: vec![table] })
    }
}

impl Spec for WaitFor {
    const NAME: &'static str = "wait_for";
    const VERB: &'static [&'static str] = &["wait"];
    const ABOUT: &'static str = "Wait until a condition holds of objects, or they are there, or gone.";
    const EXAMPLE: &'static str = "kubectl wait --for=condition=Available deployment/web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("for"),
        Flag::value("timeout"),
        Flag::switch("all"),
        Flag::value("selector").short('l'),
        Flag::value("field-selector"),
        Flag::value("filename").short('f'),
        Flag::switch("recursive").short('R'),
        Flag::switch("local"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("local", "what holds is for the cluster to say")])?;
        let says = |text: String| Misuse::Says(format!("kubectl wait: {text}"));
        let until = argv.all("for").map(str::parse::<Until>).collect::<Result<Vec<_>, _>>();
        let mut until = until.map_err(|why| says(format!("--for: {why}")))?;
        // What is to be there is waited for first, as kubectl does.
        until.sort_by_key(|one| *one != Until::Create);
        until.dedup();
        if until.is_empty() {
            return Err(says("for what? --for=condition=NAME, --for=delete or --for=create is missing".into()));
        }
        if until.len() > 1 && until.contains(&Until::Delete) {
            return Err(says("--for=delete stands alone: nothing else holds of what is gone".into()));
        }
        let (of, targets, rest) = match Choice::on_line(argv, false)? {
            Some((of, rest)) if of.targets.is_empty() => (Some(of), Vec::new(), rest),
            Some(_) | None => {
                let (targets, rest) = objects_on(argv)?;
                (None, targets, rest)
            }
        };
        if let Some(extra) = rest.first() {
            return Err(says(format!("{extra:?} was not expected")));
        }
        match &of {
            None if targets.is_empty() => return Err(says("which object? kind/name is missing".into())),
            Some(of) if of.files.is_empty() && until.contains(&Until::Create) => {
                return Err(says("--for=create: say by name what is to be there; a selector finds only what is".into()));
            }
            Some(_) | None => {}
        }
        let timeout = argv.parsed::<GoDuration>("timeout")?.map(|_| argv.get("timeout").unwrap_or_default().to_string());
        Ok(WaitFor { targets, of, until, timeout })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn lines_of_kubectl_are_read() {
        for (said, line) in [
            ("kubectl wait pods a b --for condition=Ready=false", "kubectl wait pod/a pod/b --for=condition=Ready=false"),
            ("kubectl wait --for=condition=Ready --for=create pod/a", "kubectl wait pod/a --for=create --for=condition=Ready"),
            ("kubectl wait --for=delete pod -l app=x --timeout=2m", "kubectl wait pods --for=delete --timeout=2m --selector=app=x"),
            ("kubectl wait -f x.yaml --for=create", "kubectl wait --for=create -f x.yaml"),
            ("kubectl wait job --all --for=condition=complete", "kubectl wait jobs --for=condition=complete --all"),
        ] {
            assert_eq!(Op::from_line(said).unwrap().line(), line, "{said}");
        }
        for bad in [
            "pod/a",
            "pod/a --for=ready",
            "pod/a --for=condition=",
            "--for=delete",
            "pods --for=delete",
            "pod/a --for=delete --for=create",
            "pods -l a=b --for=create",
            "pod/a --for=delete --timeout=soon",
            "pod/a --for=delete --local",
        ] {
            assert!(Op::from_line(&format!("kubectl wait {bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_is_as_patient_as_kubectl() {
        let patience = |flag: &str| Op::from_line(&format!("kubectl wait pod/a --for=delete {flag}")).unwrap().verb().patience().unwrap();
        assert_eq!(patience(""), Duration::from_secs(30));
        assert_eq!(patience("--timeout=2m"), Duration::from_secs(120));
        assert!(patience("--timeout=0") < Duration::from_millis(1) && !patience("--timeout=0").is_zero());
        assert_eq!(patience("--timeout=-1s"), Duration::from_secs(7 * 24 * 3600));
    }

    #[test]
    fn what_a_selector_does_not_find_is_gone_already() {
        let none = [Lookup::Known(json!({"items": []}))];
        let gone = Op::from_line("kubectl wait pods -l app=x --for=delete").unwrap().verb().expand(&none).unwrap().unwrap();
        assert!(gone[0].verb().calls(&[], Default::default()).unwrap().is_empty());
        assert!(Op::from_line("kubectl wait pods -l app=x --for=condition=Ready").unwrap().verb().expand(&none).is_err());
    }
}
