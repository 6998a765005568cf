//! What apply and create share: documents become objects, each with its kind and its place.

use super::{CannotDo, Kind, Name, Namespace, Target};
use crate::terms::written::Written;
use serde_json::{Value, json};

/// What a file, a folder, an address or standard input holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documents {
    /// Its documents as values; empty ones are left out.
    pub values: Vec<Value>,
    /// The texts they were read from, to say on which line something stands.
    pub texts: Vec<Written>,
}

impl From<Vec<Value>> for Documents {
    fn from(values: Vec<Value>) -> Documents {
        Documents { values, texts: Vec::new() }
    }
}

/// One object of a manifest, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub kind: Kind,
    pub namespace: Option<Namespace>,
    /// `None` only where the server is to make the name up (`generateName`).
    pub target: Option<Target>,
    pub body: Value,
}

/// Documents as objects: empty ones go, lists (`kind: List`, `PodList`, …) become their items.
pub(super) fn flatten(documents: Vec<Value>) -> Vec<Value> {
    let mut objects = Vec::with_capacity(documents.len());
    for mut document in documents {
        let is_list = document["kind"].as_str().is_some_and(|k| k.ends_with("List")) && document["items"].is_array();
        match document.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) if is_list => objects.extend(flatten(items)),
            Some(other) => {
                document["items"] = other;
                objects.push(document);
            }
            None if document.is_null() => {}
            None => objects.push(document),
        }
    }
    objects
}

/// Each object with its kind and place. `asked` is the namespace a person named, `here` the one they stand in.
///
/// The namespace is the object's own, else `asked`, else `here`. As with kubectl, an object that names another one than was
/// asked for is an error. Namespaces and CRDs come first, the rest in the order of the files.
///
/// # Errors
/// [`CannotDo`] where nothing was loaded, an object lacks `apiVersion`, `kind` or a name, or its kind is not known.
pub(super) fn placed(
    files: &[String],
    objects: &[Value],
    texts: &[Written],
    asked: Option<&Namespace>,
    here: Option<&Namespace>,
) -> Result<Vec<Placed>, CannotDo> {
    if objects.is_empty() {
        return Err(match files {
            [] => CannotDo::new("there is no object to send", "name a file: -f FILE"),
            files => CannotDo::new(format!("{} holds no object, or is not loaded", shown(files)), ""),
        });
    }
    let flat = flatten(objects.to_vec());
    let mut all = Vec::with_capacity(flat.len());
    for (at, object) in flat.into_iter().enumerate() {
        let placed = place(at + 1, object, asked, here).map_err(|e| match begins(texts, at) {
            Some(place) => CannotDo::new(format!("{place}: {}", e.sentence), e.hint),
            None => e,
        });
        all.push(placed?);
    }
    all.sort_by_key(|p| !(p.kind.is("namespaces", "") || p.kind.is("customresourcedefinitions", "apiextensions.k8s.io")));
    Ok(all)
}

/// File and line where object number `at` (from 0) begins.
fn begins(texts: &[Written], at: usize) -> Option<String> {
    texts.iter().flat_map(|text| text.objects().into_iter().map(|line| format!("{}:{line}", text.place()))).nth(at)
}

fn place(number: usize, mut body: Value, asked: Option<&Namespace>, here: Option<&Namespace>) -> Result<Placed, CannotDo> {
    let field = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_string);
    let lacks = |what: &str| CannotDo::new(format!("object {number} of the manifest has no {what}"), "");
    let api_version = field("/apiVersion").ok_or_else(|| lacks("apiVersion"))?;
    let word = field("/kind").ok_or_else(|| lacks("kind"))?;
    let kind = Kind::of_object(&api_version, &word).ok_or_else(|| {
        let hint = super::removed::way_out(&api_version, &word);
        let built = api_version.starts_with("kustomize.config.k8s.io/").then(|| "kubectl apply -k FOLDER builds and applies it".into());
        CannotDo::new(
            format!("no kind {word} of {api_version} is known here"),
            hint.or(built).unwrap_or_else(|| "kubectl api-resources lists what the cluster has".into()),
        )
    })?;
    let named = match (field("/metadata/name"), field("/metadata/generateName")) {
        (Some(name), _) => Some(name),
        (None, Some(_)) => None,
        (None, None) => return Err(lacks("metadata.name")),
    };
    let bad = |e: super::BadName| CannotDo::new(format!("object {number} of the manifest, {word}: {e}"), "");
    let own = field("/metadata/namespace").map(Namespace::new).transpose().map_err(bad)?;
    if let (Some(own), Some(asked), true) = (&own, asked, kind.namespaced())
        && own != asked
    {
        return Err(CannotDo::new(
            format!("{word} {:?} is meant for namespace {own} by its manifest, and {asked} was asked for", named.unwrap_or_default()),
            format!("ask for {own}, or take the namespace out of the manifest"),
        ));
    }
    let namespace = own.or_else(|| asked.or(here).cloned()).filter(|_| kind.namespaced());
    if let Some(ns) = &namespace {
        body["metadata"]["namespace"] = json!(ns);
    }
    let target = match named {
        Some(name) => Some(Target::new(kind, Name::new(name).map_err(bad)?).map_err(bad)?.in_namespace(namespace.clone())),
        None => None,
    };
    Ok(Placed { kind, namespace, target, body })
}

/// The objects' names, for display and policy; what cannot be placed is left out.
pub(super) fn targets(objects: &[Value], asked: Option<&Namespace>, here: Option<&Namespace>) -> Vec<Target> {
    let flat = flatten(objects.to_vec());
    flat.into_iter().filter_map(|object| place(0, object, asked, here).ok()?.target).collect()
}

