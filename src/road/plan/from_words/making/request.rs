//! A request for parts of a pod template, word by word: the verb, what is made or of what is spoken, the parts. What has no place is
//! kept as not understood.

use super::super::phrases::{List, list};
use super::{about::About, heads::Head, walk::Walk};
use crate::ops::{Image, Kind};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Something is added to what is there.
    Add,
    /// Something new is made.
    Create,
    /// No verb was said.
    None,
}

/// A container that was spoken of.
#[derive(Debug, Clone, Default)]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
    pub init: bool,
}

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Request {
    pub verb: Verb,
    /// What is made, and its name.
    pub new: Option<Kind>,
    pub name: Option<String>,
    /// Whether the name stood before the kind: "an nginx pod".
    pub before: bool,
    pub about: About,
    /// The parts, each with the container it was said of.
    pub heads: Vec<(Option<usize>, Head)>,
    pub containers: Vec<Container>,
    /// The image of the only container.
    pub image: Option<String>,
    pub labels: Vec<(String, String)>,
    pub replicas: Option<u32>,
    /// When a cron job runs.
    pub schedule: Option<String>,
    /// What was not understood.
    pub unread: Vec<String>,
    /// How many containers were announced.
    pub announced: Option<u32>,
}

const CREATE: &List = &List::of("create|make|start|launch|spin up|generate|write|run|deploy|define|create me|give me");
/// What adds to something; behind those of the second list it stands first.
const ADD: &List = &List::of(
    "add|attach|mount|set|set up|setup|configure|put|define|enable|use|include|inject|assign|place|apply|create|make|drop|remove privileges|enforce|disable|disallow|tolerate|ensure|make sure",
);
const SUBJECT_FIRST: &List = &List::of(
    "make|let|have|ensure|make sure|give|pin|spread|distribute|schedule|constrain|restrict|run|configure|update|patch|change|set|equip|keep|place|bind|extend|edit|modify|force|allow|prepare|lock|mount|provide",
);
/// Words that hold the others together.
const GLUE: &List = &List::of(
    ",|.|(|)|and|also|with|the|a|an|that|has|having|plus|which|uses|as well|now|too|should|it|its|to have|must|be|to|so that|for it|where|each|get|gets|use|containing|consisting of|both|set|include|includes|including|have|it should|the container should|the pod should|in it|:|contains|mounts|mount|add",
);

impl Request {
    /// Reads a step. `None` where nothing of it is a part that only a patch or a manifest says.
    pub fn read(mut w: Walk) -> Option<Request> {
        let mut r = Request {
            verb: Verb::None,
            new: None,
            name: None,
            before: false,
            about: About::default(),
            heads: Vec::new(),
            containers: Vec::new(),
            image: None,
            labels: Vec::new(),
            replicas: None,
            schedule: None,
            unread: Vec::new(),
            announced: None,
        };
        w.eat(list!("then|now|and|also|in addition|additionally|next|,"));
        // Where it is may stand first: "in namespace dev, create …".
        w.attempt(|w| (w.sees(list!("in|on")).is_some() && r.about.read(w) && r.about.object.is_none()).then_some(()));
        w.eat(list!(","));
        let mounts = r.verb(&mut w);
        let mut open: Option<usize> = None;
        while !w.done() {
            if let Some(at) = open
                && r.heads[at].1.detail(&mut w)
            {
                continue;
            }
            if r.new.is_some() && r.part_of_new(&mut w) {
                open = None;
                continue;
            }
            // A detail of an earlier part, behind what was said between: "a readiness probe to web on port 80".
            let of = r.containers.len().checked_sub(1);
            if let Some(head) = Head::read(&mut w, mounts) {
                open = Some(r.heads.len());
                r.heads.push((of, head));
                continue;
            }
            if r.about.read(&mut w) || w.eat(GLUE) {
                continue;
            }
            r.unread.extend(w.skip().map(String::from));
        }
        let ours = r.heads.iter().any(|(_, head)| head.is_ours()) || r.new.is_some() && (r.containers.len() > 1 || r.containers.iter().any(|c| c.init))
            // kubectl has no word for these where it makes something.
            || r.new.is_some() && r.heads.iter().any(|(_, head)| r.beyond_kubectl(head));
        // A question about a part, and no order.
        let asks = r.verb == Verb::None && !r.unread.is_empty();
        let told = r.heads.iter().any(|(_, head)| head.is_plain_to_see());
        let whole = r.unread.is_empty() && (r.new.is_some() || r.about.object.is_some());
        (ours && !asks && (told || whole || r.new.is_some() && !r.containers.is_empty())).then_some(r)
    }

