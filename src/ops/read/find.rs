//! `aiops find`: the objects of a kind of which something is so, and the columns that say why each is among them.
//!
//! kubectl has no such line: its field selectors know a few fields of each kind. Conditions are typed ([`Condition`]); some look at a
//! second kind (who uses a service, what a pod uses now). What cannot be known is said, and never an empty list.

mod changed;
mod columns;
mod condition;
mod image;
mod rows;
mod used;
mod words;

pub use crate::ops::expression::Expression;
pub use columns::Show;
pub use condition::{Amount, Compare, Condition, Fact, Field, Measure, Of, Test, Unit};

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Program, Reply, Spec, Target, Verb,
    answer::{Found, Table},
    expression::{self, Budget},
    look::{self, controller, gathered, text},
    verb::kind_named,
};
use crate::terms::selector::LabelSelector;
use changed::Images;
use jiff::Timestamp;
use rows::{Beside, Holds, Row, quantity, rows};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};
use used::Users;

/// How many reasons are told why something is not known.
const REASONS: usize = 3;

/// Finds the objects of a kind that meet every condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// kind to look through
    pub kind: Kind,
    /// only these, by name
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector: app=web,tier!=db
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// conditions that all have to hold
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// columns to show beside those that the conditions are about
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<Show>,
    /// the measure that goes first where there is most of it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Measure>,
}

/// What is listed beside the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Second {
    /// Figures of use.
    Metrics(Kind),
    /// What can use the objects.
    User(Kind),
    /// What their owners belong to.
    Above(Kind),
    /// What their pods were made of, now and before.
    Revisions(Kind),
}

impl Second {
    fn kind(self) -> Kind {
        match self {
            Second::Metrics(kind) | Second::User(kind) | Second::Above(kind) | Second::Revisions(kind) => kind,
        }
    }
}

impl Find {
    /// All objects of a kind.
    pub fn all(kind: Kind) -> Find {
        Find {
            kind,
            names: Vec::new(),
            namespace: None,
            all_namespaces: false,
            selector: None,
            conditions: Vec::new(),
            show: Vec::new(),
            order: None,
        }
    }

    /// The columns, each once: those that say why, those that were asked for.
    fn columns(&self) -> Vec<Show> {
        let why = self.conditions.iter().flat_map(columns::why).chain(self.order.into_iter().flat_map(columns::of_measure));
        let mut all: Vec<Show> = Vec::new();
        for show in self.show.iter().copied().chain(why.copied()) {
            if !all.contains(&show) {
                all.push(show);
            }
        }
        all
    }

    /// Whether its rows are containers.
    fn by_container(&self) -> bool {
        self.conditions.iter().any(|c| c.test.of_a_container())
            || self.show.iter().any(|show| show.of_a_container())
            || self.order.is_some_and(|measure| measure.of() == Of::Containers)
    }

    /// Why it cannot be asked of this kind, if it cannot.
    ///
    /// # Errors
    /// A sentence naming the condition or the column.
    pub fn fits(&self) -> Result<(), String> {
        let kinds = |of: Of| match of {
            Of::Any => String::new(),
            Of::Containers => "pods and what has a pod template".to_string(),
            Of::Kinds(plurals) => plurals.join(", "),
        };
        let wrong = |what: String, of: Of| Err(format!("{what} can be asked of {}, not of {}", kinds(of), self.kind.plural()));
        for condition in &self.conditions {
            let of = condition.test.of();
            if !of.fits(self.kind) {
                return wrong(format!("{:?}", condition.to_string()), of);
            }
        }
        let order = self.order.map(|measure| (measure.word(), measure.of()));
        for (word, of) in self.show.iter().map(|show| (show.word(), show.of())).chain(order) {
            if !of.fits(self.kind) {
                return wrong(format!("{word:?}"), of);
            }
        }
        if !self.names.is_empty() && (self.selector.is_some() || self.all_namespaces) {
            return Err("a name cannot be joined with a selector or with every namespace".into());
        }
        if self.conditions.is_empty() && self.show.is_empty() && self.order.is_none() {
            return Err(format!("what of {}? a condition (--where), a column (--show) or an order is missing", self.kind.plural()));
        }
        Ok(())
    }

