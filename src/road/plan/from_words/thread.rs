//! A request as it stands after everything that was said about it: its words, and what later words changed in it.

use super::{
    context, everyday, fill, manner, narrated,
    normalise::{Word, with_colons},
    parts::{Part, off},
    slots::{Object, Slots},
    steps,
    tag::{self, Token},
    too_long,
};
use crate::{
    ops::{Op, Target, argv},
    road::plan::{Assumed, Plan, Question, Reading, Scope},
};
use std::{ops::Deref, sync::OnceLock};

/// How a request hangs together with what was said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// It says all by itself, or answers what was asked about it.
    Whole,
    /// It goes on from the request before.
    Follows,
    /// It puts the request before right.
    Corrects,
}

/// What later words change in one step, or in all of them.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which step; `None` is every one.
    pub step: Option<usize>,
    /// What they say.
    pub slots: Box<Slots>,
}

/// Words, the tokens they make, and what of them is only told: these are worked out once, when they are first asked for.
#[derive(Debug, Clone, Default)]
pub struct Said {
    words: Vec<Word>,
    tokens: OnceLock<Vec<Token>>,
    apart: OnceLock<Option<Left>>,
    apart_for_a_look: OnceLock<Option<Left>>,
}

/// What is left of words without what is told beside them.
#[derive(Debug, Clone)]
struct Left {
    put: manner::Put,
    told: Vec<String>,
}

impl Said {
    /// The tokens that the words make.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tag::tag(&self.words))
    }

    fn apart(&self, a_look: bool) -> Option<&Left> {
        let left = || {
            let context::Apart { words, told } = context::apart(&self.words, a_look)?;
            Some(Left { put: manner::put(words), told })
        };
        let known = if a_look && narrated::wishes(&self.words) { &self.apart_for_a_look } else { &self.apart };
        known.get_or_init(left).as_ref()
    }
}

impl From<Vec<Word>> for Said {
    fn from(words: Vec<Word>) -> Said {
        Said { words, ..Said::default() }
    }
}

