//! The last reading, where nobody else (no model) is left to ask: what a request is about, by the words in it, when it says no operation.
//! The answer is what the cluster shows of it, a sentence, or the question that is missing.
//!
//! Invariant: nothing here changes anything.

use super::{
    Scope, Step, Thread, build, everyday, fill, glance, goals,
    lexicon::{Act, Goal, Sense},
    parts::{Part, off},
    slots::{Ask, Object, Place, Slots},
    tag::{Is, Token},
};
use crate::{
    facts::Facts,
    ops::{Kind, Op, Program, argv},
    road::plan::{Aside, Plan, Question, Reading, Refusal, Source},
};

/// What a theme is answered with; `{it}` is what the request names, or "it".
enum Answer {
    /// Find out what is wrong, of the one thing that was named or of all.
    LookInto,
    /// These reads.
    Show(&'static [&'static str]),
    /// What shows how things are about a goal.
    Goal(Goal),
    /// What is missing, the question for it, and requests to choose from.
    Asks(&'static str, &'static str, &'static [&'static str]),
    /// It is not done: why, and what can be done instead.
    Refuses(&'static str, &'static str),
    /// A sentence.
    Tells(&'static str),
    /// The same to a greeting, where little stands beside it.
    Greets(&'static str),
}

use Answer::{Asks, Greets, LookInto, Refuses, Show, Tells};

/// Words that tell a theme, alternatives parted by `|`; all words of one that are joined by `+` have to be there.
const THEMES: &[(&str, Answer)] = &[
    (
        "secret+decode|secret+plain|secrets+plain|password+decode|password+plain|password+paste|secret+reveal|secrets+values|decode+password",
        Refuses("the values of Secrets do not leave the cluster through aiops", "\"describe secret NAME\" tells its keys and their sizes"),
    ),
    (
        "turn off+rbac|disable+rbac|everybody+admin|everyone+admin|disable+security|bypass+policy|mine+bitcoin|crypto+mining",
        Refuses("it takes protection off the whole cluster", "name the one thing that is refused, and to whom: \"can i …\", \"who can …\""),
    ),
    (
        "dockerfile|docker|docker-compose|compose|multi-stage|base image|build+image|push+image|image+smaller|image+size|image+layers|image+vulnerabilities|docker hub|load+image|minikube image|alpine",
        Refuses(
            "aiops works on what runs in a cluster; images are built, looked into and pushed by other tools",
            "\"which images are running\" shows those in use",
        ),
    ),
    (
        "joke|poem|weather|flight|homework|translate|lyrics|recipe|match yesterday|song|stock price|football",
        Tells(
            "That is no matter of a cluster; here it is about pods, deployments, services and what ails them. \"help\" lists what can be said.",
        ),
    ),
    (
        "hi|hello|hey there|good morning|good evening|thanks|thank you|thx|cheers|how are you|who are you|what are you|are you|your name|nice work|well done",
        Greets(
            "At your service. Say what shall be looked at or done, for example \"why is web failing\" or \"scale web to 3\"; \"help\" lists the rest.",
        ),
    ),
    (
        "imagepullbackoff|errimagepull|crashloopbackoff|createcontainerconfigerror|createcontainererror|runcontainererror|oomkilled|oom|back-off|\
         insufficient+cpu|insufficient+memory|nodes are available|exec format error|unbound|failedmount|failedscheduling|evicted|probe failed|statuscode|\
         exit code|terminating|not starting|does not start|will not start|502|503|504|500|connection refused|timed out|unreachable|dns|talk to|does not respond|\
         unbound+persistentvolumeclaims|stuck|hanging|outage|broken|does not work|forbidden|certificates+expire|certificate+expire|certificates+expiry|expire|expired|about to expire|deprecated|\
         not scaling|no endpoints|external ip+pending|keeps+restarting|wrong|error|errors|failing|failed|fails|crash|crashes|crashing|issue|issues|problem|problems|unhealthy",
        LookInto,
    ),
    (
        "open+internet|to the internet|to the outside|from outside|from the outside|in my browser|in the browser|publicly|public url|service url|url|point+domain|\
         bought+domain|own domain|external access|reachable|expose|ingress controller|route+to",
        Asks(
            "how",
            "By what shall {it} be reached: a load balancer, a port of every node, an ingress with a host name, or from this machine alone?",
            &[
                "expose deployment {it} on port … with type LoadBalancer",
                "expose deployment {it} on port … with type NodePort",
                "create an ingress named {it} with rule …",
                "forward port … to service {it}",
            ],
        ),
    ),
    (
        "alert|alerts|alerting|monitoring|prometheus|grafana|dashboard|notify|notified",
        Asks(
            "chart",
            "Alerts and dashboards come from what is installed for them; from which chart, or shall what the cluster tells by itself be shown?",
            &["helm install … CHART", "show the warning events", "show the resource usage of the pods"],
        ),
    ),
    (
        "install|setup|set up|enable",
        Asks(
            "chart",
            "From what shall it be installed: a Helm chart, or a manifest?",
            &["helm install … REPOSITORY/CHART", "apply -f FILE-OR-ADDRESS"],
        ),
    ),
    (
        "changed|weird|strange|unusual|happened|new today|going on|last 24 hours|behavior changes",
        Show(&["events", "get replicasets --sort-by=.metadata.creationTimestamp"]),
    ),
    ("nobody uses|unused|not used|orphaned|orphans", Show(&["get services,endpoints", "get pvc", "get configmaps,secrets"])),
    (
        "different+between|difference+between|compare+with|compare|staging+prod",
        Asks(
            "which",
            "Which two shall be compared: two namespaces, two revisions of a release, or a manifest and what runs?",
            &["get deployments -o wide in namespace …", "diff -f FILE", "show the rollout history of …"],
        ),
    ),
    (
        "images+running|images+versions|container images",
        Show(&["get pods -o custom-columns=POD:.metadata.name,IMAGES:.spec.containers[*].image"]),
    ),
    (
        "call|calls|let+call|reach+from",
        Asks(
            "which",
            "Which pods may reach which others, and on which port?",
            &["allow only … to reach … on port …", "get networkpolicies"],
        ),
    ),
    (
        "depend|depends|depending|dependencies|diagram|fits together|fit together|each other|relationship|relationships|architecture|calling|topology|draw|map of",
        Show(&["get services,endpoints,ingresses", "get deployments,statefulsets -o wide"]),
    ),
    (
        "room|enough memory+crash|workload increase|peak load|cpu is left|memory is left|left on|how full|spot instances|node pool|bin packing",
        Answer::Goal(Goal::Capacity),
    ),
    ("expensive|cost|costs|cheap|money|bill|price", Answer::Goal(Goal::Cost)),
    (
        "black friday|go live|go-live|production|launch|readiness before|survive|downtime|zero downtime|available",
        Answer::Goal(Goal::Reliability),
    ),
    (
        "enough memory|too much memory|enough cpu|too much cpu|more memory|more cpu|more than they use|requests+usage|resource limits",
        Answer::Goal(Goal::Resources),
    ),
    (
        "cluster admin|cluster-admin|permissions+service account|permissions|what rights",
        Show(&["get rolebindings,clusterrolebindings -o wide"]),
    ),
    (
        "access|read only|read-only|grant|permission|privileges",
        Asks(
            "role",
            "Which role shall it be (view, edit, admin, or one of your own), for whom, and in which namespace?",
            &[
                "create rolebinding … with clusterrole view for user … in namespace …",
                "create rolebinding … with clusterrole edit for service account … in namespace …",
            ],
        ),
    ),
    ("root|non-root|security|secure|hardening|rotation|vulnerabilities|compliance", Answer::Goal(Goal::Security)),
    (
        "expand+volume|resize+volume|bigger+volume|grow+volume|expand+pvc|resize+pvc|storage|disk|persist|persistent",
        Asks(
            "claim",
            "Which claim is it, and how much storage shall it have? A claim grows where its storage class allows it.",
            &["get pvc", "patch pvc … with {\"spec\":{\"resources\":{\"requests\":{\"storage\":\"…\"}}}}"],
        ),
    ),
    (
        "backup|back up|snapshot|dump|restore|export",
        Asks(
            "what",
            "What shall be saved or brought back, with which command or tool, and where does it go?",
            &["create a cronjob … with image … and schedule … that runs …", "run the command … in pod …", "copy … from pod … to …"],
        ),
    ),
    (
        "upgrade+cluster|upgrade+kubernetes|newer version|update+cluster",
        Asks(
            "version",
            "aiops changes what runs in a cluster and not the cluster's own version; what shall be shown of it?",
            &["show the version of the cluster", "get nodes -o wide"],
        ),
    ),
    (
        "migrate|move|rename|another cluster|other cluster|copy",
        Asks(
            "what",
            "An object keeps its name and its namespace; it can be made anew elsewhere from its manifest. Which one, and where to?",
            &["show deployment … as yaml", "apply -f …", "delete deployment …"],
        ),
    ),
    (
        "canary|blue green|blue-green|traffic",
        Asks(
            "image",
            "Which workload is it, and which image shall the new version run?",
            &["run a canary of … with image …", "set the image of … to …"],
        ),
    ),
    (
        "best practices|best practice|best way|tradeoffs|should i|recommended|guidelines|determine+right",
        Tells(
            "What holds for your own objects is found by \"aiops audit\": each check says what is better and why. \"explain KIND.FIELD\" tells what a field does.",
        ),
    ),
    (
        "helm chart|helm values",
        Asks(
            "chart",
            "Which chart is it: its folder, its archive, or REPOSITORY/NAME?",
            &["helm lint …", "helm template …", "helm get values …"],
        ),
    ),
    (
        "connect|database",
        Asks(
            "what",
            "By which variable is it told where the other is, and under which address?",
            &["set env NAME=VALUE on deployment …", "get services"],
        ),
    ),
    ("report|overview|status|health|healthy|ok|okay|summary|summarise|summarize|how is|how are|alright|check|slow|ready|issue", LookInto),
];

/// What an exit code means. Codes above 128 are 128 and the signal's number (`signal(7)`, POSIX `sh`).
const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "it ended by itself, all well; a container that shall go on running must not end"),
    ("1", "the program ended with an error of its own: its last log lines tell which"),
    ("2", "the program was called wrongly, or a shell could not do what it was told"),
    ("126", "the command was found and cannot be run: no right to, or made for another machine"),
    ("127", "the command was not found in the image"),
    ("130", "it was interrupted (SIGINT)"),
    ("134", "it gave up by itself (SIGABRT)"),
    ("137", "it was killed (SIGKILL): for using more memory than its limit (OOMKilled), or for not ending in its grace period"),
    ("139", "it touched memory that is not its own (SIGSEGV)"),
    ("143", "it was asked to end (SIGTERM) and did: deleted, rolled over, evicted, or its liveness probe failed"),
    ("255", "the program ended with an error that says no more, or its node lost it"),
];