/// A heading: `apply web.yaml`, `apply deployment/web, service/web`, `apply 12 objects`.
pub(super) fn title(verb: &str, files: &[String], targets: &[Target]) -> String {
    match (files, targets) {
        ([], [_, _, _, _, ..]) => format!("{verb} {} objects", targets.len()),
        ([], some) => format!("{verb} {}", some.iter().map(Target::slashed).collect::<Vec<_>>().join(", ")),
        (files, _) => format!("{verb} {}", shown(files)),
    }
}

/// What stands at the end of a folder's path whose folders are gone into too.
const DEEP: &str = "/**";

/// What stands before the folder of a kustomization among the files; no `-f` may begin so.
pub const KUSTOMIZATION: &str = "kustomize://";

/// The folder whose kustomization is meant, where that is what stands among the files.
pub fn kustomization_of(file: &str) -> Option<&str> {
    file.strip_prefix(KUSTOMIZATION)
}

/// Whether a line says by files which objects are meant.
pub(super) fn says_files(argv: &super::Argv) -> bool {
    argv.get("filename").is_some() || argv.get("kustomize").is_some()
}

/// The folder behind `-k`, as it stands among the files.
///
/// # Errors
/// [`super::Misuse`] for what is no folder of this machine.
pub(super) fn kustomization(folder: &str) -> Result<String, super::Misuse> {
    let why = match folder {
        "" => "it is empty",
        "-" => "a kustomization is a folder, and is not piped in",
        folder if folder.contains("://") || folder.contains("?ref=") || folder.starts_with("git@") || folder.starts_with("github.com/") => {
            "only folders of this machine are built: get it by hand and name its folder"
        }
        folder => return Ok(format!("{KUSTOMIZATION}{folder}")),
    };
    Err(super::Misuse::Says(format!("-k {folder}: {why}")))
}

/// Files for a person's eyes.
pub(super) fn shown(files: &[String]) -> String {
    let one = |file: &String| kustomization_of(file).map_or_else(|| file.clone(), |folder| format!("kustomization {folder}"));
    files.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What may stand behind `-f`: files, folders, standard input, http and https addresses. With `-R` a path ends in [`DEEP`].
/// Or the one folder that stands behind `-k`.
///
/// # Errors
/// [`super::Misuse`] for what is none of them.
pub(super) fn files(argv: &super::Argv) -> Result<Vec<String>, super::Misuse> {
    let mut files: Vec<String> = Vec::new();
    if let Some(folder) = argv.get("kustomize") {
        if argv.get("filename").is_some() || argv.on("recursive") {
            return Err(super::Misuse::Says(format!("{}: -k says which objects; -f and -R cannot stand beside it", argv.head())));
        }
        files.push(kustomization(folder)?);
    }
    // pflag reads a comma as the end of one file and the start of the next.
    for file in argv.all("filename").flat_map(|f| f.split(',')) {
        let why = match file {
            "" => "it is empty",
            "-" if files.iter().any(|known| known == "-") => "standard input can be read once",
            file if file.contains("://") && !file.starts_with("http://") && !file.starts_with("https://") => {
                "only http and https addresses are fetched"
            }
            file => {
                let deep = argv.on("recursive") && !reaches_out(file) && !file.ends_with(DEEP);
                files.push(if deep { format!("{}{DEEP}", file.trim_end_matches('/')) } else { file.to_string() });
                continue;
            }
        };
        return Err(super::Misuse::Says(format!("-f {file}: {why}")));
    }
    if files.is_empty() {
        return Err(super::Misuse::Says(format!("kubectl {}: which file? -f FILE is missing, or -k FOLDER", argv.verb.join(" "))));
    }
    if let Some(extra) = argv.places.first() {
        return Err(super::Misuse::Says(format!("kubectl {}: {extra:?} was not expected", argv.verb.join(" "))));
    }
    Ok(files)
}

/// Whether what stands among the files is no file of this machine: standard input, an address, or what a program makes of a kustomization.
pub fn reaches_out(file: &str) -> bool {
    file == "-" || file.contains("://")
}

/// `-f` for each file, or standard input where the objects came without one.
pub(super) fn print(argv: super::Argv, files: &[String]) -> super::Argv {
    match files {
        [] => argv.flag("filename", "-"),
        files => named(argv, files),
    }
}

/// `-f` for each file, and `-R` where all folders are gone into; `-k` for a kustomization.
pub(super) fn named(argv: super::Argv, files: &[String]) -> super::Argv {
    let deep = |file: &String| file.len() > DEEP.len() && file.ends_with(DEEP);
    let mut paths = files.iter().filter(|file| !reaches_out(file)).peekable();
    let all = paths.peek().is_some() && paths.all(deep);
    let argv = files.iter().fold(argv, |argv, file| match kustomization_of(file) {
        Some(folder) => argv.flag("kustomize", folder),
        None => argv.flag("filename", if all { file.strip_suffix(DEEP).unwrap_or(file) } else { file }),
    });
    argv.switch("recursive", all)
}

/// The namespace that the line must name: the one asked for; the one stood in where an object relies on it.
pub(super) fn said<'a>(objects: &[Value], asked: Option<&'a Namespace>, here: Option<&'a Namespace>) -> Option<&'a Namespace> {
    let relies = |object: Value| place(0, object, asked, None).is_ok_and(|p| p.kind.namespaced() && p.namespace.is_none());
    asked.or_else(|| here.filter(|_| objects.is_empty() || flatten(objects.to_vec()).into_iter().any(relies)))
}
