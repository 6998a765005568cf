//! `kubectl get`: one object, some, or all of a kind.

mod objects;
mod output;
mod tables;

pub use output::Output;

use crate::ops::{
    Answer, Argv, BadName, Call, CannotDo, Documents, Flag, Follow, Form, Impact, Kind, Lookup, Misuse, Name, Namespace, ReadPath, Reply,
    Spec, Target, Verb, kind, manifest,
    verb::{objects_on, refuse},
};
use crate::terms::{jsonpath::Template, selector::LabelSelector};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Lists objects, or shows single ones, as the server's own table or as objects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// kinds to list
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// names; left out: all of them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// objects of several kinds, in place of kinds and names
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// files a person named: the objects in them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// a document of the API server's by its path: /version, /readyz?verbose
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<ReadPath>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector: app=web,tier!=db
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// field selector: status.phase=Pending
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_selector: Option<String>,
    /// how it is shown
    #[serde(default, skip_serializing_if = "Output::is_table")]
    pub output: Output,
    /// a path to sort by: .metadata.creationTimestamp
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// labels that become columns
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_columns: Vec<String>,
    /// a column of all labels
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_labels: bool,
    /// the kind before each name
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_kind: bool,
    /// who wrote which field, in json and yaml
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_managed_fields: bool,
    /// rows without the columns' names
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_headers: bool,
    /// a part of the object: status, scale, resize
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<Part>,
    /// nothing in place of an error where a name is not there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_not_found: bool,
    /// goes on with every change from now on; a model or a playbook gets what comes within 20 seconds
    #[serde(default, skip_serializing_if = "Watching::is_no")]
    pub watch: Watching,
    /// What was loaded from the files.
    #[serde(skip)]
    pub objects: Vec<Value>,
}

/// Whether a list goes on with its changes (`get --watch`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Watching {
    /// It does not.
    #[default]
    No,
    /// What is there, then the changes.
    Yes,
    /// The changes alone.
    Only,
}

impl Watching {
    fn is_no(&self) -> bool {
        *self == Watching::No
    }
    fn of(argv: &Argv) -> Watching {
        match (argv.on("watch-only"), argv.on("watch")) {
            (true, _) => Watching::Only,
            (false, true) => Watching::Yes,
            (false, false) => Watching::No,
        }
    }
    /// How the read goes on.
    pub(in crate::ops) fn follows(self) -> Option<Follow> {
        match self {
            Watching::No => None,
            Watching::Yes => Some(Follow::Changes { first: true }),
            Watching::Only => Some(Follow::Changes { first: false }),
        }
    }
}

/// A part of an object that can be read on its own (`kubectl get --subresource`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// What its controller says of it.
    Status,
    /// How many of it are wanted.
    Scale,
    /// Its containers' resources.
    Resize,
}

impl Part {
    fn word(self) -> &'static str {
        match self {
            Part::Status => "status",
            Part::Scale => "scale",
            Part::Resize => "resize",
        }
    }
}

impl std::str::FromStr for Part {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Part::Status, Part::Scale, Part::Resize].into_iter().find(|part| part.word() == word).ok_or("status, scale or resize")
    }
}

impl Get {
    /// All objects of one kind in the current namespace.
    pub fn all(kind: Kind) -> Get {
        Get { kinds: vec![kind], ..Get::default() }
    }

    fn place_of(&self, kind: Kind) -> Option<&Namespace> {
        self.namespace.as_ref().filter(|_| kind.namespaced() && !self.all_namespaces)
    }

    /// The objects it names, as far as the files are read.
    ///
    /// # Errors
    /// [`BadName`] where a kind forbids one of the names.
    fn named(&self) -> Result<Vec<Target>, BadName> {
        let pairs = self.kinds.iter().flat_map(|kind| self.names.iter().map(move |name| (*kind, name.clone())));
        let of_kinds = pairs.map(|(kind, name)| Ok(Target::new(kind, name)?.in_namespace(self.namespace.clone())));
        let in_files = manifest::targets(&self.objects, None, self.namespace.as_ref());
        of_kinds.chain(self.targets.iter().cloned().map(Ok)).chain(in_files.into_iter().map(Ok)).collect()
    }

