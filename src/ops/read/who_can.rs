//! `aiops who-can`: which users, groups and service accounts the roles of the cluster let do something. kubectl only asks of oneself (`auth can-i`).
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>; how a rule is held against a request:
//! `plugin/pkg/auth/authorizer/rbac/rbac.go`, `RuleAllows`.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Program, Reply, Spec, Target, Verb,
    answer::{Found, Table},
    look::{self, gathered, list, text},
    verb::kind_named,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows who may do something by the cluster's roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhoCan {
    /// what shall be done: get, list, watch, create, update, patch, delete, deletecollection, …
    pub verb: String,
    /// kind of object it shall be done to
    pub kind: Kind,
    /// one object of it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// a part of it: exec, log, scale
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<String>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// in any namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
}

/// Words of letters, as the verbs and parts of the API are.
fn word(said: &str, what: &str) -> Result<String, String> {
    let low = said.to_ascii_lowercase();
    let legal = !low.is_empty() && low.len() <= 40 && low.bytes().all(|b| b.is_ascii_lowercase());
    if legal { Ok(low) } else { Err(format!("{said:?} is no {what}")) }
}

impl WhoCan {
    fn kinds(&self) -> &'static [&'static str] {
        match self.kind.namespaced() {
            true => &["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
            false => &["clusterrolebindings", "clusterroles"],
        }
    }

    fn resource(&self) -> String {
        let plural = self.kind.info().plural;
        self.subresource.as_ref().map_or_else(|| plural.to_string(), |part| format!("{plural}/{part}"))
    }

    fn asked(&self) -> String {
        let what = match (&self.name, &self.subresource) {
            (None, None) => self.kind.plural().into_owned(),
            (None, Some(part)) => format!("{}/{part}", self.kind.plural()),
            (Some(name), None) => format!("{} {name}", self.kind.word()),
            (Some(name), Some(part)) => format!("{}/{part} {name}", self.kind.plural()),
        };
        let place = match (&self.namespace, self.all_namespaces) {
            _ if !self.kind.namespaced() => String::new(),
            (_, true) => " in any namespace".into(),
            (Some(namespace), false) => format!(" in namespace {namespace}"),
            (None, false) => String::new(),
        };
        format!("who can {} {what}{place}", self.verb)
    }

    /// Whether a rule lets it be done; to these objects alone, where it names some.
    fn allowed<'a>(&self, rule: &'a Value) -> Option<Vec<&'a str>> {
        let has = |field: &str, wanted: &[&str]| {
            list(rule, field).iter().filter_map(Value::as_str).any(|one| one == "*" || wanted.contains(&one))
        };
        let resource = self.resource();
        let any_part = self.subresource.as_ref().map(|part| format!("*/{part}"));
        let resources: Vec<&str> = [Some(resource.as_str()), any_part.as_deref()].into_iter().flatten().collect();
        if !(has("/verbs", &[&self.verb]) && has("/apiGroups", &[self.kind.info().group]) && has("/resources", &resources)) {
            return None;
        }
        let only: Vec<&str> = list(rule, "/resourceNames").iter().filter_map(Value::as_str).collect();
        match &self.name {
            Some(name) if !only.is_empty() && !only.contains(&name.as_str()) => None,
            Some(_) | None => Some(only),
        }
    }
}

impl Verb for WhoCan {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.kind.namespaced() && self.namespace.is_none() && !self.all_namespaces {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        self.asked()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        for (said, what) in [(Some(&self.verb), "verb"), (self.subresource.as_ref(), "part of an object")] {
            said.filter(|said| *said != "*").map(|said| word(said, what)).transpose().map_err(|e| CannotDo::new(e, ""))?;
        }
        let place = self.namespace.as_ref().filter(|_| !self.all_namespaces);
        let one = |word: &&'static str| {
            let kind = Kind::built_in(word);
            Call::list(kind, place.filter(|_| kind.namespaced()))
        };
        Ok(self.kinds().iter().map(one).collect())
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::to(Self::PROGRAM, Self::VERB).place(&self.verb).place(self.kind.plural());
        if let Some(name) = &self.name {
            argv = argv.place(name);
        }
        if let Some(part) = &self.subresource {
            argv = argv.flag("subresource", part);
        }
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(self.namespace.as_ref()) }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let answers = gathered(calls, replies);
        let mut lists: Vec<&[Value]> = Vec::new();
        for (n, word) in self.kinds().iter().enumerate() {
            match answers.get(n) {
                Some(Lookup::Known(list)) => lists.push(look::items(list)),
                Some(Lookup::Missing) => lists.push(&[]),
                Some(Lookup::NotChecked(why)) => {
                    return Err(CannotDo::new(
                        format!("nobody can tell without the {word}, and they could not be listed: {why}"),
                        "kubectl auth can-i asks for yourself alone",
                    ));
                }
                None => return Err(CannotDo::new(format!("the {word} have not been listed"), "")),
            }
        }
        let of = |n: usize| lists.get(n).copied().unwrap_or_default();
        let roles = [("ClusterRole", of(1)), ("Role", of(3))];
        let mut rows = Vec::new();
        for binding in of(0).iter().chain(of(2)) {
            rows.extend(self.rows(binding, &roles));
        }
        rows.sort();
        rows.dedup();
        let columns = ["Kind", "Subject", "Where", "Only", "Binding", "Role"].map(String::from).to_vec();
        let table = Table { title: "subjects".into(), columns, rows };
        let notes = vec![
            "by the cluster's roles: members of the group system:masters may do everything, and other authorizers are not asked".into(),
        ];
        Ok(Answer::Found(Found { asked: self.asked(), of: of(0).len() + of(2).len(), table, notes }))
    }
}