/// A greeting alone is no longer than so many words.
const GREETING: usize = 8;

/// What a request is about that nothing else understood; [`Reading::Unknown`] where its words tell nothing.
pub fn read(thread: &Thread, scope: &Scope, facts: &Facts) -> Reading {
    if off(Part::Themes) {
        return Reading::Unknown;
    }
    // What is told beside the request tells no theme of it.
    let apart = thread.apart(true);
    let tokens = apart.as_ref().unwrap_or(thread).tokens();
    if let Some(reading) = glance::read(apart.as_ref().unwrap_or(thread), tokens, scope, facts) {
        return reading;
    }
    // Of the text itself: a greeting is no word of a request.
    let sign = |c: char| !(c.is_alphanumeric() || "-./'".contains(c));
    let left = apart.as_ref().map(|thread| thread.words.iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" "));
    let said: String = left.as_deref().unwrap_or(thread.text()).chars().take(super::LONGEST).collect::<String>().to_lowercase();
    let words: Vec<&str> = said.split(sign).map(|w| w.trim_matches(['.', '\''])).filter(|w| !w.is_empty()).collect();
    let text = format!(" {} ", words.join(" "));
    let has = |phrase: &str| text.contains(&format!(" {phrase} "));
    if let Some(reading) = exit_code(&words).or_else(|| kinds_explained(thread, tokens, &text, scope)) {
        return reading;
    }
    // A greeting before a request is no greeting alone.
    let asks = |t: &Token| matches!(t.is, Is::Kind(..) | Is::Slashed(..) | Is::Sense(Sense::Topic(_) | Sense::Act(_)));
    let beside = |answer: &Answer| matches!(answer, Greets(_)) && (words.len() > GREETING || tokens.iter().any(asks));
    let theme = THEMES.iter().find(|(words, answer)| words.split('|').any(|all| all.trim().split('+').all(has)) && !beside(answer));
    let it = subject(tokens);
    match theme {
        // An order that is not understood is no wish to look.
        Some((_, LookInto)) if super::orders(tokens) => about(tokens),
        Some((_, LookInto)) => look_into(it, fill::fill(tokens).place, scope, facts),
        Some((_, Show(lines))) => plan(thread, lines, scope),
        Some((_, Answer::Goal(goal))) => {
            let aim = goals::aim(*goal);
            let lines: Vec<&str> = aim.of_the_cluster.iter().chain(aim.evidence).copied().collect();
            plan(thread, &lines, scope)
        }
        Some((_, Asks(missing, text, choices))) => {
            let name = it.map(|(_, name)| name);
            let put = |text: &str, nobody: &str| text.replace("{it}", name.as_deref().unwrap_or(nobody));
            let choices = choices.iter().map(|choice| put(choice, "…")).collect();
            Reading::Question(Question { missing: (*missing).into(), text: put(text, "it"), choices })
        }
        Some((_, Refuses(reason, instead))) => Reading::Refused(Refusal { reason: (*reason).into(), instead: (*instead).into() }),
        Some((_, Tells(text) | Greets(text))) => Reading::Aside(Aside::Told((*text).into())),
        None => about(tokens),
    }
}