impl Deref for Said {
    type Target = [Word];
    fn deref(&self) -> &[Word] {
        &self.words
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Thread {
    /// What was typed, for a person.
    pub(in crate::road::plan) text: String,
    /// The last of it alone.
    pub(super) said: String,
    /// A kubectl line, where it is one.
    pub(in crate::road::plan) line: Option<String>,
    /// Its words, references put in.
    pub(super) words: Said,
    /// What later words changed, in order.
    pub(super) edits: Vec<Edit>,
    /// What "it" was when it was said.
    pub(in crate::road::plan) it: Option<Target>,
    /// The objects "it" may be as well, where several were listed since.
    pub(super) rather: Vec<Target>,
    /// What references were taken for.
    pub(super) taken: Vec<Assumed>,
    /// How it hangs together with what was before.
    pub(in crate::road::plan) lean: Lean,
    /// Whether it asks how something is done.
    pub(super) asks_how: bool,
}

impl Thread {
    /// A text that is a request by itself.
    pub fn whole(text: &str, scope: &Scope) -> Thread {
        // What is longer is refused: none of it is looked at.
        let read = if too_long(text).is_some() { Vec::new() } else { with_colons(text) };
        let manner::Put { words, asks_how } = manner::put(read);
        // Who asks how may want to know and not to do it: no flag says yes to that.
        let how = asks_how.then(|| Assumed {
            said: "how".into(),
            taken: "a request to do it".into(),
            why: "this is how it is done; it is done only if you say so".into(),
        });
        Thread {
            text: text.to_string(),
            said: text.trim().to_string(),
            line: None,
            words: words.into(),
            edits: Vec::new(),
            it: scope.last.clone(),
            rather: Vec::new(),
            taken: how.into_iter().collect(),
            lean: Lean::Whole,
            asks_how,
        }
    }

    /// The same without what is told beside it, which is named where something is changed. `None` where nothing is told.
    pub(super) fn apart(&self, a_look: bool) -> Option<Thread> {
        if !self.edits.is_empty() || off(Part::Context) {
            return None;
        }
        let Left { put, told } = self.words.apart(a_look)?;
        let left = told.iter().map(|said| Assumed {
            said: said.clone(),
            taken: "nothing to be done".into(),
            why: "it tells of something beside the request".into(),
        });
        let taken = self.taken.iter().cloned().chain(left).collect();
        Some(Thread { asks_how: self.asks_how || put.asks_how, ..self.saying(put.words.clone(), taken) })
    }

    /// The same request in these words.
    fn saying(&self, words: Vec<Word>, taken: Vec<Assumed>) -> Thread {
        Thread {
            text: self.text.clone(),
            said: self.said.clone(),
            line: self.line.clone(),
            words: words.into(),
            edits: self.edits.clone(),
            it: self.it.clone(),
            rather: self.rather.clone(),
            taken,
            lean: self.lean,
            asks_how: self.asks_how,
        }
    }

    /// The same without words of everyday English, for a look at objects. `None` where there are none.
    pub(super) fn loosely(&self) -> Option<Thread> {
        if !self.edits.is_empty() || off(Part::Everyday) {
            return None;
        }
        let (words, left) = everyday::without(&self.words)?;
        let why = "it narrows nothing that is known here".to_string();
        let passed = Assumed { said: left.join(" "), taken: "nothing".into(), why };
        Some(self.saying(words, self.taken.iter().cloned().chain([passed]).collect()))
    }

    /// A kubectl line.
    pub fn of_line(text: &str, line: String, scope: &Scope) -> Thread {
        Thread { line: Some(line), words: Said::default(), ..Thread::whole(text, scope) }
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.line.is_none() && self.words.is_empty()
    }

    /// Its words in one line, for what reads them as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it puts right what was asked before.
    pub fn corrects(&self) -> bool {
        self.lean == Lean::Corrects
    }

    /// The same with one more change, said in these words.
    #[must_use]
    pub fn edited(&self, said: &str, edit: Edit) -> Thread {
        let mut thread = self.clone();
        thread.text = format!("{}, {said}", self.text);
        thread.said = said.to_string();
        // "restart it", and then "in staging": the object of that name there.
        if let (Some(super::slots::Place::Named(name)), Some(it)) = (&edit.slots.place, &thread.it)
            && let Ok(namespace) = name.to_lowercase().parse()
        {
            thread.it = Some(it.clone().in_namespace(Some(namespace)));
        }
        thread.edits.push(edit);
        thread
    }

    /// "what about staging?", where no object is called so: the same in the namespace of that name.
    pub(super) fn in_that_namespace(&self, reading: &Reading) -> Option<(Thread, String)> {
        let Reading::Question(Question { missing, .. }) = reading else { return None };
        let slots = &self.edits.last().filter(|_| self.lean == Lean::Follows && missing == "name")?.slots;
        let [Object { kinds, names, .. }] = slots.objects.as_slice() else { return None };
        let ([], [name], None) = (kinds.as_slice(), names.as_slice(), &slots.place) else { return None };
        let mut thread = Thread { edits: self.edits[..self.edits.len() - 1].to_vec(), ..self.clone() };
        let placed = Slots { place: Some(super::slots::Place::Named(name.clone())), objects: Vec::new(), ..(**slots).clone() };
        thread = Thread { text: self.text.clone(), ..thread.edited(&self.said, Edit { step: None, slots: Box::new(placed) }) };
        Some((thread, name.to_lowercase()))
    }

    /// What was read, with what references were taken for where it changes something. "it" that may be two things is asked about.
    pub(in crate::road::plan) fn leaning(&self, reading: Reading, it: Option<&Target>, scope: &Scope) -> Reading {
        let plan = match reading {
            Reading::Plan(plan) if plan.ops().iter().any(|op| !op.entry().reads) => plan,
            Reading::Question(question) if question.missing == "name" && self.lean == Lean::Follows => {
                return Reading::Question(self.or_a_context(question));
            }
            other => return other,
        };
        let mut taken = self.taken.clone();
        if let Some(it) = it {
            if !self.rather.is_empty() {
                return Reading::Question(either(it, &self.rather, &plan));
            }
            let there = plan.ops().iter().flat_map(|op| op.verb().targets()).find(|t| t.kind() == it.kind() && t.name() == it.name());
            taken.push(Assumed {
                said: "it".into(),
                taken: placed(there.as_ref().unwrap_or(it), scope),
                why: "what was spoken of last".into(),
            });
        }
        if self.lean != Lean::Whole {
            let titles = plan.ops().iter().map(|op| in_its_place(op, scope)).collect::<Vec<_>>().join("; ");
            taken.push(Assumed { said: self.said.clone(), taken: titles, why: "it goes on from the request before".into() });
        }
        Reading::Plan(plan.taking(taken))
    }

    /// "and in prod", where nothing is found: what is called so may be a context, and that is fixed when the program starts.
    fn or_a_context(&self, question: Question) -> Question {
        let Some(super::slots::Place::Named(name)) = self.edits.last().and_then(|edit| edit.slots.place.clone()) else { return question };
        let before = self.text.strip_suffix(&format!(", {}", self.said)).unwrap_or(&self.text);
        let (name, before) = (argv::quoted(&name), argv::quoted(before));
        let text = format!("{} If {name} is a context: aiops --context {name} {before}", question.text);
        Question { text, ..question }
    }

    /// Its tokens.
    pub(super) fn tokens(&self) -> &[Token] {
        self.words.tokens()
    }

    /// One step's slots as they stand.
    pub(super) fn slots(&self, step: usize) -> Option<Slots> {
        let steps = steps::split(self.tokens());
        let mut slots = fill::fill(steps.get(step)?);
        self.put(step, &mut slots);
        Some(slots)
    }

    /// Puts later words into one step's slots.
    pub(super) fn put(&self, step: usize, slots: &mut Slots) {
        for edit in self.edits.iter().filter(|edit| edit.step.is_none_or(|at| at == step)) {
            merge(slots, &edit.slots);
        }
    }
}

/// What is said later goes before what was said first.
fn merge(into: &mut Slots, from: &Slots) {
    if let Some(object) = from.objects.first() {
        put_object(into, object, &from.objects[1..]);
    }
    fn take<T: Clone>(into: &mut Option<T>, from: &Option<T>) {
        if from.is_some() {
            into.clone_from(from);
        }
    }
    if from.amount.is_some() {
        (into.amount, into.direction) = (from.amount, from.direction);
    }
    take(&mut into.place, &from.place);
    if from.image.is_some() || from.tag.is_some() {
        into.image.clone_from(&from.image);
        into.tag.clone_from(&from.tag);
        into.to_word = None;
        into.image_said = true;
    }
    take(&mut into.container, &from.container);
    take(&mut into.tail, &from.tail);
    take(&mut into.since, &from.since);
    if from.since.is_some() {
        // "since 10am" was asked about, and this is the answer.
        into.leftover.retain(|word| word != "since" && !super::quantities::time_of_day(word));
    }
    take(&mut into.output, &from.output);
    take(&mut into.revision, &from.revision);
    take(&mut into.label_key, &from.label_key);
    take(&mut into.label_value, &from.label_value);
    into.image_said |= from.image_said;
    into.replicas |= from.replicas;
    into.previous |= from.previous;
    into.timestamps |= from.timestamps;
    into.all_containers |= from.all_containers;
    into.labels |= from.labels;
    into.overwrite |= from.overwrite;
    into.sorted_by_name |= from.sorted_by_name;
    into.sorted_by_time |= from.sorted_by_time;
    for (list, more) in [(&mut into.pairs, &from.pairs), (&mut into.minus, &from.minus), (&mut into.files, &from.files)] {
        if !more.is_empty() {
            list.clone_from(more);
        }
    }
    if !from.states.is_empty() {
        into.states.clone_from(&from.states);
    }
    if !from.types.is_empty() {
        into.types.clone_from(&from.types);
    }
    for given in &from.given {
        into.given.retain(|known| known.role != given.role);
        into.given.push(given.clone());
    }
    into.mended.extend(from.mended.iter().cloned());
}

fn put_object(into: &mut Slots, object: &Object, more: &[Object]) {
    into.it = false;
    into.its = false;
    // "scale to web": the name stood where a number stands.
    if object.names.is_empty() && into.objects.is_empty() {
        into.objects.push(object.clone());
        return;
    }
    let at = into.objects.iter().position(|o| !o.names.is_empty()).or(if into.objects.is_empty() { None } else { Some(0) });
    let Some(at) = at else {
        into.objects.push(object.clone());
        into.objects.extend(more.iter().cloned());
        return;
    };
    let mut new = object.clone();
    let old = &into.objects[at];
    (new.prep, new.joined, new.early, new.led) = (old.prep, old.joined, old.early, old.led);
    if new.kinds.is_empty() {
        new.kinds.clone_from(&old.kinds);
        // "show the pods", "and frontend?": those of the frontend. "the backend pods" likewise.
        if old.plural && !old.direct {
            (new.plural, new.before) = (true, true);
        }
    }
    // What stood beside it, joined, was meant together with it.
    let mut kept: Vec<Object> = Vec::with_capacity(into.objects.len());
    for (n, other) in into.objects.drain(..).enumerate() {
        if n == at {
            kept.push(new.clone());
            kept.extend(more.iter().cloned());
        } else if n < at || !other.joined {
            kept.push(other);
        }
    }
    into.objects = kept;
}

/// An object, with its namespace where it is not the one that is stood in.
pub fn placed(target: &Target, scope: &Scope) -> String {
    match target.namespace() {
        Some(ns) if *ns != scope.namespace => target.to_string(),
        Some(_) | None => target.slashed(),
    }
}

fn in_its_place(op: &Op, scope: &Scope) -> String {
    match op.verb().targets().iter().find_map(|t| t.namespace().filter(|ns| **ns != scope.namespace)) {
        Some(ns) => format!("{} in {ns}", op.verb().title()),
        None => op.verb().title(),
    }
}

fn either(it: &Target, rather: &[Target], plan: &Plan) -> Question {
    let listed = rather.iter().take(3).map(Target::slashed).collect::<Vec<_>>().join(", ");
    let more = if rather.len() > 3 { ", …" } else { "" };
    Question {
        missing: "which".into(),
        text: format!("\"it\" may be {} or one of what was listed since ({listed}{more}); which one is meant?", it.slashed()),
        choices: plan.ops().iter().map(Op::line).collect(),
    }
}