impl WhoCan {
    /// One row a subject of a binding whose role lets it be done.
    fn rows(&self, binding: &Value, roles: &[(&str, &[Value]); 2]) -> Vec<Vec<String>> {
        let namespace = text(binding, "/metadata/namespace");
        let (sort, name) = (text(binding, "/roleRef/kind"), text(binding, "/roleRef/name"));
        let of_binding = |role: &&Value| {
            text(role, "/metadata/name") == name && (sort == "ClusterRole" || text(role, "/metadata/namespace") == namespace)
        };
        let Some(role) = roles.iter().find(|(kind, _)| *kind == sort).and_then(|(_, all)| all.iter().find(of_binding)) else {
            return Vec::new();
        };
        let allowed: Vec<Vec<&str>> = list(role, "/rules").iter().filter_map(|rule| self.allowed(rule)).collect();
        if allowed.is_empty() {
            return Vec::new();
        }
        // One rule without names lets it be done to all of them.
        let only = if allowed.iter().any(Vec::is_empty) { String::new() } else { allowed.concat().join(",") };
        let place = match (namespace.is_empty(), self.kind.namespaced()) {
            (false, _) => namespace.to_string(),
            (true, true) => "every namespace".into(),
            (true, false) => "the cluster".into(),
        };
        let through = if namespace.is_empty() { "clusterrolebinding" } else { "rolebinding" };
        let subject = |one: &Value| {
            let of = text(one, "/namespace");
            let name = text(one, "/name");
            let named = if text(one, "/kind") == "ServiceAccount" {
                format!("{}:{name}", if of.is_empty() { namespace } else { of })
            } else {
                name.to_string()
            };
            vec![
                text(one, "/kind").to_string(),
                named,
                place.clone(),
                if only.is_empty() { "all".into() } else { only.clone() },
                format!("{through}/{}", text(binding, "/metadata/name")),
                format!("{}/{name_of_role}", sort.to_ascii_lowercase(), name_of_role = text(binding, "/roleRef/name")),
            ]
        };
        list(binding, "/subjects").iter().map(subject).collect()
    }
}

