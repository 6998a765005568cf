//! The objects, their versions, and what changed lately.
//!
//! An object is held as compact JSON bytes with a small index beside it (labels, owners, uid); it becomes a tree only while someone works on it.
use super::{
    json::{list, set, text},
    registry::KindId,
};
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// Where an object is: its kind, its namespace (empty: cluster-wide), its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) kind: KindId,
    pub(super) namespace: Box<str>,
    pub(super) name: Box<str>,
}

impl Key {
    pub(super) fn new(kind: KindId, namespace: &str, name: &str) -> Self {
        Key { kind, namespace: namespace.into(), name: name.into() }
    }
}

/// One object as stored.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) bytes: Arc<[u8]>,
    pub(super) version: u64,
    pub(super) labels: Arc<[(Box<str>, Box<str>)]>,
    pub(super) uid: Box<str>,
    /// The uids of its owners; the controlling one first.
    pub(super) owners: Box<[Box<str>]>,
    pub(super) deleting: bool,
}

impl Stored {
    fn of(object: &Value, version: u64) -> Self {
        let labels = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
        let mut owners: Vec<&Value> = list(object, "/metadata/ownerReferences").iter().collect();
        owners.sort_by_key(|o| !super::json::yes(o, "/controller"));
        Stored {
            bytes: object.to_string().into_bytes().into(),
            version,
            labels: labels.filter_map(|(k, v)| Some((k.as_str().into(), v.as_str()?.into()))).collect(),
            uid: text(object, "/metadata/uid").into(),
            owners: owners.iter().map(|o| text(o, "/uid").into()).collect(),
            deleting: object.pointer("/metadata/deletionTimestamp").is_some(),
        }
    }

    /// The object as a tree, without `apiVersion` and `kind`: its key knows those.
    pub(super) fn tree(&self) -> Value {
        // Only `to_string` of a tree ever wrote these bytes.
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub(super) fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(k, _)| **k == *key).map(|(_, v)| &**v)
    }
}

/// One entry of the history that watches read.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) key: Key,
    pub(super) before: Option<Stored>,
    /// None: deleted at this version.
    pub(super) after: Option<Stored>,
}

/// How many changes a watch may lag behind before it is told 410 Gone.
const HISTORY: usize = 8192;
/// Fresh clusters do not start at one: 0 and small numbers mean things in requests.
const FIRST_VERSION: u64 = 1000;

/// An object as a tree, shared by those who look at it.
pub(super) type Tree = Arc<Value>;

type Trees = HashMap<Key, (u64, Tree)>;

/// How many trees are kept at most.
const TREES: usize = 1024;

fn keep(trees: &mut Trees, key: &Key, version: u64, tree: &Arc<Value>) {
    if trees.len() >= TREES {
        trees.clear();
    }
    trees.insert(key.clone(), (version, tree.clone()));
}

#[derive(Debug)]
pub(super) struct Store {
    objects: BTreeMap<Key, Stored>,
    by_owner: BTreeMap<Box<str>, Vec<Key>>,
    by_uid: BTreeMap<Box<str>, Key>,
    /// Trees of a bounded number of objects: controllers look at the same few again and again.
    trees: RefCell<Trees>,
    version: u64,
    history: VecDeque<Change>,
    /// Changes that the controllers have not been told of yet.
    fresh: Vec<Change>,
}

impl Store {
    pub(super) fn new() -> Self {
        Store {
            objects: BTreeMap::new(),
            by_owner: BTreeMap::new(),
            by_uid: BTreeMap::new(),
            trees: RefCell::default(),
            version: FIRST_VERSION,
            history: VecDeque::new(),
            fresh: Vec::new(),
        }
    }

