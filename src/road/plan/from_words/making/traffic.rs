//! Network policies in words: `deny all ingress in dev`, `allow only the frontend to reach the backend on 8000`.

use super::super::phrases::{List, list};
use super::{super::slots::Object, walk::Walk};
use crate::ops::parts::Port;

/// Somebody who sends or takes traffic.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    /// Whoever it is.
    Anybody,
    /// Pods with these labels; none: all of the namespace. And in which namespace, where another was said.
    Pods(Vec<(String, String)>, Option<String>),
    /// The pods of an object by its name, and where.
    Of(Object, Option<String>),
    /// A namespace by its name.
    Namespace(String),
    /// Namespaces with these labels; none: all.
    Namespaces(Vec<(String, String)>),
    /// Addresses.
    Block(String),
}

/// A policy as far as it was said.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    pub allows: bool,
    pub denies: bool,
    /// Of two that were said: whether the other side is singled out, as in "reach only the database".
    pub only_there: bool,
    /// Who alone may, where that was said.
    pub only: bool,
    pub ingress: bool,
    pub egress: bool,
    pub all: bool,
    pub from: Vec<Who>,
    pub to: Vec<Who>,
    /// Whom it is for.
    pub on: Vec<Who>,
    pub ports: Vec<(Port, &'static str)>,
    pub name: Option<String>,
    pub place: Option<String>,
    /// "network policy" was said: what it does beside is known.
    pub noun: bool,
    /// "can", "may": it is told how things shall be.
    pub modal: bool,
    pub unread: Vec<String>,
}

const DENY: &List = &List::of(
    "deny|denies|denying|block|blocks|blocking|forbid|forbids|disallow|disallows|reject|rejects|cut off|cut|stop|refuse|default deny|default-deny|deny-all|default-deny-all|prohibit|drop|isolate",
);
const ALLOW: &List = &List::of("allow|allows|allowing|permit|permits|permitting|that allows|which allows|enable|allow-only|accept|accepts");
const REACH: &List = &List::of(
    "to reach|to connect to|to talk to|to access|to call|to communicate with|reach|reaches|connect to|talk to|access|call|communicate with|may reach|may connect to|to send traffic to|send traffic to|to speak to|to open connections to|to get to|to query|to connect with|make connections to",
);
const MODAL: &List =
    &List::of("may|should|shall|must|is allowed to|are allowed to|may only|should be able to|must be able to|should be allowed to");
const NOUN: &List = &List::of(
    "traffic|connections|network traffic|connection|access|network access|communication|requests|network connections|network|connectivity",
);

impl Traffic {
    /// Reads a step; `None` where it speaks of no traffic.
    pub fn read(mut w: Walk) -> Option<Traffic> {
        let mut t = Traffic::default();
        w.eat(list!("then|now|and|also|next|,"));
        w.attempt(|w| (w.sees(list!("in|on")).is_some() && t.place(w)).then_some(()));
        w.eat(list!(","));
        let opens_only = w.sees(list!("only")).is_some();
        let orders = w.sees(DENY).is_some()
            || w.sees(ALLOW).is_some()
            || w.sees(list!("create|add|make|apply|set up|write|define|configure|restrict|limit|let|ensure|default|deploy|generate"))
                .is_some();
        if !orders && !opens_only {
            return None;
        }
        if w.eat(list!("only")) {
            t.only = true;
            t.from.push(who(&mut w)?);
            t.modal = w.eat(MODAL);
            if !(t.modal && w.eat(REACH)) {
                return None;
            }
            t.allows = true;
            t.to = some(&mut w)?;
        } else if w.eat(list!("restrict|limit")) {
            t.eat_noun(&mut w);
            t.to = w.led(list!("to|of"), some)?;
            t.from = w.led(list!("to|to only|so that only|from"), some)?;
            (t.allows, t.only) = (true, true);
        } else {
            w.eat(list!("create|add|make|apply|set up|write|define|configure|ensure|deploy|generate"));
            if w.eat(list!("let")) {
                t.allows = true;
                t.subject(&mut w)?;
            }
        }
        let mut speaks = t.modal || t.only;
        while !w.done() {
            let at = w.at();
            speaks |= t.more(&mut w);
            if w.at() == at {
                t.unread.extend(w.skip().map(String::from));
            }
        }
        (speaks && (t.allows || t.denies)).then_some(t)
    }