impl Spec for WhoCan {
    const NAME: &'static str = "who_can";
    const PROGRAM: Program = Program::Aiops;
    const VERB: &'static [&'static str] = &["who-can"];
    const ABOUT: &'static str =
        "Show which users, groups and service accounts may do something to a kind of object, by the cluster's roles and bindings.";
    const EXAMPLE: &'static str = "aiops who-can delete pods -n prod";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("subresource")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let mut places = argv.places.iter();
        let (Some(verb), Some(kind)) = (places.next(), places.next()) else {
            return Err(Misuse::says("aiops who-can: do what to which kind? for example: aiops who-can delete pods"));
        };
        let kind = kind_named(kind)?;
        let says = |e: String| Misuse::Says(format!("aiops who-can: {e}"));
        let found = WhoCan {
            verb: if verb == "*" { verb.clone() } else { word(verb, "verb").map_err(says)? },
            kind,
            name: places.next().map(Name::new).transpose()?,
            subresource: argv.get("subresource").map(|part| word(part, "part of an object")).transpose().map_err(says)?,
            namespace: argv.named_namespace()?.filter(|_| kind.namespaced()),
            all_namespaces: argv.on("all-namespaces") && kind.namespaced(),
        };
        match places.next() {
            Some(extra) => Err(Misuse::Says(format!("aiops who-can: {extra:?} was not expected"))),
            None => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;
    use serde_json::json;

    fn rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> Value {
        json!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
    }

    fn who(line: &str, denied: Option<&str>) -> Result<Vec<String>, CannotDo> {
        let role = |ns: &str, name: &str, rule: Value| json!({"metadata": {"namespace": ns, "name": name}, "rules": [rule]});
        let binding = |ns: &str, name: &str, sort: &str, role: &str, subject: Value| json!({"metadata": {"namespace": ns, "name": name}, "roleRef": {"kind": sort, "name": role}, "subjects": [subject]});
        let user = |name: &str| json!({"kind": "User", "name": name});
        let account = json!({"kind": "ServiceAccount", "name": "ci", "namespace": "build"});
        let lists = [
            (
                "clusterroles",
                vec![
                    role("", "admin", rule(&["*"], &["*"], &["*"], &[])),
                    role("", "reader", rule(&["get", "list"], &[""], &["pods", "pods/log"], &[])),
                ],
            ),
            (
                "roles",
                vec![
                    role("prod", "killer", rule(&["delete"], &[""], &["pods"], &["web-1"])),
                    role("dev", "killer", rule(&["delete"], &[""], &["pods"], &[])),
                    role("prod", "scaler", rule(&["update"], &["apps"], &["*/scale"], &[])),
                ],
            ),
            (
                "clusterrolebindings",
                vec![
                    binding("", "admins", "ClusterRole", "admin", json!({"kind": "Group", "name": "ops"})),
                    binding("", "lost", "ClusterRole", "gone", user("eve")),
                ],
            ),
            (
                "rolebindings",
                vec![
                    binding("prod", "ann-kills", "Role", "killer", user("ann")),
                    binding("dev", "bob-kills", "Role", "killer", user("bob")),
                    binding("prod", "ci-reads", "ClusterRole", "reader", account),
                    binding("prod", "sue-scales", "Role", "scaler", user("sue")),
                ],
            ),
        ];
        let mut op = Op::from_line(&format!("aiops who-can {line}")).unwrap_or_else(|e| panic!("{line}: {e}"));
        op.verb_mut().place(&Namespace::new("default").unwrap());
        let calls = op.verb().calls(&[], Timestamp::UNIX_EPOCH)?;
        let reply = |(n, call): (usize, &Call)| {
            let plural = call.kind().unwrap().plural();
            let of = |o: &&Value| call.namespace().is_none_or(|ns| text(o, "/metadata/namespace") == ns.as_str());
            let (_, all) = lists.iter().find(|(kind, _)| *kind == plural).unwrap();
            let items: Vec<&Value> = all.iter().filter(of).collect();
            let body = if denied == Some(&*plural) {
                Lookup::NotChecked("forbidden".into())
            } else {
                Lookup::Known(json!({"items": items}).to_string().into_bytes())
            };
            Reply { call: n, body }
        };
        let replies: Vec<Reply> = calls.iter().enumerate().map(reply).collect();
        match op.verb().answer(&calls, &replies, Timestamp::UNIX_EPOCH)? {
            Answer::Found(found) => Ok(found.table.rows.iter().map(|row| row[1..4].join(" ")).collect()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_roles_say_who() {
        for (line, want) in [
            ("delete pods -n prod", &["ops every namespace all", "ann prod web-1"][..]),
            ("delete pods web-2 -n prod", &["ops every namespace all"]),
            ("delete pods web-1 -n prod", &["ops every namespace all", "ann prod web-1"]),
            ("delete pods -A", &["ops every namespace all", "ann prod web-1", "bob dev all"]),
            ("get pods -n prod", &["ops every namespace all", "build:ci prod all"]),
            ("get pods --subresource=log -n prod", &["ops every namespace all", "build:ci prod all"]),
            ("get pods --subresource=exec -n prod", &["ops every namespace all"]),
            ("update deployments --subresource=scale -n prod", &["ops every namespace all", "sue prod all"]),
            ("update deployments -n prod", &["ops every namespace all"]),
            ("delete nodes", &["ops the cluster all"]),
        ] {
            let mut got = who(line, None).unwrap();
            got.sort();
            let mut want: Vec<&str> = want.to_vec();
            want.sort_unstable();
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn without_the_roles_nobody_can_tell() {
        for kind in ["roles", "rolebindings", "clusterroles", "clusterrolebindings"] {
            assert!(who("delete pods", Some(kind)).unwrap_err().sentence.contains(kind));
        }
    }
}
