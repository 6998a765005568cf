//! `kubectl create job`: a pod that runs to its end, of an image or as a CronJob would make it.
//!
//! Source: `kubectl/pkg/cmd/create/create_job.go`.

use super::{
    container::{container, with_command},
    made::{Makes, only_name},
};
use crate::ops::{Argv, Call, CannotDo, DnsName, Flag, Image, Kind, Lookup, Misuse, Name, Namespace, Spec, Target, look};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Creates a Job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the image to run; not with from
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// name of the CronJob whose job it is to be, run now; instead of an image
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DnsName>,
    /// command and its arguments, instead of the image's own
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl CreateJob {
    fn cron_job(&self) -> Option<Target> {
        // Whatever is a DNS name may be the name of a CronJob.
        let target = Target::new(Kind::built_in("cronjobs"), Name::new(self.from.as_ref()?.as_str()).ok()?).ok()?;
        Some(target.in_namespace(self.namespace.clone()))
    }
}

impl Makes for CreateJob {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("jobs"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn looks_first(&self) -> Vec<Call> {
        self.cron_job().iter().map(Call::get).collect()
    }
    fn bodies(&self, seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        match (&self.image, self.cron_job()) {
            (Some(image), None) => {
                let container = container(self.name.as_str(), image, &self.command);
                Ok(vec![json!({"spec": {"template": {"spec": {"containers": [container], "restartPolicy": "Never"}}}})])
            }
            (None, Some(from)) if self.command.is_empty() => Ok(vec![as_made_by(look::object(seen, &from)?)]),
            (None, Some(_)) => Err(CannotDo::new("a job of a CronJob has its command from there", "leave one of the two out")),
            (Some(_), Some(_)) => Err(CannotDo::new("a job is made of an image or of a CronJob, not of both", "leave one of the two out")),
            (None, None) => Err(CannotDo::new("what is the job to run?", "say --image=IMAGE or --from=cronjob/NAME")),
        }
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name);
        if let Some(image) = &self.image {
            argv = argv.flag("image", image);
        }
        if let Some(from) = &self.from {
            argv = argv.flag("from", format!("cronjob/{from}"));
        }
        with_command(argv, &self.command)
    }
}

/// The job that a CronJob would make, owned by it and marked as made by hand.
fn as_made_by(cron_job: &Value) -> Value {
    let template = &cron_job["spec"]["jobTemplate"];
    let mut annotations = json!({"cronjob.kubernetes.io/instantiate": "manual"});
    if let (Some(all), Some(own)) = (annotations.as_object_mut(), template.pointer("/metadata/annotations").and_then(Value::as_object)) {
        all.extend(own.clone());
    }
    let owner = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "controller": true,
        "name": cron_job["metadata"]["name"], "uid": cron_job["metadata"]["uid"],
    });
    let mut metadata = json!({"annotations": annotations, "ownerReferences": [owner]});
    if let Some(labels) = template.pointer("/metadata/labels") {
        metadata["labels"] = labels.clone();
    }
    json!({"metadata": metadata, "spec": template["spec"]})
}

impl Spec for CreateJob {
    const NAME: &'static str = "create_job";
    const VERB: &'static [&'static str] = &["create", "job"];
    const ABOUT: &'static str = "Create a job: run an image to its end, or a CronJob's job now.";
    const EXAMPLE: &'static str = "kubectl create job now --from=cronjob/nightly";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("image"), Flag::value("from")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let from = match argv.get("from") {
            None => None,
            Some(from) => match from.split_once('/') {
                Some((kind, name)) if Kind::find(kind) == Some(Kind::built_in("cronjobs")) => Some(DnsName::new(name)?),
                Some(_) | None => return Err(Misuse::Says(format!("--from={from}: cronjob/NAME was expected"))),
            },
        };
        let image: Option<Image> = argv.parsed("image")?;
        if image.is_some() == from.is_some() {
            return Err(Misuse::says("kubectl create job: either --image or --from must be specified"));
        }
        if from.is_some() && !argv.tail.is_empty() {
            return Err(Misuse::says("kubectl create job: a job of a CronJob has its command from there"));
        }
        Ok(CreateJob { name: DnsName::new(only_name(argv)?)?, namespace: argv.named_namespace()?, image, from, command: argv.tail.clone() })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn a_cron_jobs_job_is_owned_by_it() {
        let mut op = Op::from_line("kubectl create job now --from=cj/nightly").unwrap();
        op.verb_mut().place(&Namespace::new("dev").unwrap());
        assert_eq!(op.line(), "kubectl create job now --from=cronjob/nightly -n dev");
        assert_eq!(op.verb().looks(&[])[0].path(), "/apis/batch/v1/namespaces/dev/cronjobs/nightly");
        assert!(op.verb().calls(&[Lookup::Missing], Default::default()).unwrap_err().sentence.contains("cronjob/nightly"));
        let seen = json!({"metadata": {"name": "nightly", "uid": "u"}, "spec": {"jobTemplate": {
            "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}, "spec": {"template": {"spec": {"x": 1}}}}}});
        let calls = op.verb().calls(&[Lookup::Known(seen)], Default::default()).unwrap();
        let body = calls[0].body(None).unwrap();
        assert_eq!(body["metadata"]["ownerReferences"][0]["uid"], "u");
        assert_eq!(body["metadata"]["annotations"], json!({"cronjob.kubernetes.io/instantiate": "manual", "c": "d"}));
        assert_eq!(body["spec"]["template"]["spec"]["x"], 1);
        assert!(Op::from_line("kubectl create job now --from=deployment/x").is_err());
        assert!(Op::from_line("kubectl create job now").is_err());
    }
}
