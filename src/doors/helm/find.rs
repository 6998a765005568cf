//! Where the program is, and whether it is one that is understood here.

use super::run;
use crate::{doors::program, problem::Problem, world::World};
use std::path::PathBuf;

/// A program that was found, and has told its version.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub path: PathBuf,
    /// As it says it: `v3.22.0`.
    pub version: String,
}

/// The oldest that can rehearse against the server (`--dry-run=server`), and the newest line that is known.
const OLDEST: (u32, u32) = (3, 13);
const NEWEST: u32 = 4;

/// The program that `AIOPS_HELM` names, or the first `helm` on the PATH.
///
/// # Errors
/// [`Problem`] where there is none, or it is too old or unknown.
pub(super) async fn found(world: &World) -> Result<Program, Problem> {
    let found = program::named(world, "AIOPS_HELM")?.or_else(|| program::on_path(world, "helm"));
    let path = found.ok_or_else(|| {
        Problem::failed("this needs the helm program, and there is none on the PATH")
            .hint("install it (https://helm.sh/docs/intro/install), or name it by AIOPS_HELM")
            .hint("releases are read without it: helm list, status, history, get, diff revision")
    })?;
    let version = run::version(&path).await?;
    match parsed(&version) {
        Some((major, minor)) if (major, minor) >= OLDEST && major <= NEWEST => Ok(Program { path, version }),
        Some((major, _)) if major > NEWEST => {
            let sentence = format!("{} is helm {version}, which is newer than what is understood here (3 and 4)", path.display());
            Err(Problem::failed(sentence).hint("name another by AIOPS_HELM"))
        }
        Some(_) => {
            let sentence = format!("{} is helm {version}, which is too old: 3.13 can show beforehand what it would change", path.display());
            Err(Problem::failed(sentence).hint("install a newer one"))
        }
        None => Err(Problem::failed(format!("{} does not say which version of helm it is", path.display()))),
    }
}

/// `v3.22.1+g1a2b`: the first two numbers.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().strip_prefix('v')?.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, wanted) in
            [("v3.22", Some((3, 22))), ("v4.0.1+g1a2b", Some((4, 0))), ("v3.13.0-rc.1", Some((3, 13))), ("3.1", None), ("v", None)]
        {
            assert_eq!(parsed(text), wanted, "{text}");
        }
    }
}
