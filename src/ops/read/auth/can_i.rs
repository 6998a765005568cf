//! `kubectl auth can-i`: whether one may do something, or all one may do; of somebody else, whether they may.
//!
//! kubectl asks of somebody else by being them (`--as`). Here who asks stays who they are, and the server is asked about the other
//! (SubjectAccessReview), with the groups that it would give them.
//!
//! Rows of `--list`: `BreakdownRule` and `CompactRules` in `k8s.io/component-helpers/auth/rbac`.

use super::{answered, ask};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    answer::Table,
    argv::quoted,
    look::{list, text},
    verb::{no_places, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tells whether one may do something; without a verb, all one may do in a namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanI {
    /// get, list, create, delete, …; * for any; left out: everything one may do is listed
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verb: Option<Word>,
    /// to what: pods, deployments.apps, * for any
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Word>,
    /// a part of it: log, scale
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<Word>,
    /// one of them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// a path of the server in place of objects: /metrics
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// in every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// somebody else, whose access is asked about; left out: the person's own
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Somebody>,
}

/// Whose access is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Somebody {
    /// ann, or system:serviceaccount:NAMESPACE:NAME
    pub user: Identity,
    /// groups they are in; left out: those that every user or service account is in
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Identity>,
}

/// The name of a user or a group, as the server knows them: any text of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Identity(String);

impl Identity {
    /// The name as it is said.
    ///
    /// # Errors
    /// A sentence where it is empty, too long or of several lines.
    pub fn new(text: &str) -> Result<Identity, String> {
        match text.trim() == text && !text.is_empty() && text.len() <= 1024 && !text.chars().any(char::is_control) {
            true => Ok(Identity(text.to_string())),
            false => Err(format!("{:?} is no name of a user or a group", text.chars().take(60).collect::<String>())),
        }
    }
}

impl TryFrom<String> for Identity {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Identity::new(&text)
    }
}
impl From<Identity> for String {
    fn from(name: Identity) -> String {
        name.0
    }
}

impl Somebody {
    /// Those said, else what the server gives a service account; and all who are let in, or all who are not.
    /// Source: `apiserver/pkg/endpoints/filters/impersonation.go`.
    fn all_groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self.groups.iter().map(|group| group.0.clone()).collect();
        if let (true, Some((namespace, _))) =
            (groups.is_empty(), self.user.0.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':')))
        {
            groups = vec!["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}")];
        }
        let (known, unknown) = ("system:authenticated", "system:unauthenticated");
        if !groups.iter().any(|group| group == known || group == unknown) {
            groups.push(if self.user.0 == "system:anonymous" { unknown } else { known }.into());
        }
        groups
    }
}

/// A verb, a plural name or a part's name, as RBAC has them: small letters, digits, `-` and `.`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

impl Word {
    /// The word in small letters.
    ///
    /// # Errors
    /// A sentence where it is no such word.
    pub fn new(text: &str) -> Result<Word, String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        match text == "*" || (text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(legal) && text.len() <= 253) {
            true => Ok(Word(text.to_ascii_lowercase())),
            false => Err(format!("{:?} is no word of access rules", text.chars().take(60).collect::<String>())),
        }
    }
}

impl TryFrom<String> for Word {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Word::new(&text)
    }
}
impl From<Word> for String {
    fn from(word: Word) -> String {
        word.0
    }
}

const NO_LIST: &str = "all that somebody else may do is not listed: the server lists to each what they may themselves";

fn as_they(other: &Somebody) -> String {
    let groups = other.groups.iter().map(|group| format!("--as-group={} ", quoted(&group.0))).collect::<String>();
    format!("aiops --as={} {groups}\"kubectl auth can-i --list\" asks as they", quoted(&other.user.0))
}

impl CanI {
    /// What is asked about, as group and plural.
    fn group_resource(&self) -> (String, String) {
        let word = self.resource.as_ref().map_or("*", |word| word.0.as_str());
        match Kind::find(word) {
            Some(kind) => (kind.info().group.to_string(), kind.info().plural.to_string()),
            None => match word.split_once('.') {
                Some((plural, group)) => (group.to_string(), plural.to_string()),
                None => (String::new(), word.to_string()),
            },
        }
    }

    fn said(&self) -> String {
        let what = match (&self.path, &self.resource) {
            (Some(path), _) => path.clone(),
            (None, Some(resource)) => resource.0.clone(),
            (None, None) => String::new(),
        };
        let part = self.subresource.as_ref().map_or_else(String::new, |part| format!("/{}", part.0));
        let name = self.name.as_ref().map_or_else(String::new, |name| format!("/{name}"));
        format!("{what}{part}{name}")
    }

