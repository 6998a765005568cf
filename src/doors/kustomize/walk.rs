//! A look at a kustomization and all that it is built on, before a program reads them: what it names lies on this machine, and runs nothing.
//!
//! It is stricter than kustomize where the two could read a file differently: keys are compared as Go compares them, without regard to case
//! (`encoding/json`), and YAML's tags and merge keys are not taken. Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization>.

use crate::{
    doors::files,
    problem::{Problem, Sort},
};
use serde_json::Value;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// The names that kustomize looks for in a folder.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// The most folders one kustomization may stand on, and the most bytes a file that is looked at may have.
const MOST_FOLDERS: usize = 200;
const MOST_BYTES: u64 = 4 << 20;
/// What is shorter is no secret, and would take other words with it.
const LEAST_SECRET: usize = 4;
/// What marks a function that kustomize would run as a program. Source: <https://kubectl.docs.kubernetes.io/guides/extending_kustomize>.
const RUN: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];

/// What its secrets are made from, as far as it stands in texts, the longest first.
///
/// # Errors
/// A sentence that names the file and the entry.
pub(super) fn walked(root: &Path) -> Result<Vec<String>, Problem> {
    let mut walk = Walk::default();
    walk.folder(root)?;
    let mut secrets = walk.secrets;
    secrets.retain(|secret| secret.len() >= LEAST_SECRET);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    Ok(secrets)
}

#[derive(Default)]
struct Walk {
    seen: HashSet<PathBuf>,
    secrets: Vec<String>,
}

/// Where an entry stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    folder: &'a Path,
    file: &'a str,
    field: &'a str,
}

impl Place<'_> {
    fn refused(&self, why: impl std::fmt::Display) -> Problem {
        Problem::new(Sort::Refused, format!("{}: {}: {why}", self.file, self.field))
    }

    /// An entry that has to lie on this machine.
    fn here(&self, entry: &str) -> Result<PathBuf, Problem> {
        if is_remote(entry) {
            let problem = self.refused(format!("{entry} is not on this machine, and nothing is fetched"));
            return Err(problem.hint("get it by hand and name its folder instead"));
        }
        let path = self.folder.join(entry);
        match path.exists() {
            true => Ok(path),
            false => Err(self.refused(format!("there is no {entry:?} in {}", self.folder.display()))),
        }
    }
}

const ELSEWHERE: [&str; 7] = ["http:", "https:", "git@", "gh:", "github.com/", "github.com:", "git::"];

/// Whether kustomize would look for it elsewhere. Source: `api/internal/loader` and `api/internal/git/repospec.go` of kustomize.
pub(super) fn is_remote(entry: &str) -> bool {
    let entry = entry.trim().to_lowercase();
    entry.contains("://") || entry.contains("?ref=") || ELSEWHERE.iter().any(|mark| entry.starts_with(mark))
}

/// A key as Go compares it: simple folding takes the long s for an s, and the sign of Kelvin for a k.
fn folded(key: &str) -> String {
    key.to_uppercase().to_lowercase()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let alone = value.as_str();
    alone.into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// The fields of an object, or of each object of a list, of those names.
fn fields<'a>(value: &'a Value, names: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let maps = std::iter::once(value).chain(value.as_array().into_iter().flatten()).filter_map(Value::as_object);
    maps.flatten().filter(move |(key, _)| names.contains(&folded(key).as_str())).flat_map(|(_, value)| texts(value))
}

/// Whether an entry is what it could also name a file of.
fn is_inline(entry: &str) -> bool {
    let begins = entry.trim_start().to_lowercase();
    let written_out = entry.contains('\n') || entry.contains(": ") || begins.starts_with(['{', '[']);
    written_out && !ELSEWHERE.iter().any(|mark| begins.starts_with(mark))
}

