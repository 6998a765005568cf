//! What is taken off a pod template, and what is changed in a probe that is there: `remove the readiness probe from backend`, `drop the
//! volume mount /data of web`, `change the readiness probe path of backend to /ready`.
//!
//! Invariant: the verb stands first and the part right behind it; nouns that stand elsewhere as well (`limits`, `port`, `volume`) are
//! parts only where the whole step is read and a workload is named.

use super::super::phrases::{List, list};
use super::{about::About, heads::Lack, placing, probes, walk::Walk};
use crate::ops::{
    EnvName, LabelKey, LabelValue, Name,
    parts::{Bound, Effect, Gone, ProbeSort, Resource, Rule, Tuned, VolumeName},
};

/// What a request of this sort asks for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Parts go.
    Take(Vec<Gone>),
    /// A variable goes: kubectl has a verb for that.
    Unset(Vec<EnvName>),
    /// Values of a probe change.
    Tune(ProbeSort, Vec<Tuned>),
}

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Taking {
    pub wish: Wish,
    pub about: About,
    /// Something that has to be said first.
    pub lack: Option<Lack>,
    /// What was not understood.
    pub unread: Vec<String>,
}

const TAKE: &List =
    &List::of("remove|drop|delete|take away|take off|take out|get rid of|unset|clear|strip|disable|turn off|switch off|eliminate|erase");
const CHANGE: &List =
    &List::of("change|set|update|modify|adjust|increase|raise|lower|decrease|reduce|edit|make|bump|extend|move|switch|point");
/// What joins parts and says nothing.
const GLUE: &List = &List::of(",|.|and|also|as well|too|now|again|completely|entirely|altogether");
const DET: &List = &List::of("the|its|all the|all of the|all|any|a|an|their|every|this|that|existing");

/// What goes, or the question about it; and whether its words stand in no other sort of request.
struct Head {
    gone: Result<Gone, Lack>,
    plain_to_see: bool,
}

impl Taking {
    /// Reads a step. `None` where it takes nothing off and changes no probe.
    pub fn read(mut w: Walk) -> Option<Taking> {
        let mut about = About::default();
        w.eat(list!("then|now|and|also|next|,"));
        // "from web, remove …", "in namespace dev, drop …"
        w.attempt(|w| (w.sees(list!("in|on|from|for")).is_some() && about.read(w)).then_some(()));
        w.eat(list!(","));
        if let Some(tuning) = w.attempt(|w| Taking::tunes(w, about.clone())) {
            return Some(tuning);
        }
        if !w.eat(TAKE) {
            return None;
        }
        let mut r = Taking { wish: Wish::Take(Vec::new()), about, lack: None, unread: Vec::new() };
        if let Some(names) = variables(&mut w) {
            r.wish = Wish::Unset(names);
            r.read_rest(w, |_, _| false);
            return (r.unread.is_empty() && r.about.object.is_some()).then_some(r);
        }
        let begun = w.attempt(head);
        // "remove web's readiness probe": the name stands before the part.
        let first = match begun {
            Some(first) => first,
            None => w.attempt(|w| {
                w.eat(DET);
                let mut about = r.about.clone();
                let behind = about.subject(w).then_some(about)?;
                let first = head(w).filter(|head| head.plain_to_see)?;
                r.about = behind;
                Some(first)
            })?,
        };
        let mut plain_to_see = first.plain_to_see;
        let mut gone = Vec::new();
        let mut keep = |r: &mut Taking, head: Head| {
            plain_to_see |= head.plain_to_see;
            match head.gone {
                Ok(one) => gone.push(one),
                Err(lack) => r.lack = Some(lack),
            }
        };
        keep(&mut r, first);
        r.read_rest(w, |r, w| {
            let more = w.attempt(head);
            more.map(|head| keep(r, head)).is_some()
        });
        r.wish = Wish::Take(gone);
        let whole = r.unread.is_empty() && r.about.object.is_some();
        (plain_to_see || whole).then_some(r)
    }

