//! Probes in words: `a readiness probe on path /healthz port 8080, initial delay 5s, every 10 seconds`.

use super::super::phrases::{List, list};
use super::{heads::Lack, walk::Walk};
use crate::ops::{
    argv,
    parts::{Check, Part, Port, Probe, ProbeSort},
};

/// A probe as far as it was said.
#[derive(Debug, Clone, Default)]
pub struct ProbeDraft {
    sorts: Vec<ProbeSort>,
    path: Option<String>,
    port: Option<Port>,
    way: Option<Way>,
    https: bool,
    command: Option<Vec<String>>,
    numbers: Vec<(&'static str, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Http,
    Tcp,
    Exec,
    Grpc,
}

const WAYS: &[(List, Way)] = &[
    (List::of("http|httpget|http get|an http get|http-get|http get request|an http get request|http request"), Way::Http),
    (List::of("tcp|tcpsocket|tcp socket|tcp-socket|tcp connection|a tcp connection|a tcp socket"), Way::Tcp),
    (List::of("exec|command|execaction|exec command"), Way::Exec),
    (List::of("grpc"), Way::Grpc),
];

const SORTS: &[(List, &[ProbeSort])] = &[
    (List::of("liveness probe|liveness probes|livenessprobe|liveness check|liveness-probe"), &[ProbeSort::Liveness]),
    (List::of("readiness probe|readiness probes|readinessprobe|readiness check|readiness-probe"), &[ProbeSort::Readiness]),
    (List::of("startup probe|startup probes|startupprobe|startup check|startup-probe"), &[ProbeSort::Startup]),
    (
        List::of(
            "liveness and readiness probe|liveness and readiness probes|readiness and liveness probe|readiness and liveness probes|liveness and a readiness probe|readiness and a liveness probe|liveness probe and readiness probe",
        ),
        &[ProbeSort::Liveness, ProbeSort::Readiness],
    ),
];

/// What leads to where it asks.
const TO: &List = &List::of(
    "on|at|for|to|against|via|using|with|hitting|checking|that checks|that calls|that hits|that gets|which checks|which calls|which hits|that requests|that probes|which probes|requesting|calling|probing|it should check|on the|to the|by",
);

const NUMBERS: &[(List, &str)] = &[
    (
        List::of(
            "initialdelayseconds|initial delay|initial delay of|an initial delay of|a delay of|delay of|delay|after|starting after|start after|with an initial delay of|initial delay seconds|initial delay seconds of|wait",
        ),
        "initialDelaySeconds",
    ),
    (
        List::of(
            "periodseconds|period|period of|a period of|every|with a period of|period seconds|period seconds of|interval|interval of|an interval of",
        ),
        "periodSeconds",
    ),
    (
        List::of("timeoutseconds|timeout|timeout of|a timeout of|time out after|timing out after|timeout seconds|timeout seconds of"),
        "timeoutSeconds",
    ),
];
const COUNTS: &[(List, &str)] = &[
    (
        List::of(
            "failurethreshold|failure threshold|failure threshold of|a failure threshold of|with a failure threshold of|failing after|fail after|threshold of",
        ),
        "failureThreshold",
    ),
    (List::of("successthreshold|success threshold|success threshold of|a success threshold of"), "successThreshold"),
];

/// Where the command ends that nobody quoted.
const ENDS: &List = &List::of(
    "to|in|of|with|for|on|every|and|,|(|)|initial|period|timeout|after|initialdelayseconds|periodseconds|timeoutseconds|failurethreshold|failure",
);

impl ProbeDraft {
    /// What begins one.
    pub fn head(w: &mut Walk) -> Option<ProbeDraft> {
        w.attempt(|w| {
            w.eat(list!("a|an|the|its"));
            w.eat(list!("kubernetes|new|simple"));
            let https = w.eat(list!("https"));
            let way = WAYS.iter().find(|(said, _)| w.eat(said)).map(|(_, way)| *way).or(https.then_some(Way::Http));
            let (_, sorts) = SORTS.iter().filter(|(said, _)| w.sees(said).is_some()).max_by_key(|(said, _)| w.sees(said))?;
            let said = SORTS.iter().find(|(_, s)| s == sorts).map(|(said, _)| said)?;
            w.eat(said);
            Some(ProbeDraft { sorts: sorts.to_vec(), way, https, ..ProbeDraft::default() })
        })
    }

    /// One thing more that is said of it.
    pub fn detail(&mut self, w: &mut Walk) -> bool {
        let read = w.attempt(|w| {
            w.eat(list!("and|,|with|which has|that has|having|it has|also"));
            self.number(w).or_else(|| self.command(w)).or_else(|| self.asked(w))
        });
        read.is_some()
    }

    fn number(&mut self, w: &mut Walk) -> Option<()> {
        w.eat(list!("a|an|the"));
        for (said, field) in NUMBERS {
            if let Some(n) = w.led(said, |w| w.seconds()) {
                self.numbers.retain(|(known, _)| known != field);
                self.numbers.push((field, n));
                w.eat(list!("delay|initial delay|period|timeout"));
                return Some(());
            }
        }
        for (said, field) in COUNTS {
            let n = w.led(said, |w| w.number());
            if let Some(n) = n {
                self.numbers.push((field, n));
                w.eat(list!("failures|tries|attempts|failed attempts|consecutive failures|times"));
                return Some(());
            }
        }
        None
    }

