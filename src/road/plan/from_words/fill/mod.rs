//! Third step: the tokens of one step fill its [`Slots`], left to right; each meaning knows what it takes from behind it.

mod amounts;
mod flags;
mod objects;
mod places;
mod reader;
mod roles;
mod schedule;
mod sense;
mod taints;

pub use roles::is_access_verb;
pub use schedule::schedule;

use reader::Reader;

use super::{
    lexicon::{Act, Sense as S},
    slots::{Given, Object, Slots, looks_like_tag, settle_binding, settle_image, settle_namespaces, settle_objects, settle_values},
    tag::{Is, Token},
};
use crate::ops::Output;

/// Fills the slots from one step's tokens.
pub fn fill(tokens: &[Token]) -> Slots {
    let mut reader = Reader::of(tokens);
    while reader.at < tokens.len() {
        let (known, out) = (reader.out.objects.len(), &reader.out);
        let early = out.acts.is_empty() && out.alter.is_none() && !out.want && !out.mark && !out.overwrite && !out.new;
        reader.one();
        if early {
            reader.out.objects[known..].iter_mut().for_each(|o| o.early = true);
        }
    }
    let mut out = reader.out;
    out.out_of_pod = out_of_pod(tokens);
    chosen_by_label(&mut out);
    settle_image(&mut out);
    settle_values(&mut out);
    settle_binding(&mut out);
    settle_namespaces(&mut out);
    settle_objects(&mut out);
    out.it |= out.its && out.objects.is_empty();
    out
}