    fn table(status: &Value, namespace: Option<&Namespace>) -> Table {
        // One row for each resource and name, with all verbs that any rule gives.
        let mut rules: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let words =
            |rule: &Value, field: &str| -> Vec<String> { list(rule, field).iter().filter_map(Value::as_str).map(str::to_string).collect() };
        for rule in list(status, "/resourceRules") {
            let names = words(rule, "/resourceNames");
            let names = if names.is_empty() { vec![String::new()] } else { names };
            for group in words(rule, "/apiGroups") {
                for resource in words(rule, "/resources") {
                    let full = if group.is_empty() { resource } else { format!("{resource}.{group}") };
                    for name in &names {
                        let verbs = rules.entry((full.clone(), name.clone())).or_default();
                        for verb in words(rule, "/verbs") {
                            if !verbs.contains(&verb) {
                                verbs.push(verb);
                            }
                        }
                    }
                }
            }
        }
        let mut rows: Vec<Vec<String>> = rules
            .into_iter()
            .map(|((resource, name), verbs)| vec![resource, "[]".into(), format!("[{name}]"), format!("[{}]", verbs.join(" "))])
            .collect();
        for rule in list(status, "/nonResourceRules") {
            for url in words(rule, "/nonResourceURLs") {
                for verb in words(rule, "/verbs") {
                    rows.push(vec![String::new(), format!("[{url}]"), "[]".into(), format!("[{verb}]")]);
                }
            }
        }
        let columns = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"].map(String::from).to_vec();
        let place = namespace.map_or_else(String::new, |ns| format!(" in {ns}"));
        Table { title: format!("what you may do{place}"), columns, rows }
    }
}

impl Verb for CanI {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.namespace.is_none() && !self.all_namespaces && self.path.is_none() {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        match &self.verb {
            Some(verb) => {
                let who = self.of.as_ref().map_or("you", |other| other.user.0.as_str());
                format!("whether {who} may {} {}", verb.0, self.said())
            }
            None => "what you may do".into(),
        }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let namespace = self.namespace.as_ref().filter(|_| !self.all_namespaces).map_or("", Namespace::as_str);
        let Some(verb) = &self.verb else {
            if let Some(other) = &self.of {
                return Err(CannotDo::new(NO_LIST, as_they(other)));
            }
            return Ok(vec![ask(Kind::built_in("selfsubjectrulesreviews"), json!({"namespace": namespace}))]);
        };
        let review = |mut spec: Value| {
            let kind = match &self.of {
                Some(other) => {
                    (spec["user"], spec["groups"]) = (json!(other.user), json!(other.all_groups()));
                    "subjectaccessreviews"
                }
                None => "selfsubjectaccessreviews",
            };
            Ok(vec![ask(Kind::built_in(kind), spec)])
        };
        if let Some(path) = &self.path {
            return review(json!({"nonResourceAttributes": {"verb": verb.0, "path": path}}));
        }
        let (group, resource) = self.group_resource();
        let mut attributes = json!({"verb": verb.0, "group": group, "resource": resource, "namespace": namespace});
        if let Some(part) = &self.subresource {
            attributes["subresource"] = json!(part.0);
        }
        if let Some(name) = &self.name {
            attributes["name"] = json!(name);
        }
        review(json!({"resourceAttributes": attributes}))
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB);
        match &self.verb {
            Some(verb) => {
                argv = argv.place(&verb.0);
                argv = match (&self.path, &self.resource, &self.name) {
                    (Some(path), _, _) => argv.place(path),
                    (None, Some(resource), Some(name)) => argv.place(format!("{}/{name}", resource.0)),
                    (None, Some(resource), None) => argv.place(&resource.0),
                    (None, None, _) => argv.place("*"),
                };
            }
            None => argv = argv.switch("list", true),
        }
        if let Some(part) = &self.subresource {
            argv = argv.flag("subresource", &part.0);
        }
        if let Some(other) = &self.of {
            argv = other.groups.iter().fold(argv.flag("as", &other.user.0), |argv, group| argv.flag("as-group", &group.0));
        }
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(self.namespace.as_ref()) }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let review = answered(calls, replies)?;
        let status = &review["status"];
        if self.verb.is_none() {
            let mut tables = vec![CanI::table(status, self.namespace.as_ref())];
            if status["incomplete"] == json!(true) {
                let why = text(status, "/evaluationError");
                let rows = vec![vec!["the list may be incomplete".to_string(), why.to_string()]];
                tables.push(Table { title: "beside this".into(), columns: Vec::new(), rows });
            }
            return Ok(Answer::Tables { tables });
        }
        let mut said = if status["allowed"] == json!(true) { "yes".to_string() } else { "no".to_string() };
        if status["allowed"] != json!(true) {
            for why in ["/reason", "/evaluationError"].map(|field| text(status, field)).into_iter().filter(|why| !why.is_empty()) {
                said.push_str(&format!(" - {why}"));
            }
        }
        Ok(Answer::Text { text: said + "\n" })
    }
}