    /// Whether what makes a thing of that kind has no flag for a part. `kubectl run`: env, port, command, args, restart; `create deployment`:
    /// port, command.
    fn beyond_kubectl(&self, head: &Head) -> bool {
        use crate::ops::parts::Part;
        let Head::Plain(parts) = head else { return true };
        let makes = |plural: &str| self.new.is_some_and(|kind| kind.info().plural == plural);
        let (pod, by_clock) = (makes("pods"), makes("cronjobs"));
        parts.iter().any(|part| match part {
            Part::Amount(..) | Part::Account(_) => true,
            Part::Env(..) => !pod,
            Part::Restart(_) => !(pod || by_clock),
            _ => false,
        })
    }

    /// The verb, and what stands right behind it. Says whether the verb is one of mounting.
    fn verb(&mut self, w: &mut Walk) -> bool {
        if w.attempt(|w| self.creates(w)).is_some() {
            self.verb = Verb::Create;
            return false;
        }
        let mounts = w.sees(list!("mount|attach")).is_some();
        let first = w.attempt(|w| {
            if !w.eat(SUBJECT_FIRST) {
                return None;
            }
            w.eat(list!("sure|that"));
            // "set a toleration", "mount configmap x": no subject.
            if w.sees(list!("a|an")).is_some() {
                return None;
            }
            let mut about = self.about.clone();
            let begun = w.at();
            if Head::read(&mut w.clone(), mounts).is_some_and(|head| head.is_ours()) && w.at() == begun {
                return None;
            }
            about.subject(w).then_some(about)
        });
        if let Some(about) = first {
            (self.about, self.verb) = (about, Verb::Add);
            return mounts;
        }
        // The words of a part may be its verb as well: "drop all capabilities", "tolerate the taint x".
        let begins_a_part = w.sees(list!("drop|tolerate|disallow|disable|forbid|prevent")).is_some();
        if begins_a_part || w.eat(ADD) || w.eat(SUBJECT_FIRST) {
            self.verb = Verb::Add;
        }
        mounts
    }

