//! `kubectl create priorityclass`: which pods go first, and which give way.
//!
//! Source: `kubectl/pkg/cmd/create/create_priorityclass.go`.

use super::made::{Makes, dns_name};
use crate::ops::{Argv, CannotDo, DnsName, Flag, Kind, Lookup, Misuse, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whether pods of lower priority are pushed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Preemption {
    /// they are
    PreemptLowerPriority,
    /// they are left alone
    Never,
}

impl Preemption {
    fn word(self) -> &'static str {
        match self {
            Preemption::PreemptLowerPriority => "PreemptLowerPriority",
            Preemption::Never => "Never",
        }
    }
}

impl std::str::FromStr for Preemption {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "PreemptLowerPriority" => Ok(Preemption::PreemptLowerPriority),
            "Never" => Ok(Preemption::Never),
            _ => Err("PreemptLowerPriority or Never was expected"),
        }
    }
}

/// Creates a PriorityClass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePriorityClass {
    /// its name
    pub name: DnsName,
    /// the greater, the sooner; left out: 0
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i32>,
    /// whether pods that name no class get this one
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub global_default: bool,
    /// what it is for
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// whether it pushes others out; left out: PreemptLowerPriority
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemption_policy: Option<Preemption>,
}

impl Makes for CreatePriorityClass {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("priorityclasses"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        None
    }
    fn fill(&mut self, _namespace: &Namespace) {}
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let preemption = self.preemption_policy.unwrap_or(Preemption::PreemptLowerPriority).word();
        let mut body = json!({"value": self.value.unwrap_or(0), "preemptionPolicy": preemption});
        if self.global_default {
            body["globalDefault"] = json!(true);
        }
        if let Some(description) = self.description.as_ref().filter(|text| !text.is_empty()) {
            body["description"] = json!(description);
        }
        Ok(vec![body])
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name);
        if let Some(value) = self.value {
            argv = argv.flag("value", value);
        }
        argv = argv.switch("global-default", self.global_default);
        if let Some(description) = &self.description {
            argv = argv.flag("description", description);
        }
        if let Some(policy) = self.preemption_policy {
            argv = argv.flag("preemption-policy", policy.word());
        }
        argv
    }
}

impl Spec for CreatePriorityClass {
    const NAME: &'static str = "create_priority_class";
    const VERB: &'static [&'static str] = &["create", "priorityclass"];
    const ABOUT: &'static str = "Create a priority class.";
    const EXAMPLE: &'static str = "kubectl create priorityclass high --value=1000";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] =
        &[Flag::value("value"), Flag::switch("global-default"), Flag::value("description"), Flag::value("preemption-policy")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CreatePriorityClass {
            name: dns_name(argv)?,
            value: argv.parsed("value")?,
            global_default: argv.on("global-default"),
            description: argv.parsed("description")?,
            preemption_policy: argv.parsed("preemption-policy")?,
        })
    }
}
