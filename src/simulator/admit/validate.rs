//! What the API server refuses: the walk through the rules of `validate.txt`. What each check says is in `checks`.
use super::{
    checks::{self, Seen, Spot},
    names,
    rules::{self, Row, Rules, Step},
};
use crate::simulator::{
    json::{list, text},
    refusal::Cause,
    registry::Resource,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Where a kind keeps its pod template.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    ("deployments", "/spec/template"),
    ("replicasets", "/spec/template"),
    ("statefulsets", "/spec/template"),
    ("daemonsets", "/spec/template"),
    ("jobs", "/spec/template"),
    ("cronjobs", "/spec/jobTemplate/spec/template"),
    ("replicationcontrollers", "/spec/template"),
    ("podtemplates", "/template"),
];
/// All annotations together. Source: `TotalAnnotationSizeLimitB` in `apimachinery/pkg/api/validation`.
const ANNOTATIONS: usize = 256 * 1024;

static TABLE: LazyLock<Rules> = LazyLock::new(|| rules::read(include_str!("validate.txt")));

/// All that is wrong with an object, or with turning `old` into it.
pub(super) fn check(resource: &Resource, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut walk = Walk { root: object, old, causes: Vec::new(), seen: Seen::new() };
    metadata(resource, object, old.is_none(), &mut walk.causes);
    if let Some(old) = old {
        walk.causes.extend(new_finalizers(object, old));
        // An update looks at it twice, and says so.
        walk.causes.extend(walk.causes.clone());
    }
    if resource.custom {
        walk.causes.extend(resource.schema.iter().flat_map(|schema| super::custom::check(schema, object, old)));
        return walk.causes;
    }
    walk.group(&resource.plural, object, "");
    if old.is_some() {
        walk.group(&format!("{}/update", resource.plural), object, "");
    }
    walk.causes
}

struct Walk<'a> {
    root: &'a Value,
    old: Option<&'a Value>,
    causes: Vec<Cause>,
    seen: Seen,
}

impl<'a> Walk<'a> {
    fn group(&mut self, group: &str, at: &'a Value, field: &str) {
        for row in TABLE.get(group).into_iter().flatten() {
            self.follow(row, &row.path, at, at, field);
        }
    }

    /// Follows a row's path; `holder` is the object that the last field was taken from.
    fn follow(&mut self, row: &Row, path: &[Step], at: &'a Value, holder: &'a Value, field: &str) {
        let (name, rest) = match path {
            [] => return self.judge(row, at, holder, field),
            [Step::EachElement, rest @ ..] => {
                for (place, element) in at.as_array().into_iter().flatten().enumerate() {
                    self.follow(row, rest, element, if rest.is_empty() { at } else { element }, &format!("{field}[{place}]"));
                }
                return;
            }
            [Step::EachValue, rest @ ..] => {
                for (key, value) in at.as_object().into_iter().flatten() {
                    self.follow(row, rest, value, at, &format!("{field}[{key}]"));
                }
                return;
            }
            [Step::Present(name), ..] if at.get(name).is_none_or(Value::is_null) => return,
            [Step::Present(name) | Step::Field(name), rest @ ..] => (*name, rest),
        };
        let last = !rest.iter().any(|step| matches!(step, Step::Field(_) | Step::Present(_)));
        if !last || row.holds(at) {
            let field = if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
            self.follow(row, rest, at.get(name).unwrap_or(&Value::Null), at, &field);
        }
    }

    fn judge(&mut self, row: &Row, value: &'a Value, holder: &'a Value, field: &str) {
        if row.said.starts_with('@') {
            return self.group(row.said, value, field);
        }
        let spot = Spot { value, holder, field, root: self.root, old: self.old };
        for check in row.said.split(';').map(str::trim) {
            let (name, args) = check.split_once(' ').unwrap_or((check, ""));
            let causes = checks::run(name, args, &spot, &mut self.seen);
            if !causes.is_empty() {
                self.causes.extend(causes);
                return;
            }
        }
    }
}

