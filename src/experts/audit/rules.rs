//! Rules of one's own: an expression over each whole object; false is a violation, and what cannot be worked out is said.

use super::report::{Area, Purpose};
use crate::{
    experts::diagnose::{Finding, Layer, Rule},
    facts::snapshot::Ref,
    ops::{
        ObjectRule,
        expression::{Budget, cell},
        redacted,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// What the checks of one's own are about.
const ABOUT: &str = "your own checks";
/// So many objects of which a rule could not be worked out are named.
const NAMED: usize = 3;

/// Holds rules against objects, one after the other.
#[derive(Debug)]
pub struct Judge {
    rules: Vec<Held>,
    now: Timestamp,
    seen: BTreeSet<Ref>,
}

#[derive(Debug)]
struct Held {
    rule: ObjectRule,
    said: &'static Rule,
    budget: Budget,
    asked: usize,
    found: Vec<Finding>,
    /// Of which objects it could not be worked out, by kind and reason.
    failed: BTreeMap<(String, String), BTreeSet<Ref>>,
}

/// What came of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The violations.
    pub findings: Vec<Finding>,
    /// What could not be worked out, and why.
    pub not_checked: Vec<String>,
    /// The rules that were asked.
    pub area: Area,
    /// How many objects were looked at.
    pub objects: usize,
}

/// The rules that became checks, each once: they live as long as the program.
static KNOWN: Mutex<Vec<(ObjectRule, &'static Rule)>> = Mutex::new(Vec::new());

/// A rule as a check.
fn as_check(rule: &ObjectRule) -> &'static Rule {
    // Nothing panics under the lock, so a poisoned one still holds whole rules.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, check)) = known.iter().find(|(other, _)| other == rule) {
        return check;
    }
    let leaked = |text: &str| -> &'static str { Box::leak(text.to_string().into_boxed_str()) };
    let reads: Vec<&'static str> = rule.kinds().iter().map(|kind| leaked(kind)).collect();
    let check: &'static Rule = Box::leak(Box::new(Rule {
        id: leaked(rule.id()),
        meaning: leaked(rule.message()),
        severity: rule.severity(),
        confidence: 100,
        layer: Layer::Workload,
        reads: Box::leak(reads.into_boxed_slice()),
        example: "",
        same_as: &[],
    }));
    known.push((rule.clone(), check));
    check
}

impl Judge {
    /// Of these rules.
    pub fn new(rules: Vec<ObjectRule>, now: Timestamp) -> Judge {
        let held = |rule: ObjectRule| Held {
            said: as_check(&rule),
            rule,
            budget: Budget::default(),
            asked: 0,
            found: Vec::new(),
            failed: BTreeMap::new(),
        };
        Judge { rules: rules.into_iter().map(held).collect(), now, seen: BTreeSet::new() }
    }

    /// Whether there is nothing to ask.
    pub fn is_idle(&self) -> bool {
        self.rules.is_empty()
    }

    /// The kinds that have to be shown to it, as they were written.
    pub fn kinds(&self) -> BTreeSet<String> {
        self.rules.iter().flat_map(|held| held.rule.kinds().iter().cloned()).collect()
    }

    /// Takes one object. The values of a Secret are gone before anything is asked.
    pub fn look(&mut self, api_version: &str, kind: &str, object: &Value) {
        let secret = kind == "Secret" && api_version == "v1";
        let mut masked: Option<Cow<'_, Value>> = None;
        for held in self.rules.iter_mut().filter(|held| held.rule.looks_at(api_version, kind)) {
            let object = masked.get_or_insert_with(|| {
                // The items of a list name no kind, and by that a Secret is known.
                let mut whole = object.clone();
                if let Some(fields) = whole.as_object_mut() {
                    fields.insert("kind".into(), kind.into());
                    fields.insert("apiVersion".into(), api_version.into());
                }
                Cow::Owned(if secret { redacted(whole) } else { whole })
            });
            let text = |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default();
            let at = Ref::new(kind, text("/metadata/namespace"), text("/metadata/name"));
            self.seen.insert(at.clone());
            held.asked += 1;
            match crate::ops::expression::held(held.rule.expression(), object, secret, self.now, &held.budget) {
                Ok(true) => {}
                Ok(false) => {
                    let found = violated(held, at, object, secret);
                    held.found.push(found);
                }
                Err(why) => {
                    held.failed.entry((kind.to_string(), why)).or_default().insert(at);
                }
            }
        }
    }