impl Spec for CanI {
    const NAME: &'static str = "can_i";
    const VERB: &'static [&'static str] = &["auth", "can-i"];
    const ABOUT: &'static str =
        "Tell whether the person, or somebody else, may do something in the cluster, or list all the person may do.";
    const EXAMPLE: &'static str = "kubectl auth can-i delete pods";
    const BACK: &'static str = "";
    // Elsewhere `--as` would change who asks; here it says who is asked about.
    const FLAGS: &'static [Flag] = &[
        Flag::switch("list"),
        Flag::value("subresource"),
        Flag::value("as"),
        Flag::value("as-group"),
        Flag::switch("quiet").short('q'),
        Flag::switch("no-headers"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("quiet", "the answer is what is asked for"), ("no-headers", "the list is short; its heading stays")])?;
        let says = |why: String| Misuse::Says(format!("kubectl auth can-i: {why}"));
        let word = |text: &str| Word::new(text).map_err(says);
        let identity = |text: &str| Identity::new(text).map_err(says);
        let groups = argv.all("as-group").map(identity).collect::<Result<Vec<_>, _>>()?;
        let of = match argv.get("as").map(identity).transpose()? {
            Some(user) => Some(Somebody { user, groups }),
            None if groups.is_empty() => None,
            None => return Err(says("--as-group is said beside --as: whose groups are they?".into())),
        };
        let mut asked = CanI {
            subresource: argv.get("subresource").map(word).transpose()?,
            namespace: argv.named_namespace()?,
            all_namespaces: argv.on("all-namespaces"),
            of,
            ..CanI::default()
        };
        if let (true, Some(other)) = (argv.on("list"), &asked.of) {
            return Err(says(format!("{NO_LIST}: {}", as_they(other))));
        }
        if argv.on("list") {
            no_places(argv)?;
            if asked.subresource.is_some() || asked.all_namespaces {
                return Err(says("--list tells of one namespace, and of no part of an object".into()));
            }
            return Ok(asked);
        }
        let [verb, what] = &argv.places[..] else {
            return Err(says("a verb and a kind were expected: kubectl auth can-i delete pods".into()));
        };
        asked.verb = Some(word(verb)?);
        if what.starts_with('/') {
            if asked.subresource.is_some() || !what.chars().all(|c| c.is_ascii_graphic()) {
                return Err(says(format!("{what:?} is a path, and stands alone")));
            }
            // Neither a namespace nor a kind belongs to it.
            return Ok(CanI { path: Some(what.clone()), namespace: None, all_namespaces: false, ..asked });
        }
        let (kind, name) = what.split_once('/').map_or((what.as_str(), None), |(kind, name)| (kind, Some(name)));
        // Access rules may speak of what is no kind: `*`, users, a signer's group.
        asked.resource = Some(match Kind::find(kind) {
            // Said with its group, it is kept with it.
            Some(found) if kind.contains('.') => word(&found.info().group_resource())?,
            Some(found) => word(&found.plural())?,
            None => word(kind)?,
        });
        asked.name = name.map(Name::new).transpose()?;
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    fn asked(line: &str) -> serde_json::Value {
        let op = Op::from_line(line).unwrap();
        assert_eq!(Op::from_line(&op.line()).unwrap(), op, "{line}");
        let call = op.verb().calls(&[], Default::default()).unwrap().remove(0);
        assert!(!call.mutates() && op.entry().reads);
        let mut body = call.body(None).unwrap();
        body["path"] = json!(call.path());
        body
    }

    #[test]
    fn somebody_else_is_asked_about_with_the_groups_the_server_gives_them() {
        let body = asked("kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod");
        assert_eq!(body["path"], "/apis/authorization.k8s.io/v1/subjectaccessreviews");
        let groups = json!(["system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"]);
        assert_eq!(body["spec"]["groups"], groups);
        assert_eq!(
            (&body["spec"]["user"], &body["spec"]["resourceAttributes"]["namespace"]),
            (&json!("system:serviceaccount:dev:foo"), &json!("prod"))
        );
        let body = asked("kubectl auth can-i get /metrics --as 'ann of ops' --as-group=devs --as-group=ops");
        assert_eq!(body["spec"]["groups"], json!(["devs", "ops", "system:authenticated"]));
        assert_eq!(body["spec"]["nonResourceAttributes"]["path"], "/metrics");
        assert_eq!(asked("kubectl auth can-i get pods --as=system:anonymous")["spec"]["groups"], json!(["system:unauthenticated"]));
        // One's own are asked as before.
        assert!(asked("kubectl auth can-i get pods")["path"].as_str().unwrap().ends_with("/selfsubjectaccessreviews"));
    }

    #[test]
    fn who_asks_stays_and_no_list_of_others_is_promised() {
        for refused in [
            "kubectl auth can-i --list --as=ann",
            "kubectl auth can-i get pods --as-group=devs",
            "kubectl auth can-i get pods --as=",
            "kubectl auth can-i get pods --as=ann --as-uid=1",
            "kubectl auth whoami --as=ann",
            "kubectl get pods --as=ann",
            "kubectl --as=ann get pods",
            "kubectl delete pod/a --as=ann",
        ] {
            assert!(Op::from_line(refused).is_err(), "{refused}");
        }
        let said = Op::from_line("kubectl auth can-i --list --as=ann").unwrap_err().to_string();
        assert!(said.contains("aiops --as=ann \"kubectl auth can-i --list\""), "{said}");
        for json in [json!({"op": "can_i", "of": {"user": "ann"}}), json!({"op": "can_i", "verb": "get", "of": {"user": "a\nb"}})] {
            assert!(Op::from_json(json.clone()).is_err() || Op::from_json(json).unwrap().verb().calls(&[], Default::default()).is_err());
        }
    }
}
