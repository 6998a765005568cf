//! What one step says, slot by slot: which verb, which objects, where, how many. What fills none is left over, and a step with
//! something left over is not understood.

use super::lexicon::{Act, Goal, Sense as S, State};
use crate::ops::{Kind, Output};

/// Where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the namespace of that name.
    Named(String),
    /// In every namespace.
    All,
    /// Here, said in words.
    Here,
}

/// How many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    To(u64),
    /// So many more or fewer; the verb says which.
    By(u64),
    /// Twice as many.
    Double,
    /// Half as many.
    Half,
    /// So many in a hundred more or fewer; the verb says which.
    Share(u64),
}

/// What sort of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    HowMany,
    Which,
    Be,
    Why,
}

/// Something that is spoken of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    /// Its kinds, as said; several for "pods and services".
    pub kinds: Vec<Kind>,
    /// Its names.
    pub names: Vec<String>,
    /// Whether a kind was said in the plural.
    pub plural: bool,
    /// Whether the names stood before the kind: "backend pods".
    pub before: bool,
    /// Whether the names followed a plural directly: "pods prod".
    pub direct: bool,
    /// "this pod".
    pub this: bool,
    /// Whether it stood before any verb of changing.
    pub early: bool,
    /// Whether a bare name stands where a subject stands.
    pub led: bool,
    /// The preposition before it.
    pub prep: Option<S>,
    /// Whether `and` joined it to what stood before.
    pub joined: bool,
}

/// A role and what was said for it: `port` with 80; nothing where only the noun was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub role: &'static str,
    pub values: Vec<String>,
}

/// Everything one step said.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    pub acts: Vec<Act>,
    pub given: Vec<Given>,
    pub mended: Vec<(String, &'static str)>,
    pub show: bool,
    pub want: bool,
    pub mark: bool,
    pub alter: Option<i8>,
    pub ask: Option<Ask>,
    /// "is", "are" behind the first word.
    pub be: bool,
    pub lesson: bool,
    pub foreign: Vec<String>,
    pub docker: bool,
    /// "stop", "start": what Kubernetes has no word for; which of them.
    pub halt: Option<bool>,
    /// Of two paths the first is in the pod.
    pub out_of_pod: bool,
    pub goals: Vec<Goal>,
    /// "optimise", "secure": a change is wished for, and no operation said.
    pub wish: bool,
    pub advise: bool,
    /// "connected to": what stands behind it is the other side of what is spoken of.
    pub reach: bool,
    pub topics: Vec<Act>,
    pub objects: Vec<Object>,
    pub place: Option<Place>,
    /// `all namespaces` was said without a preposition: it may be what is listed.
    pub namespaces_bare: bool,
    pub amount: Option<Amount>,
    pub replicas: bool,
    pub direction: i8,
    pub pairs: Vec<String>,
    pub minus: Vec<String>,
    pub labels: bool,
    pub label_key: Option<String>,
    pub label_value: Option<String>,
    pub overwrite: bool,
    /// The verb was "change": what is there is replaced.
    pub change: bool,
    pub container: Option<String>,
    pub all_containers: bool,
    pub tail: Option<u64>,
    pub since: Option<String>,
    pub previous: bool,
    pub timestamps: bool,
    pub output: Option<Output>,
    pub image: Option<String>,
    pub tag: Option<String>,
    pub image_said: bool,
    pub to_word: Option<String>,
    pub revision: Option<u64>,
    pub revision_said: bool,
    pub files: Vec<String>,
    /// "from x.yaml", "-f x.yaml".
    pub from_file: bool,
    pub states: Vec<(State, bool)>,
    pub types: Vec<&'static str>,
    pub health: bool,
    pub trouble: bool,
    pub probe: bool,
    pub cluster: bool,
    pub cpu: bool,
    pub memory: bool,
    pub most: bool,
    pub resource: bool,
    pub node: Option<String>,
    pub sorted_by_name: bool,
    pub sorted_by_time: bool,
    pub all: bool,
    pub everything: bool,
    pub it: bool,
    /// "its", "their".
    pub its: bool,
    /// Whether each of the pairs was led to by a word of its own ("with a=b", "to a=b"), and not joined to the one before.
    pub pairs_led: Vec<bool>,
    /// "instances": of what is run, and not of what is scaled.
    pub instances: bool,
    /// A name stands behind `the`, `my`: something that is there.
    pub the: bool,
    pub new: bool,
    /// It begins with "new".
    pub opens_new: bool,
    pub not: bool,
    pub condition: bool,
    pub or: bool,
    pub asides: bool,
    pub leftover: Vec<String>,
}