impl Reader<'_> {
    fn path_of_an_ingress(&self) -> bool {
        let said = self.tokens[self.at].said.to_lowercase();
        let manifest = [".yaml", ".yml", ".json"].iter().any(|end| said.ends_with(end));
        said.starts_with('/') && !manifest && self.out.acts == [Act::Create] && self.out.speaks_of("ingresses", "networking.k8s.io")
    }

    fn leave(&mut self) {
        let said = self.tokens[self.at].said.to_string();
        self.out.leftover.push(said);
        self.at += 1;
    }

    /// Reads what begins here, and goes on behind it.
    fn one(&mut self) {
        let token = &self.tokens[self.at];
        if let (Some(word), false) = (token.mended, token.is == Is::Word) {
            self.out.mended.push((token.said.to_string(), word));
        }
        match token.is.clone() {
            // "that allows get, list and watch on pods"
            Is::Sense(_) | Is::Word if self.makes_a_role() && is_access_verb(&token.said.to_lowercase()) => self.verbs(),
            // "that sleeps for 1000 seconds", "that echoes 'x'"
            Is::Word if self.does() => {}
            Is::Sense(S::Act(Act::Taint)) if self.taint() => {}
            Is::Sense(S::Role("key")) if self.out.acts.contains(&Act::Taint) && self.taint() => {}
            Is::Word if token.said.eq_ignore_ascii_case("taints") && self.taint() => {}
            Is::Sense(sense) => self.sense(sense),
            Is::Kind(..) => self.kinds(),
            Is::Image | Is::Address | Is::Word | Is::Quoted | Is::Pair(_) if self.taint_behind() => {}
            Is::Word | Is::Quoted if self.keeps_a_certificate() => {}
            // "copy app.properties into /config of pod web-1"
            Is::Word | Is::Quoted if self.out.acts == [Act::Copy] && token.said.contains('.') => {
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            Is::Word | Is::Quoted if begins(&token.said, "sort") || token.said.eq_ignore_ascii_case("ordered") => {
                if !self.sorting() {
                    self.names();
                }
            }
            Is::Word | Is::Quoted if self.a_file_comes() && token.said.contains(['.', '/']) => {
                self.out.from_file = true;
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            Is::Word if self.range() || self.newest_first() => {}
            Is::Word | Is::Quoted => self.names(),
            Is::Slashed(kind, name) => {
                let joined = self.joined();
                self.out.objects.push(Object {
                    kinds: vec![kind],
                    names: vec![name.into()],
                    joined,
                    prep: self.prep.take(),
                    ..Object::default()
                });
                self.at += 1;
            }
            Is::Number(_) | Is::Duration | Is::Amount if self.counted_by_a_quota() => {}
            Is::Number(_) | Is::Duration | Is::Amount if self.amount_comes() => {}
            Is::Number(_) | Is::Image | Is::Duration | Is::Amount if self.value_before() => {}
            Is::Number(n) if self.bounds(n) => {}
            Is::Number(n) if !self.out.acts.contains(&Act::Forward) => self.amount(n),
            // "dedicated:NoSchedule"
            Is::Image | Is::Strange | Is::Address if self.out.acts.contains(&Act::Taint) && taints::ends_with_effect(&token.said) => {
                self.out.given.push(Given { role: "taint", values: vec![token.said.to_string()] });
                self.at += 1;
            }
            Is::File if self.out.acts == [Act::Shell] => {
                self.out.given.push(Given { role: "shell", values: vec![token.said.to_string()] });
                self.at += 1;
            }
            // "two files, a.yaml and b.yaml"
            Is::Number(_) if self.tokens.get(self.at + 1).is_some_and(|t| ["file", "files"].contains(&t.said.to_lowercase().as_str())) => {
                self.at += 1
            }
            // "pg-0:/tmp/dump.sql"
            Is::Image | Is::Strange | Is::Address if self.out.acts.contains(&Act::Copy) && token.said.contains(":/") => {
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            // "create from https://example.com/web.yaml": a manifest that is fetched.
            Is::Address if fetched(&token.said) && self.out.acts.iter().any(|act| FROM_FILES.contains(act)) => {
                self.out.from_file = true;
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            // What is counted is said by its role; by itself it says nothing.
            Is::Amount | Is::Address => self.leave(),
            // "with tcp=80:8080"
            Is::Pair(pair)
                if self.out.acts == [Act::Create]
                    && self.out.speaks_of("services", "")
                    && pair.split_once('=').is_some_and(|(key, value)| key.eq_ignore_ascii_case("tcp") && ports(value)) =>
            {
                let value = pair.split_once('=').map_or_else(String::new, |(_, value)| value.to_string());
                self.out.given.push(Given { role: "port", values: vec![value] });
                self.at += 1;
            }
            Is::Pair(pair) => {
                let label = |at: usize| matches!(self.is(at), Some(Is::Sense(S::Label | S::Labels)));
                let behind = label(self.at + 1);
                let labelled = behind || self.at > 0 && label(self.at - 1);
                // An annotation's objects are told by their labels.
                if labelled && (self.out.acts.contains(&Act::Annotate) || self.out.says("annotation")) {
                    self.out.given.push(Given { role: "of-label", values: vec![pair.into()] });
                    self.at += if behind { 2 } else { 1 };
                } else {
                    let led = |at: usize| matches!(self.is(at), Some(Is::Sense(S::With | S::To | S::As | S::Labels)));
                    let before = self.at.checked_sub(1);
                    self.out.pairs_led.push(before.is_some_and(|at| led(at) || label(at) && at.checked_sub(1).is_some_and(led)));
                    self.out.pairs.push(pair.into());
                    self.at += 1;
                }
            }
            Is::Minus(key) => {
                self.out.minus.push(key.into());
                self.at += 1;
            }
            Is::Number(_) | Is::Image if self.out.acts.contains(&Act::Forward) && ports(&token.said) => {
                self.out.given.push(Given { role: "port", values: vec![token.said.to_string()] });
                self.at += 1;
            }
            Is::Image if self.a_file_comes() => {
                self.out.from_file = true;
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            Is::Image => {
                self.out.image = Some(token.said.to_string());
                self.at += 1;
            }
            // "an ingress for /path to svc1:8080"
            Is::File if self.path_of_an_ingress() => {
                self.out.given.push(Given { role: "path", values: vec![token.said.to_string()] });
                self.prep = None;
                self.at += 1;
            }
            Is::File => {
                self.out.from_file |= self.prep.take().is_some();
                self.out.files.push(token.said.to_string());
                self.at += 1;
            }
            Is::Duration => {
                self.out.since = Some(token.said.to_lowercase().into());
                self.at += 1 + usize::from(self.means(self.at + 1, S::Ago));
            }
            Is::Flag(name, value) => self.flag(name, value.map(String::from)),
            Is::Strange | Is::Number(_) => self.leave(),
            Is::Comma | Is::Stop => self.at += 1,
            Is::Aside => {
                self.out.asides = true;
                self.at += 1;
            }
        }
    }

    /// `of type 'Warning' or 'Normal'`, in quotes or not.
    fn types(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.said.to_lowercase().as_str() {
                "warning" | "warnings" => self.out.types.push("Warning"),
                "normal" => self.out.types.push("Normal"),
                _ if service_type(&token.said).is_some() => {
                    let values = service_type(&token.said).map(String::from).into_iter().collect();
                    self.out.given.push(Given { role: "type", values });
                }
                "or" if !self.out.types.is_empty() => self.out.or = true,
                "and" | "," if !self.out.types.is_empty() => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    /// The word behind `image`, `tag` or `version`.
    fn image_word(&mut self) {
        let at = if matches!(self.is(self.at), Some(Is::Sense(S::Named | S::Tag))) { self.at + 1 } else { self.at };
        let Some(said) = self.name(at).or_else(|| self.number(at).map(|n| n.to_string())) else { return };
        if matches!(self.is(at + 1), Some(Is::Kind(..))) {
            return;
        }
        if looks_like_tag(&said) {
            self.out.tag = Some(said);
        } else if self.means(self.at - 1, S::Image) {
            self.out.image = Some(said);
        } else {
            return;
        }
        self.at = at + 1;
    }
}

/// "label all pods that have type=worker with protected=true": of two pairs that are each led to, the first says which objects.
fn chosen_by_label(out: &mut Slots) {
    let marks = out.acts.iter().any(|act| matches!(act, Act::Label | Act::Annotate)) || out.acts.is_empty() && (out.labels || out.mark);
    let many = out.objects.iter().any(|o| o.plural && o.names.is_empty());
    if marks && many && out.pairs.len() == 2 && out.pairs_led == [true, true] {
        out.given.push(Given { role: "of-label", values: vec![out.pairs.remove(0)] });
    }
}

/// Whether a word begins so, however its letters are written.
fn begins(said: &str, start: &str) -> bool {
    said.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// What takes manifests.
const FROM_FILES: &[Act] = &[Act::Create, Act::Apply, Act::Delete, Act::Replace, Act::Diff];

fn fetched(said: &str) -> bool {
    said.starts_with("https://") || said.starts_with("http://")
}

/// `8080`, `8080:80`.
fn ports(said: &str) -> bool {
    said.split(':').all(|port| port.parse::<u16>().is_ok()) && said.split(':').count() <= 2
}

/// Whether of two paths the first is the one in the pod: "copy /x from pod web-1 to ./y", against "copy ./y to /x in pod web-1".
fn out_of_pod(tokens: &[Token]) -> bool {
    let files: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].is == Is::File).collect();
    let pod = tokens.iter().position(|t| matches!(&t.is, Is::Kind(kind, _) | Is::Slashed(kind, _) if kind.is("pods", "")));
    let (Some(pod), [first, second]) = (pod, files.as_slice()) else { return false };
    let led_by_to = tokens[..pod]
        .iter()
        .rev()
        .find(|t| !matches!(t.is, Is::Sense(S::Det | S::New) | Is::Word))
        .is_some_and(|t| t.means(S::To) || t.said.eq_ignore_ascii_case("into"));
    pod < *second && (pod < *first || !led_by_to)
}

/// Whether what would be made is to be written out instead of made.
pub fn written(s: &Slots) -> bool {
    s.says("dry-run") && matches!(s.output, Some(Output::Yaml | Output::Json))
}

/// "generate a manifest", "without creating it": shown, and not sent.
pub fn only_shown(tokens: &[Token]) -> bool {
    let written = tokens.iter().any(|t| matches!(t.is, Is::Sense(S::Output(_))));
    let generates = |t: &Token| t.means(S::Act(Act::Create)) && t.said.to_lowercase().starts_with("generat");
    tokens.iter().any(|t| t.means(S::Given("dry-run", "true")) || written && generates(t))
}

/// A type of Services as Kubernetes writes it.
fn service_type(word: &str) -> Option<&'static str> {
    ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].into_iter().find(|known| known.eq_ignore_ascii_case(word))
}
