//! `kubectl taint`: what keeps pods off a node, or drives them away.
//!
//! Source: `kubectl/pkg/cmd/taint/utils.go`.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Kind, LabelKey, LabelValue, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Way,
    look, restore, verb::target_and_rest,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt, str::FromStr};

/// Sets taints of a node and takes others away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// the node
    #[serde(flatten)]
    pub target: Target,
    /// taints to set
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<NewTaint>,
    /// taints to take away
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<OldTaint>,
    /// replace the value of a taint that is already there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overwrite: bool,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Effect {
    /// No new ones come.
    NoSchedule,
    /// New ones come only if they find no other node.
    PreferNoSchedule,
    /// No new ones come, and those that are there are driven away.
    NoExecute,
}

/// A taint as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaint {
    /// its key
    pub key: LabelKey,
    /// its value; may be left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<LabelValue>,
    /// NoSchedule, PreferNoSchedule or NoExecute (drives pods away)
    pub effect: Effect,
}

/// A taint that shall go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OldTaint {
    /// its key
    pub key: LabelKey,
    /// its effect; left out: every taint with that key
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

impl FromStr for Effect {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "NoSchedule" => Ok(Effect::NoSchedule),
            "PreferNoSchedule" => Ok(Effect::PreferNoSchedule),
            "NoExecute" => Ok(Effect::NoExecute),
            _ => Err("the effect is NoSchedule, PreferNoSchedule or NoExecute"),
        }
    }
}
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
impl fmt::Display for NewTaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}:{}", self.key, self.effect),
            None => write!(f, "{}:{}", self.key, self.effect),
        }
    }
}
impl fmt::Display for OldTaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            Some(effect) => write!(f, "{}:{effect}-", self.key),
            None => write!(f, "{}-", self.key),
        }
    }
}

impl NewTaint {
    /// A taint as it stands on a node.
    fn read(taint: &Value) -> Option<NewTaint> {
        let value = Some(look::text(taint, "/value")).filter(|value| !value.is_empty()).map(LabelValue::new).transpose().ok()?;
        Some(NewTaint { key: LabelKey::new(look::text(taint, "/key")).ok()?, value, effect: look::text(taint, "/effect").parse().ok()? })
    }
}

fn same(taint: &Value, key: &LabelKey, effect: Option<Effect>) -> bool {
    look::text(taint, "/key") == key.as_str() && effect.is_none_or(|effect| look::text(taint, "/effect").parse() == Ok(effect))
}

impl Taint {
    /// What makes the taints of this operation's keys again what they were; `None` where one of them cannot be read.
    fn back(&self, before: &Value, after: &Value) -> Option<Taint> {
        let keys: Vec<&LabelKey> = self.add.iter().map(|taint| &taint.key).chain(self.remove.iter().map(|taint| &taint.key)).collect();
        let of = |node: &Value| -> Option<Vec<NewTaint>> {
            let all = node.pointer("/spec/taints").and_then(Value::as_array).into_iter().flatten();
            all.filter(|taint| keys.iter().any(|key| same(taint, key, None))).map(NewTaint::read).collect()
        };
        let (had, has) = (of(before)?, of(after)?);
        let alike = |a: &NewTaint, b: &NewTaint| a.key == b.key && a.effect == b.effect;
        let add: Vec<NewTaint> = had.iter().filter(|taint| !has.contains(taint)).cloned().collect();
        let gone = has.iter().filter(|taint| !had.iter().any(|former| alike(former, taint)));
        let remove = gone.map(|taint| OldTaint { key: taint.key.clone(), effect: Some(taint.effect) }).collect();
        let overwrite = add.iter().any(|taint| has.iter().any(|there| alike(there, taint)));
        Some(Taint { target: self.target.clone(), add, remove, overwrite })
    }

    fn words(&self) -> Vec<String> {
        self.add.iter().map(ToString::to_string).chain(self.remove.iter().map(ToString::to_string)).collect()
    }