/// "what does exit code 137 mean"
fn exit_code(words: &[&str]) -> Option<Reading> {
    let at = words.windows(2).position(|pair| matches!(pair, ["exit" | "error" | "status", "code"]))?;
    let code = words.get(at + 2)?;
    let (_, means) = EXIT_CODES.iter().find(|(known, _)| known == code)?;
    let asks = words.iter().any(|w| ["what", "mean", "means", "meaning", "explain"].contains(w));
    asks.then(|| Reading::Aside(Aside::Told(format!("Exit code {code}: {means}."))))
}

/// "what is a stateful set", "difference between deployment and daemonset": what the server's own schema says of each.
fn kinds_explained(thread: &Thread, tokens: &[Token], text: &str, scope: &Scope) -> Option<Reading> {
    const ASKS: &[&str] = &[
        " what is a ",
        " what is an ",
        " what are ",
        " difference ",
        " differences ",
        " vs ",
        " versus ",
        " should i use ",
        " explain ",
        " how do ",
        " when do i use ",
    ];
    if !ASKS.iter().any(|asks| text.contains(asks)) || tokens.iter().any(|t| t.nameable() && !everyday::is(&t.said) && t.said != "vs") {
        return None;
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for token in tokens {
        if let Is::Sense(Sense::Given("type", _)) = token.is {
            return Some(plan(thread, &["explain services.spec.type"], scope));
        }
        if let Is::Kind(kind, _) = token.is
            && !kinds.contains(&kind)
        {
            kinds.push(kind);
        }
    }
    let lines: Vec<String> = kinds.iter().map(|kind| format!("explain {}", kind.plural())).collect();
    (!lines.is_empty()).then(|| plan(thread, &lines.iter().map(String::as_str).collect::<Vec<_>>(), scope))
}

/// The one thing that a request names: behind a kind or before it, behind a preposition, or where a sentence begins.
fn subject(tokens: &[Token]) -> Option<(Option<Kind>, String)> {
    const COMMON: &[&str] = &[
        "app",
        "application",
        "site",
        "website",
        "database",
        "db",
        "domain",
        "laptop",
        "browser",
        "internet",
        "outside",
        "server",
        "data",
        "code",
        "project",
        "repo",
        "traffic",
        "system",
        "team",
        "world",
        "night",
        "day",
        "week",
        "everything",
        "mean",
        "back-off",
        "help",
    ];
    let plain =
        |t: &Token| t.nameable() && !t.said.contains(' ') && !everyday::is(&t.said) && !COMMON.contains(&t.said.to_lowercase().as_str());
    // Where it is looked is not what is looked at.
    let namespace = |t: Option<&Token>| matches!(t.map(|t| &t.is), Some(Is::Kind(kind, _)) if kind.is("namespaces", ""));
    let tokens: Vec<Token> = (0..tokens.len())
        .map(|at| match namespace(tokens.get(at + 1)) || at > 0 && namespace(tokens.get(at - 1)) {
            true if plain(&tokens[at]) => Token { is: Is::Sense(Sense::Filler), ..tokens[at].clone() },
            true | false => tokens[at].clone(),
        })
        .collect();
    let name = plain;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).filter(|t| name(t));
        let before = at.checked_sub(1).and_then(|n| tokens.get(n)).filter(|t| name(t));
        if let Is::Slashed(kind, name) = &token.is {
            return Some((Some(*kind), name.to_string()));
        }
        if let (Is::Kind(kind, false), Some(named)) = (&token.is, next.or(before))
            && (kind.rolls_out() || kind.is("pods", "") || kind.is("services", "") || kind.is("jobs", "batch"))
        {
            return Some((Some(*kind), named.said.to_string()));
        }
    }
    let led = |at: usize| match at.checked_sub(1).map(|n| &tokens[n].is) {
        Some(Is::Sense(Sense::Of | Sense::On | Sense::To | Sense::Det | Sense::Be | Sense::Why)) => true,
        Some(_) => false,
        None => matches!(tokens.get(1).map(|t| &t.is), Some(Is::Sense(Sense::Be | Sense::Trouble))),
    };
    (0..tokens.len()).find(|at| name(&tokens[*at]) && led(*at)).map(|at| (None, tokens[at].said.to_string()))
}