    /// Whether single objects are asked for, not all of a kind.
    fn names_some(&self) -> bool {
        !self.names.is_empty() || !self.targets.is_empty() || !self.files.is_empty()
    }

    fn form(&self) -> Form {
        let by_name = self.output == Output::Name && self.sort_by.is_none() && self.watch.is_no() && !self.names_some();
        match self.output.wants_objects() {
            // Names are all that is shown of them.
            true if by_name && self.subresource.is_none() => Form::Metadata,
            true => Form::Json,
            false => Form::Table,
        }
    }

    fn fits(&self) -> Result<(), CannotDo> {
        let says = |sentence: &str| Err(CannotDo::new(sentence, ""));
        if self.raw.is_some() && (!self.kinds.is_empty() || self.names_some() || self.selector.is_some() || !self.output.is_table()) {
            return says("a document read by its path stands alone: no kinds, names, selectors or output forms beside it");
        }
        if self.names_some() && (self.selector.is_some() || self.all_namespaces) {
            return says("a name cannot be joined with a selector or with every namespace");
        }
        if !self.watch.is_no() && (self.raw.is_some() || self.sort_by.is_some() || self.subresource.is_some() || !self.files.is_empty()) {
            return says("what is watched comes as it changes: no --sort-by, --subresource, --raw or -f beside it");
        }
        if !self.watch.is_no() && self.output == Output::Count {
            return says("what is watched is shown change by change, not counted");
        }
        if self.subresource.is_some() && !self.names_some() {
            return says("a subresource is a part of one object: name it");
        }
        Ok(())
    }
}

