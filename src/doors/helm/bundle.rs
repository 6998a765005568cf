//! A copy of the chart and of the values' files that a person named: what is rehearsed is what is run, whatever becomes of theirs meanwhile.

use super::{arguments, find::Program, run};
use crate::{
    doors::{program::Own, web},
    ops::helm::Recipe,
    problem::Problem,
    world::World,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// The most files a chart may have, and the most bytes all together.
const MOST_FILES: usize = 5_000;
const MOST_BYTES: u64 = 64 << 20;

/// One such copy.
#[derive(Debug)]
pub(super) struct Bundle {
    own: Option<Own>,
    /// Over all that is in it.
    pub digest: String,
    /// The chart, as seen from the folder.
    pub chart: String,
    /// The files of values, likewise.
    pub values: Vec<String>,
    /// What those say, to keep their secrets out of what the program says.
    pub given: Vec<Value>,
}

impl Bundle {
    /// None: for what is about no chart.
    pub fn none() -> Bundle {
        Bundle { own: None, digest: String::new(), chart: String::new(), values: Vec::new(), given: Vec::new() }
    }

    /// Where it lies.
    pub fn folder(&self) -> Option<&Path> {
        self.own.as_ref().map(Own::path)
    }
}

/// Files as they are copied, by their names below the folder.
#[derive(Default)]
struct Files {
    all: Vec<(PathBuf, Vec<u8>)>,
    bytes: u64,
}

impl Files {
    fn add(&mut self, name: PathBuf, from: &Path) -> Result<(), Problem> {
        let size = std::fs::metadata(from).map_err(|e| unread(from, &e))?.len();
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > MOST_BYTES || self.all.len() >= MOST_FILES {
            return Err(Problem::failed(format!("{}: a chart of more than {MOST_FILES} files or 64 MiB is not taken", from.display())));
        }
        self.all.push((name, std::fs::read(from).map_err(|e| unread(from, &e))?));
        Ok(())
    }

    /// A folder with all that is below it; what git keeps there is left out.
    fn walk(&mut self, name: &Path, folder: &Path, root: &Path) -> Result<(), Problem> {
        let entries = std::fs::read_dir(folder).map_err(|e| unread(folder, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| unread(folder, &e))?;
            let (path, name) = (entry.path(), name.join(entry.file_name()));
            if entry.file_name() == ".git" {
                continue;
            }
            let within = std::fs::canonicalize(&path).map_err(|e| unread(&path, &e))?;
            if !within.starts_with(root) {
                return Err(Problem::failed(format!("{} leads out of the chart", path.display())).hint("put the file itself there"));
            }
            let kind = std::fs::metadata(&path).map_err(|e| unread(&path, &e))?;
            let is_link = entry.file_type().map_err(|e| unread(&path, &e))?.is_symlink();
            match (kind.is_dir(), kind.is_file()) {
                (true, _) if is_link => return Err(Problem::failed(format!("{} is a link to a folder", path.display()))),
                (true, _) => self.walk(&name, &path, root)?,
                (_, true) => self.add(name, &path)?,
                (false, false) => return Err(Problem::failed(format!("{} is neither a file nor a folder", path.display()))),
            }
        }
        Ok(())
    }
}

fn unread(path: &Path, e: &std::io::Error) -> Problem {
    Problem::failed(format!("{} cannot be read: {e}", path.display()))
}

/// Copies what the recipe names; fetches it where it lies elsewhere.
pub(super) async fn gather(program: &Program, recipe: &Recipe, world: &World) -> Result<Bundle, Problem> {
    let fetched = fetched(program, recipe, world).await?;
    let (recipe, world) = (recipe.clone(), world.clone());
    let copied = tokio::task::spawn_blocking(move || copied(&recipe, fetched, &world)).await;
    copied.map_err(|_| Problem::failed("copying the chart broke off"))?
}

/// The bytes of a chart that lies elsewhere.
async fn fetched(program: &Program, recipe: &Recipe, world: &World) -> Result<Option<Vec<u8>>, Problem> {
    let chart = recipe.chart.as_str();
    if !recipe.is_remote() {
        return Ok(None);
    }
    if recipe.repo.is_none() && (chart.starts_with("https://") || chart.starts_with("http://")) {
        return web::fetch(chart, world.sources.private_hosts).await.map(Some);
    }
    let own = Own::make(world, "helm")?;
    let left = run::pull(program, &own, arguments::pull(recipe, "."), world).await?;
    if !left.ok {
        return Err(super::refused(&left.words, &Bundle::none()).hint("no login is used here: helm pull it by hand and name the file"));
    }
    let found = std::fs::read_dir(own.path()).map_err(|e| unread(own.path(), &e))?;
    let file = found.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "tgz"));
    let file = file.ok_or_else(|| Problem::failed(format!("helm fetched no chart from {chart}")))?;
    let mut files = Files::default();
    files.add("chart.tgz".into(), &file)?;
    Ok(files.all.pop().map(|(_, bytes)| bytes))
}

