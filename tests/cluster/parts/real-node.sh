# How does a node come to be that really runs containers, and how does all of it go away again?
# shellcheck shell=bash

# Not loopback: the API server would refuse it, and logs and exec go by this address.
node_ip=10.55.0.1
node_link=aiops-node
pods_link=aiops-pods

# Leaves in run/no-real-node, as a sentence's end, why there is none.
real_node_up() {
  local why
  running kubelet && real_node_ready && return
  # One that died on the way leaves what the next one would trip over.
  real_node_down
  why=$(why_no_real_node)
  if [[ -z $why ]]; then
    rm -f "$run/no-real-node"
    real_node_start "$1" && return
    why="it did not start here (the logs are in $run/logs)"
    real_node_down
  fi
  echo "$why" >"$run/no-real-node"
  return 1
}

why_no_real_node() {
  local missing
  [[ $EUID == 0 ]] || { echo "running containers needs root"; return; }
  missing=$(missing_packages)
  [[ -z $missing ]] || { echo "these packages are missing: $missing"; return; }
  [[ -s $cache/images/local.tar ]] || { echo "its images could not be built"; return; }
  [[ -d /sys/fs/cgroup/memory ]] || grep -qs memory /sys/fs/cgroup/cgroup.controllers ||
    { echo "there is no memory cgroup here"; return; }
  unshare --mount --net true 2>/dev/null || { echo "this root may not make namespaces"; return; }
  # A kubelet ends the containers of pods it does not know: two on one machine would fight.
  if a_kubelet_runs || [[ -n $(pod_cgroups) ]]; then
    echo "another kubelet is at work on this machine"
    return
  fi
  ! ip -4 -o address | grep -qE ' 10\.(44|55)\.[0-9]+\.' || { echo "10.44.0.0 or 10.55.0.0 is in use on this machine"; return; }
}

a_kubelet_runs() {
  local pid
  # One that has ended and waits for its parent to notice has no executable any more.
  for pid in $(pgrep -x 'kubelet|k3s' || true) $(pgrep -x k3s-server || true); do
    ! readlink "/proc/$pid/exe" >/dev/null || return 0
  done
  return 1
}

real_node_start() {
  mkdir -p "$run/node"
  bridge_up && containers_up && kubelet_up "$1" && services_up && network_up &&
    wait_for kubelet 60 real_node_ready && real_namespace && metrics_up
}

bridge_up() {
  ip link add "$node_link" type bridge && ip address add "$node_ip/32" dev "$node_link" && ip link set "$node_link" up
}

# kubelet_up FAKE_NODES
kubelet_up() {
  local node=$run/node taints=""
  # Beside fake nodes, only pods that ask for it come here: elsewhere a test's pod must not depend on an image.
  (($1 == 0)) || taints='registerWithTaints: [{key: aiops.test/node, value: real, effect: NoSchedule}]'
  : >"$node/resolv.conf"
  cat >"$node/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_ip
healthzPort: 0
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $run/certs/ca.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$node/containerd.sock
podLogsDir: $node/pod-logs
clusterDNS: [$node_ip]
clusterDomain: cluster.local
resolvConf: $node/resolv.conf
# A developer's machine or a CI machine is not a tidy node.
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
enableControllerAttachDetach: false
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
# Its iptables rules serve other proxies than ours, and nothing would take them away.
makeIPTablesUtilChains: false
# Local images cannot be pulled again.
imageGCHighThresholdPercent: 100
serializeImagePulls: false
# A test of a crash loop should not wait five minutes for the third crash.
featureGates: {KubeletCrashLoopBackOffMax: true}
crashLoopBackOff: {maxContainerRestartPeriod: 10s}
$taints
YAML
  start kubelet "$bin/kubelet" --config "$node/kubelet.yaml" --kubeconfig "$run/certs/kubelet.kubeconfig" \
    --hostname-override real-0 --node-ip "$node_ip" --node-labels aiops.test/node=real \
    --root-dir "$node/kubelet" --cert-dir "$node/kubelet-certs"
}

