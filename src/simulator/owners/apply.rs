//! Server-side apply: who applies a field has it, and what someone applied and no longer does goes, unless somebody else has it.
use super::{Kind, Manager, Operation, Owners, STRIPPED, Share, Writer, bare, put};
use crate::simulator::{cluster::Cluster, json::text, refusal::Refusal, registry::KindId};
use crate::terms::{
    fields::{FieldSet, path_text},
    typed::{self, Comparison, Wrongs},
};
use serde_json::{Value, json};
use std::fmt;

/// What someone asks for with an apply.
pub(in crate::simulator) struct Application<'a> {
    pub(in crate::simulator) config: &'a Value,
    pub(in crate::simulator) writer: &'a Writer,
    /// Take what others have.
    pub(in crate::simulator) force: bool,
}

/// Why an apply came to nothing.
enum Failure {
    /// Others have what it would change.
    Conflicts(Vec<(Manager, FieldSet)>),
    Other(String),
}

/// The annotation in which kubectl's client-side apply keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Cluster {
    /// What an object (None: there is none yet) becomes by an apply, its managers with it.
    ///
    /// # Errors
    /// Conflicts with other managers (409), or a configuration that does not fit the kind (500, as the real one has it).
    pub(in crate::simulator) fn applied(&self, kind: KindId, live: Option<&Value>, ask: &Application) -> Result<Value, Refusal> {
        let resource = self.registry.get(kind);
        Kind::of(resource, ask.writer.part).applied(live, ask, &self.stamp())
    }
}

impl Kind<'_> {
    pub(super) fn applied(&self, live: Option<&Value>, ask: &Application, now: &str) -> Result<Value, Refusal> {
        let config = ask.config;
        typed::check(self.of, config).map_err(|wrongs| {
            let slash = if self.version.contains('/') { "" } else { "/" };
            let at = ["/metadata/namespace", "/metadata/name", "/kind"].map(|place| text(config, place));
            let at = format!("{}/{}; {slash}{}, Kind={}", at[0], at[1], self.version, at[2]);
            Failure::Other(format!("failed to create typed patch object ({at}): {wrongs}"))
        })?;
        let object = match self.apply(live, ask, now) {
            Err(Failure::Conflicts(conflicts)) if ask.writer.name == "kubectl" => {
                let allowed = live.and_then(|live| self.last_applied(live)).unwrap_or_default();
                let left = conflicts.into_iter().map(|(manager, fields)| (manager, fields.difference(&allowed)));
                let left: Vec<_> = left.filter(|(_, fields)| !fields.is_empty()).collect();
                if left.is_empty() { self.apply(live, &Application { force: true, ..*ask }, now) } else { Err(Failure::Conflicts(left)) }
            }
            result => result,
        };
        let mut object = object?;
        let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        if let Some(kept) = annotations.and_then(|a| a.get_mut(LAST_APPLIED)).filter(|kept| ask.writer.name == "kubectl" && *kept != "") {
            let mut config = config.clone();
            config.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut).map(|a| a.remove(LAST_APPLIED));
            *kept = format!("{config}\n").into();
        }
        Ok(object)
    }

    fn apply(&self, live: Option<&Value>, ask: &Application, now: &str) -> Result<Value, Failure> {
        let part = ask.writer.part.to_owned();
        let me = Manager { name: ask.writer.name.clone(), operation: Operation::Apply, version: String::new(), part };
        let mut owners = live.map(Owners::of).unwrap_or_default();
        if let Some(live) = live.filter(|_| owners.0.is_empty()) {
            let before = Writer { name: "before-first-apply".to_owned(), part: ask.writer.part };
            owners = owners.updated(self, None, &bare(live), &before, now).unwrap_or_default();
        }
        owners = owners.reconciled(self);
        let (live, config) = (live.map_or_else(|| json!({}), bare), bare(ask.config));
        let fields = typed::set_of(self.of, &config).map_err(|why| Failure::during("get field set", &why))?;
        let mut object = typed::merge(self.of, &live, &config).map_err(|why| Failure::during("merge config", &why))?;
        let last = owners.0.remove(&me);
        let time = last.as_ref().and_then(|share| share.time.clone());
        owners.0.insert(me.clone(), Share::new(fields.recursive_difference(&self.reset), &self.version, time));
        if let Some(last) = last {
            object = self.pruned(object, last.fields(), &owners).map_err(|why| Failure::during("prune fields", &why))?;
        }
        let change = Comparison::of(self.of, &live, &object).map_err(|why| Failure::during("compare objects", &why))?.without(&self.reset);
        let conflicts = owners.conflicts(Some(&me), &change);
        if !ask.force && !conflicts.is_empty() {
            return Err(Failure::Conflicts(conflicts));
        }
        owners.take(Some(&me), &change);
        if let Some(share) = owners.0.get_mut(&me) {
            share.set(share.fields().clone().difference(&STRIPPED));
            if object != live {
                share.time = Some(now.to_owned());
            }
        }
        owners.0.retain(|_, share| !share.is_empty());
        put(&mut object, owners);
        Ok(object)
    }

    /// Takes away what this manager had and nobody has now.
    fn pruned(&self, merged: Value, last: &FieldSet, owners: &Owners) -> Result<Value, Wrongs> {
        let owned = owners.0.values().fold(FieldSet::default(), |all, share| all.union(share.fields().clone()));
        typed::pruned(self.of, merged, last, &owned)
    }

    /// What client-side apply has applied and nobody changed since: kubectl may take that over. Source: `allowedConflictsFromLastApplied`.
    fn last_applied(&self, live: &Value) -> Option<FieldSet> {
        let said = live.pointer("/metadata/annotations")?.get(LAST_APPLIED)?.as_str()?;
        let said: Value = serde_json::from_str(said).ok()?;
        if text(&said, "/apiVersion") != self.version || typed::check(self.of, &said).is_err() {
            return None;
        }
        let said = bare(&said);
        let change = Comparison::of(self.of, &said, &bare(live)).ok()?;
        let fields = typed::set_of(self.of, &said).ok()?;
        Some(fields.difference(&change.modified).difference(&change.added).difference(&change.removed))
    }
}

impl Failure {
    fn during(step: &str, why: &Wrongs) -> Self {
        Failure::Other(format!("failed to {step}: {why}"))
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let conflicts = match failure {
            Failure::Other(message) => return Refusal::new(500, "", message),
            Failure::Conflicts(conflicts) => conflicts,
        };
        let (mut causes, mut said) = (Vec::new(), Vec::new());
        for (manager, fields) in &conflicts {
            said.push(format!("conflicts with {manager}:"));
            for field in fields.paths().iter().map(|path| path_text(path)) {
                said.push(format!("- {field}"));
                causes.push(json!({"reason": "FieldManagerConflict", "message": format!("conflict with {manager}"), "field": field}));
            }
        }
        let said = match &causes[..] {
            [one] => format!("1 conflict: {}: {}", text(one, "/message"), text(one, "/field")),
            all => format!("{} conflicts: {}", all.len(), said.join("\n")),
        };
        Refusal { details: json!({"causes": causes}), ..Refusal::new(409, "Conflict", format!("Apply failed with {said}")) }
    }
}

/// As conflicts name it.
impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)?;
        if !self.part.is_empty() {
            write!(f, " with subresource {:?}", self.part)?;
        }
        if self.operation == Operation::Update {
            write!(f, " using {}", self.version)?;
        }
        Ok(())
    }
}
