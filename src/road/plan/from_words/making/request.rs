//! A request for parts of a pod template, word by word: the verb, what is made or of what is spoken, the parts. What has no place is
//! kept as not understood.

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
    /// What was not understood.
    pub unread: Vec<String>,
    /// How many containers were announced.
    pub announced: Option<u32>,
}

const CREATE: &str = "create|make|start|launch|spin up|generate|write|run|deploy|define|create me|give me";
/// What adds to something; behind those of the second list it stands first.
const ADD: &str = "add|attach|mount|set|set up|setup|configure|put|define|enable|use|include|inject|assign|place|apply|create|make|drop|remove privileges|enforce|disable|disallow|tolerate|ensure|make sure";
const SUBJECT_FIRST: &str = "make|let|have|ensure|make sure|give|pin|spread|distribute|schedule|constrain|restrict|run|configure|update|patch|change|set|equip|keep|place|bind|extend|edit|modify|force|allow|prepare|lock|mount|provide";
/// Words that hold the others together.
const GLUE: &str = ",|.|(|)|and|also|with|the|a|an|that|has|having|plus|which|uses|as well|now|too|should|it|its|to have|must|be|to|so that|for it|where|each|get|gets|use|containing|consisting of|both|set|include|includes|including|have|it should|the container should|the pod should|in it|:|contains|mounts|mount|add";

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
            unread: Vec::new(),
            announced: None,
        };
        w.eat("then|now|and|also|in addition|additionally|next|,");
        // Where it is may stand first: "in namespace dev, create …".
        w.attempt(|w| (w.sees("in|on").is_some() && r.about.read(w) && r.about.object.is_none()).then_some(()));
        w.eat(",");
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
        let pod = self.new.is_some_and(|kind| kind.is("pods", ""));
        parts.iter().any(|part| match part {
            Part::Amount(..) | Part::Account(_) => true,
            Part::Env(..) | Part::Restart(_) => !pod,
            _ => false,
        })
    }

    /// The verb, and what stands right behind it. Says whether the verb is one of mounting.
    fn verb(&mut self, w: &mut Walk) -> bool {
        if w.attempt(|w| self.creates(w)).is_some() {
            self.verb = Verb::Create;
            return false;
        }
        let mounts = w.sees("mount|attach").is_some();
        let first = w.attempt(|w| {
            if !w.eat(SUBJECT_FIRST) {
                return None;
            }
            w.eat("sure|that");
            // "set a toleration", "mount configmap x": no subject.
            if w.sees("a|an").is_some() {
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
        let begins_a_part = w.sees("drop|tolerate|disallow|disable|forbid|prevent").is_some();
        if begins_a_part || w.eat(ADD) || w.eat(SUBJECT_FIRST) {
            self.verb = Verb::Add;
        }
        mounts
    }

    /// `create a pod named web`, `run an nginx pod`.
    fn creates(&mut self, w: &mut Walk) -> Option<()> {
        // "make the deployment web use …": it is there.
        if w.sees("make the").is_some() || !w.eat(CREATE) {
            return None;
        }
        w.eat("up");
        w.eat("a|an|the|one|me a");
        w.eat("new|single|simple|kubernetes|multi-container|multi container|multicontainer|static");
        let creatable = |kind: Kind| ["pods", "deployments", "daemonsets"].contains(&kind.info().plural);
        if let Some((kind, plural)) = w.kind() {
            if !creatable(kind) || plural {
                return None;
            }
            self.new = Some(kind);
            w.eat("resource|object|manifest");
            self.name = w.attempt(|w| {
                let said = w.eat("named|called|with name|with the name|name|by the name of|by the name");
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
        if let Some(name) = w.led("named|called|with name|with the name", Walk::name) {
            (self.image, self.name, self.before) = (self.name.take(), Some(name), false);
        }
        Some(())
    }

    /// What only something new is given: a name, an image, labels, replicas, containers.
    fn part_of_new(&mut self, w: &mut Walk) -> bool {
        let deployment = self.new.is_some_and(|kind| kind.is("deployments", "apps"));
        w.attempt(|w| {
            w.eat(",|and|with|, and|, with|and with|, and with");
            w.eat("a|an|the");
            if let Some(n) = w.attempt(|w| {
                let n = w.number()?;
                w.eat("containers|containers:|containers in it").then_some(n)
            }) {
                self.announced = Some(n);
                return Some(());
            }
            if deployment
                && self.replicas.is_none()
                && let Some(n) = w.attempt(|w| {
                    if w.eat("replicas|replica count of") {
                        w.eat("of|to|=");
                        return w.number();
                    }
                    let n = w.number()?;
                    w.eat("replicas|replica|copies|pods").then_some(n)
                })
            {
                self.replicas = Some(n);
                return Some(());
            }
            if self.name.is_none()
                && self.containers.is_empty()
                && let Some(name) = w.led("named|called|with name|with the name|name", Walk::name)
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
        w.eat("first|second|third|main|another|other|one more");
        let init = w.eat("init container|initcontainer|init-container|init containers");
        let led = init || w.eat("container|containers|sidecar|sidecar container|containers:|side container");
        // "named p" alone names what is made.
        let named = if led { w.eat("named|called|with name") } else { w.eat("one named|one called") };
        let name = w.name()?;
        let behind = !led && !named;
        // Without the word it has to be plain that it is one: something of a container stands behind.
        if behind {
            let list = !self.containers.is_empty() || self.announced.is_some();
            let tells = w.eat("container") || w.sees("(").is_some() || list && w.says_image();
            if !tells || !(list || w.sees("(").is_some()) {
                return None;
            }
        }
        if self.containers.iter().any(|c| c.name == name) {
            return None;
        }
        let image = if w.eat("(") {
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
            w.eat("the");
            let small = w.sees(super::heads::STOPS).is_some()
                || w.sees("image|command|a|an|the|it|containers|container|non-root|nonroot|privileged").is_some();
            w.one(|said| Image::new(said).ok().filter(|_| !small).map(|_| said.to_string()))
        })
    };
    w.attempt(|w| {
        if w.eat("image|using image|using the image|from image|with image|of image|uses image|running image|the image|docker image|container image|that uses image|based on image|using container image") {
            w.eat("of|:|is|named");
            return word(w);
        }
        let led = w.eat("using|running|runs|from|based on|that runs|which runs|uses|of|that uses|on");
        let image = word(w)?;
        let closes = w.eat("image|docker image|container image");
        let telling = image.contains([':', '/']);
        // Without its noun only what can be nothing else.
        let ends = w.done() || w.sees(super::heads::STOPS).is_some() || w.sees(".|named|called").is_some();
        (closes || led && telling || led && ends).then_some(image)
    })
}

fn labels(w: &mut Walk) -> Option<Vec<(String, String)>> {
    w.attempt(|w| {
        if !w.eat("label|labels|labelled|labeled|labelled with|labeled with|pod label|pod labels") {
            return None;
        }
        w.eat("of|:|as|with|set to");
        let mut all = vec![w.pair()?];
        while let Some(more) = w.led(",|and|, and", Walk::pair) {
            all.push(more);
        }
        Some(all)
    })
}
