//! `--to-files DIR`: the change as manifests in a folder, and nothing on the cluster.

use crate::{
    problem::{Problem, Sort},
    road::preview::{Card, Manifest},
};
use std::{fs::OpenOptions, io::Write as _, path::Path};

/// Writes them and gives their names. A file that is there already is left as it is.
///
/// # Errors
/// [`Problem`] where a step cannot be written as a manifest, or a file cannot be made; then none of this question's was written
/// but those before it.
pub(super) fn written(card: &Card, folder: &Path) -> Result<Vec<String>, Problem> {
    let mut all: Vec<&Manifest> = Vec::new();
    for step in &card.steps {
        let manifests = step
            .manifests
            .as_ref()
            .map_err(|why| Problem::failed(format!("{}: {why}; no file was written, and nothing was changed", step.title)))?;
        all.extend(manifests);
    }
    let failed = |path: &Path, e: &dyn std::fmt::Display| Problem::failed(format!("{} cannot be written: {e}", path.display()));
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    for manifest in &all {
        let path = folder.join(&manifest.name);
        if path.exists() {
            return Err(Problem::new(Sort::Failed, format!("{} is there already; nothing was changed", path.display()))
                .hint("take it away first, or name another folder"));
        }
    }
    let mut names = Vec::new();
    for manifest in all {
        let path = folder.join(&manifest.name);
        let text = serde_saphyr::to_string(&manifest.document).map_err(|e| failed(&path, &e))?;
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| failed(&path, &e))?;
        names.push(path.display().to_string());
    }
    Ok(names)
}
