//! What can be asked of an object: closed sets of facts, measures and texts, each with its word, and one condition made of them.
//!
//! A condition is written `[not ]fact`, `measure>value` (`>=`, `<`, `<=`, `=`) or `text=value`: `not memory-limit`, `restarts>2`, `tag=latest`;
//! or as an expression over the object's own fields: `spec.replicas < 2`.

use super::Expression;
use crate::ops::Kind;
use crate::terms::{duration::GoDuration, quantity::Quantity};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

/// Makes an enum of which every variant has one word, and lists them all.
macro_rules! words {
    ($(#[$about:meta])* $Type:ident, $none:literal: $($(#[$one:meta])* $Variant:ident = $word:literal),* $(,)?) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $Type { $($(#[$one])* #[serde(rename = $word)] $Variant),* }
        impl $Type {
            /// Every one.
            pub const ALL: &'static [$Type] = &[$($Type::$Variant),*];
            /// Its word.
            pub fn word(self) -> &'static str {
                match self { $($Type::$Variant => $word),* }
            }
        }
        impl FromStr for $Type {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().copied().find(|one| one.word() == word);
                found.ok_or_else(|| format!("{word:?} is no {}: {}", $none, Self::ALL.iter().map(|one| one.word()).collect::<Vec<_>>().join(", ")))
            }
        }
    };
}
pub(super) use words;

words! {
    /// What is so or is not.
    Fact, "fact":
    /// Both a cpu and a memory limit.
    Limits = "limits",
    /// A cpu limit.
    CpuLimit = "cpu-limit",
    /// A memory limit.
    MemoryLimit = "memory-limit",
    /// Both a cpu and a memory request.
    Requests = "requests",
    /// A cpu request.
    CpuRequest = "cpu-request",
    /// A memory request.
    MemoryRequest = "memory-request",
    /// A liveness probe.
    Liveness = "liveness-probe",
    /// A readiness probe.
    Readiness = "readiness-probe",
    /// A startup probe.
    Startup = "startup-probe",
    /// It has the node's rights.
    Privileged = "privileged",
    /// It runs as user 0, or nothing but its image says as whom.
    Root = "root",
    /// Its root file system can be written to.
    Writable = "writable-root",
    /// Its image's tag is latest, or there is none.
    Latest = "latest",
    /// Its image is fixed by a digest.
    Digest = "digest",
    /// It is in the node's own network.
    HostNetwork = "host-network",
    /// As ready as it should be.
    Ready = "ready",
    /// It ended, and not well.
    Failed = "failed",
    /// It ended as it should.
    Completed = "completed",
    /// A cron job that starts no jobs for now.
    Suspended = "suspended",
    /// Something of the cluster names it, or it selects something.
    Used = "used",
}

words! {
    /// What can be counted.
    Measure, "measure":
    /// How often its containers were started anew.
    Restarts = "restarts",
    /// How long it has been there.
    Age = "age",
    /// How many pods are wanted.
    Replicas = "replicas",
    /// Cores a node has.
    Cpus = "cpus",
    /// Memory a node has.
    Memory = "memory",
    /// Cores in use, by the metrics API.
    CpuUse = "cpu-use",
    /// Memory in use, by the metrics API.
    MemoryUse = "memory-use",
    /// The cpu limit of a container.
    LimitOfCpu = "limits.cpu",
    /// The memory limit of a container.
    LimitOfMemory = "limits.memory",
    /// The cpu request of a container.
    RequestOfCpu = "requests.cpu",
    /// The memory request of a container.
    RequestOfMemory = "requests.memory",
    /// How long ago its pods' image was changed.
    ImageAge = "image-age",
}

words! {
    /// What has a text.
    Field, "field":
    /// The image of a container: whole, without its tag, or its last name.
    Image = "image",
    /// Where a container's image comes from, with as much of the path as is said.
    Registry = "registry",
    /// The tag of a container's image.
    Tag = "tag",
    /// The node a pod is on.
    Node = "node",
    /// The phase: Running, Pending, Bound.
    Phase = "phase",
    /// The kind of what it belongs to, directly or not: daemonset.
    Owner = "owner",
}