impl Slots {
    /// What was said for a role, in order.
    pub fn values(&self, role: &str) -> Vec<&str> {
        self.given.iter().filter(|g| g.role == role).flat_map(|g| g.values.iter().map(String::as_str)).collect()
    }
    /// Whether it speaks of what was spoken of before: "it", "that pod", and no name.
    pub fn leans(&self) -> bool {
        self.objects.iter().any(|o| o.this && o.names.is_empty()) || self.it && self.objects.iter().all(|o| o.names.is_empty())
    }
    /// Whether a kind was said, with names or without.
    pub fn speaks_of(&self, plural: &str, group: &str) -> bool {
        self.objects.iter().any(|o| o.kinds.iter().any(|k| k.is(plural, group)))
    }
    /// Whether a role was said, with a value or without.
    pub fn says(&self, role: &str) -> bool {
        self.given.iter().any(|g| g.role == role)
    }
}

/// `v2`, `1.27`, `latest`: a tag rather than a repository.
pub fn looks_like_tag(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit()) || ["latest", "stable", "alpine", "slim", "main", "edge"].contains(&word)
}

/// `LOG_LEVEL=debug`: written as environment variables are, and as no label is.
pub fn looks_like_variable(pair: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default();
    key.len() > 1
        && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !key.starts_with(|c: char| c.is_ascii_digit())
}

/// "the variable TZ to UTC", "the label tier to front": behind `to` stands the value. Of a disruption budget bounds are those of pods.
pub fn settle_values(out: &mut Slots) {
    let sets = out.alter.is_some();
    if let (true, Some(value)) = (sets, out.to_word.clone()) {
        let bare = |given: &&mut Given| given.role == "env" && matches!(given.values.as_slice(), [key] if !key.contains('='));
        if let Some(given) = out.given.iter_mut().find(bare) {
            given.values[0] = format!("{}={value}", given.values[0]);
            out.to_word = None;
        } else if out.label_key.is_some() && out.label_value.is_none() && out.labels {
            out.label_value = out.to_word.take();
        }
    }
    let of_budget = out.acts == [Act::Create] && out.speaks_of("poddisruptionbudgets", "policy");
    if of_budget {
        for given in &mut out.given {
            given.role = match given.role {
                "min" => "min-available",
                "max" => "max-unavailable",
                other => other,
            };
        }
        out.health = false;
        out.trouble = false;
    }
}

/// "bind the role reader to the user ann with a role binding named x": the binding is what is made.
pub fn settle_binding(out: &mut Slots) {
    let of = |o: &Object, end: &str| !o.names.is_empty() && o.kinds.iter().any(|k| k.info().plural.ends_with(end));
    let binding = out.objects.iter().position(|o| of(o, "bindings"));
    let gives = out.want || out.foreign.iter().any(|said| ["bind", "grant"].contains(&said.to_lowercase().as_str()));
    let (Some(at), true) = (binding, gives && out.acts.is_empty() && out.objects.iter().any(|o| of(o, "roles"))) else { return };
    out.foreign.retain(|said| !["bind", "grant"].contains(&said.to_lowercase().as_str()));
    out.want = false;
    out.acts.push(Act::Create);
    let object = out.objects.remove(at);
    out.objects.insert(0, Object { prep: None, ..object });
}

/// "to 'envoyproxy/envoy:v1.31.0'": behind `to` stands the image that was spoken of.
pub fn settle_image(out: &mut Slots) {
    let an_image = |word: &String| word.contains(':') && crate::ops::Image::new(word).is_ok();
    if out.image_said && out.image.is_none() && out.to_word.as_ref().is_some_and(an_image) {
        out.image = out.to_word.take();
    }
}