fn look_into(it: Option<(Option<Kind>, String)>, place: Option<Place>, scope: &Scope, facts: &Facts) -> Reading {
    let named = it.map(|(kind, name)| Object { kinds: kind.into_iter().collect(), names: vec![name], led: true, ..Object::default() });
    let of = |object: Option<&Object>| {
        let slots = Slots { objects: object.into_iter().cloned().collect(), ask: Some(Ask::Why), place: place.clone(), ..Slots::default() };
        build::build(Act::Investigate, &slots, scope, facts)
    };
    match (of(named.as_ref()), named) {
        (Step::Aside(aside), _) => Reading::Aside(aside),
        (Step::Needs(needs), _) => Reading::Needs(needs),
        // What looked like a name is none: the answer is about all of it.
        (Step::Question(_), Some(object)) if object.kinds.is_empty() => match of(None) {
            Step::Aside(aside) => Reading::Aside(aside),
            Step::Ops(..) | Step::Needs(_) | Step::Question(_) | Step::Refused(_) | Step::Unknown => Reading::Unknown,
        },
        (Step::Question(question), _) => Reading::Question(question),
        (Step::Ops(..) | Step::Refused(_) | Step::Unknown, _) => Reading::Unknown,
    }
}

/// These reads as a plan.
fn plan(thread: &Thread, lines: &[&str], scope: &Scope) -> Reading {
    let read = |line: &&str| Op::from_words(Program::Kubectl, &argv::split(line).ok()?).ok();
    let ops: Vec<Op> = lines.iter().filter_map(read).filter(|op| op.entry().reads).collect();
    if ops.is_empty() {
        return Reading::Unknown;
    }
    Plan::new(thread.text(), Source::Words, ops, Vec::new(), scope).map_or(Reading::Unknown, Reading::Plan)
}