impl Verb for Get {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.targets.iter_mut().for_each(|target| target.place(self.namespace.as_ref().unwrap_or(namespace)));
        let wants = self.kinds.iter().any(|k| k.namespaced()) || !self.files.is_empty();
        if self.namespace.is_none() && !self.all_namespaces && wants {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.named().unwrap_or_default()
    }
    fn title(&self) -> String {
        if let Some(path) = &self.raw {
            return format!("get {path}");
        }
        let kinds: Vec<Cow<'_, str>> = self.kinds.iter().map(|k| k.plural()).collect();
        let mut words: Vec<String> = if kinds.is_empty() { Vec::new() } else { vec![kinds.join(",")] };
        words.extend(self.names.iter().map(Name::to_string));
        words.extend(self.targets.iter().map(Target::slashed));
        words.extend(self.files.iter().cloned());
        format!("get {}", words.join(" "))
    }
    fn files(&self) -> Vec<String> {
        self.files.clone()
    }
    fn load(&mut self, _file: &str, documents: Documents) {
        self.objects.extend(manifest::flatten(documents.values));
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.fits()?;
        if let Some(path) = &self.raw {
            return Ok(vec![Call::document(path.clone()).shaped(Form::Raw)]);
        }
        let form = self.form();
        if !self.watch.is_no() {
            let named = self.named().map_err(|e| CannotDo::new(e.to_string(), ""))?;
            let (kind, field) = match (self.kinds.as_slice(), named.as_slice()) {
                ([kind], []) => (*kind, self.field_selector.clone().unwrap_or_default()),
                (_, [one]) => (one.kind(), format!("metadata.name={}", one.name())),
                (_, _) => {
                    return Err(CannotDo::new(
                        "one kind is watched at a time: all of it, or one object",
                        "say each as a request of its own",
                    ));
                }
            };
            let list = Call::list(kind, self.place_of(kind)).shaped(form).with("labelSelector", self.selector.clone().unwrap_or_default());
            return Ok(vec![list.with("fieldSelector", field)]);
        }
        // Sorting goes by fields that the table's rows leave out.
        let include = if self.sort_by.is_some() && form == Form::Table { "Object" } else { "" };
        if self.names_some() {
            if !self.files.is_empty() {
                manifest::placed(&self.files, &self.objects, &[], None, self.namespace.as_ref())?;
            }
            // A name that its kind forbids must not shrink the question to the other names, or to none.
            let targets = self.named().map_err(|e| CannotDo::new(e.to_string(), ""))?;
            let part = self.subresource.map_or("", Part::word);
            return Ok(targets.iter().map(|t| Call::get(t).on(part).shaped(form).with("includeObject", include)).collect());
        }
        if self.kinds.is_empty() {
            return Err(CannotDo::new("which kind is to be listed? none is named", "for example pods"));
        }
        let list = |kind: &Kind| {
            Call::list(*kind, self.place_of(*kind))
                .shaped(form)
                .with("labelSelector", self.selector.clone().unwrap_or_default())
                .with("fieldSelector", self.field_selector.clone().unwrap_or_default())
                .with("includeObject", include)
        };
        Ok(self.kinds.iter().map(list).collect())
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB);
        if let Some(path) = &self.raw {
            return argv.flag("raw", path);
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<Cow<'_, str>> = self.kinds.iter().map(|k| if self.names.is_empty() { k.plural() } else { k.word() }).collect();
            // What people know by one word is said so.
            let all = self.names.is_empty() && self.kinds.len() > 1 && self.kinds == Kind::in_category("all");
            argv = argv.place(if all { "all".into() } else { kinds.join(",") });
        }
        argv = self.names.iter().fold(argv, Argv::place);
        argv = self.targets.iter().fold(argv, |argv, target| argv.place(target.slashed()));
        argv = manifest::named(argv, &self.files);
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
        if let Some(selector) = &self.field_selector {
            argv = argv.flag("field-selector", selector);
        }
        if !self.output.is_table() {
            argv = argv.flag("output", &self.output);
        }
        if let Some(path) = &self.sort_by {
            argv = argv.flag("sort-by", path);
        }
        argv = self.label_columns.iter().fold(argv, |argv, label| argv.flag("label-columns", label));
        if let Some(part) = self.subresource {
            argv = argv.flag("subresource", part.word());
        }
        argv = argv
            .switch("show-labels", self.show_labels)
            .switch("show-kind", self.show_kind)
            .switch("show-managed-fields", self.show_managed_fields)
            .switch("no-headers", self.no_headers)
            .switch("ignore-not-found", self.ignore_not_found)
            .switch("watch", self.watch == Watching::Yes)
            .switch("watch-only", self.watch == Watching::Only);
        let namespace = self.namespace.as_ref().or_else(|| self.targets.iter().find_map(Target::namespace));
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(namespace) }
    }
    fn follows(&self) -> Option<Follow> {
        self.watch.follows()
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        match self.raw {
            Some(_) => objects::raw(calls, replies),
            None if self.output.wants_objects() => objects::answer(self, calls, replies.iter()),
            None => tables::answer(self, calls, replies),
        }
    }
    fn answer_with(&self, calls: &[Call], replies: Vec<Reply>, now: Timestamp) -> Result<Answer, CannotDo> {
        if self.raw.is_none() && self.output.wants_objects() {
            return objects::answer(self, calls, replies.into_iter());
        }
        self.answer(calls, &replies, now)
    }
}