    fn command(&mut self, w: &mut Walk) -> Option<()> {
        const RUNS: &List = &List::of(
            "that runs|which runs|running|that executes|which executes|executing|runs|with command|with the command|using the command|using command|command|exec|that runs the command|running the command|executing the command|by running|by executing|that runs command|the command|with exec command|exec command",
        );
        if self.way.is_some_and(|way| way != Way::Exec) {
            return None;
        }
        let words = w.led(RUNS, command_words)?;
        self.command = Some(words);
        self.way = Some(Way::Exec);
        Some(())
    }

    fn asked(&mut self, w: &mut Walk) -> Option<()> {
        let begun = w.at();
        w.eat(TO);
        w.eat(list!("the|a|an"));
        if w.eat(list!("https|https get|scheme https")) {
            (self.https, self.way) = (true, Some(Way::Http));
            w.eat(list!("on|to|at|the"));
        }
        let way = WAYS.iter().filter(|(_, way)| *way != Way::Exec).find(|(said, _)| w.eat(said)).map(|(_, way)| *way);
        if let Some(way) = way {
            self.way = self.way.or(Some(way)).filter(|known| *known == way);
            self.way?;
            w.eat(list!("probe|check|request|on|to|at|the"));
        }
        let mut any = way.is_some();
        if let Some(path) = w.attempt(|w| {
            w.eat(list!("http path|path|the path|url|endpoint|the endpoint|url path|uri|get"));
            w.path()
        }) {
            self.path = Some(path).filter(|_| self.path.is_none());
            self.path.as_ref()?;
            w.eat(list!("endpoint|path"));
            any = true;
        }
        let begun_port = w.at();
        let led = w.eat(list!(
            "on port|port|at port|and port|, port|:|on the port|tcp port|on tcp port|container port|http port|on container port"
        ));
        let bare = !led && (begun_port == begun || w.eat(list!("on|at|:|and")));
        let port = if led {
            w.port(true)
        } else if bare || begun < begun_port {
            w.port(false)
        } else {
            None
        };
        match port {
            Some(port) if self.port.is_none() => self.port = Some(port),
            Some(_) => return None,
            None if led => return None,
            None => {}
        }
        any |= self.port.is_some() && w.at() > begun_port && !(led && self.port.is_none());
        if any && w.at() > begun { Some(()) } else { None }
    }

    /// The probes it comes to.
    pub fn parts(&self) -> Result<Vec<Part>, Lack> {
        let of = match self.sorts.first() {
            Some(ProbeSort::Liveness) => "liveness",
            Some(ProbeSort::Readiness) => "readiness",
            Some(ProbeSort::Startup) | None => "startup",
        };
        let lack = |text: String| Err(Lack::new("probe", text));
        let check = match (self.way, &self.path, &self.port, &self.command) {
            (Some(Way::Exec) | None, None, None, Some(command)) => Check::Exec(command.clone()),
            (Some(Way::Exec), ..) => return lack(format!("which command shall the {of} probe run, for example `cat /tmp/healthy`?")),
            (Some(Way::Tcp), None, Some(port), None) => Check::Tcp(port.clone()),
            (Some(Way::Tcp), ..) => return lack(format!("to which port shall the {of} probe connect?")),
            (Some(Way::Grpc), None, Some(Port::Number(port)), None) => Check::Grpc(*port),
            (Some(Way::Grpc), ..) => return lack(format!("on which port shall the {of} probe ask over gRPC?")),
            (Some(Way::Http) | None, path, Some(port), None) if path.is_some() || self.way.is_some() => {
                Check::Http { path: path.clone(), port: port.clone(), https: self.https }
            }
            (Some(Way::Http) | None, Some(path), None, None) => {
                return lack(format!("on which port shall the {of} probe ask for {path}?"));
            }
            (None, None, Some(_), None) => {
                return lack(format!("shall the {of} probe ask over HTTP (which path?) or only open a TCP connection to that port?"));
            }
            _ => return lack(format!("what shall the {of} probe ask: an HTTP path and a port, a TCP port, or a command?")),
        };
        Ok(self.sorts.iter().map(|sort| Part::Probe(Probe { sort: *sort, check: check.clone(), numbers: self.numbers.clone() })).collect())
    }
}

/// One sort of probe with its noun: `readiness probe`.
pub fn one_sort(w: &mut Walk) -> Option<ProbeSort> {
    let (said, sorts) = SORTS.iter().filter(|(_, sorts)| sorts.len() == 1).find(|(said, _)| w.sees(said).is_some())?;
    w.eat(said);
    sorts.first().copied()
}

/// The sort without its noun: `readiness and …`.
pub fn adjective(w: &mut Walk) -> Option<ProbeSort> {
    let all = [ProbeSort::Liveness, ProbeSort::Readiness, ProbeSort::Startup];
    all.into_iter().find(|sort| w.eat_word(sort.word()))
}

/// A command: in quotes, split as a shell would; without, the words up to the next that says something else.
pub fn command_words(w: &mut Walk) -> Option<Vec<String>> {
    if let Some(quoted) = w.quoted() {
        return argv::split(&quoted).ok().filter(|words| !words.is_empty());
    }
    let mut words = Vec::new();
    while !w.done() && w.sees(ENDS).is_none() {
        words.push(w.skip()?.to_string());
    }
    (!words.is_empty()).then_some(words)
}