fn metadata(resource: &Resource, object: &Value, creating: bool, causes: &mut Vec<Cause>) {
    let form = names::form(&resource.plural);
    let (name, prefix) = (text(object, "/metadata/name"), text(object, "/metadata/generateName"));
    if creating {
        if !prefix.is_empty() {
            // What is appended mends an end that is not alphanumeric.
            let problem = names::problem(form, &format!("{}a", prefix.trim_end_matches('-')));
            causes.extend(problem.map(|p| Cause::invalid("metadata.generateName", &prefix.into(), &p)));
        }
        match names::problem(form, name) {
            _ if name.is_empty() => causes.push(Cause::required("metadata.name", "name or generateName is required")),
            Some(problem) => causes.push(Cause::invalid("metadata.name", &name.into(), &problem)),
            None => {}
        }
    }
    let empty = json!({});
    let map = |field: &str| object["metadata"].get(field).unwrap_or(&empty);
    causes.extend(checks::labels(map("labels"), "metadata.labels"));
    causes.extend(annotations(map("annotations"), "metadata.annotations"));
    owners(list(object, "/metadata/ownerReferences"), causes);
    for finalizer in list(object, "/metadata/finalizers") {
        let given = finalizer.as_str().unwrap_or_default();
        causes.extend(names::key_problems(given).into_iter().map(|p| Cause::invalid("metadata.finalizers", finalizer, &p)));
    }
    for (at, finalizer) in list(object, "/metadata/finalizers").iter().enumerate() {
        let known = ["orphan", "foregroundDeletion", "kubernetes"];
        if finalizer.as_str().is_some_and(|f| !f.contains('/') && !known.contains(&f)) {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(Cause::invalid(format!("metadata.finalizers[{at}]"), finalizer, why));
        }
    }
}

/// What is deleted waits for nobody new. Source: `ValidateNoNewFinalizers` in `apimachinery/pkg/api/validation`.
fn new_finalizers(object: &Value, old: &Value) -> Option<Cause> {
    let (place, known) = ("metadata.finalizers", list(old, "/metadata/finalizers"));
    let new: Vec<String> = list(object, "/metadata/finalizers").iter().filter(|f| !known.contains(f)).map(Value::to_string).collect();
    let why = format!("no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}", new.join(", "));
    (old.pointer("/metadata/deletionTimestamp").is_some() && !new.is_empty()).then(|| Cause::forbidden(place, &why))
}

/// What is wrong with annotations: their keys, and their size.
pub(super) fn annotations(annotations: &Value, field: &str) -> Vec<Cause> {
    let entries = annotations.as_object().into_iter().flatten();
    let mut causes = Vec::new();
    let mut size = 0;
    for (key, value) in entries {
        size += key.len() + value.as_str().map_or(0, str::len);
        let lower = key.to_ascii_lowercase();
        causes.extend(names::key_problems(&lower).into_iter().map(|p| Cause::invalid(field, &key.clone().into(), &p)));
    }
    if size > ANNOTATIONS {
        let message = format!("Too long: may not be more than {ANNOTATIONS} bytes");
        causes.push(Cause { reason: "FieldValueTooLong", message, field: field.to_owned() });
    }
    causes
}

fn owners(owners: &[Value], causes: &mut Vec<Cause>) {
    let mut controllers = Vec::new();
    for owner in owners {
        let field = |name: &str| format!("metadata.ownerReferences.{name}");
        for name in ["apiVersion", "kind", "name", "uid"] {
            let why = if name == "apiVersion" { "version must not be empty" } else { "must not be empty" };
            if text(owner, &format!("/{name}")).is_empty() {
                causes.push(Cause::invalid(field(name), &"".into(), why));
            }
        }
        if owner["controller"] == true {
            controllers.push(format!("{}/{}", text(owner, "/kind"), text(owner, "/name")));
        }
    }
    if let [first, second, ..] = &controllers[..] {
        // In the order of the server's own type.
        let said = |owner: &Value| {
            let fields = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];
            let told = fields.iter().filter_map(|name| Some(format!("\"{name}\":{}", owner.get(*name)?)));
            format!("{{{}}}", told.collect::<Vec<_>>().join(","))
        };
        let all = owners.iter().map(said).collect::<Vec<_>>().join(",");
        let why = format!("Only one reference can have Controller set to true. Found \"true\" in references for {first} and {second}");
        causes.push(Cause::told("FieldValueInvalid", "metadata.ownerReferences", format!("Invalid value: [{all}]: {why}")));
    }
}
