//! A folder that nobody else reads, gone when it is dropped; what a killed program left goes a day later.

use crate::{problem::Problem, world::World};
use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// One such folder.
#[derive(Debug)]
pub(in crate::doors) struct Own(PathBuf);

impl Own {
    /// A new one below the state folder, for the program of that name.
    pub fn make(world: &World, program: &str) -> Result<Own, Problem> {
        let all = world.state_dir.join(program);
        left_behind(&all, world);
        let path = all.join(world.id());
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|e| Problem::failed(format!("{} cannot be made: {e}", path.display())))?;
        Ok(Own(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it; folders on the way are made.
    pub fn write(&self, name: &Path, bytes: &[u8]) -> Result<PathBuf, Problem> {
        let path = self.0.join(name);
        let written =
            path.parent().map_or(Ok(()), |folder| std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)).and_then(|()| {
                let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
                file.and_then(|mut file| file.write_all(bytes))
            });
        written.map_err(|e| Problem::failed(format!("{} cannot be written: {e}", path.display())))?;
        Ok(path)
    }
}

/// Removes what a program that was killed has left here more than a day ago: there may be a login in it.
fn left_behind(all: &Path, world: &World) {
    let now = std::time::SystemTime::from(world.now());
    for entry in std::fs::read_dir(all).into_iter().flatten().flatten() {
        let made = entry.metadata().and_then(|m| m.modified());
        if made.is_ok_and(|made| now.duration_since(made).is_ok_and(|age| age > Duration::from_secs(24 * 3600))) {
            // What cannot be removed now is tried the next time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // Left behind, it is a folder that only its owner reads.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
