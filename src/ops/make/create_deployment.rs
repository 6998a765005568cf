//! `kubectl create deployment`: pods of one template, kept running.
//!
//! Source: `kubectl/pkg/cmd/create/create_deployment.go`.

use super::{
    container::{container, name_of, with_command},
    made::{Makes, listed, only_name},
};
use crate::ops::{Argv, CannotDo, DnsName, Flag, Image, Kind, Lookup, Misuse, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Creates a Deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDeployment {
    /// its name; its pods get the label app=name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// one container for each image
    pub images: Vec<Image>,
    /// number of pods; left out: 1
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// the port the first container listens on
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// command and its arguments, instead of the image's own; only with one image
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl Makes for CreateDeployment {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("deployments"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if self.images.is_empty() {
            return Err(CannotDo::new("a deployment runs an image, and none is named", "say --image=IMAGE"));
        }
        if self.images.len() > 1 && !self.command.is_empty() {
            return Err(CannotDo::new("with several images it is not said which of them the command is for", "write a manifest"));
        }
        let mut containers: Vec<Value> = self.images.iter().map(|image| container(&name_of(image), image, &self.command)).collect();
        if let (Some(first), Some(port)) = (containers.first_mut(), self.port) {
            first["ports"] = json!([{"containerPort": port}]);
        }
        let labels = json!({"app": self.name});
        Ok(vec![json!({
            "metadata": {"labels": labels},
            "spec": {
                "replicas": self.replicas.unwrap_or(1),
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
            },
        })])
    }
    fn words(&self) -> Argv {
        let mut argv = self.images.iter().fold(Argv::of(Self::VERB).place(&self.name), |argv, image| argv.flag("image", image));
        if let Some(replicas) = self.replicas {
            argv = argv.flag("replicas", replicas);
        }
        if let Some(port) = self.port {
            argv = argv.flag("port", port);
        }
        with_command(argv, &self.command)
    }
}

impl Spec for CreateDeployment {
    const NAME: &'static str = "create_deployment";
    const VERB: &'static [&'static str] = &["create", "deployment"];
    const ABOUT: &'static str = "Create a deployment that runs an image.";
    const EXAMPLE: &'static str = "kubectl create deployment web --image=nginx:1.27 --replicas=3";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("image"), Flag::value("replicas").short('r'), Flag::value("port")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let images: Vec<Image> = listed(argv, "image")?;
        if images.is_empty() {
            return Err(Misuse::says("kubectl create deployment: --image is missing"));
        }
        Ok(CreateDeployment {
            name: DnsName::new(only_name(argv)?)?,
            namespace: argv.named_namespace()?,
            images,
            replicas: argv.parsed("replicas")?,
            port: argv.parsed("port")?,
            command: argv.tail.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_named_after_its_image() {
        let name = |image: &str| name_of(&Image::new(image).unwrap());
        assert_eq!(name("registry.io:5000/team/web:1.2"), "web");
        assert_eq!(name("busybox@sha256:0123"), "busybox");
        let made = name("my_app.web:1");
        assert!(made.starts_with("my-app-web-") && made.len() == 16 && made == name("my_app.web:1"), "{made}");
    }
}
