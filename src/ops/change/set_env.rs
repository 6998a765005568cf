//! `kubectl set env`: environment variables of a workload's containers.
//!
//! Source: `kubectl/pkg/cmd/set/set_env.go`.

use crate::ops::{
    Argv, Call, CannotDo, EnvName, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Wait, Way, look,
    restore, template,
    verb::{kind_named, refuse, target_and_rest},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Sets environment variables in a pod template and takes others away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetEnv {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// variables to set
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<EnvVar>,
    /// variables to take away
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<EnvName>,
    /// a ConfigMap or Secret whose keys become variables that refer to it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<EnvSource>,
    /// put before the name of every variable that is set
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// which containers: a name, `*` stands for any letters; left out: all, init containers too
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<String>,
    /// refuse to replace a value that is already there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_existing: bool,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvVar {
    /// its name
    pub name: EnvName,
    /// its value
    pub value: String,
}

/// Where variables come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvSource {
    /// configmap or secret
    pub kind: EnvSourceKind,
    /// its name
    pub name: Name,
    /// only these keys; left out: all
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// The kinds that variables can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnvSourceKind {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret; its values are never read.
    Secret,
}

impl EnvSourceKind {
    fn kind(self) -> Kind {
        Kind::built_in(match self {
            EnvSourceKind::ConfigMap => "configmaps",
            EnvSourceKind::Secret => "secrets",
        })
    }
    fn reference(self) -> &'static str {
        match self {
            EnvSourceKind::ConfigMap => "configMapKeyRef",
            EnvSourceKind::Secret => "secretKeyRef",
        }
    }
}

impl EnvSource {
    fn target(&self, namespace: Option<&Namespace>) -> Result<Target, CannotDo> {
        let target = Target::new(self.kind.kind(), self.name.clone()).map_err(|e| CannotDo::new(e.to_string(), ""))?;
        Ok(target.in_namespace(namespace.cloned()))
    }

    /// A variable for each key, in the order of the keys.
    fn variables(&self, target: &Target, seen: Option<&Lookup<Value>>) -> Result<Vec<Value>, CannotDo> {
        let object = match seen {
            Some(Lookup::Known(object)) => object,
            Some(Lookup::Missing) => return Err(CannotDo::missing(target)),
            Some(Lookup::NotChecked(why)) => return Err(CannotDo::new(format!("{target} could not be read: {why}"), "")),
            None => return Err(CannotDo::new(format!("{target} has not been looked at"), "")),
        };
        let data = object.get("data").and_then(Value::as_object);
        let keys: Vec<&String> = data.into_iter().flat_map(|data| data.keys()).collect();
        if let Some(wrong) = self.keys.iter().find(|wanted| !keys.contains(wanted)) {
            return Err(CannotDo::new(format!("{target} has no key {wrong:?}"), ""));
        }
        let chosen = keys.into_iter().filter(|key| self.keys.is_empty() || self.keys.contains(key));
        let reference = self.kind.reference();
        let one = |key: &String| json!({"name": variable_of(key), "valueFrom": {reference: {"name": self.name, "key": key}}});
        let all: Vec<Value> = chosen.map(one).collect();
        if all.is_empty() { Err(CannotDo::new(format!("{target} has no keys"), "")) } else { Ok(all) }
    }
}

/// `log-level.x` as `LOG_LEVEL_X`.
fn variable_of(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_uppercase() } else { '_' }).collect()
}

impl SetEnv {
    /// What is set, as a container has it.
    fn wanted(&self, seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let mut wanted: Vec<Value> = self.set.iter().map(|v| json!({"name": v.name, "value": v.value})).collect();
        if let Some(from) = &self.from {
            wanted.extend(from.variables(&from.target(self.target.namespace())?, seen.get(1))?);
        }
        for variable in &mut wanted {
            let name = format!("{}{}", self.prefix, look::text(variable, "/name"));
            EnvName::new(name.as_str()).map_err(|e| CannotDo::new(e.to_string(), "say another --prefix"))?;
            variable["name"] = json!(name);
        }
        let twice = |(at, one): (usize, &Value)| wanted[..at].iter().any(|other| other["name"] == one["name"]);
        if let Some(at) = wanted.iter().enumerate().position(twice) {
            return Err(CannotDo::new(format!("{} is set twice", look::text(&wanted[at], "/name")), ""));
        }
        if let Some(both) = self.remove.iter().find(|gone| wanted.iter().any(|v| look::text(v, "/name") == gone.as_str())) {
            return Err(CannotDo::new(format!("{both} is to be set and to go at once"), "say one of the two"));
        }
        if wanted.is_empty() && self.remove.is_empty() {
            return Err(CannotDo::new("which variable? none is named", "say NAME=value, or NAME- to take one away"));
        }
        Ok(wanted)
    }

