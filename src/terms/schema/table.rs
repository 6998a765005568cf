//! Reading `kubernetes.txt`. Its head says how its lines are made.
use super::{Body, FieldNode, Mark, Node, NodeKind, PatchNode, Presence, Scalar, Table, Type};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

static KUBERNETES: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("kubernetes.txt")));

impl Table {
    /// The built-in types of Kubernetes 1.36.
    pub fn kubernetes() -> &'static Table {
        &KUBERNETES
    }

    /// Finds where each type stands; what it says is read later.
    pub(super) fn read(text: &'static str) -> Table {
        let mut table = Table { types: Vec::with_capacity(600), names: HashMap::with_capacity(600), kinds: HashMap::with_capacity(200) };
        let (mut package, mut from, mut at) = ("", 0, 0);
        for line in text.split_inclusive('\n') {
            let (began, head) = (at, line.trim_end());
            at += line.len();
            match (head.strip_prefix("type "), head.strip_prefix("package ")) {
                (Some(head), _) => {
                    table.end(text.get(from..began));
                    from = began;
                    table.begin(package, head);
                }
                (_, Some(name)) => {
                    table.end(text.get(from..began));
                    from = at;
                    package = name;
                }
                (None, None) => {}
            }
        }
        table.end(text.get(from..));
        table
    }

    fn begin(&mut self, package: &'static str, head: &'static str) {
        let at = self.types.len();
        let mut words = head.split(' ');
        let name = words.next().unwrap_or_default();
        for mut kind in words.map(|word| word.splitn(3, '/')) {
            if let (Some(group), Some(version), Some(kind)) = (kind.next(), kind.next(), kind.next()) {
                self.kinds.insert((group.into(), version.into(), kind.into()), at);
            }
        }
        self.names.insert((last_two(package), name), at);
        let node = Node { kind: NodeKind::Type(at), mark: Mark::None, go: "" };
        self.types.push(Type { package, name, source: "", body: OnceLock::new(), node });
    }

    fn end(&mut self, source: Option<&'static str>) {
        if let (Some(last), Some(source)) = (self.types.last_mut().filter(|last| last.source.is_empty()), source) {
            last.source = source;
        }
    }

    pub(super) fn read_body(&self, of: &Type) -> Body {
        let mut lines = of.source.lines();
        let head = lines.next().unwrap_or_default();
        if let Some((_, shape)) = head.split_once(" = ") {
            let node = self.node(of.package, shape);
            // An alias of a type could come round to itself; no line of the table is one.
            let any = matches!(node.kind, NodeKind::Type(_));
            return Body::Alias(if any { Node { kind: NodeKind::Any, ..node } } else { node });
        }
        let mut fields: Vec<FieldNode> = lines.filter_map(|line| self.field(of.package, line.strip_prefix(' ')?)).collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        Body::Struct { fields, atomic: head.ends_with(" atomic"), open: false }
    }

    fn field(&self, package: &str, line: &'static str) -> Option<FieldNode> {
        let (line, default) = line.split_once(" default ").map_or((line, None), |(line, default)| (line, Some(default)));
        let (line, values) = line.split_once(" |").map_or((line, Vec::new()), |(line, values)| (line, values.split('|').collect()));
        let mut words = line.split(' ');
        let (name, shape) = (words.next()?, words.next()?);
        let (presence, shape) = match shape.split_at_checked(1)? {
            ("~", rest) => (Presence::NotEmpty, rest),
            ("=", rest) => (Presence::Always, rest),
            ("?", rest) => (Presence::AlwaysOrNull, rest),
            _ => (Presence::Given, shape),
        };
        let mut node = self.node(package, shape);
        let (mut required, mut patch, mut embedded) = (false, PatchNode::default(), "");
        for word in words {
            let of = |key: &str| word.strip_prefix(key)?.strip_suffix(')');
            match word {
                "!" => required = true,
                "set" => node.mark = Mark::Set,
                "atomic" => node.mark = Mark::Atomic,
                "granular" => node.mark = Mark::Granular,
                "merge" => patch.merge = true,
                "replace" => patch.replace = true,
                "retainKeys" => patch.retain_keys = true,
                word if word.starts_with('<') => embedded = word.trim_start_matches('<'),
                _ => match (of("map("), of("merge(")) {
                    (Some(keys), _) => node.mark = Mark::Keys(keys.split(',').map(str::to_owned).collect()),
                    (_, key) => patch = PatchNode { merge: true, merge_key: key, ..patch },
                },
            }
        }
        let default = match default {
            Some(value) => serde_json::from_str(value).ok(),
            None => self.zero(&node, presence),
        };
        Some(FieldNode { name: name.into(), node, required, default, presence, nullable: false, values, patch, embedded })
    }

    /// The default that OpenAPI documents give because of the Go type alone.
    fn zero(&self, node: &Node, presence: Presence) -> Option<Value> {
        match (presence, &node.kind) {
            (Presence::Given | Presence::AlwaysOrNull, _) => None,
            (_, NodeKind::Type(at)) => self.types.get(*at).filter(|of| of.is_struct()).map(|_| json!({})),
            (Presence::Always, NodeKind::Scalar(scalar)) => match scalar {
                Scalar::String => Some("".into()),
                Scalar::Int32 | Scalar::Int64 | Scalar::Number => Some(0.into()),
                Scalar::Bool => Some(false.into()),
                Scalar::Bytes | Scalar::Time | Scalar::MicroTime | Scalar::Duration | Scalar::Quantity | Scalar::IntOrString => None,
            },
            (Presence::NotEmpty | Presence::Always, _) => None,
        }
    }

    fn node(&self, package: &str, shape: &'static str) -> Node {
        if let Some((inner, go)) = inside(shape, '[', ']') {
            return Node { kind: NodeKind::List(Box::new(self.node(package, inner))), mark: Mark::None, go };
        }
        if let Some((inner, go)) = inside(shape, '{', '}') {
            return Node { kind: NodeKind::Map(Box::new(self.node(package, inner))), mark: Mark::None, go };
        }
        let (word, go) = shape.split_once(':').unwrap_or((shape, ""));
        let kind = match word {
            "string" => NodeKind::Scalar(Scalar::String),
            "bytes" => NodeKind::Scalar(Scalar::Bytes),
            "time" => NodeKind::Scalar(Scalar::Time),
            "microtime" => NodeKind::Scalar(Scalar::MicroTime),
            "duration" => NodeKind::Scalar(Scalar::Duration),
            "quantity" => NodeKind::Scalar(Scalar::Quantity),
            "intorstring" => NodeKind::Scalar(Scalar::IntOrString),
            "int32" => NodeKind::Scalar(Scalar::Int32),
            "int64" => NodeKind::Scalar(Scalar::Int64),
            "number" => NodeKind::Scalar(Scalar::Number),
            "bool" => NodeKind::Scalar(Scalar::Bool),
            "any" => NodeKind::Any,
            name => {
                let (package, name) = name.rsplit_once('.').unwrap_or((last_two(package), name));
                self.names.get(&(package, name)).map_or(NodeKind::Any, |at| NodeKind::Type(*at))
            }
        };
        Node { kind, mark: Mark::None, go }
    }
}

impl Type {
    pub(super) fn is_struct(&self) -> bool {
        !self.source.lines().next().unwrap_or_default().contains(" = ")
    }
}

/// What stands between the brackets, and the name in Go after them.
fn inside(shape: &'static str, open: char, close: char) -> Option<(&'static str, &'static str)> {
    let (inner, rest) = shape.strip_prefix(open)?.rsplit_once(close)?;
    Some((inner, rest.strip_prefix(':').unwrap_or_default()))
}

/// `core.v1` of `io.k8s.api.core.v1`.
fn last_two(package: &str) -> &str {
    package.rmatch_indices('.').nth(1).map_or(package, |(at, _)| package.get(at + 1..).unwrap_or_default())
}