    /// `change the path of the readiness probe of backend to /ready and its port to 8081`.
    fn tunes(w: &mut Walk, about: About) -> Option<Taking> {
        if !w.eat(CHANGE) {
            return None;
        }
        let mut r = Taking { wish: Wish::Take(Vec::new()), about, lack: None, unread: Vec::new() };
        w.eat(DET);
        let mut field = w.attempt(tuned_field);
        if field.is_some() {
            w.eat(list!("of|for|on|in"));
            w.eat(DET);
        }
        let mut sort = w.attempt(probes::one_sort);
        if sort.is_none() {
            // "set web's readiness probe path"
            let mut named = r.about.clone();
            sort = w.attempt(|w| named.subject(w).then(|| probes::one_sort(w)).flatten());
            r.about = named;
        }
        let sort = sort?;
        field = field.or_else(|| w.attempt(tuned_field));
        let mut open = Some(field?);
        let mut tuned = Vec::new();
        r.read_rest(w.clone(), |_, w| match open.take() {
            Some(field) => match w.led(list!("to|=|:|to be|as|at"), |w| field.value(w)).or_else(|| w.attempt(|w| field.value(w))) {
                Some(value) => {
                    tuned.push(value);
                    true
                }
                None => {
                    open = Some(field);
                    false
                }
            },
            None => {
                open = w.attempt(|w| {
                    w.eat(GLUE);
                    w.eat(DET);
                    tuned_field(w)
                });
                open.is_some()
            }
        });
        if let Some(field) = open {
            r.lack = Some(Lack::new("probe", format!("to what shall the {} of the {} probe be set?", field.words(), sort.word())));
        }
        r.wish = Wish::Tune(sort, tuned);
        Some(r)
    }

    /// Reads the rest: what `part` takes, of what it is said; what has no place is not understood.
    fn read_rest(&mut self, mut w: Walk, mut part: impl FnMut(&mut Taking, &mut Walk) -> bool) {
        while !w.done() {
            if part(self, &mut w) || self.about.read(&mut w) || w.eat(GLUE) {
                continue;
            }
            self.unread.extend(w.skip().map(String::from));
        }
    }
}

/// A value of a probe.
#[derive(Clone, Copy)]
enum Field {
    Path,
    Port,
    Seconds(&'static str, &'static str),
    Count(&'static str, &'static str),
}

fn tuned_field(w: &mut Walk) -> Option<Field> {
    const FIELDS: &[(List, Field)] = &[
        (List::of("path|http path|url path|endpoint|url"), Field::Path),
        (List::of("port|http port|tcp port|port number"), Field::Port),
        (
            List::of("initial delay seconds|initialdelayseconds|initial delay|delay|start delay"),
            Field::Seconds("initialDelaySeconds", "initial delay"),
        ),
        (List::of("period seconds|periodseconds|period|interval|frequency"), Field::Seconds("periodSeconds", "period")),
        (List::of("timeout seconds|timeoutseconds|timeout"), Field::Seconds("timeoutSeconds", "timeout")),
        (List::of("failure threshold|failurethreshold|failures threshold"), Field::Count("failureThreshold", "failure threshold")),
        (List::of("success threshold|successthreshold"), Field::Count("successThreshold", "success threshold")),
    ];
    FIELDS.iter().find(|(said, _)| w.eat(said)).map(|(_, field)| *field)
}

impl Field {
    fn value(self, w: &mut Walk) -> Option<Tuned> {
        match self {
            Field::Path => w.path().map(Tuned::Path),
            Field::Port => w.port(true).map(Tuned::Port),
            Field::Seconds(field, _) => w.seconds().map(|n| Tuned::Number(field, n)),
            Field::Count(field, _) => w.number().map(|n| Tuned::Number(field, n)),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Field::Path => "path",
            Field::Port => "port",
            Field::Seconds(_, words) | Field::Count(_, words) => words,
        }
    }
}

/// `the variables FOO and BAR`, `env variable FOO`: names in capitals.
fn variables(w: &mut Walk) -> Option<Vec<EnvName>> {
    let name = |w: &mut Walk| {
        w.one(|said| {
            let capitals = said.bytes().any(|b| b.is_ascii_uppercase()) && !said.bytes().any(|b| b.is_ascii_lowercase());
            EnvName::new(said).ok().filter(|_| capitals)
        })
    };
    w.attempt(|w| {
        w.eat(DET);
        if !w.eat(list!(
            "env variable|env variables|environment variable|environment variables|env var|env vars|variable|variables|env|environment"
        )) {
            return None;
        }
        w.eat(list!("named|called|:"));
        let mut all = vec![name(w)?];
        while let Some(more) = w.led(list!(",|and|, and"), name) {
            all.push(more);
        }
        Some(all)
    })
}

