//! Who set which fields of an object: `metadata.managedFields`, in every write.
//!
//! Owns: managers and what each has, what a write takes from whom, server-side apply. Does not own: how values of a type merge and differ
//! (`terms::typed`), what a request says (`api`), what a write is allowed to do (`admit`).
//!
//! Invariants: entries are unique by manager, operation, version (of updates) and subresource, and none is empty; what nobody changed changes owner only by
//! being applied. Source: KEP 555, `apimachinery/pkg/util/managedfields`, `structured-merge-diff/v6/merge`.
mod apply;
mod note;
mod scaled;

pub(super) use apply::Application;
pub(super) use note::keep_times;
pub(super) use scaled::ScaleOwners;

use super::{json::list, registry::Resource};
use crate::terms::{
    fields::{Element, FieldSet},
    typed::{self, Comparison, Type},
};
use serde_json::{Value, json};
use std::{cell::OnceCell, collections::BTreeMap, sync::LazyLock};

/// Who writes, and through which subresource (empty: the object itself).
#[derive(Debug, Clone)]
pub(super) struct Writer {
    pub(super) name: String,
    pub(super) part: &'static str,
}

impl Writer {
    pub(super) fn new(name: &str, part: &'static str) -> Self {
        // Source: `buildManagerInfo`: nobody's name is empty.
        Writer { name: if name.is_empty() { "unknown" } else { name }.to_owned(), part }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        }
    }
}

/// What tells one entry from another. Who applies is the same one in every version of the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Manager {
    name: String,
    operation: Operation,
    version: String,
    part: String,
}

/// What one manager has. The fields stay as they are written until somebody asks for them: most writes concern few managers.
#[derive(Debug, Clone)]
struct Share {
    written: Value,
    read: OnceCell<FieldSet>,
    version: String,
    time: Option<String>,
}

impl Share {
    fn new(fields: FieldSet, version: &str, time: Option<String>) -> Self {
        Share { written: fields.write(), read: OnceCell::from(fields), version: version.to_owned(), time }
    }

    fn fields(&self) -> &FieldSet {
        self.read.get_or_init(|| FieldSet::read(&self.written).unwrap_or_default())
    }

    fn set(&mut self, fields: FieldSet) {
        self.written = fields.write();
        self.read = OnceCell::from(fields);
    }

    fn is_empty(&self) -> bool {
        self.written.as_object().is_none_or(serde_json::Map::is_empty)
    }
}

/// The managers of one object and what each has.
#[derive(Debug, Clone, Default)]
struct Owners(BTreeMap<Manager, Share>);

/// More updating managers than this are gathered into one. Source: `DefaultMaxUpdateManagers`.
const MOST_UPDATERS: usize = 10;

impl Owners {
    /// Reads `managedFields`; None if an entry is not one that a server could have written. What the fields say is not looked at.
    fn read(entries: Vec<Value>) -> Option<Self> {
        let mut owners = BTreeMap::new();
        for mut entry in entries {
            let word = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (operation, version) = match &*word("operation") {
                "Apply" => (Operation::Apply, String::new()),
                "Update" => (Operation::Update, word("apiVersion")),
                _ => return None,
            };
            if word("apiVersion").is_empty() || word("fieldsType") != "FieldsV1" {
                return None;
            }
            let time = entry.get("time").and_then(Value::as_str).map(str::to_owned);
            let manager = Manager { name: word("manager"), operation, version, part: word("subresource") };
            let version = word("apiVersion");
            let written = entry.get_mut("fieldsV1").map_or_else(|| json!({}), Value::take);
            owners.insert(manager, Share { written, read: OnceCell::new(), version, time });
        }
        Some(Owners(owners))
    }

    /// Reads what a client says: its fields too must be as a server could have written them.
    fn said(entries: &[Value]) -> Option<Self> {
        let fields = |entry: &Value| FieldSet::read(entry.get("fieldsV1").unwrap_or(&Value::Null)).is_ok();
        entries.iter().all(fields).then(|| Self::read(entries.to_vec())).flatten()
    }

    fn of(object: &Value) -> Self {
        Self::read(list(object, "/metadata/managedFields").to_vec()).unwrap_or_default()
    }