    /// The node's taints as they shall be: new ones first, as kubectl orders them.
    fn wanted(&self, node: &Value) -> Result<Vec<Value>, CannotDo> {
        let old = look::list(node, "/spec/taints");
        let slashed = self.target.slashed();
        let mut taints = Vec::new();
        for new in &self.add {
            if !self.overwrite && old.iter().any(|taint| same(taint, &new.key, Some(new.effect))) {
                return Err(CannotDo::new(
                    format!("{slashed} already has a taint {} with effect {}, and --overwrite is false", new.key, new.effect),
                    "add --overwrite to replace its value",
                ));
            }
            let mut taint = json!({"key": new.key, "effect": new.effect});
            if let Some(value) = new.value.as_ref().filter(|value| !value.as_str().is_empty()) {
                taint["value"] = json!(value);
            }
            taints.push(taint);
        }
        for gone in &self.remove {
            if !old.iter().any(|taint| same(taint, &gone.key, gone.effect)) {
                let word = gone.to_string();
                let named = word.trim_end_matches('-');
                return Err(CannotDo::new(
                    format!("{slashed} has no taint {named}"),
                    format!("kubectl describe {slashed} shows its taints"),
                ));
            }
        }
        let stays = |taint: &&Value| {
            let replaced = self.add.iter().any(|new| same(taint, &new.key, Some(new.effect)));
            !replaced && !self.remove.iter().any(|gone| same(taint, &gone.key, gone.effect))
        };
        taints.extend(old.iter().filter(stays).cloned());
        Ok(taints)
    }
}

impl Verb for Taint {
    fn impact(&self) -> Impact {
        if self.add.iter().any(|taint| taint.effect == Effect::NoExecute) { Impact::Disrupts } else { Impact::Changes }
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("taint {} {}", self.target.slashed(), self.words().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.target.kind() != Kind::built_in("nodes") {
            return Err(CannotDo::new(
                format!("only nodes have taints, and {} is none", self.target.slashed()),
                "kubectl get nodes lists them",
            ));
        }
        if self.words().is_empty() {
            return Err(CannotDo::new("which taint? none is named", "say key=value:NoSchedule, or key- to take one away"));
        }
        if let Some(both) = self
            .remove
            .iter()
            .find(|gone| self.add.iter().any(|new| new.key == gone.key && gone.effect.is_none_or(|effect| effect == new.effect)))
        {
            return Err(CannotDo::new(format!("the taint {} is to be set and to go at once", both.key), "say one of the two"));
        }
        let taints = self.wanted(look::object(seen, &self.target)?)?;
        let taints = if taints.is_empty() { Value::Null } else { Value::Array(taints) };
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"spec": {"taints": taints}}))])
    }
    fn print(&self) -> Argv {
        let argv = self
            .words()
            .into_iter()
            .fold(Argv::of(Self::VERB).place(self.target.kind().word()).place(self.target.name().as_str()), Argv::place);
        argv.switch("overwrite", self.overwrite)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        // By keys and not by places: a node's controllers write taints of their own at any time.
        match images.first().and_then(|images| self.back(images.before?, images.after?)) {
            Some(back) if back.add.is_empty() && back.remove.is_empty() => Way::None("it changed nothing"),
            Some(back) => Way::Back(vec![back.into()]),
            None => restore::way_back(&self.target, images),
        }
    }
}

