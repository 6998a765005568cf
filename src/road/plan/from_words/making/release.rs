//! Releases in steps: a canary beside a Deployment, its end, and traffic that is sent to another colour.

use super::super::phrases::{List, list};
use super::{super::slots::Object, storage::place, walk::Walk};
use crate::ops::Kind;

/// How many pods the canary takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// So many of so many.
    Of(u32, u32),
    /// So many in a hundred of those there are.
    Percent(u32),
    /// So many beside those there are.
    Beside(u32),
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// A canary begins.
    Canary { of: Option<Object>, image: Option<String>, container: Option<String>, share: Option<Share> },
    /// Its image becomes everybody's, and it goes.
    Promote(Object),
    /// It goes.
    Abort(Object),
    /// A Service's traffic goes to another Deployment.
    Switch { service: Option<Object>, from: Option<String>, to: String },
}

/// A release as it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Releasing {
    pub what: Release,
    pub place: Option<String>,
    pub unread: Vec<String>,
}

const CANARY: &List = &List::of("canary|canary deployment|canary release|canary version|canary rollout");

impl Releasing {
    /// Reads a step; `None` where it is no such thing.
    pub fn read(mut w: Walk) -> Option<Releasing> {
        w.eat(list!("then|now|and|also|next|,"));
        w.attempt(ended).or_else(|| w.attempt(canary)).or_else(|| w.attempt(switched))
    }
}

/// A Deployment, or whatever is called so.
fn workload(w: &mut Walk) -> Option<Object> {
    w.attempt(|w| {
        w.eat(list!("the|our|my"));
        if let Some((kind, name)) = w.slashed() {
            return kind.is("deployments", "apps").then(|| object(Some(kind), name));
        }
        if let Some((kind, plural)) = w.attempt(Walk::kind) {
            w.eat(list!("named|called"));
            return (kind.is("deployments", "apps") && !plural).then(|| w.name().map(|name| object(Some(kind), name)))?;
        }
        if w.eat(list!("it")) {
            return Some(Object { this: true, ..Object::default() });
        }
        let name = w.name()?;
        let kind = w.attempt(|w| w.kind().filter(|(kind, plural)| kind.is("deployments", "apps") && !plural)).map(|(kind, _)| kind);
        Some(object(kind, name))
    })
}

fn object(kind: Option<Kind>, name: String) -> Object {
    Object { kinds: kind.into_iter().collect(), names: vec![name], ..Object::default() }
}

/// `promote the canary of web`, `remove the canary of web`.
fn ended(w: &mut Walk) -> Option<Releasing> {
    let promotes = w.eat(list!("promote|complete|finish|roll out"));
    if !promotes && !w.eat(list!("remove|end|abort|stop|roll back|cancel|withdraw|take away|drop|delete|take down|undo")) {
        return None;
    }
    w.eat(list!("the"));
    // "remove the label canary from pod web-1"
    if w.sees(list!("label|labels|annotation|annotations|taint|taints|variable|env|environment variable|key")).is_some() {
        return None;
    }
    let of = match w.eat(CANARY) {
        true => w.led(list!("of|for|from"), workload)?,
        false => {
            let of = workload(w)?;
            w.eat(CANARY).then_some(of)?
        }
    };
    let mut r = Releasing { what: if promotes { Release::Promote(of) } else { Release::Abort(of) }, place: None, unread: Vec::new() };
    rest(w, &mut r, |_| None);
    Some(r)
}

fn canary(w: &mut Walk) -> Option<Releasing> {
    let mut of = None;
    let mut image = None;
    if w.eat(list!("canary")) {
        of = Some(workload(w)?);
    } else if w.eat(list!("run|create|start|deploy|add|launch|do|make|set up|begin|put|roll out|release|spin up|bring up|perform")) {
        w.eat(list!("a|an|the|one"));
        if !w.eat(CANARY) {
            // "roll out v2 of web as a canary"
            w.eat(list!("image|version|tag"));
            image = Some(w.one(|said| crate::ops::Image::new(said).ok().map(|_| said.to_string()))?);
            of = Some(w.led(list!("of|for|to"), workload)?);
            if !w.eat(list!("as a canary|as canary|as a canary release|as a canary deployment|in a canary")) {
                return None;
            }
        }
    } else {
        return None;
    }
    let mut canary = (of, image, None, None);
    let mut r =
        Releasing { what: Release::Canary { of: None, image: None, container: None, share: None }, place: None, unread: Vec::new() };
    rest(w, &mut r, |w| {
        let (of, image, container, share) = &mut canary;
        if of.is_none()
            && let Some(found) = w.led(list!("of|for|beside|next to|alongside"), workload)
        {
            *of = Some(found);
            return Some(());
        }
        if w.eat(list!("next to it|beside it|alongside it|alongside|next to the stable one|beside the stable one|alongside the stable one|next to it,|next to the old one")) {
            return Some(());
        }
        if share.is_none()
            && let Some(found) = w.attempt(self::share)
        {
            *share = Some(found);
            return Some(());
        }
        if container.is_none()
            && let Some(found) = w.led(list!("in container|for container|container|of container"), Walk::name)
        {
            *container = Some(found);
            return Some(());
        }
        if image.is_none() {
            let found = w.led(list!("with|using|running|at|to|on|with the|using the|that runs|which runs|image|version|tag"), |w| {
                w.eat(list!("image|tag|version|image tag|new image"));
                w.eat(list!("of|:|to|tag|version"));
                w.one(|said| {
                    crate::ops::Image::new(said)
                        .ok()
                        .filter(|_| said.bytes().any(|b| b.is_ascii_digit() || b == b':' || b == b'/'))
                        .map(|_| said.to_string())
                })
            })?;
            *image = Some(found);
            return Some(());
        }
        None
    });
    let (of, image, container, share) = canary;
    r.what = Release::Canary { of, image, container, share };
    Some(r)
}