    /// The entries in the order a server gives them: by operation, time, name, version, subresource.
    fn write(self) -> Vec<Value> {
        let mut entries: Vec<(Manager, Share)> = self.0.into_iter().collect();
        fn place<'a>((m, s): &'a (Manager, Share)) -> (Operation, &'a str, &'a str, &'a str, &'a str) {
            (m.operation, s.time.as_deref().unwrap_or_default(), &m.name, &s.version, &m.part)
        }
        entries.sort_by(|a, b| place(a).cmp(&place(b)));
        let entry = |(manager, share): (Manager, Share)| {
            let subresource = Some(manager.part).filter(|part| !part.is_empty());
            let words =
                [("time", share.time), ("subresource", subresource), ("manager", Some(manager.name)), ("apiVersion", Some(share.version))];
            let words = words.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?.into())));
            let fixed =
                [("operation", manager.operation.name()), ("fieldsType", "FieldsV1")].map(|(name, word)| (name.to_owned(), word.into()));
            Value::Object(words.chain(fixed).chain([("fieldsV1".to_owned(), share.written)]).collect())
        };
        entries.into_iter().map(entry).collect()
    }

    /// What each other manager has of what a write adds or changes.
    fn conflicts(&self, me: Option<&Manager>, change: &Comparison) -> Vec<(Manager, FieldSet)> {
        let changed = change.added.clone().union(change.modified.clone());
        let others = self.0.iter().filter(|(manager, share)| Some(*manager) != me && changed.may_meet(&share.written));
        others
            .map(|(manager, share)| (manager.clone(), share.fields().intersection(&changed)))
            .filter(|(_, lost)| !lost.is_empty())
            .collect()
    }

    /// Takes what a write adds, changes or removes from everybody else.
    fn take(&mut self, me: Option<&Manager>, change: &Comparison) {
        for (_, share) in self.0.iter_mut().filter(|(manager, _)| Some(*manager) != me) {
            for taken in [&change.added, &change.modified, &change.removed] {
                if taken.may_meet(&share.written) && !share.fields().intersection(taken).is_empty() {
                    share.set(share.fields().clone().difference(taken));
                }
            }
        }
        self.0.retain(|_, share| !share.is_empty());
    }

    /// Gathers the oldest updates under one name while there are too many. Source: `capUpdateManagers`.
    fn gather(&mut self) {
        let mut updaters: Vec<Manager> = self.0.keys().filter(|m| m.operation == Operation::Update).cloned().collect();
        updaters.sort_by_key(|m| self.0.get(m).and_then(|share| share.time.clone()).unwrap_or_default());
        let mut too_many = updaters.len().saturating_sub(MOST_UPDATERS);
        let mut first: BTreeMap<String, Manager> = BTreeMap::new();
        for manager in updaters {
            if too_many == 0 {
                return;
            }
            let version = manager.version.clone();
            let ancient =
                Manager { name: "ancient-changes".to_owned(), operation: Operation::Update, version: version.clone(), part: String::new() };
            let Some(oldest) = first.get(&version) else {
                first.insert(version, manager);
                continue;
            };
            if !self.0.contains_key(&ancient)
                && let Some(share) = self.0.remove(oldest)
            {
                self.0.insert(ancient.clone(), share);
            }
            if let Some(share) = self.0.remove(&manager)
                && let Some(all) = self.0.get_mut(&ancient)
            {
                all.set(all.fields().clone().union(share.fields().clone()));
                all.time = share.time;
                too_many -= 1;
            }
        }
    }

    /// Everything as it would be had it been recorded with today's types; entries of versions that are not served go.
    fn reconciled(self, kind: &Kind) -> Self {
        let served = self.0.into_iter().filter(|(_, share)| kind.versions.contains(&share.version));
        Owners(
            served
                .map(|(manager, share)| {
                    (manager, Share::new(typed::reconciled(kind.of, share.fields()), &share.version, share.time.clone()))
                })
                .collect(),
        )
    }
}

/// What is to be known of a resource to tell who owns what of its objects.
struct Kind<'a> {
    of: Type<'a>,
    version: String,
    versions: Vec<String>,
    /// What a write through this part never changes.
    reset: FieldSet,
}

/// What nobody owns: what says which object it is, and what only the server writes. Source: `NewStripMetaManager`.
static STRIPPED: LazyLock<FieldSet> = LazyLock::new(|| {
    let mut set = FieldSet::of_fields(&[&["apiVersion"], &["kind"], &["metadata"]]);
    for name in
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"]
    {
        set.insert(&[Element::field("metadata"), Element::field(name)]);
    }
    set
});

/// Resources whose status subresource leaves the whole metadata alone. Source: `GetResetFields` of each status strategy.
const STATUS_KEEPS_METADATA: &[&str] = &[
    "customresourcedefinitions",
    "flowschemas",
    "prioritylevelconfigurations",
    "resourceclaims",
    "servicecidrs",
    "storageversions",
    "validatingadmissionpolicies",
    "volumeattachments",
];

/// The fields that a write through a part of a resource puts back as they were. Source: `GetResetFields` of each strategy.
fn reset(resource: &Resource, part: &str) -> FieldSet {
    let plural = resource.plural.as_str();
    match (part, plural) {
        ("", "certificatesigningrequests") => FieldSet::of_fields(&[&["spec"], &["status"]]),
        ("", _) if resource.has("status") => FieldSet::of_fields(&[&["status"]]),
        ("finalize", _) => FieldSet::of_fields(&[&["status"]]),
        ("status", "deployments") => FieldSet::of_fields(&[&["spec"], &["metadata", "labels"]]),
        ("status", "pods") => FieldSet::of_fields(&[&["spec"], &["metadata", "deletionTimestamp"], &["metadata", "ownerReferences"]]),
        ("status", "certificatesigningrequests") => FieldSet::of_fields(&[&["spec"], &["status", "conditions"]]),
        ("status", _) if resource.custom || STATUS_KEEPS_METADATA.contains(&plural) => FieldSet::of_fields(&[&["spec"], &["metadata"]]),
        ("status", _) => FieldSet::of_fields(&[&["spec"]]),
        _ => FieldSet::default(),
    }
}

impl<'a> Kind<'a> {
    fn of(resource: &'a Resource, part: &str) -> Self {
        let shape = resource.shape();
        Kind {
            of: shape.map_or(Type::Deduced, Type::Of),
            version: resource.api_version(),
            versions: vec![resource.api_version()],
            reset: reset(resource, part),
        }
    }
}

/// The object without what names its kind and without its managers: what is compared.
fn bare(object: &Value) -> Value {
    let mut bare = object.clone();
    if let Some(map) = bare.as_object_mut() {
        map.remove("apiVersion");
        map.remove("kind");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
    }
    bare
}

/// Writes the managers into an object; without any the field is not there.
fn put(object: &mut Value, owners: Owners) {
    let entries = owners.write();
    if entries.is_empty() {
        super::json::remove(object, "/metadata/managedFields");
    } else {
        super::json::set(object, "/metadata/managedFields", entries);
    }
}
