//! `kubectl auth can-i`: whether one may do something, or all one may do.
//!
//! Rows of `--list`: `BreakdownRule` and `CompactRules` in `k8s.io/component-helpers/auth/rbac`.

use super::{answered, ask};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    answer::Table,
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
            Some(verb) => format!("whether you may {} {}", verb.0, self.said()),
            None => "what you may do".into(),
        }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let namespace = self.namespace.as_ref().filter(|_| !self.all_namespaces).map_or("", Namespace::as_str);
        let Some(verb) = &self.verb else {
            return Ok(vec![ask(Kind::built_in("selfsubjectrulesreviews"), json!({"namespace": namespace}))]);
        };
        let kind = Kind::built_in("selfsubjectaccessreviews");
        if let Some(path) = &self.path {
            return Ok(vec![ask(kind, json!({"nonResourceAttributes": {"verb": verb.0, "path": path}}))]);
        }
        let (group, resource) = self.group_resource();
        let mut attributes = json!({"verb": verb.0, "group": group, "resource": resource, "namespace": namespace});
        if let Some(part) = &self.subresource {
            attributes["subresource"] = json!(part.0);
        }
        if let Some(name) = &self.name {
            attributes["name"] = json!(name);
        }
        Ok(vec![ask(kind, json!({"resourceAttributes": attributes}))])
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
    const ABOUT: &'static str = "Tell whether the person may do something in the cluster, or list all they may do.";
    const EXAMPLE: &'static str = "kubectl auth can-i delete pods";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] =
        &[Flag::switch("list"), Flag::value("subresource"), Flag::switch("quiet").short('q'), Flag::switch("no-headers")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("quiet", "the answer is what is asked for"), ("no-headers", "the list is short; its heading stays")])?;
        let says = |why: String| Misuse::Says(format!("kubectl auth can-i: {why}"));
        let word = |text: &str| Word::new(text).map_err(says);
        let mut asked = CanI {
            subresource: argv.get("subresource").map(word).transpose()?,
            namespace: argv.named_namespace()?,
            all_namespaces: argv.on("all-namespaces"),
            ..CanI::default()
        };
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