/// What was understood of it, and the question what to do with that.
fn about(tokens: &[Token]) -> Reading {
    let kind = tokens.iter().find_map(|t| match &t.is {
        Is::Kind(kind, _) => Some(*kind),
        _ => None,
    });
    let (what, choices) = match (subject(tokens), kind) {
        (Some((kind, name)), _) => {
            let kind = kind.map_or_else(|| "deployment".to_string(), |kind| kind.word().into_owned());
            (name.clone(), vec![format!("describe {kind} {name}"), format!("why is {name} failing"), format!("show the logs of {name}")])
        }
        (None, Some(kind)) => {
            let (word, plural) = (kind.word().into_owned(), kind.plural().into_owned());
            (plural.clone(), vec![format!("list the {plural}"), format!("describe {word} …"), format!("explain {plural}")])
        }
        (None, None) => return Reading::Unknown,
    };
    let text = format!("I understood that it is about {what}, but not what shall be done; which of these, or what else?");
    Reading::Question(Question { missing: "what".into(), text, choices })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> Scope {
        super::super::tests::scope(false)
    }

    fn sort(text: &str) -> &'static str {
        match read(&Thread::whole(text, &scope()), &scope(), &Facts::default()) {
            Reading::Plan(_) => "shows",
            Reading::Question(_) => "asks",
            Reading::Refused(_) => "refuses",
            Reading::Aside(Aside::Told(_)) => "tells",
            Reading::Aside(_) | Reading::Needs(_) => "looks into",
            Reading::Unknown => "unknown",
        }
    }

    #[test]
    fn what_a_request_is_about() {
        for (text, want) in [
            ("open frontend to the internet", "asks"),
            ("frontend gets 502 from backend", "looks into"),
            ("what does exit code 137 mean", "tells"),
            ("what is a statefulset", "shows"),
            ("did anything weird happen", "shows"),
            ("tell me a joke", "tells"),
            ("decode the db password and paste it here", "refuses"),
            ("turn off rbac, it only gets in the way", "refuses"),
            ("give bob access", "asks"),
            ("how much cpu is left on my nodes", "shows"),
            ("xyzzy", "unknown"),
        ] {
            assert_eq!(sort(text), want, "{text}");
        }
    }

    #[test]
    fn every_line_that_is_shown_is_a_read() {
        for (words, answer) in THEMES {
            let Show(lines) = answer else { continue };
            for line in *lines {
                let op = Op::from_words(Program::Kubectl, &argv::split(line).unwrap()).unwrap();
                assert!(op.entry().reads, "{words}: {line}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_changed(text in "\\PC{0,80}", n in 0..THEMES.len()) {
            let theme = THEMES[n].0.replace(['|', '+'], " ");
            for text in [text.clone(), format!("{text} {theme}"), format!("delete everything and {theme}")] {
                if let Reading::Plan(plan) = read(&Thread::whole(&text, &scope()), &scope(), &Facts::default()) {
                    prop_assert!(plan.ops().iter().all(|op| op.entry().reads), "{text}");
                }
            }
        }
    }
}
