//! The ground a new cluster stands on: nodes, the namespaces of the system, the API server's own Service, a storage class.
use super::{
    cluster::Cluster,
    json::{list_mut, set, text},
    refusal::Refusal,
    store::Key,
};
use serde_json::{Value, json};

/// The nodes, and whether each belongs to the control plane.
const NODES: &[(&str, bool)] = &[("demo-node-1", true), ("demo-node-2", false), ("demo-node-3", false)];

/// Lays it. Fails only if the built-in objects do not pass the cluster's own admission.
pub(super) fn lay(cluster: &mut Cluster) -> Result<(), Refusal> {
    let kinds = cluster.kinds;
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        cluster.create(kinds.namespace, "", json!({"metadata": {"name": name}}), false)?;
    }
    for ((name, control_plane), number) in NODES.iter().zip(1..) {
        let node = node(cluster, name, *control_plane, number);
        let status = node["status"].clone();
        cluster.create(kinds.node, "", node, false)?;
        cluster.modify(&Key::new(kinds.node, "", name), |n| set(n, "/status", status));
    }
    let class = json!({"metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "demo.local/hostpath"});
    cluster.create(kinds.storage_class, "", class, false)?;
    for (name, value) in [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)] {
        cluster.create(kinds.priority, "", json!({"metadata": {"name": name}, "value": value}), false)?;
    }
    roles(cluster)?;
    let service = json!({
        "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
    });
    cluster.create(kinds.service, "default", service, false)?;
    cluster.settle();
    Ok(())
}

/// The roles and bindings every cluster has; the form of the file stands at its head.
fn roles(cluster: &mut Cluster) -> Result<(), Refusal> {
    const MARK: &str = "rbac.authorization.k8s.io/aggregate-to-";
    let metadata = |name: &str| json!({"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}, "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"}});
    let words = |list: &str| list.split(',').map(|w| if w == "core" { "" } else { w }.into()).collect::<Vec<Value>>();
    let lines = include_str!("roles.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    let mut made: Vec<(Value, Vec<Value>)> = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split_whitespace().collect();
        match (&fields[..], made.last_mut()) {
            ([verbs, paths], Some((role, _))) if line.starts_with(' ') => {
                list_mut(role, "/rules").push(json!({"verbs": words(verbs), "nonResourceURLs": words(paths)}));
            }
            ([verbs, groups, resources], Some((role, _))) if line.starts_with(' ') => {
                list_mut(role, "/rules").push(json!({"verbs": words(verbs), "apiGroups": words(groups), "resources": words(resources)}));
            }
            ([name, said @ ..], _) => {
                let after = |word: &str| said.iter().position(|w| *w == word).and_then(|at| said.get(at + 1..)).unwrap_or_default();
                let mut role = json!({"metadata": metadata(name)});
                if let [into, ..] = after("to") {
                    role["metadata"]["labels"][format!("{MARK}{into}")] = "true".into();
                }
                if let [of, ..] = after("of") {
                    role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {format!("{MARK}{of}"): "true"}}]});
                }
                let groups = after("bound").iter().map(|g| json!({"kind": "Group", "name": g})).collect();
                made.push((role, groups));
            }
            ([], _) => {}
        }
    }
    for (role, groups) in made {
        if !groups.is_empty() {
            let name = text(&role, "/metadata/name");
            let binding = json!({"metadata": metadata(name), "roleRef": {"kind": "ClusterRole", "name": name}, "subjects": groups});
            cluster.create(cluster.kinds.cluster_role_binding, "", binding, false)?;
        }
        cluster.create(cluster.kinds.cluster_role, "", role, false)?;
    }
    Ok(())
}

fn node(cluster: &Cluster, name: &str, control_plane: bool, number: u32) -> Value {
    let now = cluster.stamp();
    let mut labels = json!({
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
    });
    let mut spec = json!({"podCIDR": format!("10.244.{number}.0/24"), "podCIDRs": [format!("10.244.{number}.0/24")]});
    if control_plane {
        labels["node-role.kubernetes.io/control-plane"] = "".into();
        spec["taints"] = json!([{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]);
    }
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "lastHeartbeatTime": now, "lastTransitionTime": now, "reason": reason, "message": message});
    let room = |cpu: &str, memory: &str| json!({"cpu": cpu, "memory": memory, "ephemeral-storage": "61255492Ki", "hugepages-2Mi": "0", "pods": "110"});
    json!({
        "metadata": {"name": name, "labels": labels, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
        "spec": spec,
        "status": {
            "capacity": room("4", "8145880Ki"), "allocatable": room("4", "8043480Ki"),
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "addresses": [{"type": "InternalIP", "address": format!("172.18.0.{}", number + 1)}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "containerd://2.1.4", "kernelVersion": "6.12.0", "kubeProxyVersion": "",
                "kubeletVersion": "v1.36.3", "machineID": name, "operatingSystem": "linux", "osImage": "the built-in cluster", "systemUUID": name,
            },
        },
    })
}