impl Spec for Get {
    const NAME: &'static str = "get";
    const VERB: &'static [&'static str] = &["get"];
    const ABOUT: &'static str = "List objects of one or more kinds, or show single ones by name.";
    const EXAMPLE: &'static str = "kubectl get pods -l app=web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("selector").short('l'),
        Flag::value("field-selector"),
        Flag::value("filename").short('f'),
        Flag::switch("recursive").short('R'),
        Flag::value("kustomize").short('k'),
        Flag::value("raw"),
        Flag::value("output").short('o'),
        Flag::value("template"),
        Flag::value("sort-by"),
        Flag::value("label-columns").short('L'),
        Flag::value("subresource"),
        Flag::value("chunk-size"),
        Flag::switch("show-labels"),
        Flag::switch("show-kind"),
        Flag::switch("show-managed-fields"),
        Flag::switch("no-headers"),
        Flag::switch("ignore-not-found"),
        Flag::switch("server-print"),
        Flag::switch("allow-missing-template-keys"),
        Flag::switch("watch").short('w'),
        Flag::switch("watch-only"),
        Flag::switch("output-watch-events"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("output-watch-events", "each change is shown as the row it leaves"),
                ("template", "give it with the form: -o jsonpath=TEMPLATE"),
            ],
        )?;
        for (switch, why) in
            [("server-print", "tables are the server's own"), ("allow-missing-template-keys", "a field that is missing yields nothing")]
        {
            if argv.get(switch) == Some("false") {
                return Err(Misuse::Says(format!("kubectl get --{switch}=false: {why}")));
            }
        }
        // Pages are read one after the other whatever their size, and the rows are the same.
        argv.parsed::<u32>("chunk-size")?;
        let selector = argv.get("selector").map(|s| s.parse::<LabelSelector>().map(|_| s.to_string())).transpose();
        let sort_by = argv.get("sort-by").filter(|path| !path.is_empty()).map(str::to_string);
        if let Some(path) = &sort_by {
            Template::relaxed(path).map_err(|e| Misuse::Says(format!("--sort-by: {e}")))?;
        }
        let labels = argv.all("label-columns").flat_map(|labels| labels.split(',')).filter(|label| !label.is_empty());
        let mut get = Get {
            raw: argv.parsed("raw")?,
            namespace: argv.named_namespace()?,
            all_namespaces: argv.on("all-namespaces"),
            selector: selector.map_err(|e| Misuse::Says(format!("--selector: {e}")))?,
            field_selector: argv.get("field-selector").map(str::to_string),
            output: argv.parsed("output")?.unwrap_or_default(),
            sort_by,
            label_columns: labels.map(str::to_string).collect(),
            show_labels: argv.on("show-labels"),
            show_kind: argv.on("show-kind"),
            show_managed_fields: argv.on("show-managed-fields"),
            no_headers: argv.on("no-headers"),
            subresource: argv.parsed("subresource")?,
            ignore_not_found: argv.on("ignore-not-found"),
            watch: Watching::of(argv),
            ..Get::default()
        };
        get.choose(argv)?;
        get.fits().map_err(|e| Misuse::Says(format!("kubectl get: {}", e.sentence)))?;
        Ok(get)
    }
}

impl Get {
    /// Takes the kinds, names and files that stand on a line.
    fn choose(&mut self, argv: &Argv) -> Result<(), Misuse> {
        if self.raw.is_some() && argv.places.is_empty() && !manifest::says_files(argv) {
            return Ok(());
        }
        if manifest::says_files(argv) {
            self.files = manifest::files(argv)?;
            return Ok(());
        }
        let (first, rest) =
            argv.places.split_first().ok_or_else(|| Misuse::says("kubectl get: which kind? for example: kubectl get pods"))?;
        if first.contains('/') {
            if argv.places.iter().any(|word| !word.contains('/')) {
                return Err(Misuse::says("kubectl get: kind/name was expected for each"));
            }
            let (targets, _) = objects_on(argv)?;
            match targets.first().map(Target::kind) {
                Some(kind) if targets.iter().all(|target| target.kind() == kind) => {
                    self.kinds = vec![kind];
                    self.names = targets.into_iter().map(|target| target.name().clone()).collect();
                }
                Some(_) | None => self.targets = targets,
            }
            return Ok(());
        }
        for word in first.split(',') {
            let meant = kind::meant(word);
            if meant.is_empty() {
                return Err(Misuse::UnknownKind(word.chars().take(80).collect()));
            }
            self.kinds.extend(meant);
        }
        let mut once = std::collections::HashSet::new();
        self.kinds.retain(|kind| once.insert(*kind));
        self.names = rest.iter().map(|name| Name::new(name.as_str())).collect::<Result<_, _>>()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