    /// "allow [only] the frontend to reach the backend"; nothing where no such pair stands here.
    fn subject(&mut self, w: &mut Walk) -> Option<()> {
        w.attempt(|w| {
            let only = w.eat(list!("only"));
            let from = some(w)?;
            let only = only | w.eat(list!("only"));
            w.eat(list!("pods|access"));
            if !w.eat(REACH) {
                return None;
            }
            self.only |= only;
            self.only_there = w.eat(list!("only"));
            let to = some(w)?;
            self.from.extend(from);
            self.to.extend(to);
            Some(())
        })
    }

    fn eat_noun(&mut self, w: &mut Walk) -> bool {
        self.all |= w.eat(list!("all|any|every"));
        let mut any = false;
        loop {
            let (ingress, egress) = (
                w.eat(list!("ingress|incoming|inbound")),
                !any && w.eat(list!("egress|outgoing|outbound")) || w.eat(list!("egress|outgoing|outbound")),
            );
            self.ingress |= ingress;
            self.egress |= egress;
            let noun = w.eat(NOUN);
            if !(ingress || egress || noun) {
                return any;
            }
            any = true;
            w.attempt(|w| {
                (w.eat(list!("and|or|, and|and all|both")) && w.sees(list!("ingress|incoming|inbound|egress|outgoing|outbound")).is_some())
                    .then_some(())
            });
        }
    }

    /// One thing more. Says whether it is one that only a policy has.
    fn more(&mut self, w: &mut Walk) -> bool {
        if w.eat(list!("isolate")) {
            self.denies = true;
            match some(w).as_deref() {
                Some([Who::Namespace(name)]) if self.place.is_none() => self.place = Some(name.clone()),
                Some(on) => self.on.extend(on.iter().cloned()),
                None => self.unread.push("isolate".into()),
            }
            return true;
        }
        if w.eat(list!("default deny all|default-deny-all|deny-all|deny all|denies all|block all|blocks all")) {
            (self.denies, self.all) = (true, true);
            return false;
        }
        if w.eat(DENY) {
            self.denies = true;
            return false;
        }
        if w.eat(list!("only")) {
            self.only = true;
            return false;
        }
        if w.attempt(|w| {
            w.eat(list!("that|which|to|it|and"));
            (w.eat(ALLOW)).then_some(())
        })
        .is_some()
        {
            self.allows = true;
            return self.subject(w).is_some();
        }
        if w.eat(list!("all but|except|except from|but|unless it comes from|apart from")) {
            w.eat(list!("from"));
            match some(w) {
                // What is left open by a denial is all that is allowed; an exception from what is allowed is the contrary of that.
                Some(from) if self.denies && !self.allows => {
                    self.allows = true;
                    self.only = true;
                    self.from.extend(from);
                }
                Some(_) | None => self.unread.push("except".into()),
            }
            return false;
        }
        if self.eat_noun(w) {
            return true;
        }
        if let Some(ports) = ports(w) {
            self.ports.extend(ports);
            return false;
        }
        if self.name.is_none()
            && let Some(name) = w.led(list!("named|called|with name|with the name|name it"), Walk::name)
        {
            self.name = Some(name);
            return false;
        }
        if w.attempt(|w| w.kind().filter(|(kind, _)| kind.is("networkpolicies", "networking.k8s.io"))).is_some()
            || w.eat(list!("network policy|networkpolicy|netpol|network policies|policy"))
        {
            self.noun = true;
            if self.name.is_none() {
                // "network policy api-allow"
                self.name = w.attempt(|w| w.name().filter(|name| name.contains('-')));
            }
            return true;
        }
        if let Some(from) = w.led(list!("from|coming from|originating from"), some) {
            self.from.extend(from);
            return false;
        }
        if let Some(to) = w.led(list!("to|into|towards|reaching|going to|destined for"), some) {
            self.to.extend(to);
            return false;
        }
        if self.place(w) {
            return false;
        }
        if let Some(on) = w.led(
            list!("for|of|on|selecting|that applies to|applying to|that selects|which selects|which applies to|applied to|targeting"),
            some,
        ) {
            // "for namespace dev": where it is.
            match on.as_slice() {
                [Who::Namespace(name)] if self.place.is_none() => self.place = Some(name.clone()),
                _ => self.on.extend(on),
            }
            return false;
        }
        w.eat(list!(",|and|the|a|an|that|which|all|any|both|by default|default|new|rule|rules|policy type|with|kubernetes|in it|:|also"));
        false
    }