impl Spec for Taint {
    const NAME: &'static str = "taint";
    const VERB: &'static [&'static str] = &["taint"];
    const ABOUT: &'static str = "Set or remove taints of a node, which keep pods off it.";
    const EXAMPLE: &'static str = "kubectl taint node n1 dedicated=batch:NoSchedule";
    const BACK: &'static str = "puts the former taints back; pods that were driven away do not come back";
    const FLAGS: &'static [Flag] = &[Flag::switch("overwrite")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (target, rest) = target_and_rest(argv)?;
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        for word in &rest {
            let unread = |why: &str| Misuse::Says(format!("{word:?}: {why}"));
            let (body, gone) = match word.strip_suffix('-') {
                Some(body) => (body, true),
                None => (word.as_str(), false),
            };
            let (marked, effect) = match body.rsplit_once(':') {
                Some((marked, effect)) => (marked, Some(effect.parse::<Effect>().map_err(unread)?)),
                None => (body, None),
            };
            let (key, value) = match marked.split_once('=') {
                Some((key, value)) => (LabelKey::new(key)?, Some(LabelValue::new(value)?)),
                None => (LabelKey::new(marked)?, None),
            };
            match (gone, effect) {
                (true, effect) => remove.push(OldTaint { key, effect }),
                (false, Some(effect)) => add.push(NewTaint { key, value: value.filter(|v| !v.as_str().is_empty()), effect }),
                (false, None) => return Err(unread("key=value:NoSchedule, key:NoSchedule or key- was expected")),
            }
        }
        if rest.is_empty() {
            return Err(Misuse::says("kubectl taint: which taint? key=value:NoSchedule or key- is missing"));
        }
        Ok(Taint { target, add, remove, overwrite: argv.on("overwrite") })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn taints(line: &str, had: Value) -> Result<Value, CannotDo> {
        let seen = [Lookup::Known(json!({"spec": {"taints": had}}))];
        let calls = Op::from_line(line).unwrap().verb().calls(&seen, Default::default())?;
        Ok(calls[0].body(None).unwrap()["spec"]["taints"].clone())
    }

    #[test]
    fn its_way_back_leaves_others_taints_alone() {
        let node = |taints: Value| json!({"metadata": {"name": "n1"}, "spec": {"taints": taints}});
        let (mine, other) = (
            json!({"key": "a", "value": "1", "effect": "NoSchedule"}),
            json!({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}),
        );
        for (line, before, after, back) in [
            ("kubectl taint node n1 a-", json!([mine, other]), json!([other]), "kubectl taint node n1 a=1:NoSchedule"),
            ("kubectl taint node n1 a=1:NoSchedule", json!([other]), json!([mine, other]), "kubectl taint node n1 a:NoSchedule-"),
            (
                "kubectl taint node n1 a=2:NoSchedule --overwrite",
                json!([mine]),
                json!([{"key": "a", "value": "2", "effect": "NoSchedule"}]),
                "kubectl taint node n1 a=1:NoSchedule --overwrite",
            ),
        ] {
            let (before, after) = (node(before), node(after));
            let op = Op::from_line(line).unwrap();
            let Way::Back(ops) = op.verb().inverse(&[Images { before: Some(&before), after: Some(&after) }]) else { panic!("{line}") };
            assert_eq!(ops.iter().map(Op::line).collect::<Vec<_>>(), [back], "{line}");
        }
    }

    #[test]
    fn as_kubectl_reorders_them() {
        let had = json!([{"key": "a", "value": "1", "effect": "NoSchedule"}, {"key": "b", "effect": "NoExecute", "timeAdded": "t"}]);
        assert_eq!(
            taints("kubectl taint nodes n1 c=x:NoSchedule", had.clone()).unwrap(),
            json!([{"key": "c", "value": "x", "effect": "NoSchedule"}, had[0], had[1]])
        );
        assert_eq!(
            taints("kubectl taint node n1 a=2:NoSchedule --overwrite", had.clone()).unwrap(),
            json!([{"key": "a", "value": "2", "effect": "NoSchedule"}, had[1]])
        );
        assert_eq!(taints("kubectl taint node n1 a:NoSchedule- b-", had.clone()).unwrap(), Value::Null);
        let e = taints("kubectl taint node n1 a=2:NoSchedule", had.clone()).unwrap_err();
        assert_eq!(e.sentence, "node/n1 already has a taint a with effect NoSchedule, and --overwrite is false");
        assert_eq!(taints("kubectl taint node n1 a:NoExecute-", had.clone()).unwrap_err().sentence, "node/n1 has no taint a:NoExecute");
        assert!(taints("kubectl taint node n1 a:NoExecute a-", had).unwrap_err().sentence.contains("at once"));
    }

    #[test]
    fn what_drives_pods_away_disrupts() {
        assert_eq!(Op::from_line("kubectl taint node n1 gpu:NoExecute").unwrap().verb().impact(), Impact::Disrupts);
        assert_eq!(Op::from_line("kubectl taint node n1 gpu:NoExecute-").unwrap().verb().impact(), Impact::Changes);
        let several = Op::from_line("kubectl taint node n1 n2 gpu:NoSchedule").unwrap();
        assert_eq!(several.verb().expand(&[]).unwrap().unwrap()[1].line(), "kubectl taint node n2 gpu:NoSchedule");
        for bad in ["node n1", "node n1 gpu=1", "node n1 gpu=1:Never", "gpu-"] {
            assert!(Op::from_line(&format!("kubectl taint {bad}")).is_err(), "{bad}");
        }
    }
}