/// How a measure is held against a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compare {
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
}

impl Compare {
    /// Every one, the longer signs first.
    pub const ALL: &'static [Compare] = &[Compare::AtLeast, Compare::AtMost, Compare::More, Compare::Less, Compare::Equal];

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Compare::More => ">",
            Compare::AtLeast => ">=",
            Compare::Less => "<",
            Compare::AtMost => "<=",
            Compare::Equal => "=",
        }
    }

    /// Whether it holds between the two.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Compare::More => left > right,
            Compare::AtLeast => left >= right,
            Compare::Less => left < right,
            Compare::AtMost => left <= right,
            Compare::Equal => left == right,
        }
    }
}

/// In what a measure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole numbers.
    Count,
    /// Lengths of time; days and weeks too.
    Time,
    /// Kubernetes' quantities.
    Quantity,
}

impl Measure {
    /// In what it is counted.
    pub fn unit(self) -> Unit {
        match self {
            Measure::Restarts | Measure::Replicas => Unit::Count,
            Measure::Age | Measure::ImageAge => Unit::Time,
            Measure::Cpus
            | Measure::Memory
            | Measure::CpuUse
            | Measure::MemoryUse
            | Measure::LimitOfCpu
            | Measure::LimitOfMemory
            | Measure::RequestOfCpu
            | Measure::RequestOfMemory => Unit::Quantity,
        }
    }
}

/// A value as it was written, and what it comes to: billionths of a quantity, seconds, or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    text: String,
    pub(super) value: i128,
}

impl Amount {
    /// Reads a value of that unit.
    ///
    /// # Errors
    /// A sentence with an example.
    pub fn new(unit: Unit, text: &str) -> Result<Amount, String> {
        let value = match unit {
            Unit::Count => text.parse::<u32>().map(i128::from).map_err(|_| format!("{text:?} is no whole number")),
            Unit::Time => seconds(text).map(i128::from).ok_or_else(|| format!("{text:?} is no length of time (try 30m, 12h, 7d)")),
            Unit::Quantity => {
                let quantity = text.parse::<Quantity>().map_err(|_| format!("{text:?} is no quantity (try 500m, 2, 512Mi)"));
                quantity.map(Quantity::nanos).and_then(|n| if n < 0 { Err(format!("{text:?} is less than nothing")) } else { Ok(n) })
            }
        };
        Ok(Amount { text: text.to_string(), value: value? })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// `90s`, `1h30m`, `7d`, `2w` in seconds: Go's durations, and days and weeks, which they do not know.
fn seconds(text: &str) -> Option<i64> {
    let of = |days: i64, number: &str| number.parse::<u32>().ok().map(|n| i64::from(n) * days * 86_400);
    if let Some(number) = text.strip_suffix('d') {
        return of(1, number);
    }
    if let Some(number) = text.strip_suffix('w') {
        return of(7, number);
    }
    text.parse::<GoDuration>().ok().map(GoDuration::secs).filter(|n| *n >= 0)
}

/// What is asked of an object, without its `not`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// That something is so.
    Is(Fact),
    /// That there is so much of something.
    Measures(Measure, Compare, Amount),
    /// That a text is this one.
    Reads(Field, String),
    /// That an expression holds; what it denies it denies itself.
    Meets(Expression),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// Whether it shall not be so.
    pub not: bool,
    /// What is asked.
    pub test: Test,
}

impl Condition {
    /// That it is so.
    pub fn is(fact: Fact) -> Condition {
        Condition { not: false, test: Test::Is(fact) }
    }
    /// That it is not so.
    pub fn is_not(fact: Fact) -> Condition {
        Condition { not: true, test: Test::Is(fact) }
    }
    /// That there is so much of it.
    ///
    /// # Errors
    /// A sentence where the value is none.
    pub fn measures(measure: Measure, compare: Compare, value: &str) -> Result<Condition, String> {
        Ok(Condition { not: false, test: Test::Measures(measure, compare, Amount::new(measure.unit(), value)?) })
    }
    /// That a text is this one.
    ///
    /// # Errors
    /// A sentence where it can be none.
    pub fn reads(field: Field, value: &str) -> Result<Condition, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
        if value.is_empty() || value.len() > 253 || !value.chars().all(plain) {
            return Err(format!("{value:?} is no {}", field.word()));
        }
        // A kind has many names, and one that is printed.
        if field == Field::Owner {
            let kind = Kind::find(value).ok_or_else(|| format!("{value:?} is no kind that anything belongs to"))?;
            return Ok(Condition { not: false, test: Test::Reads(field, kind.word().into_owned()) });
        }
        Ok(Condition { not: false, test: Test::Reads(field, value.to_string()) })
    }
    /// That an expression holds.
    pub fn meets(expression: Expression) -> Condition {
        Condition { not: false, test: Test::Meets(expression) }
    }
}

