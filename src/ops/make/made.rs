//! What all verbs have in common that make new objects: a value says what it makes, the rest of a [`Verb`] follows.

use crate::ops::{
    Argv, Call, CannotDo, Contents, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, Sensitive, Target, Verb, Wait, Way, apply,
    look, names::DnsName,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Flags of every `kubectl create …`, `run` and `expose`, that are about the manner and not about the object.
pub(in crate::ops) const MANNER: &[Flag] = &[
    Flag::value("dry-run"),
    Flag::value("output").short('o'),
    Flag::switch("save-config"),
    Flag::value("validate"),
    Flag::value("field-manager"),
    Flag::switch("show-managed-fields"),
];

/// What a value says of itself that makes new objects.
pub trait Makes: std::fmt::Debug {
    /// Kinds and names of what it makes, in the order it is made.
    fn made(&self) -> Vec<(Kind, String)>;
    /// The namespace they are made in, where they have one.
    fn namespace(&self) -> Option<&Namespace>;
    /// Fills it in where nobody named one.
    fn fill(&mut self, namespace: &Namespace);
    /// What stands in each of them beside `apiVersion`, `kind`, name and namespace, in the order of [`Makes::made`].
    ///
    /// # Errors
    /// [`CannotDo`] where what was seen or loaded does not do.
    fn bodies(&self, seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo>;
    /// The line, without the namespace.
    fn words(&self) -> Argv;
    /// What is talked to once it is made.
    fn then(&self) -> Option<Call> {
        None
    }
    /// See [`Verb::interactive`].
    fn sits(&self) -> bool {
        false
    }
    /// See [`Verb::looks`].
    fn looks_first(&self) -> Vec<Call> {
        Vec::new()
    }
    /// See [`Verb::contents`].
    fn wants(&self) -> Vec<String> {
        Vec::new()
    }
    /// See [`Verb::take`].
    fn takes(&mut self, _file: &str, _contents: Contents) {}
    /// See [`Verb::sensitive`].
    fn values(&self) -> Vec<&Sensitive> {
        Vec::new()
    }
}

fn target(kind: Kind, name: &str, namespace: Option<&Namespace>) -> Result<Target, crate::ops::BadName> {
    Ok(Target::new(kind, Name::new(name)?)?.in_namespace(namespace.cloned()))
}

impl<T: Makes> Verb for T {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.namespace().is_none() {
            self.fill(namespace);
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.made().iter().filter_map(|(kind, name)| target(*kind, name, self.namespace()).ok()).collect()
    }
    fn title(&self) -> String {
        let words = self.words();
        words.verb.iter().chain(&words.places).map(String::as_str).collect::<Vec<_>>().join(" ")
    }
    fn contents(&self) -> Vec<String> {
        self.wants()
    }
    fn take(&mut self, file: &str, contents: Contents) {
        self.takes(file, contents);
    }
    fn sensitive(&self) -> Vec<&Sensitive> {
        self.values()
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { self.looks_first() } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let bodies = self.bodies(seen)?;
        let made = self.made().into_iter().zip(bodies).map(|((kind, name), body)| {
            target(kind, &name, self.namespace()).map_err(|e| CannotDo::new(e.to_string(), ""))?;
            Ok(Call::create(kind, self.namespace(), whole(kind, &name, self.namespace(), body)))
        });
        made.chain(self.then().map(Ok)).collect()
    }
    fn print(&self) -> Argv {
        self.words().namespace(self.namespace())
    }
    fn interactive(&self) -> bool {
        self.sits()
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    /// What was made is deleted, last first, by the name that the server knows it by.
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let made = self.made();
        let back = made.iter().enumerate().rev().map(|(at, (kind, name))| {
            let known = images.get(at).and_then(|i| i.after).map(|after| look::text(after, "/metadata/name")).filter(|n| !n.is_empty());
            target(*kind, known.unwrap_or(name), self.namespace())
        });
        match back.collect::<Result<Vec<_>, _>>() {
            Ok(targets) if !targets.is_empty() => Way::Back(apply::deletions(targets)),
            Ok(_) | Err(_) => Way::None("which object it made is not known"),
        }
    }
}

/// The whole object, its head filled in.
fn whole(kind: Kind, name: &str, namespace: Option<&Namespace>, body: Value) -> Value {
    let mut whole = json!({"apiVersion": kind.api_version(), "kind": kind.info().kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace.filter(|_| kind.namespaced()) {
        whole["metadata"]["namespace"] = json!(namespace);
    }
    if let (Some(whole), Value::Object(body)) = (whole.as_object_mut(), body) {
        for (field, value) in body {
            match (whole.get_mut(&field).and_then(Value::as_object_mut), value) {
                (Some(there), Value::Object(more)) => there.extend(more),
                (_, value) => drop(whole.insert(field, value)),
            }
        }
    }
    whole
}

/// A map of texts as JSON; fields that hold nothing are left to the caller.
pub(super) fn texts<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    pairs.into_iter().map(|(k, v)| (k.as_ref().to_string(), json!(v.as_ref()))).collect::<Map<_, _>>().into()
}

fn says(argv: &Argv, text: impl std::fmt::Display) -> Misuse {
    Misuse::Says(format!("kubectl {}: {text}", argv.verb.join(" ")))
}

/// The one name on a line.
///
/// # Errors
/// [`Misuse`] where there is none, or more.
pub(super) fn only_name(argv: &Argv) -> Result<&str, Misuse> {
    match argv.places.as_slice() {
        [name] => Ok(name),
        [] => Err(says(argv, "which name? it is missing")),
        [_, extra, ..] => Err(says(argv, format!("{extra:?} was not expected"))),
    }
}

/// The same as the name of an object of most kinds, where no command may follow.
pub(super) fn dns_name(argv: &Argv) -> Result<DnsName, Misuse> {
    match argv.tail.first() {
        None => Ok(DnsName::new(only_name(argv)?)?),
        Some(extra) => Err(says(argv, format!("{extra:?} was not expected"))),
    }
}

/// A flag without which there is nothing to make.
///
/// # Errors
/// [`Misuse`] where it is missing.
pub(super) fn needed<T: std::str::FromStr>(argv: &Argv, long: &str) -> Result<T, Misuse>
where
    T::Err: std::fmt::Display,
{
    argv.parsed(long)?.ok_or_else(|| says(argv, format!("--{long} is missing")))
}

/// Every value of a flag that takes several at once, between commas, each as what it should be.
///
/// # Errors
/// [`Misuse`] naming the flag and what was wrong with the value.
pub(super) fn listed<T: std::str::FromStr>(argv: &Argv, long: &str) -> Result<Vec<T>, Misuse>
where
    T::Err: std::fmt::Display,
{
    let words = argv.all(long).flat_map(|value| value.split(',')).filter(|word| !word.is_empty());
    words.map(|word| read(long, word)).collect()
}

/// Every value of a flag that is said once for each.
///
/// # Errors
/// As [`listed`].
pub(super) fn each<T: std::str::FromStr>(argv: &Argv, long: &str) -> Result<Vec<T>, Misuse>
where
    T::Err: std::fmt::Display,
{
    argv.all(long).map(|word| read(long, word)).collect()
}

fn read<T: std::str::FromStr>(long: &str, word: &str) -> Result<T, Misuse>
where
    T::Err: std::fmt::Display,
{
    word.parse().map_err(|e| Misuse::Says(format!("--{long}={word}: {e}")))
}

/// `key=value` for each time a flag is said; the value may hold more `=`.
///
/// # Errors
/// [`Misuse`] where a key is missing, illegal or named twice. It does not quote the value, which may be a secret.
pub(super) fn pairs<K: std::str::FromStr<Err: std::fmt::Display> + Ord, V>(
    argv: &Argv,
    long: &str,
    words: impl IntoIterator<Item = String>,
    value: impl Fn(&str) -> Result<V, Misuse>,
) -> Result<BTreeMap<K, V>, Misuse> {
    let mut pairs = BTreeMap::new();
    for word in words {
        let Some((key, said)) = word.split_once('=') else { return Err(says(argv, format!("--{long}: key=value was expected"))) };
        let found = key.parse().map_err(|e| Misuse::Says(format!("--{long}: {e}")))?;
        if pairs.insert(found, value(said)?).is_some() {
            return Err(says(argv, format!("--{long}: {key:?} is named twice")));
        }
    }
    Ok(pairs)
}

/// The manner of a making line: what is only shown, as which form, or `None` where the objects are to be made.
///
/// # Errors
/// [`Misuse`] for a manner that is not taken here, with the reason.
pub(in crate::ops) fn only_shown(argv: &Argv) -> Result<Option<crate::ops::ObjectForm>, Misuse> {
    use crate::ops::ObjectForm;
    crate::ops::verb::refuse(
        argv,
        &[
            ("save-config", "no copy of the manifest is kept in an annotation; apply here is server-side and needs none"),
            ("field-manager", "what is written here is written under the name aiops"),
            ("show-managed-fields", "nothing is made yet that could have them"),
        ],
    )?;
    if let Some(validate) = argv.get("validate").filter(|v| !["true", "strict"].contains(v)) {
        return Err(says(argv, format!("--validate={validate}: objects are always checked strictly here")));
    }
    let form = match argv.get("output") {
        None | Some("yaml") => ObjectForm::Yaml,
        Some("json") => ObjectForm::Json,
        Some("name") => ObjectForm::Name,
        Some(other) => return Err(says(argv, format!("-o {other}: a manifest is shown as yaml, json or name"))),
    };
    match (argv.get("dry-run"), argv.get("output")) {
        (Some("client"), _) => Ok(Some(form)),
        (None | Some("none"), None | Some("name")) => Ok(None),
        (None | Some("none"), Some(_)) => {
            Err(says(argv, "-o shows the manifest only with --dry-run=client; what was made is shown by kubectl get -o yaml"))
        }
        (Some("server"), _) => Err(says(
            argv,
            "--dry-run=server: every change is rehearsed on the server before it is asked about; to stop there: aiops --dry-run",
        )),
        (Some(other), _) => Err(says(argv, format!("--dry-run={other}: none, client or server was expected"))),
    }
}