fn head(w: &mut Walk) -> Option<Head> {
    let sure = |gone: Gone| Head { gone: Ok(gone), plain_to_see: true };
    let noun = |gone: Gone| Head { gone: Ok(gone), plain_to_see: false };
    w.eat(DET);
    if let Some(sort) = w.attempt(probes::one_sort) {
        return Some(sure(Gone::Probe(sort)));
    }
    // "the readiness and liveness probes": the noun stands behind the last.
    if let Some(sort) = w.attempt(|w| probes::adjective(w).filter(|_| w.sees(list!("and|,")).is_some() && shares_the_noun(w))) {
        return Some(sure(Gone::Probe(sort)));
    }
    w.attempt(toleration)
        .map(sure)
        .or_else(|| w.attempt(mount))
        .or_else(|| w.attempt(selector).map(sure))
        .or_else(|| {
            w.attempt(rule).map(|rule| Head { gone: Ok(Gone::Rule(rule)), plain_to_see: !matches!(rule, Rule::Priority | Rule::Account) })
        })
        .or_else(|| w.attempt(pull_secret).map(sure))
        .or_else(|| w.attempt(volume).map(noun))
        .or_else(|| w.attempt(amount).map(noun))
        .or_else(|| {
            w.led(list!("container port|containerport|port"), |w| w.port(false)).and_then(|port| match port {
                crate::ops::parts::Port::Number(n) => Some(noun(Gone::Listens(n))),
                crate::ops::parts::Port::Named(_) => None,
            })
        })
        .or_else(|| w.eat(list!("command override|custom command|command")).then(|| noun(Gone::Command)))
        .or_else(|| w.eat(list!("args|arguments")).then(|| noun(Gone::Args)))
}

fn shares_the_noun(w: &Walk) -> bool {
    let mut w = w.clone();
    w.eat(list!("and|,|, and"));
    w.eat(DET);
    probes::one_sort(&mut w).is_some()
}

/// `the toleration dedicated=gpu`, `the dedicated toleration`, `all tolerations`.
fn toleration(w: &mut Walk) -> Option<Gone> {
    type Taint = (LabelKey, Option<LabelValue>, Option<Effect>);
    fn taint(w: &mut Walk) -> Option<Taint> {
        if w.sees(list!("from|of|on|in|to|for|and|with|at|,|.|toleration|tolerations")).is_some() {
            return None;
        }
        w.one(placing::taint)
    }
    let noun = list!("toleration|tolerations");
    let (mut key, mut value, mut effect) = (None, None, None);
    let mut take = |(k, v, e): Taint| (key, value, effect) = (Some(k), v, e);
    match w.attempt(|w| taint(w).filter(|_| w.eat(noun))) {
        Some(read) => take(read),
        None if !w.eat(noun) => return None,
        None => {
            let led = w.attempt(|w| {
                w.eat(list!("for|to|against|of|with|:"));
                w.eat(list!("the"));
                if w.eat(list!("taint|taint key|key|taint with key|taints")) { taint(w) } else { None }
            });
            let plain = || |w: &mut Walk| taint(w);
            let read = led.or_else(|| w.led(list!("for|against|:"), plain())).or_else(|| w.attempt(plain()));
            read.into_iter().for_each(take);
        }
    }
    if let Some(said) = w.led(list!("with effect|with the effect|effect|and effect"), |w| w.one(Effect::of)) {
        effect = Some(said);
    }
    Some(Gone::Tolerations(key, value, effect))
}

/// `the volume mount data`, `the mount at /data`, `the /data mount`.
fn mount(w: &mut Walk) -> Option<Head> {
    let noun = list!("volume mount|volumemount|volume-mount|mount|mounts|volume mounts|mount point|mounted volume");
    let sure = |gone| Some(Head { gone: Ok(gone), plain_to_see: true });
    if let Some(at) = w.attempt(|w| w.path().filter(|_| w.eat(noun))) {
        return sure(Gone::MountAt(at));
    }
    if w.sees(noun).is_none()
        && let Some(volume) = w.attempt(|w| volume_name(w).filter(|_| w.eat(noun)))
    {
        return sure(Gone::Mount(volume));
    }
    if !w.eat(noun) {
        return None;
    }
    if let Some(at) = w.led(list!("at|on|under|at path|path|at the path|mounted at|in|of path"), Walk::path).or_else(|| w.path()) {
        return sure(Gone::MountAt(at));
    }
    let named = w.led(list!("named|called|of the volume|of volume|for volume|for the volume"), volume_name);
    match named.or_else(|| if w.sees(super::heads::STOPS).is_some() { None } else { w.attempt(volume_name) }) {
        Some(volume) => sure(Gone::Mount(volume)),
        None => {
            let lack = Lack::new("path", "which volume mount, by its path or the name of its volume?".into());
            Some(Head { gone: Err(lack), plain_to_see: true })
        }
    }
}

