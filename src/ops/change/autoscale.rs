//! `kubectl autoscale`: a HorizontalPodAutoscaler for a workload.
//!
//! Source: `kubectl/pkg/cmd/autoscale/autoscale.go`.

use super::scale;
use crate::ops::{
    Argv, Call, CannotDo, Delete, Flag, Images, Impact, Kind, Lookup, MetricTarget, Misuse, Name, Namespace, Spec, Target, Verb, Wait, Way,
    verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Makes an autoscaler that keeps a workload between two numbers of replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscale {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// at most so many replicas
    pub max: u32,
    /// at least so many; left out: 1
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// cpu a pod shall use: 80% of its request, or an amount like 500m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<MetricTarget>,
    /// memory a pod shall use: 80% of its request, or an amount like 200Mi
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MetricTarget>,
    /// the autoscaler's own name; left out: the workload's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscaler: Option<Name>,
}

/// One metric as the autoscaler has it; a bare number has the resource's usual unit.
fn metric(resource: &str, unit: &str, wanted: &MetricTarget) -> Value {
    let text = wanted.as_str();
    let target = match text.strip_suffix('%').map(str::parse::<u32>) {
        Some(Ok(percent)) => json!({"type": "Utilization", "averageUtilization": percent}),
        Some(Err(_)) | None if text.parse::<f64>().is_ok() => json!({"type": "AverageValue", "averageValue": format!("{text}{unit}")}),
        Some(Err(_)) | None => json!({"type": "AverageValue", "averageValue": text}),
    };
    json!({"type": "Resource", "resource": {"name": resource, "target": target}})
}

impl Autoscale {
    fn made(&self) -> Result<Target, CannotDo> {
        let name = self.autoscaler.as_ref().unwrap_or(self.target.name());
        let target = Target::new(Kind::built_in("horizontalpodautoscalers"), name.clone()).map_err(|e| CannotDo::new(e.to_string(), ""))?;
        Ok(target.in_namespace(self.target.namespace().cloned()))
    }
}

impl Verb for Autoscale {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        self.made().into_iter().chain([self.target.clone()]).collect()
    }
    fn title(&self) -> String {
        format!("autoscale {} between {} and {}", self.target.slashed(), self.min.unwrap_or(1), self.max)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![scale::look_at(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.max < 1 || self.min.is_some_and(|min| min > self.max) {
            return Err(CannotDo::new("the greatest number of replicas is at least 1, and not below the smallest", "say --min and --max"));
        }
        let made = self.made()?;
        scale::seen_at(seen, &self.target)?;
        let kind = self.target.kind();
        let mut metadata = json!({"name": made.name()});
        if let Some(namespace) = made.namespace() {
            metadata["namespace"] = json!(namespace);
        }
        let mut spec = json!({
            "scaleTargetRef": {"apiVersion": kind.api_version(), "kind": kind.info().kind, "name": self.target.name()},
            "maxReplicas": self.max,
        });
        if let Some(min) = self.min.filter(|min| *min > 0) {
            spec["minReplicas"] = json!(min);
        }
        let wanted = [("cpu", "m", &self.cpu), ("memory", "Mi", &self.memory)];
        let metrics: Vec<Value> =
            wanted.into_iter().filter_map(|(resource, unit, wanted)| Some(metric(resource, unit, wanted.as_ref()?))).collect();
        if !metrics.is_empty() {
            spec["metrics"] = json!(metrics);
        }
        let body = json!({"apiVersion": made.kind().api_version(), "kind": made.kind().info().kind, "metadata": metadata, "spec": spec});
        Ok(vec![Call::create(made.kind(), made.namespace(), body)])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.target.slashed());
        if let Some(min) = self.min {
            argv = argv.flag("min", min);
        }
        argv = argv.flag("max", self.max);
        for (flag, wanted) in [("cpu", &self.cpu), ("memory", &self.memory)] {
            if let Some(wanted) = wanted {
                argv = argv.flag(flag, wanted);
            }
        }
        if let Some(name) = &self.autoscaler {
            argv = argv.flag("name", name);
        }
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        self.made().map_or(Wait::Nothing, |made| Wait::There(vec![made]))
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        match self.made() {
            Ok(made) => Way::Back(vec![Delete::of(vec![made]).into()]),
            Err(_) => Way::None("which autoscaler it made is not known"),
        }
    }
}

impl Spec for Autoscale {
    const NAME: &'static str = "autoscale";
    const VERB: &'static [&'static str] = &["autoscale"];
    const ABOUT: &'static str = "Let a workload's replicas follow its load, between two numbers.";
    const EXAMPLE: &'static str = "kubectl autoscale deployment/web --max=5 --cpu=80%";
    const BACK: &'static str = "deletes the autoscaler; the number of replicas stays";
    const FLAGS: &'static [Flag] = &[
        Flag::value("min"),
        Flag::value("max"),
        Flag::value("cpu"),
        Flag::value("memory"),
        Flag::value("cpu-percent"),
        Flag::value("name"),
    ];
    const READS: bool = false;
    const EACH: bool = true;

    /// `--cpu-percent=80` is the older form of `--cpu=80%`; a number below zero asks for nothing, as for kubectl.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let max = argv.parsed("max")?.ok_or_else(|| Misuse::says("kubectl autoscale: how many at most? --max is missing"))?;
        let min: Option<i64> = argv.parsed("min")?;
        let percent: Option<i64> = argv.parsed("cpu-percent")?;
        let cpu = match (argv.parsed("cpu")?, percent.filter(|percent| *percent > 0)) {
            (Some(_), Some(_)) => return Err(Misuse::says("kubectl autoscale: --cpu and --cpu-percent exclude each other")),
            (None, Some(percent)) => Some(MetricTarget::new(format!("{percent}%"))?),
            (cpu, None) => cpu,
        };
        let min = min.filter(|min| *min >= 0).map(u32::try_from).transpose().map_err(|_| Misuse::says("--min is too many"))?;
        Ok(Autoscale { target: workload_place(argv)?, max, min, cpu, memory: argv.parsed("memory")?, autoscaler: argv.parsed("name")? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_autoscaler_that_kubectl_makes() {
        let line = "kubectl autoscale deploy web --min=2 --max=5 --cpu=80% --memory=100 --name=fast -n dev";
        let op = Op::from_line(line).unwrap();
        let seen = [Lookup::Known(json!({"spec": {"replicas": 2}}))];
        let call = op.verb().calls(&seen, Default::default()).unwrap().remove(0);
        assert_eq!(call.path(), "/apis/autoscaling/v2/namespaces/dev/horizontalpodautoscalers");
        let of = |name: &str, target| json!({"type": "Resource", "resource": {"name": name, "target": target}});
        assert_eq!(
            call.body(None).unwrap()["spec"],
            json!({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 5,
                "metrics": [of("cpu", json!({"type": "Utilization", "averageUtilization": 80})),
                            of("memory", json!({"type": "AverageValue", "averageValue": "100Mi"}))]})
        );
        let Way::Back(back) = op.verb().inverse(&[]) else { panic!() };
        assert_eq!(back[0].line(), "kubectl delete horizontalpodautoscaler/fast -n dev");
        let old = Op::from_line("kubectl autoscale deploy web --max=5 --cpu-percent=80").unwrap();
        assert_eq!(old.line(), "kubectl autoscale deployment/web --max=5 --cpu=80%");
    }

    #[test]
    fn what_cannot_be_scaled_is_said() {
        for bad in ["--min=1", "--max=5 --cpu=lots", "--max=5 --cpu=1% --cpu-percent=2", "--max=5 --cpu=-1%"] {
            assert!(Op::from_line(&format!("kubectl autoscale deploy web {bad}")).is_err(), "{bad}");
        }
        let known = [Lookup::Known(json!({}))];
        assert!(Op::from_line("kubectl autoscale deploy web --min=3 --max=2").unwrap().verb().calls(&known, Default::default()).is_err());
        let daemon = Op::from_line("kubectl autoscale ds agent --max=2").unwrap();
        let e = daemon.verb().calls(&[Lookup::Missing], Default::default()).unwrap_err();
        assert_eq!(e.sentence, "a daemonset has no number of replicas");
    }
}