    fn place(&mut self, w: &mut Walk) -> bool {
        let found = w.attempt(|w| {
            if w.eat(list!("-n|--namespace")) {
                return w.name();
            }
            if !w.eat(list!("in|within|inside|throughout")) {
                return None;
            }
            namespace(w).or_else(|| {
                w.eat(list!("the"));
                w.name()
            })
        });
        match found {
            Some(name) if self.place.is_none() => {
                self.place = Some(name);
                true
            }
            Some(name) => {
                self.unread.push(name);
                true
            }
            None => false,
        }
    }
}

/// `namespace dev`, `the dev namespace`.
fn namespace(w: &mut Walk) -> Option<String> {
    w.attempt(|w| {
        w.eat(list!("the|a|our"));
        if w.eat(list!("namespace|ns")) {
            w.eat(list!("named|called"));
            return w.name();
        }
        let name = w.name()?;
        w.eat(list!("namespace|ns")).then_some(name)
    })
}

fn pairs(w: &mut Walk) -> Option<Vec<(String, String)>> {
    let mut all = vec![w.pair()?];
    while let Some(more) = w.led(list!(",|and|and the label|, and"), Walk::pair) {
        all.push(more);
    }
    Some(all)
}

fn labelled(w: &mut Walk) -> Option<Vec<(String, String)>> {
    w.attempt(|w| {
        let led = w.eat(list!("with|having|labelled|labeled|that have|which have|carrying|that carry|matching|that are labelled|that are labeled|labelled with|labeled with|with the"));
        w.eat(list!("the"));
        let noun = w.eat(list!("label|labels|label selector|selector"));
        w.eat(list!(":|of"));
        (led || noun).then(|| pairs(w))?
    })
}

/// One of those who send or take.
fn who(w: &mut Walk) -> Option<Who> {
    w.attempt(|w| {
        w.eat(list!("only"));
        if w.eat(list!("anywhere|everywhere|everyone|anyone|anything|everything|any source|all sources|anybody|everybody|all|any destination|anything else|all pods in all namespaces and outside")) && w.sees(list!("pods|pod|namespaces")).is_none() {
            return Some(Who::Anybody);
        }
        if w.eat(list!("all namespaces|any namespace|every namespace|other namespaces")) {
            return Some(Who::Namespaces(Vec::new()));
        }
        if w.eat(list!("the same namespace|this namespace|the namespace itself|its own namespace|within the namespace|inside the namespace|its namespace")) {
            return Some(Who::Pods(Vec::new(), None));
        }
        if w.eat(list!("cidr|the cidr|ip block|the ip block|ip range|the ip range|addresses in|the network|subnet")) || block_next(w) {
            return w.one(block).map(Who::Block);
        }
        w.eat(list!("the|all|any|my|our|a|every|all the|all of the"));
        if let Some(labels) = w.led(list!("namespaces|namespace|ns"), labelled) {
            return Some(Who::Namespaces(labels));
        }
        Some(match () {
            () if w.eat(list!("pods of|pod of")) => of(w)?,
            () if w.eat(list!("pods|pod")) => {
                let place = inside(w);
                let labels = labelled(w).unwrap_or_default();
                Who::Pods(labels, place.or_else(|| inside(w)))
            }
            () => {
                if let Some(labels) = w.attempt(pairs) {
                    w.eat(list!("pods|pod"));
                    return Some(Who::Pods(labels, inside(w)));
                }
                of(w)?
            }
        })
    })
}

