//! Volumes in words: `configmap settings at /etc/config read-only`, `an emptyDir volume cache mounted at /cache`.

use super::super::phrases::{List, list};
use super::{heads::Lack, walk::Walk};
use crate::ops::{
    Name, Quantity,
    parts::{Mount, Part, Source, VolumeName},
};

/// A mount as far as it was said.
#[derive(Debug, Clone, Default)]
pub struct MountDraft {
    source: Option<Source>,
    volume: Option<String>,
    at: Option<String>,
    sub_path: Option<String>,
    read_only: bool,
    /// In every container.
    pub all: bool,
    /// Whether it was said that it is mounted.
    mounts: bool,
}

const CONFIG_MAP: &List = &List::of("configmap|config map|cm|config-map");
const SECRET: &List = &List::of("secret");
const CLAIM: &List = &List::of("pvc|claim|persistentvolumeclaim|persistent volume claim|volume claim");
const EMPTY: &List = &List::of(
    "emptydir|empty dir|empty directory|empty-dir|emptydir volume|empty dir volume|emptydir type volume|scratch volume|emptydir: {}",
);
const MOUNTED: &List = &List::of(
    "at|mounted at|mounted on|mounted under|mounted to|mounted in|mounted into|mount it at|mount at|mounted at path|at path|mountpath|mount path|with mount path|and mount it at|on|under|to|into|in|as|at mount path|at the path|at mountpath|on path|path|that is mounted at|which is mounted at|and mounts it at|mounting it at|mounts it at|and mount it on|mounted at the path",
);
const NAMED: &List = &List::of("named|called|with name|with the name|as volume|name|with volume name|volume name|using volume name");

fn object(w: &mut Walk, kind: &List) -> Option<Name> {
    w.attempt(|w| {
        w.eat(list!("a|an|the"));
        if w.eat(kind) {
            w.eat(list!("named|called"));
            return Name::new(w.name()?).ok();
        }
        // Behind a name: most words have no such kind behind them.
        w.sees_next(kind)?;
        let name = w.name()?;
        w.eat(kind).then(|| Name::new(name).ok())?
    })
}

fn source(w: &mut Walk) -> Option<Source> {
    if let Some(name) = object(w, CONFIG_MAP) {
        return Some(Source::ConfigMap(name));
    }
    if let Some(name) = object(w, CLAIM) {
        return Some(Source::Claim(name));
    }
    if let Some(name) = object(w, SECRET) {
        return Some(Source::Secret(name));
    }
    w.attempt(|w| {
        w.eat(list!("a|an|the"));
        let memory = w.eat(list!("in-memory|memory-backed|in memory|memory backed"));
        if w.eat(EMPTY) {
            return Some(Source::Empty { memory, limit: None });
        }
        w.eat(list!("hostpath|host path|hostpath volume|host path volume")).then(|| w.path().map(Source::HostPath))?
    })
}

impl MountDraft {
    /// What begins one. `mounts`: the verb says already that it is mounted.
    pub fn head(w: &mut Walk, mounts: bool) -> Option<MountDraft> {
        w.attempt(|w| {
            let opened = w.eat(list!("a|an|the"));
            if w.eat(list!("new|shared")) && !opened {
                return None;
            }
            // "a volume named cache of type emptyDir", "the volume data"
            if w.eat(list!("volume|volume mount")) {
                let volume = w.attempt(|w| {
                    w.eat(NAMED);
                    w.name()
                });
                let source = w.attempt(|w| {
                    w.eat(list!("of type|from|with|of|using|that uses|backed by|which uses|with type|of the type|("));
                    let source = source(w);
                    w.eat(list!(")"));
                    source
                });
                volume.as_ref().map(|_| ()).or(source.as_ref().map(|_| ()))?;
                return Some(MountDraft { source, volume, mounts, ..MountDraft::default() });
            }
            let source = source(w)?;
            let free = matches!(source, Source::Empty { .. } | Source::HostPath(_));
            w.eat(list!("as volume|as a volume|volume"));
            let volume = w.attempt(|w| (w.eat(NAMED) || free && w.sees(super::heads::STOPS).is_none()).then(|| w.name())?);
            Some(MountDraft { source: Some(source), volume, mounts, ..MountDraft::default() })
        })
    }

    /// Whether it is a mount at all, and not an object that is spoken of.
    pub fn is_one(&self) -> bool {
        self.mounts || self.at.is_some() || !matches!(self.source, Some(Source::ConfigMap(_) | Source::Secret(_)) | None)
    }

    /// Whether source and folder were said, or that it is mounted.
    pub fn is_said(&self) -> bool {
        self.mounts && self.source.is_some() || self.at.is_some() && self.source.is_some()
    }

    /// One thing more that is said of it.
    pub fn detail(&mut self, w: &mut Walk) -> bool {
        w.attempt(|w| {
            w.eat(list!("and|,|with|it|a"));
            if self.at.is_none()
                && let Some(path) = w.led(MOUNTED, Walk::path)
            {
                self.at = Some(path);
                return Some(());
            }
            if w.eat(list!("read-only|read only|readonly|as read-only|as read only|mounted read-only|in read-only mode")) {
                self.read_only = true;
                return Some(());
            }
            if let Some(sub) = w.led(list!("subpath|sub path|sub-path|with subpath|using subpath"), |w| w.one(|said| Some(said.to_string()))) {
                self.sub_path = Some(sub);
                return Some(());
            }
            if w.eat(list!("in both containers|in all containers|in each container|in every container|into both containers|on both containers|for both containers")) {
                self.all = true;
                return Some(());
            }
            if self.volume.is_none()
                && let Some(name) = w.led(NAMED, Walk::name)
            {
                self.volume = Some(name);
                return Some(());
            }
            let Some(Source::Empty { memory, limit }) = &mut self.source else { return None };
            if w.eat(list!("in memory|backed by memory|medium memory|in ram|in-memory")) {
                *memory = true;
                return Some(());
            }
            let size = w.led(list!("size limit|size limit of|of|limited to|of size|sizelimit|with a size limit of|a size limit of|max size"), |w| {
                w.one(|said| Quantity::new(said).ok())
            })?;
            *limit = Some(size);
            Some(())
        })
        .is_some()
    }

    /// The mount it comes to. A volume that nobody named is called after what fills it.
    pub fn parts(&self) -> Result<Vec<Part>, Lack> {
        let of = match &self.source {
            Some(Source::ConfigMap(name) | Source::Secret(name) | Source::Claim(name)) => Some(name.as_str().replace(['.', '_'], "-")),
            Some(Source::Empty { .. } | Source::HostPath(_)) | None => None,
        };
        let Some(name) = self.volume.clone().or(of) else {
            return Err(Lack::new("name", "what shall the volume be called?".into()));
        };
        let volume =
            VolumeName::new(name.to_lowercase()).map_err(|e| Lack::new("name", format!("{e}; what shall the volume be called?")))?;
        let Some(at) = self.at.clone() else {
            return Err(Lack::new("path", format!("at which path in the container shall volume {} be mounted?", volume.as_str())));
        };
        if at.contains(':') {
            return Err(Lack::new("path", format!("a mount path has no ':' in it, and {at:?} has; which path?")));
        }
        let mount = Mount { volume, source: self.source.clone(), at, sub_path: self.sub_path.clone(), read_only: self.read_only };
        Ok(vec![Part::Mount(mount)])
    }
}
