//! All keys of a config map or a secret as variables: `load all keys of configmap app-config into the env of backend`.
//!
//! Invariant: read to the last word, or not at all.

use super::super::phrases::list;
use super::{about::About, walk::Walk};
use crate::ops::{EnvName, EnvSource, EnvSourceKind, Name};

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub source: EnvSource,
    pub prefix: String,
    pub about: About,
}

impl Loaded {
    /// Reads a step. `None` where it is none, or a word of it has no place.
    pub fn read(mut w: Walk) -> Option<Loaded> {
        w.eat(list!("then|now|and|also|next|,"));
        if !w.eat(list!(
            "load|set|import|inject|use|add|fill|populate|put|expose|pass|feed|source|provide|give|set up|configure|bring|read|pull|update"
        )) {
            return None;
        }
        let (mut source, mut environment, mut prefix) = (None, false, String::new());
        let mut about = About::default();
        while !w.done() {
            if source.is_none()
                && let Some(from) = w.attempt(keys_of)
            {
                source = Some(from);
            } else if !environment && w.attempt(variables).is_some() {
                environment = true;
            } else if let Some(said) = w.led(list!("with prefix|with the prefix|prefixed with|using prefix|prefix|and prefix"), |w| {
                w.one(|said| EnvName::new(said).ok().map(|_| said.to_string()))
            }) {
                prefix = said;
            } else if !(about.read(&mut w) || w.eat(list!("too|also|,|please|."))) {
                return None;
            }
        }
        about.object.as_ref().filter(|_| environment)?;
        Some(Loaded { source: source?, prefix, about })
    }
}

/// `all keys of configmap app-config`, `from secret db`.
fn keys_of(w: &mut Walk) -> Option<EnvSource> {
    w.eat(list!("from|with|using|out of|by|of"));
    w.eat(list!("all|all the|every|all of the|the|each"));
    w.eat(list!("keys|key|values|entries|data|variables|contents|settings|key value pairs|key-value pairs"));
    w.eat(list!("of|in|from"));
    w.eat(list!("a|an|the"));
    let of = |plural: &str| {
        [("configmaps", EnvSourceKind::ConfigMap), ("secrets", EnvSourceKind::Secret)].into_iter().find(|(is, _)| *is == plural)
    };
    let (kind, name) = match w.slashed() {
        Some((kind, name)) => (of(kind.info().plural)?.1, name),
        None => match kind(w) {
            Some(kind) => {
                w.eat(list!("named|called"));
                (kind, w.name()?)
            }
            None => {
                let name = w.name()?;
                (kind(w)?, name)
            }
        },
    };
    Some(EnvSource { kind, name: Name::new(name.to_lowercase()).ok()?, keys: Vec::new() })
}

/// By its words: "from secret" may have been read as one phrase.
fn kind(w: &mut Walk) -> Option<EnvSourceKind> {
    if w.eat(list!("configmap|config map|config-map|cm")) {
        return Some(EnvSourceKind::ConfigMap);
    }
    w.eat(list!("secret")).then_some(EnvSourceKind::Secret)
}

/// `into the env of`, `as environment variables`.
fn variables(w: &mut Walk) -> Option<()> {
    w.eat(list!("into|as|in|to|for|with"));
    w.eat(list!("the|all|all the|its"));
    w.eat(list!("env|environment|environment variables|env vars|env variables|variables|envs|environment vars|process environment"))
        .then_some(())
}