    /// A container's variables as they shall be: those that were there keep their place.
    fn merged(&self, container: &Value, wanted: &[Value]) -> Vec<Value> {
        let named = |name: &str| wanted.iter().find(|v| look::text(v, "/name") == name);
        let had = look::list(container, "/env");
        let stays = had.iter().filter(|v| !self.remove.iter().any(|gone| gone.as_str() == look::text(v, "/name")));
        let mut env: Vec<Value> = stays.map(|v| named(look::text(v, "/name")).unwrap_or(v).clone()).collect();
        env.extend(wanted.iter().filter(|v| !had.iter().any(|old| old["name"] == v["name"])).cloned());
        env
    }

    fn words(&self) -> impl Iterator<Item = String> {
        let set = self.set.iter().map(|v| format!("{}={}", v.name, v.value));
        set.chain(self.remove.iter().map(|name| format!("{name}-")))
    }
}

impl Verb for SetEnv {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let names = self.set.iter().map(|v| v.name.to_string()).chain(self.remove.iter().map(|name| format!("{name}-")));
        let from = self.from.iter().map(|from| format!("from {}/{}", from.kind.kind(), from.name));
        format!("set env {} {}", self.target.slashed(), names.chain(from).collect::<Vec<_>>().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if !seen.is_empty() {
            return Vec::new();
        }
        let from = self.from.as_ref().and_then(|from| from.target(self.target.namespace()).ok());
        std::iter::once(&self.target).chain(from.as_ref()).map(Call::get).collect()
    }
    /// The whole list of each container that is meant, so that order and references are what was shown.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let wanted = self.wanted(seen)?;
        let mut fields = Vec::new();
        for (list, name, container) in template::chosen(&self.target, look::object(seen, &self.target)?, self.containers.as_deref())? {
            if self.keep_existing {
                let clash = look::list(container, "/env").iter().find(|old| {
                    wanted.iter().any(|new| new["name"] == old["name"] && look::text(new, "/value") != look::text(old, "/value"))
                });
                if let Some(old) = clash {
                    let text = format!("'{}' already has a value in container {name}, and --overwrite is false", look::text(old, "/name"));
                    return Err(CannotDo::new(text, "leave --overwrite=false away to replace it"));
                }
            }
            let env = self.merged(container, &wanted);
            let env = if env.is_empty() { Value::Null } else { Value::Array([vec![json!({"$patch": "replace"})], env].concat()) };
            fields.push((list, json!({"name": name, "env": env})));
        }
        Ok(vec![template::patch_containers(&self.target, fields)])
    }
    fn print(&self) -> Argv {
        let mut argv = self.words().fold(Argv::of(Self::VERB).place(self.target.slashed()), Argv::place);
        if let Some(from) = &self.from {
            argv = argv.flag("from", format!("{}/{}", from.kind.kind(), from.name));
            argv = from.keys.iter().fold(argv, |argv, key| argv.flag("keys", key));
        }
        if !self.prefix.is_empty() {
            argv = argv.flag("prefix", &self.prefix);
        }
        if let Some(containers) = &self.containers {
            argv = argv.flag("containers", containers);
        }
        if self.keep_existing {
            argv = argv.flag("overwrite", "false");
        }
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        template::settled(&self.target)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for SetEnv {
    const NAME: &'static str = "set_env";
    const VERB: &'static [&'static str] = &["set", "env"];
    const ABOUT: &'static str = "Set or remove environment variables of a workload's containers.";
    const EXAMPLE: &'static str = "kubectl set env deployment/web LEVEL=debug";
    const BACK: &'static str = "puts the former variables back";
    const FLAGS: &'static [Flag] = &[
        Flag::value("env").short('e'),
        Flag::value("from"),
        Flag::value("keys"),
        Flag::value("prefix"),
        Flag::value("containers").short('c'),
        Flag::switch("overwrite"),
        Flag::switch("list"),
        Flag::switch("resolve"),
    ];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("list", "kubectl describe shows them"), ("resolve", "kubectl describe shows what they refer to")])?;
        let (target, rest) = target_and_rest(argv)?;
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        for word in rest.iter().map(String::as_str).chain(argv.all("env")) {
            match (word.split_once('='), word.strip_suffix('-')) {
                (Some((name, value)), _) => set.push(EnvVar { name: EnvName::new(name)?, value: value.to_string() }),
                (None, Some("")) => return Err(Misuse::says("kubectl set env -: there is no standard input inside a request")),
                (None, Some(name)) => remove.push(EnvName::new(name)?),
                (None, None) => return Err(Misuse::Says(format!("{word:?}: NAME=value or NAME- was expected"))),
            }
        }
        let from = argv.get("from").map(|word| source(word, argv)).transpose()?;
        if from.is_none() && argv.get("keys").is_some() {
            return Err(Misuse::says("kubectl set env --keys: --from is missing"));
        }
        if set.is_empty() && remove.is_empty() && from.is_none() {
            return Err(Misuse::says("kubectl set env: which variable? NAME=value, NAME- or --from is missing"));
        }
        let containers = argv.get("containers").filter(|pattern| *pattern != "*").map(str::to_string);
        let prefix = argv.get("prefix").unwrap_or_default().to_string();
        Ok(SetEnv { target, set, remove, from, prefix, containers, keep_existing: argv.get("overwrite") == Some("false") })
    }
}