/// What is said twice is one thing, and "from A from pod B" says a container: the objects as they are meant.
pub fn settle_objects(out: &mut Slots) {
    let mut at = 1;
    while at < out.objects.len() {
        let (before, rest) = out.objects.split_at(at);
        let again = rest.first().is_some_and(|o| {
            o.kinds.is_empty() && !o.names.is_empty() && before.iter().any(|b| o.names.iter().all(|name| b.names.contains(name)))
        });
        if again {
            out.objects.remove(at);
        } else {
            at += 1;
        }
    }
    // "remove the label team from the namespace sandbox"
    let marks = out.acts.iter().any(|act| matches!(act, Act::Label | Act::Unlabel | Act::Annotate))
        || out.alter.is_some() && (out.labels || out.says("annotation"));
    if let (true, true, Some(Place::Named(name)), Some(kind)) = (marks, out.objects.is_empty(), out.place.clone(), Kind::find("namespace"))
    {
        out.place = None;
        out.objects.push(Object { kinds: vec![kind], names: vec![name], ..Object::default() });
    }
    // "add the variable A=b to web"
    if out.objects.is_empty() && (out.says("env") || out.says("annotation") || out.labels) {
        let names: Vec<String> = out.to_word.take().into_iter().collect();
        out.objects.extend((!names.is_empty()).then(|| Object { names, prep: Some(S::Of), ..Object::default() }));
    }
    let inside = out.acts.iter().any(|act| matches!(act, Act::Attach | Act::Exec | Act::Shell)) || out.topics == [Act::Logs];
    if let ([first, pod], None, true) = (out.objects.as_slice(), &out.container, inside)
        && first.kinds.is_empty()
        && first.names.len() == 1
        && !pod.names.is_empty()
        && !pod.joined
        && pod.prep.is_some()
        && pod.kinds.iter().any(|k| k.is("pods", ""))
    {
        out.container = out.objects.remove(0).names.pop();
    }
}

/// "the dev namespace" is where, unless it is what is spoken of.
pub fn settle_namespaces(out: &mut Slots) {
    let is_ns = |o: &Object| o.kinds.len() == 1 && o.kinds[0].is("namespaces", "");
    // "netpols payments ns": the name behind a plural belongs to the word behind it.
    let suffixed = out.objects.windows(2).position(|pair| {
        pair[0].direct
            && pair[0].names.len() == 1
            && is_ns(&pair[1])
            && pair[1].names.is_empty()
            && !pair[1].plural
            && pair[1].prep.is_none()
    });
    if let (Some(at), None) = (suffixed, &out.place) {
        out.objects.remove(at + 1);
        out.place = out.objects[at].names.pop().map(Place::Named);
        out.objects[at].direct = false;
    }
    let other = out.objects.iter().any(|o| !is_ns(o)) || !out.topics.is_empty() || out.everything;
    if other && out.place.is_none() {
        let where_ =
            out.objects.iter().position(|o| is_ns(o) && !o.joined && (o.names.len() == 1 || (o.names.is_empty() && o.prep.is_some())));
        if let Some(at) = where_ {
            let object = out.objects.remove(at);
            out.place = Some(object.names.into_iter().next().map_or(if object.plural { Place::All } else { Place::Here }, Place::Named));
        }
    }
    // "list all namespaces": nothing else is listed, so they are.
    let nothing_else = out.objects.is_empty() && out.topics.is_empty() && !out.cpu && !out.memory && !out.trouble && !out.health;
    if out.namespaces_bare
        && nothing_else
        && !out.acts.contains(&Act::Logs)
        && let Some(kind) = Kind::find("namespace")
    {
        out.place = None;
        out.all = true;
        out.objects.push(Object { kinds: vec![kind], plural: true, ..Object::default() });
    }
}

/// `user1`, `group2`: a name that says itself what sort of subject it is; the sort.
pub fn subject_sort(name: &str) -> Option<&'static str> {
    let numbered = |sort: &str| name.strip_prefix(sort).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    ["user", "group"].into_iter().find(|sort| numbered(sort))
}