    fn seconds(&self) -> Vec<Second> {
        let columns = self.columns();
        let mut seconds = Vec::new();
        if columns.contains(&Show::Use) {
            let kind = if self.kind.is("nodes", "") { "nodes.metrics.k8s.io" } else { "pods.metrics.k8s.io" };
            seconds.push(Second::Metrics(Kind::built_in(kind)));
        }
        if columns.contains(&Show::ImageAge) {
            seconds.push(Second::Revisions(Kind::built_in("replicasets")));
        }
        if columns.contains(&Show::UsedBy) {
            seconds.extend(used::beside(self.kind).into_iter().map(Second::User));
        }
        if columns.contains(&Show::Owner) && self.kind.is("pods", "") {
            seconds.extend(["replicasets", "jobs"].map(|kind| Second::Above(Kind::built_in(kind))));
        }
        seconds
    }

    fn place_of(&self, kind: Kind) -> Option<&Namespace> {
        self.namespace.as_ref().filter(|_| kind.namespaced() && !self.all_namespaces)
    }

    fn named(&self) -> Result<Vec<Target>, CannotDo> {
        let place = self.place_of(self.kind).cloned();
        let one = |name: &Name| Target::new(self.kind, name.clone()).map(|target| target.in_namespace(place.clone()));
        self.names.iter().map(one).collect::<Result<_, _>>().map_err(|e| CannotDo::new(e.to_string(), ""))
    }
}

impl Verb for Find {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.kind.namespaced() && self.namespace.is_none() && !self.all_namespaces {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.named().unwrap_or_default()
    }
    fn title(&self) -> String {
        format!("find {}", words::whole(self))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.fits().map_err(|e| CannotDo::new(e, ""))?;
        let mut calls: Vec<Call> = self.named()?.iter().map(Call::get).collect();
        if calls.is_empty() {
            let list = Call::list(self.kind, self.place_of(self.kind));
            calls.push(list.with("labelSelector", self.selector.clone().unwrap_or_default()));
        }
        calls.extend(self.seconds().into_iter().map(|second| Call::list(second.kind(), self.place_of(second.kind()))));
        Ok(calls)
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::to(Self::PROGRAM, Self::VERB);
        argv = argv.place(if self.names.is_empty() { self.kind.plural() } else { self.kind.word() });
        argv = self.names.iter().fold(argv, Argv::place);
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
        argv = self.conditions.iter().fold(argv, |argv, condition| argv.flag("where", condition));
        argv = self.show.iter().fold(argv, |argv, show| argv.flag("show", show.word()));
        if let Some(measure) = self.order {
            argv = argv.flag("most", measure.word());
        }
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(self.namespace.as_ref()) }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let answers = gathered(calls, replies);
        let named = self.names.len().max(1);
        let mut objects: Vec<&Value> = Vec::new();
        for (call, answer) in calls.iter().zip(&answers).take(named) {
            match (answer, call.target()) {
                (Lookup::Known(object), Some(_)) => objects.push(object),
                (Lookup::Known(list), None) => objects.extend(look::items(list)),
                (Lookup::Missing, Some(target)) => return Err(CannotDo::missing(&target)),
                (Lookup::Missing, None) => return Err(CannotDo::new(format!("this cluster has no {}", call.said()), "")),
                (Lookup::NotChecked(why), _) => return Err(CannotDo::new(format!("{} could not be read: {why}", call.said()), "")),
            }
        }
        let beside = self.beside(answers.get(named..).unwrap_or_default(), now)?;
        Ok(Answer::Found(self.found(&objects, &beside)))
    }
}

