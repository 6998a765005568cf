//! One line of `plan --batch`: a request in JSON becomes what was understood of it in JSON. Pure: what a cluster would know comes
//! on the line itself.

use super::{
    Aside, Question, Reading, Scope,
    talk::{Heard, Talk},
};
use crate::{
    facts::{Brief, Facts, Need},
    ops::{CATALOGUE, Describe, Get, Kind, Lookup, Name, Namespace, Op, Target},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One request.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    text: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    objects: Option<Vec<Value>>,
    #[serde(default)]
    turns: Vec<Value>,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Outcome {
    id: Value,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    operations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<super::Assumed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<Question>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Outcome {
    fn of(id: Value, outcome: &'static str) -> Outcome {
        Outcome { id, outcome, operations: Vec::new(), assumed: Vec::new(), question: None, reason: None }
    }
}

/// Answers one line. `verdict` says what the policy asks for before an operation.
pub fn answer(line: &str, here: &Namespace, verdict: &dyn Fn(&Op) -> &'static str) -> String {
    let outcome = match serde_json::from_str::<Line>(line) {
        Ok(request) => decided(request, here, verdict),
        Err(e) => {
            let id = serde_json::from_str::<Value>(line).ok().and_then(|v| v.get("id").cloned()).unwrap_or(Value::Null);
            Outcome { reason: Some(format!("the line is no request in JSON: {e}")), ..Outcome::of(id, "refused") }
        }
    };
    // Strings and JSON values only: it cannot fail to be written.
    serde_json::to_string(&outcome).unwrap_or_else(|_| r#"{"id":null,"outcome":"refused"}"#.into())
}

fn decided(request: Line, here: &Namespace, verdict: &dyn Fn(&Op) -> &'static str) -> Outcome {
    let namespace = match request.namespace.map(Namespace::new) {
        None => here.clone(),
        Some(Ok(namespace)) => namespace,
        Some(Err(e)) => return Outcome { reason: Some(e.to_string()), ..Outcome::of(request.id, "refused") },
    };
    let known = request.objects.as_deref().map(Known::of);
    let mut scope = Scope { namespace, last: None, everywhere: false, cluster: known.is_some() };
    let mut talk = Talk::default();
    for turn in request.turns.iter().filter_map(said) {
        let reading = settled(turn, &mut talk, &scope, known.as_ref());
        if let Reading::Plan(plan) = &reading {
            let rows: Vec<Target> = plan.ops().iter().flat_map(|op| known.as_ref().map_or_else(Vec::new, |k| k.listed(op))).collect();
            if let [one] = rows.as_slice() {
                scope.last = Some(one.clone());
            }
            talk.listed(rows);
        }
        if let Reading::Aside(Aside::Here(namespace)) = &reading {
            scope.namespace = namespace.clone();
        }
        if let Some(target) = subject(&reading) {
            scope.last = Some(target);
        }
    }
    let reading = settled(&request.text, &mut talk, &scope, known.as_ref());
    told(request.id, reading, &scope, verdict)
}

/// A turn is a text, or an object that has one.
fn said(turn: &Value) -> Option<&str> {
    turn.as_str().or_else(|| turn.get("text")?.as_str())
}

/// Reads with what the line knows, until nothing more is needed.
fn settled(text: &str, talk: &mut Talk, scope: &Scope, known: Option<&Known>) -> Reading {
    let thread = match talk.hear(text, scope) {
        Heard::Request(thread) => thread,
        Heard::Settled(reading) => return reading,
        Heard::Asks(_, question) => return Reading::Question(question),
    };
    let mut facts = Facts::default();
    for _ in 0..6 {
        let (reading, step) = super::read_thread(&thread, scope, &facts);
        let reading = match reading {
            Reading::Unknown => super::vaguely(&thread, scope, &facts),
            reading => reading,
        };
        match (reading, step) {
            (Reading::Needs(needs), _) => {
                for need in needs {
                    answer_need(need, known, &mut facts);
                }
            }
            (reading, step) => {
                talk.took(thread, &reading, step);
                return reading;
            }
        }
    }
    Reading::Unknown
}

fn answer_need(need: Need, known: Option<&Known>, facts: &mut Facts) {
    const NOBODY: &str = "there is no cluster here";
    match need {
        Need::Names(kind, namespace) => {
            let names = known.map_or_else(|| Lookup::NotChecked(NOBODY.into()), |k| k.names(kind, namespace.as_ref()));
            facts.add_names(kind, namespace, names);
        }
        Need::Look(call) => {
            let found = match call.target() {
                Some(target) => known.and_then(|known| known.objects.get(&target).cloned()),
                None => known.and_then(|known| known.list(call.kind()?, call.namespace())),
            };
            facts.add_look(call, found.map_or_else(|| Lookup::NotChecked(NOBODY.into()), Lookup::Known));
        }
        Need::Access(review) => facts.add_access(review, Lookup::NotChecked(NOBODY.into())),
        Need::Kinds => facts.add_kinds(Lookup::NotChecked(NOBODY.into())),
        Need::File(file) => facts.add_file(file, Lookup::NotChecked(NOBODY.into())),
        // Nobody edits here.
        Need::Edit(_) => {}
        Need::Contents(file) => facts.add_contents(file, Lookup::NotChecked(NOBODY.into())),
    }
}

/// The objects of a line, by what they are.
struct Known {
    objects: BTreeMap<Target, Value>,
}

impl Known {
    fn of(objects: &[Value]) -> Known {
        let flat = objects.iter().flat_map(|o| match o.get("items").and_then(Value::as_array) {
            Some(items) => items.iter().collect::<Vec<_>>(),
            None => vec![o],
        });
        Known { objects: flat.filter_map(|o| Some((target_of(o)?, o.clone()))).collect() }
    }

    /// What a listing would show, in the order of the names. One that chooses by labels or fields is not played.
    fn listed(&self, op: &Op) -> Vec<Target> {
        let Op::Get(get) = op else { return Vec::new() };
        let plain = get.names.is_empty() && get.selector.is_none() && get.field_selector.is_none() && get.sort_by.is_none();
        let here = |t: &&Target| {
            get.kinds.contains(&t.kind()) && (get.all_namespaces || !t.kind().namespaced() || t.namespace() == get.namespace.as_ref())
        };
        if plain { self.objects.keys().filter(here).cloned().collect() } else { Vec::new() }
    }

    /// All of a kind, as a list answers; `None` where the line holds nothing of it.
    fn list(&self, kind: Kind, namespace: Option<&Namespace>) -> Option<Value> {
        let all: Vec<&Value> = self
            .objects
            .iter()
            .filter(|(t, _)| t.kind() == kind && (namespace.is_none() || t.namespace() == namespace))
            .map(|(_, o)| o)
            .collect();
        (!all.is_empty()).then(|| serde_json::json!({"items": all}))
    }

    /// A kind of which the line holds nothing was not looked at.
    fn names(&self, kind: Kind, namespace: Option<&Namespace>) -> Lookup<Vec<Brief>> {
        let mut of_kind = self.objects.iter().filter(|(t, _)| t.kind() == kind).peekable();
        if of_kind.peek().is_none() {
            return Lookup::NotChecked(format!("the request came without any {}", kind.plural()));
        }
        let here = of_kind.filter(|(t, _)| namespace.is_none() || t.namespace() == namespace);
        Lookup::Known(here.map(|(target, object)| brief(target, object)).collect())
    }
}

fn target_of(object: &Value) -> Option<Target> {
    let kind = object.get("kind")?.as_str()?;
    let group = object.get("apiVersion").and_then(Value::as_str).and_then(|v| v.rsplit_once('/')).map_or("", |(group, _)| group);
    let kind = if group.is_empty() { Kind::find(kind) } else { Kind::find(&format!("{kind}.{group}")) }?;
    let name = Name::new(object.pointer("/metadata/name")?.as_str()?).ok()?;
    let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or("default");
    Some(Target::new(kind, name).ok()?.in_namespace(Namespace::new(namespace).ok()))
}

fn brief(target: &Target, object: &Value) -> Brief {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect();
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let owner = owners.into_iter().flatten().find(|o| o.get("controller").and_then(Value::as_bool).unwrap_or(false));
    let owner = owner.and_then(|o| Some(format!("{}/{}", o.get("kind")?.as_str()?.to_lowercase(), o.get("name")?.as_str()?)));
    Brief { name: target.name().clone(), namespace: target.namespace().cloned(), labels, owner }
}

/// What a reading was about: what "it" means afterwards.
fn subject(reading: &Reading) -> Option<Target> {
    match reading {
        Reading::Plan(plan) => plan.ops().last()?.verb().targets().pop(),
        Reading::Aside(Aside::Investigate { subject, .. }) => subject.clone(),
        Reading::Aside(_) | Reading::Needs(_) | Reading::Question(_) | Reading::Refused(_) | Reading::Unknown => None,
    }
}

fn told(id: Value, reading: Reading, scope: &Scope, verdict: &dyn Fn(&Op) -> &'static str) -> Outcome {
    let operations = |ops: &[Op]| ops.iter().map(|op| operation(op, verdict)).collect();
    match reading {
        Reading::Plan(plan) => Outcome { operations: operations(plan.ops()), assumed: plan.assumed().to_vec(), ..Outcome::of(id, "plan") },
        Reading::Question(question) => Outcome { question: Some(question), ..Outcome::of(id, "question") },
        Reading::Refused(refusal) => {
            let reason = if refusal.instead.is_empty() { refusal.reason } else { format!("{}; {}", refusal.reason, refusal.instead) };
            Outcome { reason: Some(reason), ..Outcome::of(id, "refused") }
        }
        Reading::Unknown | Reading::Needs(_) => Outcome::of(id, "unknown"),
        Reading::Aside(Aside::Investigate { subject, namespace }) => match first_look(subject, namespace, scope) {
            Some(op) => Outcome { operations: operations(&[op]), ..Outcome::of(id, "plan") },
            None => Outcome::of(id, "unknown"),
        },
        Reading::Aside(Aside::Audit { topic, .. }) => Outcome { reason: Some(topic.told().into()), ..Outcome::of(id, "answer") },
        Reading::Aside(Aside::Account { asks, of, .. }) => Outcome { reason: Some(asks.told(of.as_deref())), ..Outcome::of(id, "answer") },
        Reading::Aside(Aside::Here(namespace)) => {
            Outcome { reason: Some(format!("namespace {namespace} from here on")), ..Outcome::of(id, "here") }
        }
        Reading::Aside(Aside::Told(text)) => Outcome { reason: Some(text), ..Outcome::of(id, "answer") },
        Reading::Aside(Aside::Drop) => {
            Outcome { reason: Some("the question is left; nothing is done".into()), ..Outcome::of(id, "dropped") }
        }
        Reading::Aside(Aside::Undo(_)) => {
            asks(id, "run", "Nothing was done here that could be undone; which run shall be?".into(), Vec::new())
        }
        Reading::Aside(Aside::Help) => {
            let can = CATALOGUE.iter().map(|e| e.about.to_string()).collect();
            asks(id, "request", "What shall be done? Any of these can be said in plain words.".into(), can)
        }
    }
}

fn asks(id: Value, missing: &str, text: String, choices: Vec<String>) -> Outcome {
    Outcome { question: Some(Question { missing: missing.into(), text, choices }), ..Outcome::of(id, "question") }
}

/// The read that looking into something begins with.
fn first_look(subject: Option<Target>, namespace: Option<Namespace>, scope: &Scope) -> Option<Op> {
    let mut op: Op = match subject {
        Some(target) => Describe { target, without_events: false }.into(),
        None => Get { all_namespaces: namespace.is_none(), namespace, ..Get::all(Kind::find("pods")?) }.into(),
    };
    op.verb_mut().place(&scope.namespace);
    Some(op)
}

fn operation(op: &Op, verdict: &dyn Fn(&Op) -> &'static str) -> Value {
    let mut value = serde_json::to_value(op).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.insert("impact".into(), serde_json::to_value(op.verb().impact()).unwrap_or_default());
        map.insert("verdict".into(), verdict(op).into());
        map.insert("kubectl".into(), op.line().into());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(request: Value) -> Value {
        serde_json::from_str(&answer(&request.to_string(), &Namespace::new("default").unwrap(), &|_| "confirm")).unwrap()
    }

    #[test]
    fn a_plan_a_question_and_no_json() {
        let plan = ask(json!({"id": 1, "text": "scale backend to 3", "namespace": "dev"}));
        assert_eq!(plan["outcome"], "plan");
        assert_eq!(plan["operations"][0]["kubectl"], "kubectl scale deployment/backend --replicas=3 -n dev");
        assert_eq!(plan["operations"][0]["op"], "scale");
        assert_eq!(plan["operations"][0]["impact"], "Changes");
        assert_eq!(ask(json!({"id": "a", "text": "scale backend"}))["question"]["missing"], "replicas");
        assert_eq!(ask(json!({"id": "a", "text": "undo"}))["outcome"], "question");
        let broken: Value = serde_json::from_str(&answer("{no", &Namespace::new("default").unwrap(), &|_| "allow")).unwrap();
        assert_eq!((&broken["id"], &broken["outcome"]), (&Value::Null, &json!("refused")));
        assert_eq!(ask(json!({"id": 7}))["id"], 7);
    }

    #[test]
    fn objects_of_the_line_are_the_cluster() {
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "todo-backend", "namespace": "default", "labels": {"app": "backend"}}});
        let plan = ask(json!({"id": 1, "text": "restart backend", "objects": [deployment]}));
        assert_eq!(plan["operations"][0]["kubectl"], "kubectl rollout restart deployment/todo-backend -n default", "{plan}");
        assert_eq!(plan["assumed"][0]["said"], "backend");
    }

    #[test]
    fn earlier_turns_say_what_it_is() {
        let plan = ask(json!({"id": 1, "text": "scale it to 2", "turns": ["describe deployment web"]}));
        assert_eq!(plan["operations"][0]["kubectl"], "kubectl scale deployment/web --replicas=2 -n default", "{plan}");
    }

    #[test]
    fn looking_into_something_begins_with_a_read() {
        let plan = ask(json!({"id": 1, "text": "why is backend not ready"}));
        assert_eq!(plan["operations"][0]["op"], "describe", "{plan}");
        let plan = ask(json!({"id": 1, "text": "is my cluster healthy"}));
        assert_eq!(plan["operations"][0]["op"], "get", "{plan}");
    }
}