    /// `create a pod named web`, `run an nginx pod`.
    fn creates(&mut self, w: &mut Walk) -> Option<()> {
        // "make the deployment web use …": it is there.
        if w.sees(list!("make the")).is_some() || !w.eat(CREATE) {
            return None;
        }
        w.eat(list!("up"));
        w.eat(list!("a|an|the|one|me a"));
        w.eat(list!("new|single|simple|kubernetes|multi-container|multi container|multicontainer|static"));
        let creatable =
            |kind: Kind| ["pods", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs"].contains(&kind.info().plural);
        if let Some((kind, plural)) = w.kind() {
            if !creatable(kind) || plural {
                return None;
            }
            self.new = Some(kind);
            w.eat(list!("resource|object|manifest"));
            self.name = w.attempt(|w| {
                let said = w.eat(list!("named|called|with name|with the name|name|by the name of|by the name"));
                w.name().filter(|name| said || !["running", "based", "image", "mounting", "exposing", "listening"].contains(&name.as_str()))
            });
            return Some(());
        }
        let name = w.name()?;
        let (kind, plural) = w.kind()?;
        if !creatable(kind) || plural {
            return None;
        }
        (self.new, self.name, self.before) = (Some(kind), Some(name), true);
        // "an nginx pod named web": the first is the image.
        if let Some(name) = w.led(list!("named|called|with name|with the name"), Walk::name) {
            (self.image, self.name, self.before) = (self.name.take(), Some(name), false);
        }
        Some(())
    }

    /// What only something new is given: a name, an image, labels, replicas, containers.
    fn part_of_new(&mut self, w: &mut Walk) -> bool {
        let deployment = self.new.is_some_and(|kind| kind.is("deployments", "apps") || kind.is("statefulsets", "apps"));
        let by_clock = self.new.is_some_and(|kind| kind.is("cronjobs", "batch"));
        w.attempt(|w| {
            w.eat(list!(",|and|with|, and|, with|and with|, and with"));
            w.eat(list!("a|an|the"));
            if let Some(n) = w.attempt(|w| {
                let n = w.number()?;
                w.eat(list!("containers|containers:|containers in it")).then_some(n)
            }) {
                self.announced = Some(n);
                return Some(());
            }
            if deployment
                && self.replicas.is_none()
                && let Some(n) = w.attempt(|w| {
                    if w.eat(list!("replicas|replica count of")) {
                        w.eat(list!("of|to|="));
                        return w.number();
                    }
                    let n = w.number()?;
                    w.eat(list!("replicas|replica|copies|pods")).then_some(n)
                })
            {
                self.replicas = Some(n);
                return Some(());
            }
            if by_clock
                && self.schedule.is_none()
                && let Some(cron) = w.attempt(schedule)
            {
                self.schedule = Some(cron);
                return Some(());
            }
            if self.name.is_none()
                && self.containers.is_empty()
                && let Some(name) = w.led(list!("named|called|with name|with the name|name"), Walk::name)
            {
                self.name = Some(name);
                return Some(());
            }
            if let Some(image) = image(w) {
                return match self.containers.last_mut() {
                    Some(last) if last.image.is_none() => {
                        last.image = Some(image);
                        Some(())
                    }
                    None if self.image.is_none() => {
                        self.image = Some(image);
                        Some(())
                    }
                    Some(_) | None => None,
                };
            }
            if let Some(labels) = labels(w) {
                self.labels.extend(labels);
                return Some(());
            }
            self.container(w)
        })
        .is_some()
    }

    /// A container: `container c1 with image nginx`, `c2 (busybox, …)`, `an init container setup running busybox`.
    fn container(&mut self, w: &mut Walk) -> Option<()> {
        w.eat(list!("first|second|third|main|another|other|one more"));
        let init = w.eat(list!("init container|initcontainer|init-container|init containers"));
        let led = init || w.eat(list!("container|containers|sidecar|sidecar container|containers:|side container"));
        // "named p" alone names what is made.
        let named = if led { w.eat(list!("named|called|with name")) } else { w.eat(list!("one named|one called")) };
        let name = w.name()?;
        let behind = !led && !named;
        // Without the word it has to be plain that it is one: something of a container stands behind.
        if behind {
            let list = !self.containers.is_empty() || self.announced.is_some();
            let tells = w.eat(list!("container")) || w.sees(list!("(")).is_some() || list && w.says_image();
            if !tells || !(list || w.sees(list!("(")).is_some()) {
                return None;
            }
        }
        if self.containers.iter().any(|c| c.name == name) {
            return None;
        }
        let image = if w.eat(list!("(")) {
            w.attempt(|w| {
                w.one(|said| {
                    Image::new(said)
                        .ok()
                        .map(|_| said.to_string())
                        .filter(|s| !["image", "command", "running", "with", "using", "the"].contains(&s.as_str()))
                })
            })
        } else {
            None
        };
        self.containers.push(Container { name: name.to_lowercase(), image, init });
        Some(())
    }
}

/// `image nginx`, `using the nginx image`, `running nginx:1.27`.
fn image(w: &mut Walk) -> Option<String> {
    let word = |w: &mut Walk| {
        w.attempt(|w| {
            w.eat(list!("the"));
            let small = w.sees(super::heads::STOPS).is_some()
                || w.sees(list!("image|command|a|an|the|it|containers|container|non-root|nonroot|privileged")).is_some();
            w.one(|said| Image::new(said).ok().filter(|_| !small).map(|_| said.to_string()))
        })
    };
    w.attempt(|w| {
        if w.eat(list!("image|using image|using the image|from image|with image|of image|uses image|running image|the image|docker image|container image|that uses image|based on image|using container image")) {
            w.eat(list!("of|:|is|named"));
            return word(w);
        }
        let led = w.eat(list!("using|running|runs|from|based on|that runs|which runs|uses|of|that uses|on"));
        let image = word(w)?;
        let closes = w.eat(list!("image|docker image|container image"));
        let telling = image.contains([':', '/']);
        // Without its noun only what can be nothing else.
        let ends = w.done() || w.sees(super::heads::STOPS).is_some() || w.sees(list!(".|named|called")).is_some();
        (closes || led && telling || led && ends).then_some(image)
    })
}

/// `schedule "*/5 * * * *"`, `every 5 minutes`.
fn schedule(w: &mut Walk) -> Option<String> {
    w.eat(list!("that runs|which runs|running|runs|to run|on|run"));
    w.eat(list!("a|the"));
    if w.eat(list!("schedule|cron schedule|schedule of|cron")) {
        w.eat(list!("of|:|is|set to"));
        return w.quoted().filter(|cron| cron.starts_with('@') || cron.split_whitespace().count() == 5);
    }
    w.schedule()
}

fn labels(w: &mut Walk) -> Option<Vec<(String, String)>> {
    w.attempt(|w| {
        if !w.eat(list!("label|labels|labelled|labeled|labelled with|labeled with|pod label|pod labels")) {
            return None;
        }
        w.eat(list!("of|:|as|with|set to"));
        let mut all = vec![w.pair()?];
        while let Some(more) = w.led(list!(",|and|, and"), Walk::pair) {
            all.push(more);
        }
        Some(all)
    })
}
