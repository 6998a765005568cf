//! The person's editor: a program that they configured, given one file of ours and the terminal.
//!
//! Which one: `NewDefaultEditor` in `kubectl/pkg/cmd/util/editor/editor.go`. Its words are split without a shell.

use crate::{
    ops::argv,
    problem::{Problem, Sort},
    world::World,
};
use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::PathBuf,
    process::Stdio,
};

/// Where the editor is named, the first that is set.
const NAMED: [&str; 3] = ["KUBE_EDITOR", "VISUAL", "EDITOR"];
/// The editor of those who named none.
const ELSE: &str = "vi";

/// An editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    words: Vec<String>,
    named: bool,
}

impl Editor {
    /// The one that the environment names.
    ///
    /// # Errors
    /// [`Problem`] where what it names needs a shell.
    pub fn of(world: &World) -> Result<Editor, Problem> {
        let Some((name, line)) = NAMED.iter().find_map(|name| Some((name, world.var(name)?))) else {
            return Ok(Editor { words: vec![ELSE.into()], named: false });
        };
        let words = argv::split(line)
            .map_err(|e| Problem::new(Sort::Usage, format!("{name}={line}: {e}")).hint("name a program and its arguments"))?;
        match words.is_empty() {
            false => Ok(Editor { words, named: true }),
            true => Ok(Editor { words: vec![ELSE.into()], named: false }),
        }
    }

    /// Whether the person named it: such a one may do without a terminal.
    pub fn named(&self) -> bool {
        self.named
    }

    /// Gives it a file with that text, on the terminal or without one, and takes what it left there. The file can be read by nobody else, and is gone
    /// afterwards. Dropped on the way, the editor is ended.
    ///
    /// # Errors
    /// [`Problem`] where it cannot be started, or ends badly.
    pub async fn edit(&self, name: &str, text: &str, id: &str, screen: bool) -> Result<String, Problem> {
        let folder = Folder::new(id)?;
        let path = folder.0.join(name);
        let failed = |e: std::io::Error| Problem::failed(format!("{} cannot be written: {e}", path.display()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        drop(file);
        let program = &self.words[0];
        let mut command = tokio::process::Command::new(program);
        command.args(&self.words[1..]).arg(&path).kill_on_drop(true);
        match screen {
            // Standard input and output may be pipes of somebody else's.
            true => {
                let tty = || OpenOptions::new().read(true).write(true).open("/dev/tty");
                let lent = |tty: Result<File, std::io::Error>| {
                    tty.map(Stdio::from).map_err(|e| Problem::failed(format!("there is no terminal: {e}")))
                };
                command.stdin(lent(tty())?).stdout(lent(tty())?).stderr(lent(tty())?)
            }
            false => command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()),
        };
        let ended = command.status().await.map_err(|e| {
            let hint = format!("{} names the editor", NAMED.join(", "));
            Problem::failed(format!("the editor {program} cannot be started: {e}")).hint(hint)
        })?;
        if !ended.success() {
            return Err(Problem::failed(format!("the editor {program} ended with {ended}; nothing was changed")));
        }
        let bytes = super::read(&path)?;
        String::from_utf8(bytes).map_err(|_| Problem::failed("what the editor left is no text; nothing was changed"))
    }
}

/// A folder that goes with what is in it: editors leave copies beside the file.
struct Folder(PathBuf);

impl Folder {
    fn new(id: &str) -> Result<Folder, Problem> {
        let path = std::env::temp_dir().join(format!("aiops-edit-{id}"));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|e| Problem::failed(format!("{} cannot be made: {e}", path.display())))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, os::unix::fs::PermissionsExt as _, sync::Arc};

    fn editor(env: &[(&str, &str)]) -> Result<Editor, Problem> {
        let mut world = World::fixed("2026-01-01T00:00:00Z".parse().unwrap(), "/nowhere".into());
        world.env = Arc::new(env.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect::<BTreeMap<_, _>>());
        Editor::of(&world)
    }

    #[test]
    fn it_is_the_first_that_is_named_and_no_shell() {
        assert_eq!(editor(&[]).unwrap(), Editor { words: vec!["vi".into()], named: false });
        let all = [("EDITOR", "ed"), ("KUBE_EDITOR", "code --wait 'a b'")];
        assert_eq!(editor(&all).unwrap().words, ["code", "--wait", "a b"]);
        assert_eq!(editor(&[("VISUAL", ""), ("EDITOR", "ed")]).unwrap().words, ["ed"]);
        for bad in ["vi; rm -rf /", "vi $(id)", "vi `id`", "vi | tee x", "vi > x"] {
            assert!(editor(&[("EDITOR", bad)]).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn the_file_is_ours_alone_and_gone_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let script = home.path().join("ed.sh");
        let seen = home.path().join("seen");
        let body =
            format!("#!/bin/sh\nstat -c '%a %n' \"$1\" \"$(dirname \"$1\")\" > {}\ntouch \"$1~\"\necho more >> \"$1\"\n", seen.display());
        std::fs::write(&script, body).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let editor = editor(&[("EDITOR", script.to_str().unwrap())]).unwrap();
        let id = format!("test-{}", uuid::Uuid::now_v7());
        assert_eq!(editor.edit("x.yaml", "text\n", &id, false).await.unwrap(), "text\nmore\n");
        let seen = std::fs::read_to_string(seen).unwrap();
        let lines: Vec<&str> = seen.lines().collect();
        assert!(lines[0].starts_with("600 ") && lines[0].ends_with("/x.yaml") && lines[1].starts_with("700 "), "{seen}");
        assert!(!std::path::Path::new(lines[1].split_once(' ').unwrap().1).exists());
        let missing = Editor { words: vec!["/nowhere/ed".into()], named: true };
        assert!(missing.edit("x.yaml", "", &id, false).await.unwrap_err().sentence.contains("cannot be started"));
        let fails = Editor { words: vec!["false".into()], named: true };
        assert!(fails.edit("x.yaml", "", &id, false).await.unwrap_err().sentence.contains("nothing was changed"));
    }
}