fn copied(recipe: &Recipe, fetched: Option<Vec<u8>>, world: &World) -> Result<Bundle, Problem> {
    let at = |path: &str| world.work_dir.as_deref().map_or_else(|| PathBuf::from(path), |folder| folder.join(path));
    let mut files = Files::default();
    let chart = match fetched {
        Some(bytes) => {
            files.all.push(("chart.tgz".into(), bytes));
            "./chart.tgz"
        }
        None => local(&mut files, recipe, &at(recipe.chart.as_str()))?,
    };
    let (mut values, mut given) = (Vec::new(), Vec::new());
    for (n, file) in recipe.values.iter().enumerate() {
        let name = format!("values-{n}.yaml");
        files.add(name.clone().into(), &at(file.as_str()))?;
        let text = files.all.last().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        // What is no YAML the program says itself.
        given.extend(serde_saphyr::from_str::<Value>(&text).ok());
        values.push(name);
    }
    files.all.sort();
    let mut hash = Sha256::new();
    for (name, bytes) in &files.all {
        hash.update(name.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    }
    let own = Own::make(world, "helm")?;
    for (name, bytes) in &files.all {
        own.write(name, bytes)?;
    }
    Ok(Bundle { own: Some(own), digest: hex::encode(hash.finalize()), chart: chart.to_string(), values, given })
}

/// A chart on this machine: a folder with a `Chart.yaml`, or what `helm package` makes of one.
fn local(files: &mut Files, recipe: &Recipe, path: &Path) -> Result<&'static str, Problem> {
    let said = recipe.chart.as_str();
    let Ok(kind) = std::fs::metadata(path) else {
        let problem = Problem::failed(format!("there is no chart {said:?} on this machine"));
        return Err(match said.split('/').count() {
            2 if !said.starts_with('.') => problem.hint(format!(
                "the repositories that helm knows are not used here: --repo https://… {}, or an oci:// address",
                said.rsplit('/').next().unwrap_or(said)
            )),
            _ => problem.hint("give the path as seen from where aiops was started, an oci:// address, or --repo https://…"),
        });
    };
    if kind.is_file() {
        files.add("chart.tgz".into(), path)?;
        return Ok("./chart.tgz");
    }
    if !path.join("Chart.yaml").is_file() {
        return Err(Problem::failed(format!("{said} is no chart: it has no Chart.yaml")));
    }
    let root = std::fs::canonicalize(path).map_err(|e| unread(path, &e))?;
    files.walk(Path::new("chart"), path, &root)?;
    Ok("./chart")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;

    fn recipe(chart: &str) -> Recipe {
        match Op::from_line(&format!("helm lint {chart}")).unwrap() {
            Op::HelmLint(op) => op.recipe,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_copy_is_whole_and_its_digest_is_that_of_its_contents() {
        let home = tempfile::tempdir().unwrap();
        let world = World::fixed(jiff::Timestamp::UNIX_EPOCH, home.path().into());
        let chart = home.path().join("shop");
        std::fs::create_dir_all(chart.join("templates")).unwrap();
        std::fs::create_dir_all(chart.join(".git")).unwrap();
        std::fs::write(chart.join("Chart.yaml"), "name: shop").unwrap();
        std::fs::write(chart.join("templates/a.yaml"), "a: 1").unwrap();
        std::fs::write(chart.join(".git/config"), "x").unwrap();
        let first = copied(&recipe("shop"), None, &world).unwrap();
        let folder = first.folder().unwrap().to_path_buf();
        assert!(folder.join("chart/templates/a.yaml").is_file() && !folder.join("chart/.git").exists());
        std::fs::write(chart.join("templates/a.yaml"), "a: 2").unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("chart/templates/a.yaml")).unwrap(), "a: 1");
        assert_ne!(copied(&recipe("shop"), None, &world).unwrap().digest, first.digest);
        drop(first);
        assert!(!folder.exists());
        std::os::unix::fs::symlink("/etc/hostname", chart.join("templates/out")).unwrap();
        assert!(copied(&recipe("shop"), None, &world).unwrap_err().sentence.contains("leads out of the chart"));
        assert!(copied(&recipe("bitnami/nginx"), None, &world).unwrap_err().hints[0].contains("--repo https://"));
        assert!(copied(&recipe("templates"), None, &world).is_err());
    }
}
