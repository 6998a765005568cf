//! What is sent: one Kubernetes API request as plain data, the same for the dry run and for the real thing.
//!
//! Paths: <https://kubernetes.io/docs/reference/using-api/api-concepts/>.

use super::{
    Kind, Lookup, Name, Namespace, Pin, ReadPath, Target,
    helm::{Carried, Errand},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Under which name our fields are owned.
pub const FIELD_MANAGER: &str = "aiops";

/// Which way a patch is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchKind {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Kubernetes' own: lists of objects merge by their key.
    Strategic,
    /// Server-side apply; the field manager is ours, `force` only where the owner was shown and approved.
    Apply {
        /// Take fields from other managers.
        force: bool,
    },
}

/// What a call does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// One object, or one subresource of it.
    Get,
    /// Many objects, page by page.
    List,
    /// A new object; the body is the whole of it.
    Create(Value),
    /// A change to one object.
    Patch(PatchKind, Value),
    /// One object, as a whole: what the body does not have goes.
    Replace(Value),
    /// Its end.
    Delete {
        /// Seconds; `None` is the object's own.
        grace: Option<u32>,
        /// What becomes of what it owns.
        #[serde(default)]
        cascade: Cascade,
    },
    /// A pod's end, if its disruption budgets allow it (`policy/v1` Eviction).
    Evict {
        /// Seconds; `None` is the pod's own.
        grace: Option<u32>,
    },
    /// A connection to something inside a pod (`exec`, `attach`, `portforward`): it is no request that can be rehearsed.
    Talk,
    /// Something the helm program does with a release, or tells.
    Program(Box<Errand>),
    /// What that program does to one object meanwhile: judged and shown like any other change, and never sent by us.
    Carried(Box<Carried>),
}

impl Action {
    /// Whether an object ends by it.
    pub fn ends(&self) -> bool {
        match self {
            Action::Delete { .. } | Action::Evict { .. } => true,
            Action::Program(errand) => errand.ends(),
            Action::Carried(carried) => carried.after.is_none(),
            Action::Get | Action::List | Action::Create(_) | Action::Patch(..) | Action::Replace(_) | Action::Talk => false,
        }
    }
}

/// What becomes of the objects that one owns when it is deleted.
///
/// Source: <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cascade {
    /// They go after it.
    #[default]
    Background,
    /// They go before it.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}

impl std::str::FromStr for Cascade {
    type Err = &'static str;
    /// `true` and `false` are kubectl's older words for background and orphan.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "background" | "true" | "" => Ok(Cascade::Background),
            "foreground" => Ok(Cascade::Foreground),
            "orphan" | "false" => Ok(Cascade::Orphan),
            _ => Err("background, foreground or orphan"),
        }
    }
}

impl Cascade {
    /// As it stands on a line.
    pub fn word(self) -> &'static str {
        match self {
            Cascade::Background => "background",
            Cascade::Foreground => "foreground",
            Cascade::Orphan => "orphan",
        }
    }
    /// As `DeleteOptions` has it.
    fn policy(self) -> &'static str {
        match self {
            Cascade::Background => "Background",
            Cascade::Foreground => "Foreground",
            Cascade::Orphan => "Orphan",
        }
    }
}

/// In which form the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// JSON objects as they are.
    #[default]
    Json,
    /// Of each object of a list its metadata alone.
    Metadata,
    /// The server's own table, with each row's name and namespace.
    Table,
    /// Plain text (logs).
    Text,
    /// The Helm releases that the objects keep, decoded, their secret values masked ([`super::helm::Release`]).
    Release,
    /// JSON or text, whichever the server has (`get --raw`).
    Raw,
    /// All kinds of all groups at once (`apidiscovery.k8s.io`), where the server has that form of it.
    Discovery,
    /// What would come of it. It is only ever rehearsed: nothing is changed.
    Rehearsal,
}

/// What of this machine is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Local {
    /// The kubeconfig that was loaded, without what one logs in with.
    Kubeconfig,
    /// That with the certificates as they stand in it; keys, tokens and passwords stay out as well.
    KubeconfigRaw,
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Address {
    /// The objects of one kind, one of them, or a part of one.
    Objects {
        /// The kind whose collection it is.
        kind: Kind,
        /// The namespace, where the kind has one; `None` on a list reads all of them.
        namespace: Option<Namespace>,
        /// The object; `None` for lists and creations.
        name: Option<Name>,
        /// `scale`, `log`, `status`, `eviction`; empty for the object itself.
        subresource: String,
    },
    /// A document of the server's that is no object: `/version`, `/openapi/v3/apis/apps/v1`. Only a [`Action::Get`] goes there.
    Path {
        /// Which.
        path: ReadPath,
    },
    /// What stands on this machine: nothing is sent. Only a [`Action::Get`] goes there.
    Local {
        /// What.
        local: Local,
    },
}

