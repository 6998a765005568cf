//! What an object of a kind looks like: fields, types, list types, defaults, patch rules.
//!
//! Owns: the one table of the built-in types (`kubernetes.txt`, made from a real API server by `tests/cluster/program/cmd/schema`), the same
//! structure made from a CustomResourceDefinition, and how both are asked. Does not own: what is done with it (merging, decoding, documents).
//!
//! Invariants: structure only, no prose; a type of the table is read when it is first asked for; reading never panics.
mod crd;
mod table;

use serde_json::Value;
use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

type GroupVersionKind = (Cow<'static, str>, Cow<'static, str>, Cow<'static, str>);

/// A set of types that name each other.
#[derive(Debug)]
pub struct Table {
    types: Vec<Type>,
    /// Types by the last two words of their package, and their name.
    names: HashMap<(&'static str, &'static str), usize>,
    /// Types by group, version and kind.
    kinds: HashMap<GroupVersionKind, usize>,
}

#[derive(Debug)]
struct Type {
    package: &'static str,
    name: &'static str,
    /// The lines of the table that tell the rest.
    source: &'static str,
    body: OnceLock<Body>,
    /// The node that is this type itself.
    node: Node,
}

#[derive(Debug)]
enum Body {
    Struct { fields: Vec<FieldNode>, atomic: bool, open: bool },
    Alias(Node),
}

#[derive(Debug, Clone)]
struct Node {
    kind: NodeKind,
    mark: Mark,
    go: &'static str,
}

#[derive(Debug, Clone)]
enum NodeKind {
    Scalar(Scalar),
    Any,
    Type(usize),
    /// A type of the built-in table, seen from another one.
    BuiltIn(usize),
    List(Box<Node>),
    Map(Box<Node>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    None,
    Atomic,
    Granular,
    Set,
    Keys(Vec<String>),
}

#[derive(Debug)]
struct FieldNode {
    name: Cow<'static, str>,
    node: Node,
    required: bool,
    default: Option<Value>,
    presence: Presence,
    nullable: bool,
    values: Vec<&'static str>,
    patch: PatchNode,
    embedded: &'static str,
}

#[derive(Debug, Clone, Copy, Default)]
struct PatchNode {
    merge: bool,
    merge_key: Option<&'static str>,
    retain_keys: bool,
    replace: bool,
}

/// What one value of an object looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'t> {
    table: &'t Table,
    node: &'t Node,
}

/// The form a value has.
#[derive(Debug, Clone, Copy)]
pub enum Form<'t> {
    Scalar(Scalar),
    Struct,
    Map(Shape<'t>),
    List(Shape<'t>),
    /// Free JSON.
    Any,
}

/// A value without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    String,
    /// Base64 text.
    Bytes,
    Time,
    MicroTime,
    Duration,
    Quantity,
    IntOrString,
    Int32,
    Int64,
    Number,
    Bool,
}

/// How server-side apply merges a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType<'t> {
    /// Replaced as a whole; a list that says nothing too.
    Atomic,
    /// United.
    Set,
    /// Elements matched by these fields.
    Map(&'t [String]),
}

/// When the API server writes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// When it was given: a pointer in Go.
    Given,
    /// Unless it is empty (`omitempty`, `omitzero`).
    NotEmpty,
    /// Always; its zero value when it was not given.
    Always,
    /// Always; null when it was not given.
    AlwaysOrNull,
}

/// One field of a struct.
#[derive(Debug, Clone, Copy)]
pub struct Field<'t> {
    pub name: &'t str,
    pub shape: Shape<'t>,
    pub required: bool,
    /// OpenAPI's default, those that come from the Go type alone too (`""`, `0`, `{}`).
    pub default: Option<&'t Value>,
    /// Zero values vanish.
    pub omits_empty: bool,
    pub presence: Presence,
    /// Of a custom resource: null is a value of its own.
    pub nullable: bool,
    /// The only values it may have, or its elements; empty: any.
    pub values: &'t [&'static str],
    pub patch: PatchRule<'t>,
    /// The struct by which Go embeds the field here; empty for most.
    pub embedded: &'t str,
}

/// How a strategic merge patch treats a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PatchRule<'t> {
    /// Lists merge: by `merge_key`, or without one as sets.
    pub merge: bool,
    pub merge_key: Option<&'t str>,
    /// A patch may say which keys stay.
    pub retain_keys: bool,
    /// A map is replaced as a whole.
    pub replace: bool,
}