impl Walk {
    fn folder(&mut self, folder: &Path) -> Result<(), Problem> {
        let shown = folder.display();
        let whole = std::fs::canonicalize(folder).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Problem::new(Sort::Usage, format!("there is no folder {shown}")),
            _ => Problem::failed(format!("{shown} cannot be read: {e}")),
        })?;
        if !self.seen.insert(whole) {
            return Ok(());
        }
        if self.seen.len() > MOST_FOLDERS {
            return Err(Problem::failed(format!("{shown}: a kustomization that stands on more than {MOST_FOLDERS} folders is not built")));
        }
        let files: Vec<PathBuf> = NAMES.iter().map(|name| folder.join(name)).filter(|file| file.exists()).collect();
        if files.is_empty() {
            return Err(Problem::new(Sort::Usage, format!("there is no kustomization.yaml in {shown}"))
                .hint("-k names the folder it lies in; -f takes files and folders of manifests"));
        }
        for file in files {
            let name = file.display().to_string();
            for document in documents(&name, &text(&file)?)? {
                self.kustomization(folder, &name, &document)?;
            }
        }
        Ok(())
    }

    fn kustomization(&mut self, folder: &Path, file: &str, document: &Value) -> Result<(), Problem> {
        for (key, value) in document.as_object().into_iter().flatten() {
            let place = Place { folder, file, field: key };
            match folded(key).as_str() {
                "resources" | "bases" | "components" => {
                    for entry in texts(value) {
                        self.resource(&place, entry)?;
                    }
                }
                "crds" | "configurations" | "patchesstrategicmerge" | "patches" | "patchesjson6902" | "replacements" | "openapi" => {
                    let named = texts(value).filter(|entry| !is_inline(entry));
                    for entry in named.chain(fields(value, &["path"])) {
                        place.here(entry)?;
                    }
                }
                "generators" | "transformers" | "validators" => {
                    for entry in texts(value) {
                        configured(&place, entry)?;
                    }
                }
                "configmapgenerator" => {
                    sources(&place, value)?;
                }
                "secretgenerator" => {
                    for path in sources(&place, value)? {
                        // What cannot be read kustomize says itself.
                        self.secrets.extend(text(&path).unwrap_or_default().lines().flat_map(parts));
                    }
                    self.secrets.extend(fields(value, &["literals"]).flat_map(parts));
                }
                "helmcharts" | "helmchartinflationgenerator" => {
                    let problem = place.refused("a chart would be fetched and rendered by helm, and none is from here");
                    return Err(problem.hint("helm template by hand, and name its output in resources; or helm install the chart"));
                }
                // What holds values and no paths; what is no field at all kustomize refuses.
                _ => {}
            }
        }
        Ok(())
    }

    /// A file, or a folder with a kustomization of its own.
    fn resource(&mut self, place: &Place<'_>, entry: &str) -> Result<(), Problem> {
        let path = place.here(entry)?;
        if path.is_dir() { self.folder(&path) } else { Ok(()) }
    }
}

/// The files that a generator of data reads: `files` (`key=path` or `path`), `envs` and `env`.
fn sources(place: &Place<'_>, generators: &Value) -> Result<Vec<PathBuf>, Problem> {
    fields(generators, &["files", "envs", "env"]).map(|entry| place.here(entry.rsplit_once('=').map_or(entry, |(_, path)| path))).collect()
}

/// What may be quoted of a line `key=value`.
fn parts(line: &str) -> impl Iterator<Item = String> {
    let line = line.trim();
    let value = line.split_once('=').map(|(_, value)| value.trim());
    [Some(line), value].into_iter().flatten().map(str::to_string)
}

/// A generator or transformer: a file, or written out in the place of its name. Only those that are built into kustomize come through,
/// and what they read lies here.
fn configured(place: &Place<'_>, entry: &str) -> Result<(), Problem> {
    let documents = if is_inline(entry) {
        documents(&format!("{}: {}", place.file, place.field), entry)?
    } else {
        let path = place.here(entry)?;
        if path.is_dir() {
            return Err(place.refused(format!("{entry} is a folder")).hint("name the files in it"));
        }
        documents(&path.display().to_string(), &text(&path)?)?
    };
    documents.iter().try_for_each(|document| harmless(place, document))
}

