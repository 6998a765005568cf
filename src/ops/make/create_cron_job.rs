//! `kubectl create cronjob`: a job by the clock.
//!
//! Source: `kubectl/pkg/cmd/create/create_cronjob.go`.

use super::{
    container::{container, with_command},
    made::{Makes, needed, only_name},
};
use crate::ops::{Argv, CannotDo, DnsName, Flag, Image, Kind, Lookup, Misuse, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What happens to a job's container that ended badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum JobRestart {
    /// it is started again in the same pod
    OnFailure,
    /// the job makes another pod
    Never,
}

impl JobRestart {
    fn word(self) -> &'static str {
        match self {
            JobRestart::OnFailure => "OnFailure",
            JobRestart::Never => "Never",
        }
    }
}

impl std::str::FromStr for JobRestart {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "OnFailure" => Ok(JobRestart::OnFailure),
            "Never" => Ok(JobRestart::Never),
            _ => Err("OnFailure or Never was expected"),
        }
    }
}

/// Creates a CronJob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCronJob {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the image to run
    pub image: Image,
    /// when, in five cron fields: 0 2 * * *
    pub schedule: String,
    /// what happens when it fails; left out: OnFailure
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<JobRestart>,
    /// command and its arguments, instead of the image's own
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl Makes for CreateCronJob {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("cronjobs"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let container = container(self.name.as_str(), &self.image, &self.command);
        let restart = self.restart.unwrap_or(JobRestart::OnFailure).word();
        let pod = json!({"spec": {"containers": [container], "restartPolicy": restart}});
        let job = json!({"metadata": {"name": self.name}, "spec": {"template": pod}});
        Ok(vec![json!({"spec": {"schedule": self.schedule, "jobTemplate": job}})])
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name).flag("image", &self.image).flag("schedule", &self.schedule);
        if let Some(restart) = self.restart {
            argv = argv.flag("restart", restart.word());
        }
        with_command(argv, &self.command)
    }
}

impl Spec for CreateCronJob {
    const NAME: &'static str = "create_cron_job";
    const VERB: &'static [&'static str] = &["create", "cronjob"];
    const ABOUT: &'static str = "Create a cron job: run an image by the clock.";
    const EXAMPLE: &'static str = "kubectl create cronjob nightly --image=busybox --schedule='0 2 * * *' -- date";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("image"), Flag::value("schedule"), Flag::value("restart")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CreateCronJob {
            name: DnsName::new(only_name(argv)?)?,
            namespace: argv.named_namespace()?,
            image: needed(argv, "image")?,
            schedule: needed(argv, "schedule")?,
            restart: argv.parsed("restart")?,
            command: argv.tail.clone(),
        })
    }
}
