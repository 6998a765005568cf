//! Which resources are served: the built-in table, and what CustomResourceDefinitions add.
use super::{
    json::{list, text, yes},
    refusal::Refusal,
};
use crate::terms::{
    kinds::{KINDS, Usage},
    schema::{Shape, Table},
};
use serde_json::Value;
use std::sync::Arc;

/// A served resource, by its place in the registry. Places are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct KindId(pub(super) u16);

/// What is known of one served resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) id: KindId,
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) singular: String,
    pub(super) short_names: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) subresources: Vec<String>,
    pub(super) verbs: &'static [&'static str],
    pub(super) namespaced: bool,
    pub(super) usage: Usage,
    /// Defined by a CustomResourceDefinition that is there now.
    pub(super) custom: bool,
    /// False once its definition was deleted.
    pub(super) served: bool,
    /// Where the scale subresource finds its replicas, the replicas there are, and the selector.
    pub(super) scale: [String; 3],
    /// Fields of a custom resource that it can be selected by (`spec.colour`).
    pub(super) selectable: Vec<String>,
    /// Extra Table columns of a custom resource (name, type, JSON path, priority).
    pub(super) columns: Vec<(String, String, String, i64)>,
    /// What a custom resource's definition says its objects look like.
    pub(super) structure: Option<Arc<Table>>,
    /// The same, as the definition says it.
    pub(super) schema: Option<Arc<Value>>,
}

impl Resource {
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// What its objects look like, where that is known.
    pub(super) fn shape(&self) -> Option<Shape<'_>> {
        let table = if self.custom { self.structure.as_deref()? } else { Table::kubernetes() };
        table.kind(&self.group, &self.version, &self.kind)
    }

    pub(super) fn has(&self, subresource: &str) -> bool {
        self.subresources.iter().any(|s| s == subresource)
    }
}

/// All served resources.
#[derive(Debug)]
pub(super) struct Registry {
    resources: Vec<Resource>,
}

impl Registry {
    pub(super) fn new() -> Self {
        let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let resources = KINDS.iter().zip(0..).map(|(info, at)| Resource {
            id: KindId(at),
            group: info.group.to_owned(),
            version: info.version.to_owned(),
            kind: info.kind.to_owned(),
            plural: info.plural.to_owned(),
            singular: info.singular(),
            short_names: owned(info.short_names),
            categories: owned(info.categories),
            subresources: owned(info.subresources),
            verbs: info.verbs(),
            namespaced: info.namespaced,
            usage: info.usage,
            custom: false,
            served: true,
            scale: ["/spec/replicas", "/status/replicas", "/spec/selector"].map(str::to_owned),
            selectable: Vec::new(),
            columns: Vec::new(),
            structure: None,
            schema: None,
        });
        Registry { resources: resources.collect() }
    }

    pub(super) fn get(&self, id: KindId) -> &Resource {
        &self.resources[usize::from(id.0)]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|r| r.served)
    }

    pub(super) fn at(&self, group: &str, version: &str, plural: &str) -> Option<&Resource> {
        self.all().find(|r| r.group == group && r.version == version && r.plural == plural)
    }

    /// What a path in a group is answered with where it names no resource.
    pub(super) fn nothing_at(&self, group: &str) -> Refusal {
        if self.all().any(|r| r.group == group) { Refusal::no_such_path() } else { Refusal::no_such_page() }
    }

    pub(super) fn of_object(&self, object: &Value) -> Option<&Resource> {
        let (api_version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
        self.all().find(|r| r.kind == kind && r.api_version() == api_version)
    }

    /// The built-in resource of a kind that is known to exist (`Pod`, `Deployment`); the first in the table where groups share a name.
    pub(super) fn builtin(&self, kind: &str) -> KindId {
        let found = self.resources.iter().find(|r| r.kind == kind && !r.custom);
        found.map_or_else(|| unreachable!("{kind} is in the built-in table"), |r| r.id)
    }

    /// Takes in (or takes away) what a CustomResourceDefinition defines: its storage version, and each other served version as a resource of its own.
    pub(super) fn define(&mut self, crd: &Value, present: bool) {
        let (group, plural) = (text(crd, "/spec/group"), text(crd, "/spec/names/plural"));
        let structure = present.then(|| Arc::new(Table::of_crd(crd)));
        let words = |pointer: &str| list(crd, pointer).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
        for version in list(crd, "/spec/versions").iter().filter(|v| yes(v, "/storage")) {
            let name = text(version, "/name");
            let known = self.resources.iter_mut().find(|r| r.custom && r.group == group && r.plural == plural && r.version == name);
            let subresources =
                version.get("subresources").and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.clone()).collect();
            let column = |c: &Value| {
                let field = |pointer| text(c, pointer).to_owned();
                (field("/name"), field("/type"), field("/jsonPath"), super::json::number(c, "/priority", 0))
            };
            let scale = ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"]
                .map(|path| text(version, &format!("/subresources/scale/{path}")).replace('.', "/"));
            let selectable =
                list(version, "/selectableFields").iter().map(|f| text(f, "/jsonPath").trim_start_matches('.').to_owned()).collect();
            let columns = list(version, "/additionalPrinterColumns").iter().map(column).collect();
            let schema = version.pointer("/schema/openAPIV3Schema").filter(|_| present).map(|schema| Arc::new(schema.clone()));
            if let Some(known) = known {
                (known.served, known.columns, known.subresources) = (present, columns, subresources);
                (known.scale, known.selectable) = (scale, selectable);
                (known.structure, known.schema) = (structure.clone(), schema);
            } else if let (true, Ok(id)) = (present, u16::try_from(self.resources.len())) {
                let kind = text(crd, "/spec/names/kind").to_owned();
                let singular = text(crd, "/spec/names/singular");
                self.resources.push(Resource {
                    id: KindId(id),
                    group: group.to_owned(),
                    version: name.to_owned(),
                    singular: if singular.is_empty() { kind.to_ascii_lowercase() } else { singular.to_owned() },
                    kind,
                    plural: plural.to_owned(),
                    short_names: words("/spec/names/shortNames"),
                    categories: words("/spec/names/categories"),
                    subresources,
                    verbs: &["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
                    namespaced: text(crd, "/spec/scope") == "Namespaced",
                    usage: Usage::Stored,
                    custom: true,
                    served: true,
                    scale,
                    selectable,
                    columns,
                    structure: structure.clone(),
                    schema,
                });
            }
        }
    }
}