impl Find {
    /// What the second kinds say.
    ///
    /// # Errors
    /// Where one of them could not be read: without it nobody can tell.
    fn beside(&self, answers: &[Lookup<Value>], now: Timestamp) -> Result<Beside, CannotDo> {
        let mut users: Vec<(Kind, &[Value])> = Vec::new();
        let mut beside = Beside {
            kind: self.kind,
            now,
            users: Users::default(),
            figures: BTreeMap::new(),
            owners: BTreeMap::new(),
            images: Images::default(),
            budget: Budget::default(),
        };
        let by_owner = self.conditions.iter().any(|condition| matches!(condition.test, Test::Reads(Field::Owner, _)));
        for (n, second) in self.seconds().into_iter().enumerate() {
            let items = match (answers.get(n), second) {
                (Some(Lookup::Known(list)), _) => look::items(list),
                // A cluster that does not serve a kind has none of it; figures are another matter.
                (Some(Lookup::Missing), Second::User(_) | Second::Above(_) | Second::Revisions(_)) => &[],
                (Some(Lookup::Missing), Second::Metrics(_)) => {
                    let hint = "metrics-server serves them: kubectl get apiservice v1beta1.metrics.k8s.io";
                    return Err(CannotDo::new("this cluster measures no use: metrics-server is not there", hint));
                }
                // What an owner belongs to is only more of the same answer.
                (Some(Lookup::NotChecked(_)), Second::Above(_)) if !by_owner => &[],
                (Some(Lookup::NotChecked(why)), _) => {
                    let sentence = format!("nobody can tell without the {}, and they could not be listed: {why}", second.kind().plural());
                    return Err(CannotDo::new(sentence, ""));
                }
                (None, _) => return Err(CannotDo::new(format!("the {} have not been listed", second.kind().plural()), "")),
            };
            match second {
                Second::User(kind) => users.push((kind, items)),
                Second::Metrics(_) => beside.figures.extend(items.iter().map(figures)),
                Second::Revisions(_) => beside.images = Images::of(items),
                Second::Above(kind) => beside.owners.extend(items.iter().filter_map(|object| above(kind, object))),
            }
        }
        beside.users = Users::of(self.kind, &users);
        Ok(beside)
    }

    fn found(&self, objects: &[&Value], beside: &Beside) -> Found {
        let (containers, columns) = (self.by_container(), self.columns());
        let probes = columns.iter().any(|show| matches!(show, Show::Liveness | Show::Readiness | Show::Startup));
        let mut kept: Vec<Row<'_>> = Vec::new();
        let mut unknown: BTreeMap<Cow<'static, str>, usize> = BTreeMap::new();
        for row in objects.iter().flat_map(|object| rows(self.kind, object, containers, probes)) {
            let held: Vec<Holds> = self.conditions.iter().map(|condition| beside.holds(condition, row)).collect();
            if held.iter().all(|one| *one == Holds::Yes) {
                kept.push(row);
            } else if !held.iter().any(|one| matches!(one, Holds::No | Holds::Apart))
                && let Some(why) = held.into_iter().find_map(Holds::why)
            {
                *unknown.entry(why).or_default() += 1;
            }
        }
        let by_name = |row: &Row<'_>| {
            let container = row.container.map_or("", |one| text(one, "/name"));
            (text(row.object, "/metadata/namespace").to_string(), text(row.object, "/metadata/name").to_string(), container.to_string())
        };
        kept.sort_by_key(|row| (std::cmp::Reverse(self.order.map(|measure| beside.amount(measure, *row))), by_name(row)));
        let mut heads: Vec<&str> = Vec::new();
        if self.all_namespaces && self.kind.namespaced() {
            heads.push("Namespace");
        }
        heads.push("Name");
        if containers {
            heads.push("Container");
        }
        heads.extend(columns.iter().flat_map(|show| show.heads()));
        let fields: Vec<String> = self.conditions.iter().flat_map(|condition| condition.test.fields()).collect();
        heads.extend(fields.iter().map(String::as_str));
        let mut cells: Vec<Vec<String>> = Vec::with_capacity(kept.len());
        for row in &kept {
            let (namespace, name, container) = by_name(row);
            let mut one = vec![name];
            if self.all_namespaces && self.kind.namespaced() {
                one.insert(0, namespace);
            }
            if containers {
                one.push(container);
            }
            one.extend(columns.iter().flat_map(|show| show.cells(*row, beside)));
            one.extend(fields.iter().map(|field| expression::cell(row.object, field, self.kind.is("secrets", ""))));
            cells.extend(one_a_line(&one));
        }
        let mut notes: Vec<String> = unknown.iter().take(REASONS).map(|(why, n)| format!("of {n} more it is not known: {why}")).collect();
        if unknown.len() > REASONS {
            let n: usize = unknown.values().skip(REASONS).sum();
            notes.push(format!("of {n} more it is not known, for other reasons"));
        }
        let apart = self.conditions.iter().any(|condition| condition.test == Test::Is(Fact::Used));
        if apart {
            notes.extend(used::left_aside(&beside.users, self.kind, objects));
        }
        if columns.contains(&Show::Env) {
            notes.push("values that are written out are not shown, nor are those of Secrets".into());
        }
        Found {
            asked: words::whole(self),
            of: objects.len(),
            table: Table { title: self.kind.plural().into_owned(), columns: heads.into_iter().map(String::from).collect(), rows: cells },
            notes,
        }
    }
}