impl Table {
    /// The root of a kind's objects.
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Option<Shape<'_>> {
        self.shape(*self.kinds.get(&(group.into(), version.into(), kind.into()))?)
    }

    /// The root of the objects with this `apiVersion` and `kind`.
    pub fn object(&self, api_version: &str, kind: &str) -> Option<Shape<'_>> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        self.kind(group, version, kind)
    }

    /// A built-in type by the last two words of its package and its name: `meta.v1`, `ObjectMeta`.
    pub fn named(&self, package: &str, name: &str) -> Option<Shape<'_>> {
        self.shape(*self.names.get(&(package, name))?)
    }

    fn shape(&self, at: usize) -> Option<Shape<'_>> {
        self.types.get(at).map(|of| Shape { table: self, node: &of.node })
    }
}

impl<'t> Shape<'t> {
    /// What a value of this shape is made of.
    pub fn form(self) -> Form<'t> {
        match &self.node.kind {
            NodeKind::Scalar(scalar) => Form::Scalar(*scalar),
            NodeKind::Any => Form::Any,
            NodeKind::List(of) => Form::List(Shape { node: of, ..self }),
            NodeKind::Map(of) => Form::Map(Shape { node: of, ..self }),
            NodeKind::Type(_) | NodeKind::BuiltIn(_) => match self.body() {
                Some((table, Body::Alias(node))) => Shape { table, node }.form(),
                Some((_, Body::Struct { .. })) => Form::Struct,
                None => Form::Any,
            },
        }
    }

    /// The field of that name; only a struct has some.
    pub fn field(self, name: &str) -> Option<Field<'t>> {
        let (table, fields) = self.struct_fields()?;
        let at = fields.binary_search_by(|field| field.name.as_ref().cmp(name)).ok()?;
        fields.get(at).map(|field| field.seen(table))
    }

    /// All fields of a struct, by name.
    pub fn fields(self) -> impl Iterator<Item = Field<'t>> {
        let found = self.struct_fields();
        found.into_iter().flat_map(|(table, fields)| fields.iter().map(move |field| field.seen(table)))
    }

    /// What a field of a struct, or a value of a map, looks like.
    pub fn step(self, name: &str) -> Option<Shape<'t>> {
        match self.form() {
            Form::Struct => self.field(name).map(|field| field.shape),
            Form::Map(of) => Some(of),
            Form::Scalar(_) | Form::List(_) | Form::Any => None,
        }
    }

    /// What the elements of a list look like.
    pub fn element(self) -> Option<Shape<'t>> {
        if let Form::List(of) = self.form() { Some(of) } else { None }
    }

    /// What Go writes of such a value when nothing was given.
    pub fn zero(self) -> Value {
        match self.form() {
            Form::Struct => {
                let fields = self.fields().filter_map(|field| match field.presence {
                    Presence::Given | Presence::NotEmpty => None,
                    Presence::Always => Some((field.name.to_owned(), field.shape.zero())),
                    Presence::AlwaysOrNull => Some((field.name.to_owned(), Value::Null)),
                });
                Value::Object(fields.collect())
            }
            Form::Scalar(Scalar::String) => "".into(),
            Form::Scalar(Scalar::Quantity) => "0".into(),
            Form::Scalar(Scalar::Duration) => "0s".into(),
            Form::Scalar(Scalar::IntOrString | Scalar::Int32 | Scalar::Int64 | Scalar::Number) => 0.into(),
            Form::Scalar(Scalar::Bool) => false.into(),
            Form::Scalar(Scalar::Bytes | Scalar::Time | Scalar::MicroTime) | Form::List(_) | Form::Map(_) | Form::Any => Value::Null,
        }
    }

    /// How server-side apply merges this list.
    pub fn list_type(self) -> ListType<'t> {
        match &self.node.mark {
            Mark::None | Mark::Atomic | Mark::Granular => ListType::Atomic,
            Mark::Set => ListType::Set,
            Mark::Keys(keys) => ListType::Map(keys),
        }
    }

    /// Whether a struct or map is replaced as a whole.
    pub fn atomic(self) -> bool {
        match self.node.mark {
            Mark::Atomic => true,
            Mark::Granular => false,
            Mark::None | Mark::Set | Mark::Keys(_) => matches!(self.body(), Some((_, Body::Struct { atomic: true, .. }))),
        }
    }

    /// Whether a struct keeps fields it does not name (`x-kubernetes-preserve-unknown-fields`).
    pub fn open(self) -> bool {
        matches!(self.body(), Some((_, Body::Struct { open: true, .. })))
    }

    /// The mark that OpenAPI has for the list or map type here, if it says one; keys for `map`.
    pub fn mark(self) -> Option<(&'static str, &'t [String])> {
        match &self.node.mark {
            Mark::None => None,
            Mark::Atomic => Some(("atomic", &[])),
            Mark::Granular => Some(("granular", &[])),
            Mark::Set => Some(("set", &[])),
            Mark::Keys(keys) => Some(("map", keys)),
        }
    }

    /// The type itself, without what the field it was found at says of it.
    pub fn type_itself(self) -> Shape<'t> {
        self.named().map_or(self, |(table, of)| Shape { table, node: &of.node })
    }

    /// The group, version and kind of the objects of this type; several where groups share it.
    pub fn kinds(self) -> impl Iterator<Item = (&'t str, &'t str, &'t str)> {
        let head = self.named().and_then(|(_, of)| of.source.lines().next()).unwrap_or_default();
        head.split(' ').skip(2).filter_map(|word| {
            let (group, rest) = word.split_once('/')?;
            let (version, kind) = rest.split_once('/')?;
            Some((group, version, kind))
        })
    }

    /// OpenAPI's name of this type, where it has one: `io.k8s.api.apps.v1.DeploymentSpec`.
    pub fn type_name(self) -> Option<String> {
        let (_, of) = self.named()?;
        (!of.name.is_empty()).then(|| format!("{}.{}", of.package, of.name))
    }

    /// What Go calls this type in an error: `v1.DeploymentSpec`, `[]v1.Container`, `int32`.
    pub fn go_type(self) -> String {
        if !self.node.go.is_empty() {
            return self.node.go.to_owned();
        }
        if let Some((_, of)) = self.named() {
            let package = of.package.rsplit('.').next().unwrap_or_default();
            return format!("{package}.{}", of.name);
        }
        match self.form() {
            Form::List(of) => format!("[]{}", of.go_type()),
            Form::Map(of) => format!("map[string]{}", of.go_type()),
            Form::Scalar(Scalar::Bytes) => "[]uint8".to_owned(),
            Form::Scalar(Scalar::Int32) => "int32".to_owned(),
            Form::Scalar(Scalar::Int64) => "int64".to_owned(),
            Form::Scalar(Scalar::Number) => "float64".to_owned(),
            Form::Scalar(Scalar::Bool) => "bool".to_owned(),
            Form::Scalar(Scalar::String | Scalar::Time | Scalar::MicroTime | Scalar::Duration | Scalar::Quantity | Scalar::IntOrString)
            | Form::Struct
            | Form::Any => "string".to_owned(),
        }
    }

    /// This type's name in Go alone: `DeploymentSpec`.
    pub fn go_name(self) -> &'t str {
        self.named().map_or("", |(_, of)| of.name)
    }

    fn named(self) -> Option<(&'t Table, &'t Type)> {
        let (table, at) = match self.node.kind {
            NodeKind::Type(at) => (self.table, at),
            NodeKind::BuiltIn(at) => (Table::kubernetes(), at),
            NodeKind::Scalar(_) | NodeKind::Any | NodeKind::List(_) | NodeKind::Map(_) => return None,
        };
        table.types.get(at).map(|of| (table, of))
    }

    fn body(self) -> Option<(&'t Table, &'t Body)> {
        self.named().map(|(table, of)| (table, of.body.get_or_init(|| table.read_body(of))))
    }

    fn struct_fields(self) -> Option<(&'t Table, &'t [FieldNode])> {
        match self.body()? {
            (table, Body::Struct { fields, .. }) => Some((table, fields)),
            (_, Body::Alias(_)) => None,
        }
    }
}

impl FieldNode {
    fn seen<'t>(&'t self, table: &'t Table) -> Field<'t> {
        let PatchNode { merge, merge_key, retain_keys, replace } = self.patch;
        Field {
            name: &self.name,
            shape: Shape { table, node: &self.node },
            required: self.required,
            default: self.default.as_ref(),
            omits_empty: self.presence == Presence::NotEmpty,
            presence: self.presence,
            nullable: self.nullable,
            values: &self.values,
            patch: PatchRule { merge, merge_key, retain_keys, replace },
            embedded: self.embedded,
        }
    }
}

#[cfg(test)]
mod tests;