fn volume_name(w: &mut Walk) -> Option<VolumeName> {
    VolumeName::new(w.name()?.to_lowercase()).ok()
}

fn volume(w: &mut Walk) -> Option<Gone> {
    if w.eat(list!("volume")) {
        w.eat(list!("named|called"));
        return volume_name(w).map(Gone::Volume);
    }
    volume_name(w).filter(|_| w.eat(list!("volume"))).map(Gone::Volume)
}

fn selector(w: &mut Walk) -> Option<Gone> {
    let label = |w: &mut Walk| {
        if let Some((key, value)) = w.pair() {
            return Some((LabelKey::new(key).ok()?, Some(LabelValue::new(value).ok()?)));
        }
        if w.sees(super::heads::STOPS).is_some() {
            return None;
        }
        w.one(|said| LabelKey::new(said).ok()).map(|key| (key, None))
    };
    let noun = list!("node selector|nodeselector|node-selector|node selectors");
    if let Some((key, value)) = w.attempt(|w| label(w).filter(|_| w.eat(noun))) {
        return Some(Gone::Selector(Some(key), value));
    }
    if !w.eat(noun) {
        return None;
    }
    let read = w.led(list!(":|for label|with label|label|key|for the label"), label).or_else(|| w.attempt(label));
    let (key, value) = read.map_or((None, None), |(key, value)| (Some(key), value));
    Some(Gone::Selector(key, value))
}

fn rule(w: &mut Walk) -> Option<Rule> {
    const RULES: &[(List, Rule)] = &[
        (List::of("node affinity|node-affinity|nodeaffinity"), Rule::NodeAffinity),
        (List::of("pod anti-affinity|pod anti affinity|anti-affinity|anti affinity|antiaffinity|podantiaffinity"), Rule::AntiAffinity),
        (List::of("pod affinity|pod-affinity|podaffinity"), Rule::PodAffinity),
        (
            List::of(
                "topology spread constraint|topology spread constraints|spread constraint|spread constraints|topologyspreadconstraints|topology spread",
            ),
            Rule::Spread,
        ),
        (List::of("priority class|priorityclass|priority class name|priorityclassname"), Rule::Priority),
        (List::of("service account|serviceaccount|service account name|serviceaccountname"), Rule::Account),
    ];
    let found = RULES.iter().find(|(said, _)| w.eat(said)).map(|(_, rule)| *rule)?;
    w.eat(list!("rule|rules"));
    Some(found)
}

fn pull_secret(w: &mut Walk) -> Option<Gone> {
    let noun = list!("image pull secret|image pull secrets|imagepullsecret|imagepullsecrets|image-pull-secret|pull secret|pull secrets");
    let name = |w: &mut Walk| Name::new(w.name()?).ok();
    if w.sees(noun).is_none()
        && let Some(name) = w.attempt(|w| name(w).filter(|_| w.eat(noun)))
    {
        return Some(Gone::PullSecret(Some(name)));
    }
    if !w.eat(noun) {
        return None;
    }
    w.eat(list!("named|called|:"));
    let stands = w.sees(super::heads::STOPS).is_none();
    Some(Gone::PullSecret(if stands { w.attempt(name) } else { None }))
}

fn amount(w: &mut Walk) -> Option<Gone> {
    let of = if w.eat(list!("cpu")) {
        Some(Resource::Cpu)
    } else if w.eat(list!("memory|mem|ram")) {
        Some(Resource::Memory)
    } else {
        w.eat(list!("resource"));
        None
    };
    if w.eat(list!("limit|limits")) {
        return Some(Gone::Amount(Bound::Limit, of));
    }
    w.eat(list!("request|requests")).then_some(Gone::Amount(Bound::Request, of))
}