impl FromStr for Condition {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        typed(text.trim()).or_else(|why| match text.parse::<Expression>() {
            Ok(expression) => Ok(Condition::meets(expression)),
            Err(of_the_expression) => Err(if Expression::is_meant(text) { of_the_expression } else { why }),
        })
    }
}

/// A condition of the closed sets.
fn typed(text: &str) -> Result<Condition, String> {
    let (not, rest) = match text.strip_prefix("not ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let end = rest.find(['<', '>', '=']).unwrap_or(rest.len());
    let (word, behind) = (rest[..end].trim(), &rest[end..]);
    if behind.is_empty() {
        return Ok(Condition { not, test: Test::Is(word.parse()?) });
    }
    let sign = Compare::ALL.iter().copied().find(|sign| behind.starts_with(sign.sign()));
    let sign = sign.ok_or_else(|| format!("{text:?} is no condition"))?;
    let value = behind[sign.sign().len()..].trim();
    let test = match (word.parse::<Field>(), sign) {
        (Ok(field), Compare::Equal) => Condition::reads(field, value)?.test,
        (Ok(field), _) => return Err(format!("{}: only = goes with it", field.word())),
        (Err(_), sign) => Condition::measures(word.parse()?, sign, value)?.test,
    };
    Ok(Condition { not, test })
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.test {
            Test::Meets(expression) if self.not => return write!(f, "!({expression})"),
            Test::Meets(expression) => return write!(f, "{expression}"),
            Test::Is(_) | Test::Measures(..) | Test::Reads(..) if self.not => f.write_str("not ")?,
            Test::Is(_) | Test::Measures(..) | Test::Reads(..) => {}
        }
        match &self.test {
            Test::Is(fact) => f.write_str(fact.word()),
            Test::Measures(measure, compare, amount) => write!(f, "{}{}{}", measure.word(), compare.sign(), amount.text()),
            Test::Reads(field, value) => write!(f, "{}={value}", field.word()),
            Test::Meets(_) => Ok(()),
        }
    }
}

impl TryFrom<String> for Condition {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> String {
        condition.to_string()
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list = |words: Vec<&str>| words.join(", ");
        let about = format!(
            "a fact ({}), a measure held against a value ({}; restarts>2, age>=7d, memory-use>500Mi) or a text ({}; image=nginx); `not ` before it denies it; or a CEL expression over the fields of one object (spec.replicas < 2; \
             spec.containers.exists(c, !has(c.resources.limits)); quantity(x) and seconds(time stamp) give numbers)",
            list(Fact::ALL.iter().map(|one| one.word()).collect()),
            list(Measure::ALL.iter().map(|one| one.word()).collect()),
            list(Field::ALL.iter().map(|one| one.word()).collect()),
        );
        json_schema!({"type": "string", "description": about, "examples": ["not memory-limit", "restarts>2", "tag=latest", "spec.replicas < 2"]})
    }
}

