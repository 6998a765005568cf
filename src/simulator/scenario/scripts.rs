//! `scripts.yaml`, for the time being.
use crate::simulator::{Behaviour, Match, Script};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    image: Option<String>,
    label: Option<String>,
    ready_after: Option<i64>,
    #[serde(default)]
    log: Vec<String>,
    tick: Option<(i64, String)>,
    #[serde(default)]
    needs: Vec<(String, String, i32)>,
    then: Option<Then>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Then {
    NeverReady(String),
    Exits {
        after: i64,
        code: i32,
        #[serde(default)]
        last: Vec<String>,
    },
    OutOfMemory {
        after: i64,
    },
    CannotPull(String),
}

impl Told {
    pub(super) fn script(self) -> (Match, Script) {
        let which = match (self.image, self.label.as_deref().and_then(|l| l.split_once('='))) {
            (_, Some((key, value))) => Match::Label(key.to_owned(), value.to_owned()),
            (image, None) => Match::Image(image.unwrap_or_default()),
        };
        let mut script = Script::runs();
        script.ready_after = self.ready_after.unwrap_or(script.ready_after);
        (script.log, script.tick, script.needs) = (self.log, self.tick, self.needs);
        script.then = match self.then {
            None => Behaviour::Runs,
            Some(Then::NeverReady(why)) => Behaviour::NeverReady(why),
            Some(Then::Exits { after, code, last }) => Behaviour::Exits { after, code, last },
            Some(Then::OutOfMemory { after }) => Behaviour::OutOfMemory { after },
            Some(Then::CannotPull(why)) => Behaviour::CannotPull(why),
        };
        (which, script)
    }
}
