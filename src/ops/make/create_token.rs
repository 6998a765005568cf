//! `kubectl create token`: a credential for a service account, shown once and kept nowhere.
//!
//! Source: `kubectl/pkg/cmd/create/create_token.go`; TokenRequest: <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>.

use super::made::dns_name;
use crate::ops::{
    Action, Argv, BadName, Call, CannotDo, DnsName, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Way,
    verb::refuse,
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Asks for a token of a service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// the service account
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// how many seconds it is to be good for; left out: as the server has it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// whom it is meant for; left out: the API server
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<String>,
    /// the object with which it ends
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<BoundTo>,
}

/// An object with which a token ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundTo {
    /// Pod, Secret or Node
    pub kind: BoundKind,
    /// its name
    pub name: Name,
    /// its uid; left out: that of the one that is there
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// The kinds that a token can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BoundKind {
    /// a pod
    Pod,
    /// a secret
    Secret,
    /// a node
    Node,
}

impl BoundKind {
    fn word(self) -> &'static str {
        match self {
            BoundKind::Pod => "Pod",
            BoundKind::Secret => "Secret",
            BoundKind::Node => "Node",
        }
    }
}

impl std::str::FromStr for BoundKind {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [BoundKind::Pod, BoundKind::Secret, BoundKind::Node]
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or("Pod, Secret or Node was expected")
    }
}

impl CreateToken {
    fn account(&self) -> Result<Target, BadName> {
        let name = Name::new(self.name.to_string())?;
        Ok(Target::new(Kind::built_in("serviceaccounts"), name)?.in_namespace(self.namespace.clone()))
    }
}

impl Verb for CreateToken {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        self.account().into_iter().collect()
    }
    fn title(&self) -> String {
        let time = self.seconds.map_or_else(String::new, |seconds| format!(", good for {seconds} s"));
        format!("create a token of serviceaccount/{}{time}", self.name)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { self.account().iter().map(Call::get).collect() } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let account = self.account().map_err(|e| CannotDo::new(e.to_string(), ""))?;
        if seen.first() == Some(&Lookup::Missing) {
            return Err(CannotDo::missing(&account));
        }
        let mut spec = json!({"audiences": self.audience});
        if let Some(seconds) = self.seconds {
            spec["expirationSeconds"] = json!(seconds);
        }
        if let Some(bound) = &self.bound {
            spec["boundObjectRef"] = json!({"kind": bound.kind.word(), "apiVersion": "v1", "name": bound.name});
            if let Some(uid) = &bound.uid {
                spec["boundObjectRef"]["uid"] = json!(uid);
            }
        }
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
        Ok(vec![Call { action: Action::Create(body), ..Call::get(&account) }.on("token")])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name);
        if let Some(seconds) = self.seconds {
            let length = match seconds {
                n if n % 3600 == 0 => format!("{}h", n / 3600),
                n if n % 60 == 0 => format!("{}m", n / 60),
                n => format!("{n}s"),
            };
            argv = argv.flag("duration", length);
        }
        argv = self.audience.iter().fold(argv, |argv, audience| argv.flag("audience", audience));
        if let Some(bound) = &self.bound {
            argv = argv.flag("bound-object-kind", bound.kind.word()).flag("bound-object-name", &bound.name);
            if let Some(uid) = &bound.uid {
                argv = argv.flag("bound-object-uid", uid);
            }
        }
        argv.namespace(self.namespace.as_ref())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::None("a token is good until its time is up, or what it is bound to is gone")
    }
}

impl Spec for CreateToken {
    const NAME: &'static str = "create_token";
    const VERB: &'static [&'static str] = &["create", "token"];
    const ABOUT: &'static str = "Ask for a token of a service account; it is shown to you and kept nowhere.";
    const EXAMPLE: &'static str = "kubectl create token builder --duration=10m";
    const BACK: &'static str = "none: it is good until its time is up, or what it is bound to is gone";
    const FLAGS: &'static [Flag] = &[
        Flag::value("duration"),
        Flag::value("audience"),
        Flag::value("bound-object-kind"),
        Flag::value("bound-object-name"),
        Flag::value("bound-object-uid"),
        Flag::value("output").short('o'),
        Flag::value("template"),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let bare = "the token is told as it is, on a line of its own";
        refuse(argv, &[("output", bare), ("template", bare)])?;
        let says = |text: &str| Misuse::Says(format!("kubectl create token: {text}"));
        let duration = argv.parsed::<GoDuration>("duration")?;
        let seconds = match duration.map(GoDuration::to_std) {
            None => None,
            Some(Some(time)) if time.subsec_nanos() == 0 => Some(time.as_secs()).filter(|seconds| *seconds > 0),
            Some(Some(_) | None) => return Err(says("--duration: whole seconds were expected, for example 10m")),
        };
        let bound = match (argv.parsed("bound-object-kind")?, argv.parsed("bound-object-name")?, argv.get("bound-object-uid")) {
            (Some(kind), Some(name), uid) => Some(BoundTo { kind, name, uid: uid.map(str::to_string) }),
            (None, None, None) => None,
            (_, _, _) => return Err(says("--bound-object-kind and --bound-object-name go together")),
        };
        let audience = argv.all("audience").flat_map(|said| said.split(',')).filter(|one| !one.is_empty()).map(str::to_string).collect();
        Ok(CreateToken { name: dns_name(argv)?, namespace: argv.named_namespace()?, seconds, audience, bound })
    }
}