/// One request. Immutable once made: what was dry-run is what is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What it does.
    pub action: Action,
    /// Where it goes.
    #[serde(flatten)]
    pub at: Address,
    /// Query parameters, in the order they are sent.
    pub query: Vec<(String, String)>,
    /// In which form the answer is wanted.
    pub form: Form,
}

impl Call {
    fn new(action: Action, kind: Kind, namespace: Option<Namespace>, name: Option<Name>) -> Self {
        let at = Address::Objects { kind, namespace: namespace.filter(|_| kind.namespaced()), name, subresource: String::new() };
        Call { action, at, query: Vec::new(), form: Form::Json }
    }

    /// Reads one object.
    pub fn get(target: &Target) -> Self {
        Call::new(Action::Get, target.kind(), target.namespace().cloned(), Some(target.name().clone()))
    }

    /// Reads a document of the server's that is no object.
    pub fn document(path: ReadPath) -> Self {
        Call { action: Action::Get, at: Address::Path { path }, query: Vec::new(), form: Form::Json }
    }

    /// Reads the kubeconfig that was loaded.
    pub fn kubeconfig() -> Self {
        Call::local(Local::Kubeconfig)
    }

    /// Reads what stands on this machine.
    pub fn local(local: Local) -> Self {
        Call { action: Action::Get, at: Address::Local { local }, query: Vec::new(), form: Form::Json }
    }

    /// Reads all objects of a kind, in one namespace or, with `None`, in all.
    pub fn list(kind: Kind, namespace: Option<&Namespace>) -> Self {
        Call::new(Action::List, kind, namespace.cloned(), None)
    }

    /// Makes a new object.
    pub fn create(kind: Kind, namespace: Option<&Namespace>, body: Value) -> Self {
        Call::new(Action::Create(body), kind, namespace.cloned(), None)
    }

    /// Changes one object.
    pub fn patch(target: &Target, how: PatchKind, body: Value) -> Self {
        Call { action: Action::Patch(how, body), ..Call::get(target) }
    }

    /// Replaces one object.
    pub fn replace(target: &Target, body: Value) -> Self {
        Call { action: Action::Replace(body), ..Call::get(target) }
    }

    /// Deletes one object.
    pub fn delete(target: &Target, grace: Option<u32>) -> Self {
        Call { action: Action::Delete { grace, cascade: Cascade::Background }, ..Call::get(target) }
    }

    /// The same, with another fate for what the object owns; only a deletion has one.
    #[must_use]
    pub fn cascading(mut self, to: Cascade) -> Self {
        if let Action::Delete { cascade, .. } = &mut self.action {
            *cascade = to;
        }
        self
    }

    /// Ends one pod as its disruption budgets allow.
    pub fn evict(pod: &Target, grace: Option<u32>) -> Self {
        Call { action: Action::Evict { grace }, ..Call::get(pod) }.on("eviction")
    }

    /// Connects to something inside a pod.
    pub fn talk(pod: &Target, to: &str) -> Self {
        Call { action: Action::Talk, ..Call::get(pod) }.on(to)
    }

    /// Has the helm program do something.
    pub fn program(errand: Errand) -> Self {
        // A release's name is a DNS name and so a legal one of any object.
        let name = errand.release.as_ref().and_then(|release| Name::new(release.as_str()).ok());
        let namespace = errand.namespace.clone();
        Call::new(Action::Program(Box::new(errand)), Kind::release(), namespace, name)
    }

    /// What happens to one object while the program is at work.
    pub fn carried(target: &Target, carried: Carried) -> Self {
        Call { action: Action::Carried(Box::new(carried)), ..Call::get(target) }
    }

    /// Whether the server can say beforehand what it would do.
    pub fn rehearses(&self) -> bool {
        match self.action {
            Action::Talk | Action::Program(_) | Action::Carried(_) => false,
            Action::Get
            | Action::List
            | Action::Create(_)
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Delete { .. }
            | Action::Evict { .. } => self.mutates() && !self.is_credential(),
        }
    }

