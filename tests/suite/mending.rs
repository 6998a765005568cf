//! What a diagnosis proposes heals containers that really run: broken, asked about in words, said yes to, looked at again.

use crate::support::face::{Person, real_kubeconfig};
use aiops::session::Tell;
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// How something breaks: what stands first, and what was applied over it.
struct Breakage {
    name: &'static str,
    first: &'static str,
    then: &'static str,
    /// The rule that has to find it.
    rule: &'static str,
}

/// A Deployment `web` whose container has these fields besides.
const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  progressDeadlineSeconds: 600
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, CONTAINER}]
";

const SLEEPS: &str = "image: 'busybox:1.36', command: [sleep, '3600']";
const SERVES: &str = "image: 'nginx:1.27', ports: [{containerPort: 80}]";

const BREAKAGES: &[Breakage] = &[
    Breakage {
        name: "crash-loop",
        first: SLEEPS,
        then: "image: 'busybox:1.36', command: [sh, -c, 'echo cannot read the settings; exit 1']",
        rule: "crash-loop-back-off",
    },
    Breakage {
        name: "oom",
        first: "",
        // The shell itself keeps what it read, so that it is the first process that is killed.
        then: "image: 'busybox:1.36', command: [sh, -c, 'x=$(head -c 14000000 /dev/zero | tr \"\\\\0\" a); sleep 3600'], resources: {limits: {memory: 24Mi}}",
        rule: "oom-killed",
    },
    Breakage {
        name: "no-config-map",
        first: SLEEPS,
        then: "image: 'busybox:1.36', command: [sleep, '3600'], envFrom: [{configMapRef: {name: web-settings}}]",
        rule: "config-map-missing",
    },
    Breakage { name: "never-pulled", first: SLEEPS, then: "image: 'web:never-built', imagePullPolicy: Never", rule: "image-never-pulled" },
    Breakage {
        name: "failing-probe",
        first: SERVES,
        then: "image: 'nginx:1.27', ports: [{containerPort: 80}], readinessProbe: {httpGet: {path: /no-such-page, port: 80}, periodSeconds: 1, failureThreshold: 2}",
        rule: "readiness-probe-fails",
    },
    Breakage { name: "wrong-selector", first: SERVES, then: "", rule: "service-selects-no-pods" },
];

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: webb}, ports: [{port: 80}]}
";

fn kubectl(kubeconfig: &Path, line: &[&str], input: &str) -> String {
    let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let mut command = Command::new(program);
    command.args(line).arg("--kubeconfig").arg(kubeconfig).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = running.wait_with_output().unwrap();
    assert!(out.status.success(), "{line:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// So many looks, one after the other: between two runs a container that crashes looks well for a moment, and what was applied takes a while to fail.
const LOOKS: usize = 40;

/// Breaks it, has it mended by its first finding, and says what came of it.
async fn healed(kubeconfig: &Path, breakage: &Breakage) {
    let Breakage { name, first, then, rule } = breakage;
    let person = Person::on_real(kubeconfig.to_path_buf()).await;
    let ns = format!("mend-{name}-{}", std::process::id());
    person.namespace(&ns).await;
    kubectl(kubeconfig, &["label", "namespace", &ns, "aiops.test/node=real"], "");
    let put = |manifest: &str| kubectl(kubeconfig, &["apply", "-n", &ns, "-f", "-"], manifest);
    if !first.is_empty() {
        put(&WEB.replace("CONTAINER", first));
        kubectl(kubeconfig, &["rollout", "status", "deployment/web", "-n", &ns, "--timeout=120s"], "");
    }
    put(&if then.is_empty() { SERVICE.to_string() } else { WEB.replace("CONTAINER", then) });
    let asks = format!("what is wrong in {ns}");
    let mut last = Vec::new();
    for _ in 0..LOOKS {
        tokio::time::sleep(Duration::from_secs(1)).await;
        last = person.agrees(&ns, &[&asks]).await;
        let found = last[0].iter().any(|tell| {
            matches!(tell, Tell::Diagnosis(_, found)
                if found.findings.first().is_some_and(|f| f.rule.id == *rule && f.proposes()))
        });
        if !found {
            continue;
        }
        last = person.agrees(&ns, &[&asks, "fix 1"]).await;
        let mended = last[1].iter().find_map(|tell| if let Tell::Mended(_, mended) = tell { Some(mended) } else { None });
        if let Some(mended) = mended {
            assert!(mended.causes.iter().all(|(_, gone)| *gone), "{name}: {mended:?}");
            kubectl(kubeconfig, &["rollout", "status", "deployment/web", "-n", &ns, "--timeout=60s"], "");
            let slices =
                kubectl(kubeconfig, &["get", "endpointslices", "-n", &ns, "-o", "jsonpath={.items[*].endpoints[*].addresses[0]}"], "");
            assert!(!then.is_empty() || !slices.is_empty(), "{name}: the Service leads to a pod now");
            kubectl(kubeconfig, &["delete", "namespace", &ns, "--wait=false"], "");
            return;
        }
    }
    panic!("{name}: nothing that {rule:?} proposed mended it: {last:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_node_what_is_proposed_heals() {
    let Some(kubeconfig) = real_kubeconfig("mending") else { return };
    if kubectl(&kubeconfig, &["get", "nodes", "-o", "name"], "").contains("node/real-0") {
        futures::future::join_all(BREAKAGES.iter().map(|breakage| healed(&kubeconfig, breakage))).await;
    } else {
        eprintln!("mending: skipped, there is no node that runs containers");
    }
}