/// Which objects a question makes sense for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Whatever is there.
    Any,
    /// What has containers: pods, workloads, jobs, cron jobs.
    Containers,
    /// These kinds, by their plurals.
    Kinds(&'static [&'static str]),
}

impl Of {
    /// Whether that kind is one of them.
    pub fn fits(self, kind: Kind) -> bool {
        match self {
            Of::Any => true,
            Of::Containers => crate::ops::template::path(kind).is_some(),
            Of::Kinds(plurals) => {
                kind.is_built_in() && plurals.iter().any(|plural| kind.info().plural == *plural && !kind.info().group.contains("metrics"))
            }
        }
    }
}

impl Test {
    /// Which objects it makes sense for.
    pub fn of(&self) -> Of {
        match self {
            Test::Is(fact) => match fact {
                Fact::Limits
                | Fact::CpuLimit
                | Fact::MemoryLimit
                | Fact::Requests
                | Fact::CpuRequest
                | Fact::MemoryRequest
                | Fact::Liveness
                | Fact::Readiness
                | Fact::Startup
                | Fact::Privileged
                | Fact::Root
                | Fact::Writable
                | Fact::Latest
                | Fact::Digest
                | Fact::HostNetwork => Of::Containers,
                Fact::Ready => Of::Kinds(&["pods", "nodes", "deployments", "statefulsets", "daemonsets", "replicasets"]),
                Fact::Failed | Fact::Completed => Of::Kinds(&["jobs", "pods"]),
                Fact::Suspended => Of::Kinds(&["cronjobs", "jobs"]),
                Fact::Used => Of::Kinds(&["services", "secrets", "configmaps", "persistentvolumeclaims", "serviceaccounts"]),
            },
            Test::Measures(measure, ..) => measure.of(),
            Test::Reads(field, _) => match field {
                Field::Image | Field::Registry | Field::Tag => Of::Containers,
                Field::Node => Of::Kinds(&["pods"]),
                Field::Owner => Of::Kinds(&["pods", "replicasets", "jobs"]),
                Field::Phase => Of::Kinds(&["pods", "namespaces", "persistentvolumes", "persistentvolumeclaims"]),
            },
            Test::Meets(_) => Of::Any,
        }
    }

    /// The object's own fields that it looks at, each a column.
    pub(super) fn fields(&self) -> Vec<String> {
        match self {
            Test::Meets(expression) => expression.fields(),
            Test::Is(_) | Test::Measures(..) | Test::Reads(..) => Vec::new(),
        }
    }

    /// Whether each container has an answer of its own.
    pub fn of_a_container(&self) -> bool {
        match self {
            Test::Is(fact) => self.of() == Of::Containers && *fact != Fact::HostNetwork,
            Test::Measures(measure, ..) => measure.of() == Of::Containers,
            Test::Reads(field, _) => matches!(field, Field::Image | Field::Registry | Field::Tag),
            Test::Meets(_) => false,
        }
    }
}

impl Measure {
    /// Which objects have it.
    pub fn of(self) -> Of {
        match self {
            Measure::Restarts => Of::Kinds(&["pods"]),
            Measure::Age => Of::Any,
            Measure::Replicas => Of::Kinds(&["deployments", "statefulsets", "replicasets", "replicationcontrollers"]),
            Measure::ImageAge => Of::Kinds(&["deployments"]),
            Measure::Cpus | Measure::Memory => Of::Kinds(&["nodes"]),
            Measure::CpuUse | Measure::MemoryUse => Of::Kinds(&["pods", "nodes"]),
            Measure::LimitOfCpu | Measure::LimitOfMemory | Measure::RequestOfCpu | Measure::RequestOfMemory => Of::Containers,
        }
    }
}