# The node is Ready once it has a network, whose addresses are those the controller manager gave it.
network_up() {
  wait_for kubelet 60 pod_subnet || return
  cat >"$run/node/cni/10-pods.conflist" <<JSON
{
  "cniVersion": "0.4.0",
  "name": "aiops-test",
  "plugins": [{
    "type": "bridge", "bridge": "$pods_link", "isGateway": true, "ipMasq": false, "hairpinMode": true,
    "ipam": {
      "type": "host-local", "dataDir": "$run/node/cni-addresses",
      "ranges": [[{"subnet": "$(pod_subnet)"}]], "routes": [{"dst": "0.0.0.0/0"}]
    }
  }]
}
JSON
}

pod_subnet() { our_kubectl get node real-0 -o 'jsonpath={.spec.podCIDR}' | grep .; }

real_node_ready() { our_kubectl get node real-0 -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' | grep -qx True; }

# Every pod of a namespace labelled aiops.test/node=real goes to the real node, with its manifest as it is.
# A DaemonSet's pods already know their node.
real_namespace() {
  our_kubectl apply -f - >>"$run/logs/up.log" <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: real-node.aiops.test}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    namespaceSelector: {matchLabels: {aiops.test/node: real}}
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchConditions:
  - name: not-of-a-daemonset
    expression: "!has(object.metadata.ownerReferences) || !object.metadata.ownerReferences.exists(o, o.kind == 'DaemonSet')"
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >
        (has(object.spec.nodeSelector)
          ? [JSONPatch{op: "add", path: "/spec/nodeSelector/aiops.test~1node", value: "real"}]
          : [JSONPatch{op: "add", path: "/spec/nodeSelector", value: {"aiops.test/node": "real"}}])
        + (has(object.spec.tolerations) ? [] : [JSONPatch{op: "add", path: "/spec/tolerations", value: []}])
        + [JSONPatch{op: "add", path: "/spec/tolerations/-",
             value: Object.spec.tolerations{key: "aiops.test/node", operator: "Equal", value: "real", effect: "NoSchedule"}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: real-node.aiops.test}
spec: {policyName: real-node.aiops.test}
---
apiVersion: v1
kind: Namespace
metadata: {name: real, labels: {aiops.test/node: real}}
YAML
}

real_node_down() {
  [[ -d $run/node ]] || return 0
  # The kubelet first, or it starts anew what is being ended.
  stop TERM 5 kubelet
  metrics_down
  services_down
  containers_down
  end_pod_processes
  unmount_under "$run/node"
  remove_links
  remove_notes
  rm -rf --one-file-system "$run/node"
}

# What the kubelet and the CNI plugins write outside the folders they were given.
remove_notes() {
  find /var/log/containers -lname "$run/*" -delete 2>/dev/null || true
  { grep -lrF "$run/node" /var/lib/cni/results 2>/dev/null || true; } | xargs -r rm -f
  rm -f /var/lib/kubelet/device-plugins/kubelet.sock
  rmdir /var/log/containers /var/lib/cni/{results,} /var/lib/kubelet/{device-plugins,} 2>/dev/null || true
}

# The folders of pods' cgroups, deepest first; on cgroup v1 there is one tree for each controller.
pod_cgroups() { find /sys/fs/cgroup -maxdepth 3 -name kubepods -type d -exec find {} -depth -type d \; 2>/dev/null; }

end_pod_processes() {
  local folder
  for folder in $(pod_cgroups); do
    xargs -r kill -KILL <"$folder/cgroup.procs" 2>/dev/null || true
  done
  until_true 5 remove_pod_cgroups || say "some of the pods' cgroups remain"
}

remove_pod_cgroups() {
  pod_cgroups | xargs -r rmdir
  [[ -z $(pod_cgroups) ]]
}

# Token volumes, overlays, shared memory and network namespaces; what was mounted last goes first.
unmount_under() {
  awk -v under="$1/" 'index($2, under) == 1 {print $2}' /proc/mounts | tac | xargs -r umount --lazy || true
}

remove_links() {
  local link
  for link in $({ ip -o link show master "$pods_link" 2>/dev/null || true; } | sed 's/^[0-9]*: \([^@:]*\).*/\1/') "$pods_link" "$node_link"; do
    ip link delete "$link" 2>/dev/null || true
  done
}