    /// The object before and after it, where the call itself holds them.
    pub fn images(&self) -> (Option<&Value>, Option<&Value>) {
        match &self.action {
            Action::Program(errand) => (errand.shown.before.as_ref(), errand.shown.after.as_ref()),
            Action::Carried(carried) => (carried.before.as_ref(), carried.after.as_ref()),
            Action::Get
            | Action::List
            | Action::Create(_)
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Delete { .. }
            | Action::Evict { .. }
            | Action::Talk => (None, None),
        }
    }

    /// Whether what it answers is something to log in with (`TokenRequest`).
    pub fn is_credential(&self) -> bool {
        self.subresource() == "token"
    }

    /// The values of one query parameter, in order.
    pub fn asked<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.query.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The same on a subresource.
    #[must_use]
    pub fn on(mut self, part: &str) -> Self {
        if let Address::Objects { subresource, .. } = &mut self.at {
            *subresource = part.to_string();
        }
        self
    }

    /// The kind it is about; a document has none.
    pub fn kind(&self) -> Option<Kind> {
        match &self.at {
            Address::Objects { kind, .. } => Some(*kind),
            Address::Path { .. } | Address::Local { .. } => None,
        }
    }

    /// The namespace it goes to; `None` where it goes to all, or to what has none.
    pub fn namespace(&self) -> Option<&Namespace> {
        match &self.at {
            Address::Objects { namespace, .. } => namespace.as_ref(),
            Address::Path { .. } | Address::Local { .. } => None,
        }
    }

    /// The name of the object it goes to.
    pub fn name(&self) -> Option<&Name> {
        match &self.at {
            Address::Objects { name, .. } => name.as_ref(),
            Address::Path { .. } | Address::Local { .. } => None,
        }
    }

    /// The part of the object it goes to; empty for the object itself.
    pub fn subresource(&self) -> &str {
        match &self.at {
            Address::Objects { subresource, .. } => subresource,
            Address::Path { .. } | Address::Local { .. } => "",
        }
    }

    /// Whether it is about objects of that kind: [`Kind::is`].
    pub fn is_about(&self, plural: &str, group: &str) -> bool {
        self.kind().is_some_and(|kind| kind.is(plural, group))
    }

    /// What it is about, for sentences: `deployment/web in dev`, `pods`, `/version`.
    pub fn said(&self) -> String {
        match (&self.at, self.target()) {
            (_, Some(target)) => target.to_string(),
            (Address::Objects { kind, .. }, None) => kind.plural().into_owned(),
            (Address::Path { path }, None) => path.to_string(),
            (Address::Local { local: Local::Kubeconfig | Local::KubeconfigRaw }, None) => "the kubeconfig".into(),
        }
    }