    /// What came of all of them. A kind of a rule of which no object was seen is no trouble: there may be none.
    pub fn finish(self) -> Judged {
        let mut judged = Judged {
            findings: Vec::new(),
            not_checked: Vec::new(),
            area: Area { about: ABOUT, purpose: Purpose::Own, checks: self.rules.iter().map(|held| held.said).collect() },
            objects: self.seen.len(),
        };
        for held in self.rules {
            judged.findings.extend(held.found);
            for ((kind, why), objects) in held.failed {
                let named = objects.iter().take(NAMED).map(place).collect::<Vec<_>>().join(", ");
                let more = if objects.len() > NAMED { format!(" and {} more", objects.len() - NAMED) } else { String::new() };
                judged.not_checked.push(format!("{}: {kind} {named}{more}: {why}", held.said.id));
            }
        }
        judged
    }
}

/// `shop/web`, or the name alone.
fn place(at: &Ref) -> String {
    if at.namespace.is_empty() { at.name.to_string() } else { format!("{}/{}", at.namespace, at.name) }
}

fn violated(held: &Held, at: Ref, object: &Value, secret: bool) -> Finding {
    let rule = &held.rule;
    let found = Finding::new(held.said, at, format!(": {}", rule.message()));
    // What configuration holds may be a secret: only fields that say how an object is are quoted.
    let plain = |field: &String| ["spec.", "metadata.", "status."].iter().any(|top| field.starts_with(top));
    let scalar = |field: &String| field.split('.').try_fold(object, |at, key| at.get(key)).is_some_and(|v| !v.is_object() && !v.is_array());
    let fields = rule.expression().fields().into_iter().filter(|field| plain(field) && scalar(field));
    found
        .saw_all(fields.map(|field| format!("{field} is {}", cell(object, &field, secret))))
        .saw(format!("it is false that {}", rule.expression()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::severity::Severity;
    use serde_json::json;

    fn rule(kinds: &[&str], expression: &str) -> ObjectRule {
        let kinds = kinds.iter().map(ToString::to_string).collect();
        ObjectRule::new("mine".into(), kinds, "it is not ours".into(), Severity::Error, expression.parse().unwrap()).unwrap()
    }

    fn judged(rule: ObjectRule, objects: &[Value]) -> Judged {
        let mut judge = Judge::new(vec![rule], "2026-06-01T00:00:00Z".parse().unwrap());
        for object in objects {
            judge.look(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap(), object);
        }
        judge.finish()
    }

    fn deployment(name: &str, image: &str) -> Value {
        let spec = json!({"replicas": 1, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}});
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
    }

    #[test]
    fn what_is_false_is_a_violation_and_what_fails_is_said() {
        let all = [
            deployment("good", "r.acme.io/a:1"),
            deployment("bad", "docker.io/a:1"),
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "odd", "namespace": "shop"}, "spec": {}}),
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "not-asked"}, "spec": {}}),
        ];
        let one = judged(rule(&["deployments"], "object.spec.template.spec.containers.all(c, c.image.startsWith('r.acme.io/'))"), &all);
        let names: Vec<&str> = one.findings.iter().map(|f| &*f.subject.name).collect();
        assert_eq!((names, one.objects), (vec!["bad"], 3));
        assert_eq!(one.findings[0].title, "Deployment bad: it is not ours");
        assert_eq!(one.not_checked.len(), 1, "{:?}", one.not_checked);
        assert!(one.not_checked[0].starts_with("mine: Deployment shop/odd: there is no field template"), "{:?}", one.not_checked);
        let two = judged(rule(&["deploy"], "object.spec.replicas > 1"), &all[..1]);
        assert_eq!(two.findings[0].evidence[0], "spec.replicas is 1");
    }

    #[test]
    fn values_of_secrets_and_config_maps_are_never_quoted() {
        let data = json!({"password": "c3dvcmRmaXNo"});
        let applied = json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"password\":\"c3dvcmRmaXNo\"}}"});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "annotations": applied}, "data": data});
        for text in
            ["object.data.password == 'x'", "object.data == {}", "size(object.metadata.annotations) > 9", "object == object.metadata"]
        {
            let Ok(expression) = text.parse() else { continue };
            let rule = ObjectRule::new("mine".into(), vec!["secrets".into()], "m".into(), Severity::Info, expression).unwrap();
            let told = format!("{:?}", judged(rule, std::slice::from_ref(&secret)));
            assert!(!told.contains("c3dvcmRmaXNo"), "{text}: {told}");
        }
        let seen = judged(rule(&["secrets"], "has(object.data.token)"), std::slice::from_ref(&secret));
        assert_eq!(seen.findings.len(), 1);
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "swordfish"}});
        let told = format!("{:?}", judged(rule(&["cm"], "object.data.k == 'x'"), &[map]));
        assert!(told.contains("Finding") && !told.contains("swordfish"), "{told}");
    }

    #[test]
    fn no_expression_goes_on_without_end() {
        let many =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": vec![json!({"name": "a"}); 2000]}});
        let nested = "object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a.name == c.name)))";
        let told = judged(rule(&["pods"], nested), &vec![many; 3]);
        assert!(told.findings.is_empty() && told.not_checked[0].contains("too many steps"), "{:?}", told.not_checked);
    }
}