fn of(w: &mut Walk) -> Option<Who> {
    if w.sees(list!("ingress|egress|traffic|incoming|outgoing|inbound|outbound|network|port|internet|outside|outside world|public"))
        .is_some()
    {
        return None;
    }
    if let Some(name) = w.attempt(namespace) {
        return Some(Who::Namespace(name));
    }
    if let Some((kind, name)) = w.slashed() {
        return super::about::has_pods(kind)
            .then(|| Who::Of(Object { kinds: vec![kind], names: vec![name], ..Object::default() }, inside(w)));
    }
    let kind = w.attempt(Walk::kind);
    if let Some((kind, plural)) = kind {
        w.eat(list!("named|called"));
        let name = w.name().filter(|_| !plural && super::about::has_pods(kind))?;
        return Some(Who::Of(Object { kinds: vec![kind], names: vec![name], ..Object::default() }, inside(w)));
    }
    let name = w.name()?;
    let kinds = match w.attempt(Walk::kind) {
        Some((kind, false)) if super::about::has_pods(kind) && !kind.is("pods", "") => vec![kind],
        Some((kind, _)) if kind.is("pods", "") => Vec::new(),
        Some(_) => return None,
        None => Vec::new(),
    };
    Some(Who::Of(Object { kinds, names: vec![name], ..Object::default() }, inside(w)))
}

/// In which namespace they are, where it is said of them.
fn inside(w: &mut Walk) -> Option<String> {
    w.attempt(|w| w.eat(list!("in|of|from|inside|within")).then(|| namespace(w))?)
}

/// Several: `the frontend and the worker`.
fn some(w: &mut Walk) -> Option<Vec<Who>> {
    let mut all = vec![who(w)?];
    while let Some(more) = w.attempt(|w| {
        if !w.eat(list!("and|or|, and|,|and from|or from|and to")) {
            return None;
        }
        // "and deny …", "and on port 80": something else.
        let other = w.sees(DENY).is_some() || w.sees(ALLOW).is_some() || w.sees(list!("on|in|for|port|only|from|to|that|over")).is_some();
        if other { None } else { who(w) }
    }) {
        all.push(more);
    }
    Some(all)
}

fn block(said: &str) -> Option<String> {
    let (address, bits) = said.split_once('/')?;
    let address: std::net::IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.parse::<u8>().ok().filter(|bits| *bits <= most).map(|_| said.to_string())
}

fn block_next(w: &Walk) -> bool {
    w.clone().one(block).is_some()
}

/// `on port 8000`, `on TCP ports 80 and 443`, `on 53/udp`.
fn ports(w: &mut Walk) -> Option<Vec<(Port, &'static str)>> {
    w.attempt(|w| {
        let on = w.eat(list!("on|over|via|to|at|through|for"));
        let mut protocol = protocol(w);
        let noun = w.eat(list!("port|ports|port number|the port"));
        protocol = protocol.or_else(|| self::protocol(w));
        if !on && !noun && protocol.is_none() {
            return None;
        }
        let mut all = vec![port(w, protocol)?];
        while let Some(more) = w.led(list!("and|,|or|and port|, and|and on port"), |w| port(w, protocol)) {
            all.push(more);
        }
        if let Some(behind) = self::protocol(w) {
            all.iter_mut().for_each(|(_, protocol)| *protocol = behind);
        }
        Some(all)
    })
}

fn protocol(w: &mut Walk) -> Option<&'static str> {
    [("tcp", "TCP"), ("udp", "UDP"), ("sctp", "SCTP")].into_iter().find(|(said, _)| w.eat_word(said)).map(|(_, word)| word)
}

fn port(w: &mut Walk, protocol: Option<&'static str>) -> Option<(Port, &'static str)> {
    if let Some(port) = w.port(false) {
        return Some((port, protocol.unwrap_or("TCP")));
    }
    w.one(|said| {
        let (port, behind) = said.split_once('/')?;
        let (port, behind) = if port.chars().all(|c| c.is_ascii_digit()) { (port, behind) } else { (behind, port) };
        let protocol = ["TCP", "UDP", "SCTP"].into_iter().find(|known| known.eq_ignore_ascii_case(behind))?;
        Some((Port::Number(port.parse().ok().filter(|n| *n > 0)?), protocol))
    })
}