    /// The same with one more query parameter; an empty value is left out.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.query.push((key.to_string(), value));
        }
        self
    }

    /// The same, answered in that form.
    #[must_use]
    pub fn shaped(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// Whether it changes anything. Reviews (`POST …/selfsubjectaccessreviews`) are questions and do not.
    pub fn mutates(&self) -> bool {
        match &self.action {
            _ if self.form == Form::Rehearsal => false,
            Action::Get | Action::List => false,
            // A forwarded port carries what others say; itself it changes nothing.
            Action::Talk => self.subresource() != "portforward",
            Action::Create(_) => !self.kind().is_some_and(|kind| kind.info().plural.ends_with("reviews")),
            Action::Program(errand) => errand.mutates(),
            Action::Patch(..) | Action::Replace(_) | Action::Delete { .. } | Action::Evict { .. } | Action::Carried(_) => true,
        }
    }

    /// The RBAC verb the server asks for (`authorization/v1`).
    pub fn rbac_verb(&self) -> &'static str {
        match &self.action {
            Action::Program(_) if !self.mutates() => "get",
            Action::Program(_) if self.action.ends() => "delete",
            Action::Program(_) => "create",
            Action::Carried(carried) => match (&carried.before, &carried.after) {
                (None, _) => "create",
                (Some(_), Some(_)) => "patch",
                (Some(_), None) => "delete",
            },
            Action::Get => "get",
            Action::List => "list",
            Action::Create(_) | Action::Evict { .. } | Action::Talk => "create",
            Action::Patch(..) => "patch",
            Action::Replace(_) => "update",
            Action::Delete { .. } => "delete",
        }
    }

    /// The object it addresses, where it addresses one by name. A creation addresses the name in its body.
    pub fn target(&self) -> Option<Target> {
        let name = match (self.name(), &self.action) {
            (Some(name), _) => name.clone(),
            (None, Action::Create(body)) => Name::new(body.pointer("/metadata/name")?.as_str()?).ok()?,
            (None, _) => return None,
        };
        Some(Target::new(self.kind()?, name).ok()?.in_namespace(self.namespace().cloned()))
    }

    /// The path below the server's address, without the query: `/apis/apps/v1/namespaces/x/deployments/backend/scale`.
    pub fn path(&self) -> String {
        let (kind, namespace, name, subresource) = match &self.at {
            Address::Objects { kind, namespace, name, subresource } => (kind, namespace, name, subresource),
            Address::Path { path } => return path.path().to_string(),
            Address::Local { .. } => return String::new(),
        };
        let info = kind.info();
        let mut path =
            if info.group.is_empty() { format!("/api/{}", info.version) } else { format!("/apis/{}/{}", info.group, info.version) };
        if let Some(ns) = namespace {
            path.push_str("/namespaces/");
            path.push_str(ns.as_str());
        }
        path.push('/');
        path.push_str(info.plural);
        if let Some(name) = name {
            path.push('/');
            path.push_str(name.as_str());
        }
        if !subresource.is_empty() {
            path.push('/');
            path.push_str(subresource);
        }
        path
    }

    /// The body to send, carrying the pin where there is one: as `metadata` in a patch, as preconditions in a deletion.
    /// A creation has nothing to pin. `None` where there is no body.
    pub fn body(&self, pin: Option<&Pin>) -> Option<Value> {
        match &self.action {
            Action::Get | Action::List | Action::Talk | Action::Program(_) | Action::Carried(_) => None,
            Action::Create(body) => Some(body.clone()),
            Action::Patch(PatchKind::Json, Value::Array(ops)) => {
                let mut ops = ops.clone();
                if let Some(pin) = pin {
                    ops.push(json!({"op": "replace", "path": "/metadata/resourceVersion", "value": pin.resource_version}));
                }
                Some(Value::Array(ops))
            }
            Action::Patch(_, body) | Action::Replace(body) => {
                let mut body = body.clone();
                if let (Some(pin), Some(map)) = (pin, body.as_object_mut()) {
                    let metadata = map.entry("metadata").or_insert_with(|| json!({}));
                    if let Some(metadata) = metadata.as_object_mut() {
                        // A state that the document names itself is the one that was meant: the server refuses any other. "0" is any state.
                        for (field, pinned) in [("uid", &pin.uid), ("resourceVersion", &pin.resource_version)] {
                            let own = metadata.get(field).and_then(Value::as_str).is_some_and(|own| !own.is_empty() && own != "0");
                            if !own {
                                metadata.insert(field.into(), json!(pinned));
                            }
                        }
                    }
                }
                Some(body)
            }
            Action::Evict { grace } => {
                let mut options = json!({});
                if let Some(seconds) = grace {
                    options["gracePeriodSeconds"] = json!(seconds);
                }
                // Its version may move with every heartbeat; it is that pod that is meant.
                if let Some(pin) = pin {
                    options["preconditions"] = json!({"uid": pin.uid});
                }
                let metadata = json!({"name": self.name(), "namespace": self.namespace()});
                Some(json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata, "deleteOptions": options}))
            }
            Action::Delete { grace, cascade } => {
                let mut body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": cascade.policy()});
                if let Some(seconds) = grace {
                    body["gracePeriodSeconds"] = json!(seconds);
                }
                if let Some(pin) = pin {
                    body["preconditions"] = json!({"uid": pin.uid, "resourceVersion": pin.resource_version});
                }
                Some(body)
            }
        }
    }
}

/// One page or one object that came back for a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Which of the operation's calls it answers, counted from 0.
    pub call: usize,
    /// What came back: one page of a list, one object, one log.
    pub body: Lookup<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_travels_in_the_body() {
        let target = Target::new(Kind::find("deployment").unwrap(), Name::new("web").unwrap())
            .unwrap()
            .in_namespace(Some(Namespace::new("dev").unwrap()));
        let call = Call::patch(&target, PatchKind::Merge, json!({"spec": {"replicas": 3}})).on("scale");
        assert_eq!(call.path(), "/apis/apps/v1/namespaces/dev/deployments/web/scale");
        let pin = Pin { uid: "u".into(), resource_version: "7".into(), digest: "d".into() };
        assert_eq!(call.body(Some(&pin)).unwrap(), json!({"spec": {"replicas": 3}, "metadata": {"uid": "u", "resourceVersion": "7"}}));
        assert_eq!(Call::delete(&target, None).body(Some(&pin)).unwrap()["preconditions"], json!({"uid": "u", "resourceVersion": "7"}));
    }
}
