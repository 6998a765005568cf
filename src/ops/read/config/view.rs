//! `kubectl config view`: the kubeconfig itself, without what one logs in with.

use super::entry;
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Output, Reply, Spec, Target, Verb,
    answer::ObjectForm,
    call::Local,
    look::{first_object, text},
    verb::{no_places, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows the kubeconfig.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigView {
    /// yaml or json
    #[serde(default = "yaml")]
    pub output: Output,
    /// only what the context in use needs
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub minify: bool,
    /// with the certificates as they stand in it; keys, tokens and passwords are not shown
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
}

fn yaml() -> Output {
    Output::Yaml
}

/// The context in use, its cluster and its user.
fn minified(mut config: Value) -> Value {
    if !config.is_object() {
        return config;
    }
    let current = text(&config, "/current-context").to_string();
    let context = entry(&config, "/contexts", &current).cloned();
    let of = |field: &str| context.as_ref().map_or("", |one| text(one, field)).to_string();
    let (cluster, user) = (of("/context/cluster"), of("/context/user"));
    let kept = |list: &str, name: &str| Value::Array(entry(&config, list, name).cloned().into_iter().collect());
    let (contexts, clusters, users) = (kept("/contexts", &current), kept("/clusters", &cluster), kept("/users", &user));
    config["contexts"] = contexts;
    config["clusters"] = clusters;
    config["users"] = users;
    config
}

impl Verb for ConfigView {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        if self.raw { "the kubeconfig with its certificates, without keys" } else { "the kubeconfig, without credentials" }.into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::local(if self.raw { Local::KubeconfigRaw } else { Local::Kubeconfig })])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB);
        let argv = if self.output == Output::Yaml { argv } else { argv.flag("output", &self.output) };
        argv.switch("minify", self.minify).switch("raw", self.raw)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let mut config = first_object(calls, replies)?;
        if self.minify {
            config = minified(config);
        }
        let told = |text: Result<String, crate::terms::jsonpath::BadPath>| match text {
            Ok(text) => Ok(Answer::Text { text }),
            Err(e) => Err(CannotDo::new(format!("the template does not fit: {e}"), "-o json shows what is there")),
        };
        match &self.output {
            Output::Json => Ok(Answer::Objects { output: ObjectForm::Json, items: vec![config].into() }),
            Output::JsonPath(program) => told(program.template.text(&config)),
            Output::JsonPathAsJson(program) => told(program.template.json(&config)),
            Output::Yaml | Output::Table | Output::Wide | Output::Name | Output::Count | Output::Columns(_) => {
                Ok(Answer::Objects { output: ObjectForm::Yaml, items: vec![config].into() })
            }
        }
    }
}

impl Spec for ConfigView {
    const NAME: &'static str = "config_view";
    const VERB: &'static [&'static str] = &["config", "view"];
    const ABOUT: &'static str = "Show the kubeconfig that is in use, without what one logs in with.";
    const EXAMPLE: &'static str = "kubectl config view --minify";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("output").short('o'),
        Flag::switch("minify"),
        Flag::switch("raw"),
        Flag::switch("flatten"),
        Flag::switch("merge"),
        Flag::switch("show-managed-fields"),
        Flag::switch("allow-missing-template-keys"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        refuse(argv, &[("flatten", "what one logs in with stays where it is; --raw shows the certificates")])?;
        let output = argv.parsed("output")?.unwrap_or_else(yaml);
        match output {
            Output::Yaml | Output::Json | Output::JsonPath(_) | Output::JsonPathAsJson(_) => {
                Ok(ConfigView { output, minify: argv.on("minify"), raw: argv.on("raw") })
            }
            Output::Table | Output::Wide | Output::Name | Output::Count | Output::Columns(_) => {
                Err(Misuse::Says(format!("-o {output}: yaml, json, jsonpath=… or jsonpath-as-json=…")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;
    use serde_json::json;

    fn answered(line: &str) -> Result<Answer, CannotDo> {
        let config = json!({"current-context": "a", "contexts": [{"name": "b", "context": {"cluster": "d", "user": "v"}},
            {"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "dev"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://c"}}, {"name": "d", "cluster": {}}], "users": [{"name": "u", "user": {}}]});
        let op = Op::from_line(line).unwrap();
        let calls = op.verb().calls(&[], Timestamp::UNIX_EPOCH)?;
        assert!(!calls[0].mutates() && calls[0].kind().is_none() && calls[0].path().is_empty());
        let reply = Reply { call: 0, body: Lookup::Known(config.to_string().into_bytes()) };
        op.verb().answer(&calls, &[reply], Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_context_in_use_alone() {
        let Answer::Objects { items, .. } = answered("kubectl config view --minify").unwrap() else { panic!() };
        let items: Vec<Value> = items.iter().collect();
        assert_eq!((items[0]["contexts"].as_array().unwrap().len(), &items[0]["clusters"][0]["name"]), (1, &json!("c")));
        let Answer::Tables { tables } = answered("kubectl config get-contexts").unwrap() else { panic!() };
        assert_eq!(tables[0].rows, [vec!["*", "a", "c", "u", "dev"], vec!["", "b", "d", "v", ""]]);
        assert!(answered("kubectl config get-contexts x").unwrap_err().hint.contains("b, a"));
        assert_eq!(answered("kubectl config current-context").unwrap(), Answer::Text { text: "a\n".into() });
        assert_eq!(
            Op::from_line("kubectl config view --raw").unwrap().verb().calls(&[], Timestamp::UNIX_EPOCH).unwrap(),
            [Call::local(Local::KubeconfigRaw)]
        );
        assert!(Op::from_line("kubectl config view --flatten").is_err());
    }
}
