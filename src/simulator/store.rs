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
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
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

impl Change {
    /// The bytes that are here because of it: what was before is the `after` of an earlier change.
    fn size(&self) -> usize {
        self.after.as_ref().or(self.before.as_ref()).map_or(0, |stored| stored.bytes.len())
    }
}

/// How many changes a watch may lag behind before it is told 410 Gone, and how many bytes of objects they may hold on to.
const HISTORY: usize = 8192;
const HISTORY_BYTES: usize = if cfg!(test) { 1 << 20 } else { 32 << 20 };
/// The largest object. Source: `DefaultMaxRequestBytes` of etcd.
const LARGEST: usize = 3 << 19;
/// All objects together; etcd has a quota too.
const QUOTA: usize = if cfg!(test) { 8 << 20 } else { 256 << 20 };
/// Fresh clusters do not start at one: 0 and small numbers mean things in requests.
const FIRST_VERSION: u64 = 1000;

/// An object as a tree, shared by those who look at it.
pub(super) type Tree = Arc<Value>;

/// Trees that were looked at lately.
#[derive(Debug, Default)]
struct Trees {
    kept: HashMap<Key, (u64, Tree)>,
    /// The bytes of the objects they are of.
    bytes: usize,
}

/// How many bytes of objects are kept as trees; a tree takes about ten times as many.
const TREE_BYTES: usize = 2 << 20;

impl Trees {
    fn keep(&mut self, key: &Key, stored: &Stored, tree: &Tree) {
        if self.bytes + stored.bytes.len() > TREE_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        self.bytes += stored.bytes.len();
        self.kept.insert(key.clone(), (stored.version, tree.clone()));
    }
}

#[derive(Debug)]
pub(super) struct Store {
    objects: BTreeMap<Key, Stored>,
    by_owner: BTreeMap<Box<str>, BTreeSet<Key>>,
    by_uid: BTreeMap<Box<str>, Key>,
    /// Trees of a bounded number of objects: controllers look at the same few again and again.
    trees: RefCell<Trees>,
    version: u64,
    /// The bytes of all objects.
    bytes: usize,
    history: VecDeque<Change>,
    history_bytes: usize,
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
            bytes: 0,
            history: VecDeque::new(),
            history_bytes: 0,
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
        if let Some((version, tree)) = trees.kept.get(key)
            && *version == stored.version
        {
            return tree.clone();
        }
        let tree = Arc::new(stored.tree());
        trees.keep(key, stored, &tree);
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
        self.by_owner.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Where the object with this uid is.
    pub(super) fn with_uid(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// Writes an object and gives it as stored (`apiVersion` and `kind` are not kept: the key says them). Writing what is there already changes nothing, not even the version.
    pub(super) fn put(&mut self, key: Key, object: Value) -> Tree {
        self.write(key, object, false).unwrap_or_else(|full| unreachable!("{full}: it was not asked"))
    }

    /// The same for a client's object, unless there is no room for it.
    ///
    /// # Errors
    /// What etcd says.
    pub(super) fn put_if_room(&mut self, key: Key, object: Value) -> Result<Value, &'static str> {
        self.write(key, object, true).map(|tree| Value::clone(&tree))
    }

    fn write(&mut self, key: Key, mut object: Value, limited: bool) -> Result<Tree, &'static str> {
        if let Some(map) = object.as_object_mut() {
            map.remove("apiVersion");
            map.remove("kind");
        }
        if let Some(old) = self.objects.get(&key) {
            set(&mut object, "/metadata/resourceVersion", old.version.to_string());
            let tree = self.tree(&key, old);
            if *tree == object {
                return Ok(tree);
            }
        }
        let version = self.version + 1;
        set(&mut object, "/metadata/resourceVersion", version.to_string());
        let stored = Stored::of(&object, version);
        if limited && stored.bytes.len() > LARGEST {
            return Err("etcdserver: request is too large");
        }
        let freed = self.objects.get(&key).map_or(0, |old| old.bytes.len());
        if limited && self.bytes + stored.bytes.len() - freed > QUOTA && stored.bytes.len() > freed {
            return Err("etcdserver: mvcc: database space exceeded");
        }
        self.version = version;
        let tree = Arc::new(object);
        self.trees.get_mut().keep(&key, &stored, &tree);
        let before = self.objects.insert(key.clone(), stored.clone());
        self.bytes = self.bytes + stored.bytes.len() - before.as_ref().map_or(0, |b| b.bytes.len());
        self.index(&key, before.as_ref(), Some(&stored));
        self.record(Change { version, key, before, after: Some(stored) });
        Ok(tree)
    }

    /// Takes an object away and gives it as it last was, with the version of its deletion.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Value> {
        let before = self.objects.remove(key)?;
        self.bytes -= before.bytes.len();
        self.trees.get_mut().kept.remove(key);
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
                keys.remove(key);
                if keys.is_empty() {
                    self.by_owner.remove(owner);
                }
            }
        }
        for owner in after.into_iter().flat_map(|a| a.owners.iter()) {
            self.by_owner.entry(owner.clone()).or_default().insert(key.clone());
        }
    }

    fn record(&mut self, change: Change) {
        self.history_bytes += change.size();
        self.history.push_back(change.clone());
        while self.history.len() > HISTORY || self.history_bytes > HISTORY_BYTES && self.history.len() > 1 {
            self.history_bytes -= self.history.pop_front().map_or(0, |old| old.size());
        }
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

#[cfg(test)]
mod tests {
    use super::{HISTORY_BYTES, Key, KindId, QUOTA, Store, TREE_BYTES};
    use serde_json::{Value, json};

    fn key(n: usize) -> Key {
        Key::new(KindId(0), "a", &n.to_string())
    }

    fn object(n: usize, size: usize) -> Value {
        json!({"metadata": {"name": n.to_string(), "uid": n.to_string()}, "data": {"a": "x".repeat(size)}})
    }

    #[test]
    fn what_is_remembered_is_bounded_by_its_bytes() {
        let mut store = Store::new();
        for n in 0..150 {
            store.put(key(n % 3), object(n, 100_000));
            store.take_fresh();
            let held: usize = store.history.iter().map(super::Change::size).sum();
            assert_eq!(held, store.history_bytes);
            assert!(held <= HISTORY_BYTES && store.trees.borrow().bytes <= TREE_BYTES);
        }
        assert_eq!(store.bytes, store.objects.values().map(|s| s.bytes.len()).sum::<usize>());
        assert!(store.since(store.version() - 1).is_some());
        assert!(store.since(store.version() - 100).is_none(), "too long ago");
        (0..3).for_each(|n| drop(store.remove(&key(n))));
        assert_eq!(store.bytes, 0);
    }

    #[test]
    fn there_is_room_for_so_much_and_no_more() {
        let mut store = Store::new();
        assert_eq!(store.put_if_room(key(0), object(0, 2_000_000)), Err("etcdserver: request is too large"));
        let refused = (0..).find(|n| store.put_if_room(key(*n), object(*n, 1_000_000)).is_err());
        assert_eq!(refused, Some(QUOTA / 1_000_100));
        assert_eq!(store.put_if_room(key(0), object(0, 2)).map(drop), Ok(()), "less is always possible");
        assert_eq!(store.put_if_room(key(9), object(9, 1_000_000)).map(drop), Ok(()));
        assert_eq!(store.put_if_room(key(10), object(10, 1_000_000)), Err("etcdserver: mvcc: database space exceeded"));
    }
}