/// A row for each line of a cell that has several.
fn one_a_line(cells: &[String]) -> Vec<Vec<String>> {
    let Some((at, several)) = cells.iter().enumerate().find(|(_, cell)| cell.contains('\n')) else { return vec![cells.to_vec()] };
    let with = |line: &str| {
        let mut row = cells.to_vec();
        row[at] = line.to_string();
        row
    };
    several.lines().map(with).collect()
}

/// Namespace and name of what was measured, and what it uses.
fn figures(measured: &Value) -> ((String, String), [i128; 2]) {
    let key = (text(measured, "/metadata/namespace").to_string(), text(measured, "/metadata/name").to_string());
    let of = |usage: &Value| ["cpu", "memory"].map(|what| quantity(&usage[what]).unwrap_or(0));
    let containers = look::list(measured, "/containers").iter().map(|c| of(&c["usage"]));
    let own = of(&measured["usage"]);
    (key, containers.fold(own, |all, one| [all[0].saturating_add(one[0]), all[1].saturating_add(one[1])]))
}

/// What a replica set or a job belongs to.
fn above(kind: Kind, object: &Value) -> Option<((String, String, String), String)> {
    let owner = controller(object)?;
    let namespace = text(object, "/metadata/namespace").to_string();
    let key = (namespace, kind.info().kind.to_string(), text(object, "/metadata/name").to_string());
    Some((key, format!("{} {}", text(owner, "/kind"), text(owner, "/name"))))
}

impl Spec for Find {
    const NAME: &'static str = "find";
    const PROGRAM: Program = Program::Aiops;
    const VERB: &'static [&'static str] = &["find"];
    const ABOUT: &'static str = "Find the objects of a kind that meet conditions (limits, probes, images, restarts, age, use, what nothing uses), with the columns that say why; or show such columns of some.";
    const EXAMPLE: &'static str = "aiops find deployments --where='not memory-limit'";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("where"), Flag::value("show"), Flag::value("most"), Flag::value("selector").short('l')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let mut words = argv.places.iter().flat_map(|word| word.split('/'));
        let kind = words.next().ok_or_else(|| Misuse::says("aiops find: which kind? for example: aiops find pods --where='restarts>2'"))?;
        let selector = argv.get("selector").map(|s| s.parse::<LabelSelector>().map(|_| s.to_string())).transpose();
        let says = |flag: &'static str| move |e: String| Misuse::Says(format!("--{flag}: {e}"));
        let kind = kind_named(kind)?;
        let find = Find {
            kind,
            names: words.map(Name::new).collect::<Result<_, _>>()?,
            namespace: argv.named_namespace()?.filter(|_| kind.namespaced()),
            all_namespaces: argv.on("all-namespaces") && kind.namespaced(),
            selector: selector.map_err(|e| Misuse::Says(format!("--selector: {e}")))?,
            conditions: argv.all("where").map(str::parse).collect::<Result<_, _>>().map_err(says("where"))?,
            show: argv.all("show").flat_map(|all| all.split(',')).map(str::parse).collect::<Result<_, _>>().map_err(says("show"))?,
            order: argv.get("most").map(str::parse).transpose().map_err(says("most"))?,
        };
        find.fits().map_err(|e| Misuse::Says(format!("aiops find: {e}")))?;
        Ok(find)
    }
}

#[cfg(test)]
mod tests;