fn source(word: &str, argv: &Argv) -> Result<EnvSource, Misuse> {
    let unread = || Misuse::Says(format!("--from={word}: configmap/NAME or secret/NAME was expected"));
    let (kind, name) = word.split_once('/').ok_or_else(unread)?;
    let kind = kind_named(kind)?;
    let all = [EnvSourceKind::ConfigMap, EnvSourceKind::Secret];
    let kind = all.into_iter().find(|source| source.kind() == kind).ok_or_else(unread)?;
    let keys = argv.all("keys").flat_map(|keys| keys.split(',')).filter(|key| !key.is_empty()).map(str::to_string).collect();
    Ok(EnvSource { kind, name: Name::new(name)?, keys })
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn web() -> Value {
        json!({"spec": {"template": {"spec": {
            "containers": [{"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}, {"name": "side"}],
            "initContainers": [{"name": "init"}]}}}})
    }
    fn spec(line: &str, more: &[Value]) -> Result<Value, CannotDo> {
        let seen: Vec<_> = std::iter::once(web()).chain(more.iter().cloned()).map(Lookup::Known).collect();
        let calls = Op::from_line(line).unwrap().verb().calls(&seen, Default::default())?;
        Ok(calls[0].body(None).unwrap()["spec"]["template"]["spec"].clone())
    }

    #[test]
    fn what_was_there_keeps_its_place_and_new_ones_follow() {
        let spec = spec("kubectl set env deploy/web S=x A- NEW=1", &[]).unwrap();
        let replace = json!({"$patch": "replace"});
        let new = json!({"name": "NEW", "value": "1"});
        assert_eq!(spec["containers"][0], json!({"name": "web", "env": [replace, {"name": "S", "value": "x"}, new]}));
        assert_eq!(spec["initContainers"][0]["env"][2], new);
    }

    #[test]
    fn keys_become_variables_that_refer_to_them() {
        let map = json!({"data": {"log-level.x": "a", "colour": "b"}});
        let line = "kubectl set env deploy web --from=cm/settings --prefix=P_ -c 'w*'";
        let spec_of = spec(line, std::slice::from_ref(&map)).unwrap();
        let reference = |name: &str, key: &str| json!({"name": name, "valueFrom": {"configMapKeyRef": {"name": "settings", "key": key}}});
        assert_eq!(
            spec_of["containers"][0]["env"].as_array().unwrap()[3..],
            [reference("P_COLOUR", "colour"), reference("P_LOG_LEVEL_X", "log-level.x")]
        );
        assert_eq!(spec_of["containers"].as_array().unwrap().len(), 1);
        assert_eq!(
            Op::from_line(line).unwrap().line(),
            "kubectl set env deployment/web --from=configmap/settings --prefix=P_ --containers='w*'"
        );
        let e = spec("kubectl set env deploy web --from=secret/s --keys=none", &[map]).unwrap_err();
        assert!(e.sentence.contains("no key \"none\""), "{e:?}");
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (line, word) in [
            ("kubectl set env deploy/web A=2 --overwrite=false", "'A' already has a value"),
            ("kubectl set env deploy/web A=2 -c nope", "no container \"nope\""),
            ("kubectl set env deploy/web A=2 A-", "at once"),
            ("kubectl set env deploy/web A=2 A=3", "twice"),
            ("kubectl set env service/web A=2", "no pod template"),
        ] {
            let e = spec(line, &[]).unwrap_err();
            assert!(e.sentence.contains(word), "{line}: {e:?}");
        }
        for bad in
            ["deploy/web", "deploy/web -", "deploy/web 1A=2", "deploy/web --from=pod/x", "deploy/web A=1 --list", "deploy/web A=1 --keys=a"]
        {
            assert!(Op::from_line(&format!("kubectl set env {bad}")).is_err(), "{bad}");
        }
    }
}