fn harmless(place: &Place<'_>, value: &Value) -> Result<(), Problem> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            let key = folded(key);
            if RUN.contains(&key.as_str()) {
                let problem = place.refused("it would run a program, and a kustomization runs none from here");
                return Err(problem.hint("build it by hand and name the output with -f"));
            }
            if key == "kind" && value.as_str() == Some("HelmChartInflationGenerator") {
                return Err(place.refused("a chart would be fetched and rendered by helm, and none is from here"));
            }
            let reads = ["path", "paths", "files", "envs", "env"].contains(&key.as_str());
            let remote = |entry: &&str| is_remote(entry.rsplit_once('=').map_or(entry, |(_, path)| path)) || is_remote(entry);
            match texts(value).find(remote).filter(|_| reads) {
                Some(entry) => Err(place.refused(format!("{entry} is not on this machine, and nothing is fetched"))),
                None => harmless(place, value),
            }
        }),
        Value::Array(list) => list.iter().try_for_each(|value| harmless(place, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn text(file: &Path) -> Result<String, Problem> {
    let shown = file.display();
    let what = std::fs::metadata(file).map_err(|e| Problem::failed(format!("{shown} cannot be read: {e}")))?;
    if !what.is_file() {
        return Err(Problem::failed(format!("{shown} is no file")));
    }
    if what.len() > MOST_BYTES {
        return Err(Problem::failed(format!("{shown} is larger than {} MiB", MOST_BYTES >> 20)));
    }
    std::fs::read_to_string(file).map_err(|e| Problem::failed(format!("{shown} cannot be read: {e}")))
}

/// The documents of a text that says plainly what it says.
fn documents(place: &str, text: &str) -> Result<Vec<Value>, Problem> {
    let tagged = text.contains("!!binary") || text.contains("!<") || text.lines().any(|line| line.starts_with('%'));
    let documents = files::parse(place, text.as_bytes())?.values;
    if tagged || documents.iter().any(merges) {
        return Err(Problem::new(Sort::Refused, format!("{place}: YAML's tags and merge keys are not taken in a kustomization"))
            .hint("write out what they stand for"));
    }
    Ok(documents)
}

fn merges(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key("<<") || map.values().any(merges),
        Value::Array(list) => list.iter().any(merges),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A folder with a base, a file of each sort, and that text as its kustomization.
    fn walk_of(text: &str) -> Result<Vec<String>, Problem> {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        for folder in ["base", "overlay", "bare"] {
            std::fs::create_dir(at.join(folder)).unwrap();
        }
        for (file, text) in [
            ("base/kustomization.yml", "resources: [web.yaml]"),
            ("base/web.yaml", "kind: Pod"),
            ("overlay/patch.yaml", "kind: Pod"),
            ("overlay/key=odd", "x"),
            ("overlay/a.env", "PASSWORD=hunter2\n# note\n"),
            (
                "overlay/prefix.yaml",
                "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: a-\nfieldSpecs: [{path: metadata/name}]",
            ),
            ("overlay/run.yaml", "kind: X\nmetadata: {annotations: {config.kubernetes.io/function: 'exec: {path: ./evil}'}}"),
            ("overlay/chart.yaml", "apiVersion: builtin\nkind: HelmChartInflationGenerator\nname: x"),
        ] {
            std::fs::write(at.join(file), text).unwrap();
        }
        std::fs::write(at.join("overlay/Kustomization"), text).unwrap();
        walked(&at.join("overlay"))
    }

    #[test]
    fn what_lies_here_is_taken() {
        for text in [
            "",
            "resources: [../base]\nnamePrefix: dev-",
            "bases: [../base]\npatches: [{path: patch.yaml}, {patch: '[{\"op\": \"remove\", \"path\": \"/spec\"}]', target: {kind: Pod}}]",
            "patchesStrategicMerge:\n- patch.yaml\n- |-\n  kind: Pod\n",
            "configMapGenerator: [{name: a, files: [k=patch.yaml, patch.yaml], literals: ['u=https://example.com']}]",
            "transformers:\n- prefix.yaml\n- |-\n  apiVersion: builtin\n  kind: LabelTransformer\n  fieldSpecs: [{path: spec/https}]\n",
            "commonAnnotations: {url: 'https://example.com/?ref=x'}\nimages: [{name: ghcr.io/a/b, newTag: v2}]",
        ] {
            assert_eq!(walk_of(text).map(|_| ()), Ok(()), "{text}");
        }
        assert_eq!(
            walk_of("secretGenerator: [{name: a, envs: [a.env], literals: [k=sw0rd]}]").unwrap(),
            ["PASSWORD=hunter2", "hunter2", "k=sw0rd", "# note", "sw0rd"]
        );
    }

    #[test]
    fn what_would_be_fetched_or_run_is_refused() {
        for (text, word) in [
            ("resources: ['https://example.com/x.yaml']", "nothing is fetched"),
            ("resources: ['HTTP:x']", "nothing is fetched"),
            ("Resources: ['https://example.com/x.yaml']", "nothing is fetched"),
            ("re\u{17f}ources: ['https://example.com/x.yaml']", "nothing is fetched"),
            ("resources: [git@github.com:a/b]", "nothing is fetched"),
            ("resources: [github.com/a/b]", "nothing is fetched"),
            ("components: [a/b?ref=v1]", "nothing is fetched"),
            ("resources: [a/b//c]", "there is no"),
            ("resources: [../bare]", "no kustomization.yaml"),
            ("crds: ['https://example.com/x']", "nothing is fetched"),
            ("configurations: ['https://example.com/x']", "nothing is fetched"),
            ("openapi: {path: 'https://example.com/x'}", "nothing is fetched"),
            ("replacements: [{path: 'https://example.com/x'}]", "nothing is fetched"),
            ("patches: [{Path: 'https://example.com/x'}]", "nothing is fetched"),
            ("patches: ['https://example.com/x']", "nothing is fetched"),
            ("patchesJson6902: [{path: 'https://example.com/x', target: {kind: Pod}}]", "nothing is fetched"),
            ("patchesStrategicMerge: ['https://example.com/x']", "nothing is fetched"),
            ("patchesStrategicMerge: ['https://example.com/x: y']", "nothing is fetched"),
            ("configMapGenerator: [{name: a, files: ['k=https://example.com/x']}]", "nothing is fetched"),
            ("secretGenerator: [{name: a, ENVS: ['https://example.com/x']}]", "nothing is fetched"),
            ("configMapGenerator: [{name: a, env: 'https://example.com/x'}]", "nothing is fetched"),
            ("generators: ['https://example.com/x']", "nothing is fetched"),
            ("generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, files: [\"http://a/x\"]}']", "nothing is fetched"),
            ("generators: ['[{items: [{Files: [\"k=http://a/x\"]}]}]']", "is no Kubernetes object"),
            ("transformers: [run.yaml]", "it would run a program"),
            ("validators: [run.yaml]", "it would run a program"),
            ("generators: [chart.yaml]", "rendered by helm"),
            ("generators: [../base]", "is a folder"),
            ("helmCharts: [{name: x}]", "rendered by helm"),
            ("helmChartInflationGenerator: [{chartName: x}]", "rendered by helm"),
            ("resources: [!!binary aHR0cDovLzEyNy4wLjAuMTo5L3gueWFtbA==]", "tags and merge keys"),
            ("resources: [!<tag:yaml.org,2002:binary> aHR0cDovLzEyNy4wLjAuMTo5L3gueWFtbA==]", "tags and merge keys"),
            ("namePrefix: a\n---\nresources: ['https://example.com/x']", "nothing is fetched"),
            ("resources: [\n", "broken"),
            ("resources: []\nresources: ['https://example.com/x']", "twice"),
        ] {
            let problem = walk_of(text).unwrap_err();
            assert!(problem.sentence.contains(word), "{text}: {}", problem.sentence);
        }
        // Merged or refused: what it stands for does not pass.
        for text in ["<<: {resources: ['https://example.com/x']}", "patches:\n- <<: {path: 'https://example.com/x'}"] {
            walk_of(text).unwrap_err();
        }
    }

    #[test]
    fn circles_end_and_a_folder_that_is_none_is_told() {
        assert_eq!(walk_of("resources: [../overlay, ../base]").unwrap(), Vec::<String>::new());
        assert!(walked(Path::new("/no/such/folder")).unwrap_err().sentence.starts_with("there is no folder"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,120}") {
            let _ = walk_of(&text);
        }

        #[test]
        fn no_address_passes_under_any_writing_of_the_field(field in "(?i)resources|bases|components|crds|generators", address in "(?i)https?://[a-z]{1,8}/[a-z]{0,8}") {
            let text = format!("{field}: ['{address}']");
            prop_assert!(walk_of(&text).is_err());
        }
    }
}