    /// The version of the newest change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn stored(&self, key: &Key) -> Option<&Stored> {
        self.objects.get(key)
    }

    /// An object as a tree. What was looked at lately is still there as one.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.objects.get(key).map(|stored| self.tree(key, stored))
    }

    /// The tree of an object that was found already.
    pub(super) fn tree(&self, key: &Key, stored: &Stored) -> Arc<Value> {
        let mut trees = self.trees.borrow_mut();
        if let Some((version, tree)) = trees.get(key)
            && *version == stored.version
        {
            return tree.clone();
        }
        let tree = Arc::new(stored.tree());
        keep(&mut trees, key, stored.version, &tree);
        tree
    }

    /// The objects of a kind, in all namespaces (None) or one, ordered by namespace and name.
    pub(super) fn of_kind<'a>(&'a self, kind: KindId, namespace: Option<&'a str>) -> impl Iterator<Item = (&'a Key, &'a Stored)> {
        let from = Key::new(kind, namespace.unwrap_or_default(), "");
        self.objects.range(from..).take_while(move |(key, _)| key.kind == kind && namespace.is_none_or(|ns| *key.namespace == *ns))
    }

    /// The objects of a kind in one namespace, from this name on.
    pub(super) fn named_from<'a>(&'a self, kind: KindId, namespace: &'a str, name: &str) -> impl Iterator<Item = (&'a Key, &'a Stored)> {
        self.objects.range(Key::new(kind, namespace, name)..).take_while(move |(key, _)| key.kind == kind && *key.namespace == *namespace)
    }

    /// The objects that name `uid` among their owners.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<Key> {
        self.by_owner.get(uid).cloned().unwrap_or_default()
    }

    /// Where the object with this uid is.
    pub(super) fn with_uid(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// Writes an object and gives it as stored (`apiVersion` and `kind` are not kept: the key says them). Writing what is there already changes nothing, not even the version.
    pub(super) fn put(&mut self, key: Key, mut object: Value) -> Value {
        if let Some(map) = object.as_object_mut() {
            map.remove("apiVersion");
            map.remove("kind");
        }
        if let Some(old) = self.objects.get(&key) {
            set(&mut object, "/metadata/resourceVersion", old.version.to_string());
            if *self.tree(&key, old) == object {
                return object;
            }
        }
        self.version += 1;
        set(&mut object, "/metadata/resourceVersion", self.version.to_string());
        let stored = Stored::of(&object, self.version);
        keep(&mut self.trees.borrow_mut(), &key, self.version, &Arc::new(object.clone()));
        let before = self.objects.insert(key.clone(), stored.clone());
        self.index(&key, before.as_ref(), Some(&stored));
        self.record(Change { version: self.version, key, before, after: Some(stored) });
        object
    }

    /// Takes an object away and gives it as it last was, with the version of its deletion.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Value> {
        let before = self.objects.remove(key)?;
        self.trees.borrow_mut().remove(key);
        self.version += 1;
        self.index(key, Some(&before), None);
        let mut last = before.tree();
        set(&mut last, "/metadata/resourceVersion", self.version.to_string());
        self.record(Change { version: self.version, key: key.clone(), before: Some(before), after: None });
        Some(last)
    }

    fn index(&mut self, key: &Key, before: Option<&Stored>, after: Option<&Stored>) {
        if let Some(gone) = before.filter(|b| after.is_none_or(|a| a.uid != b.uid)) {
            self.by_uid.remove(&gone.uid);
        }
        if let Some(new) = after {
            self.by_uid.insert(new.uid.clone(), key.clone());
        }
        if before.map(|b| &b.owners) == after.map(|a| &a.owners) {
            return;
        }
        for owner in before.into_iter().flat_map(|b| b.owners.iter()) {
            if let Some(keys) = self.by_owner.get_mut(owner) {
                keys.retain(|k| k != key);
                if keys.is_empty() {
                    self.by_owner.remove(owner);
                }
            }
        }
        for owner in after.into_iter().flat_map(|a| a.owners.iter()) {
            self.by_owner.entry(owner.clone()).or_default().push(key.clone());
        }
    }

    fn record(&mut self, change: Change) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(change.clone());
        self.fresh.push(change);
    }

    /// What happened after `version`, or None when that is further back than anyone remembers.
    pub(super) fn since(&self, version: u64) -> Option<impl Iterator<Item = &Change>> {
        let oldest = self.history.front().map_or(self.version, |c| c.version - 1);
        let start = self.history.partition_point(|c| c.version <= version);
        (version >= oldest).then(|| self.history.range(start..))
    }

    /// The objects of a kind as they were at `version`, or None when that is further back than anyone remembers.
    pub(super) fn of_kind_at<'a>(
        &'a self,
        version: u64,
        kind: KindId,
        namespace: Option<&'a str>,
    ) -> Option<BTreeMap<&'a Key, &'a Stored>> {
        let mine = |key: &Key| key.kind == kind && namespace.is_none_or(|ns| *key.namespace == *ns);
        let changes: Vec<&Change> = self.since(version)?.filter(|c| mine(&c.key)).collect();
        let mut objects: BTreeMap<_, _> = self.of_kind(kind, namespace).collect();
        for change in changes.into_iter().rev() {
            match &change.before {
                Some(before) => objects.insert(&change.key, before),
                None => objects.remove(&change.key),
            };
        }
        Some(objects)
    }

    /// Hands over what the controllers have not seen.
    pub(super) fn take_fresh(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.fresh)
    }
}