/// `1 of 5`, `with 20% of the traffic`, `with one replica`.
fn share(w: &mut Walk) -> Option<Share> {
    w.eat(list!("with|at|as|for|taking|that takes|which takes|getting|on|receiving"));
    if let Some(percent) = w.one(|said| said.strip_suffix('%')?.parse::<u32>().ok().filter(|n| (1..100).contains(n))) {
        w.eat(list!("of the traffic|of traffic|traffic|of the pods|of the replicas|of its pods|of requests|of the requests"));
        return Some(Share::Percent(percent));
    }
    let n = w.number()?;
    w.eat(list!("replica|pod|replicas|pods"));
    if w.eat(list!("of|out of|in")) {
        w.eat(list!("the"));
        let total = w.number()?;
        w.eat(list!("replicas|pods|of them|replica"));
        return (n > 0 && n < total).then_some(Share::Of(n, total));
    }
    (n > 0).then_some(Share::Beside(n))
}

/// `send checkout traffic to green`, `switch the checkout service back to blue`.
fn switched(w: &mut Walk) -> Option<Releasing> {
    if !w.eat(list!("send|route|switch|shift|move|point|direct|cut over|cut|flip|redirect|change over|swing|turn")) {
        return None;
    }
    w.eat(list!("back|over"));
    w.eat(list!("all|the|all the|all of the"));
    let service = |kind: &Kind| kind.is("services", "");
    let mut traffic = w.eat(list!("traffic|requests|live traffic|production traffic|user traffic"));
    let mut of = None;
    let named = |w: &mut Walk| {
        w.attempt(|w| {
            w.eat(list!("the|our"));
            if let Some((kind, name)) = w.slashed() {
                return service(&kind).then_some((name, true));
            }
            if let Some((kind, plural)) = w.attempt(Walk::kind) {
                w.eat(list!("named|called"));
                return (service(&kind) && !plural).then(|| w.name().map(|name| (name, true)))?;
            }
            let name = w.name()?;
            let kind = w.attempt(|w| w.kind().filter(|(kind, plural)| service(kind) && !plural));
            w.eat(list!("selector"));
            Some((name, kind.is_some()))
        })
    };
    let mut said = false;
    if traffic {
        if let Some(name) = w.attempt(|w| {
            let (name, _) = w.led(list!("of|for|from|to"), named)?;
            w.sees(list!("to|over|back|from|at")).map(|_| name)
        }) {
            of = Some(name);
        } else if w.sees(list!("to|over|back|at")).is_none() {
            return None;
        }
    } else {
        let (name, kind) = named(w)?;
        said = kind;
        traffic = w.eat(list!("traffic|requests|live traffic|production traffic"));
        of = Some(name);
    }
    w.eat(list!("back|over|away"));
    // "from blue": what it says has to be so.
    let from = w.led(list!("from|away from"), Walk::name);
    w.eat(list!("back|over"));
    if !(w.eat(list!("to|at|onto|over to|back to|towards")) && (traffic || said)) {
        return None;
    }
    w.eat(list!("the|use the|select"));
    let to = match w.slashed() {
        Some((kind, name)) => kind.is("deployments", "apps").then_some(name)?,
        None => {
            w.attempt(Walk::kind);
            w.name()?
        }
    };
    w.eat(list!("version|deployment|one|pods|environment|again|now|colour|color|instead|stack|set"));
    let of = of.map(|name| object(Kind::find("service"), name));
    let mut r = Releasing { what: Release::Switch { service: of, from, to }, place: None, unread: Vec::new() };
    rest(w, &mut r, |_| None);
    Some(r)
}

/// What stands behind: what `more` reads, where it is, small words.
fn rest(w: &mut Walk, r: &mut Releasing, mut more: impl FnMut(&mut Walk) -> Option<()>) {
    while !w.done() {
        if w.attempt(&mut more).is_some() {
            continue;
        }
        if r.place.is_none()
            && let Some(found) = w.attempt(place)
        {
            r.place = Some(found);
            continue;
        }
        if !w.eat(list!(",|and|now|again|please|the|a|so that it gets|gets|get|it|with|instead")) {
            r.unread.extend(w.skip().map(String::from));
        }
    }
}
