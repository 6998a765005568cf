# How do nodes and pods without containers come to be?
# shellcheck shell=bash

kwok_up() {
  local wanted=$1
  running kwok || start kwok "$bin/kwok" \
    --kubeconfig "$admin" --config "$cache/kwok-stages.yaml" \
    --manage-all-nodes=false --manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake \
    --server-address "127.0.0.1:$(port kwok)"
  add_fake_nodes "$wanted"
  wait_for kwok 60 fake_nodes_ready
}

add_fake_nodes() {
  local i missing="" have
  have=" $(our_kubectl get nodes -l aiops.test/node=fake -o 'jsonpath={.items[*].metadata.name}') "
  for ((i = 0; i < $1; i++)); do
    [[ $have == *" fake-$i "* ]] || missing+=$(fake_node "fake-$i" "$i")$'\n'
  done
  [[ -z $missing ]] || our_kubectl create -f - <<<"$missing" >>"$run/logs/up.log"
}

fake_node() {
  cat <<YAML
---
apiVersion: v1
kind: Node
metadata:
  name: $1
  annotations: {kwok.x-k8s.io/node: fake}
  labels:
    aiops.test/node: fake
    kubernetes.io/arch: amd64
    kubernetes.io/hostname: $1
    kubernetes.io/os: linux
    topology.kubernetes.io/region: here
    topology.kubernetes.io/zone: here-$(($2 % 3))
status:
  allocatable: {cpu: "8", memory: 32Gi, ephemeral-storage: 100Gi, pods: "400"}
  capacity: {cpu: "8", memory: 32Gi, ephemeral-storage: 100Gi, pods: "400"}
YAML
}

fake_nodes_ready() {
  local ready
  ready=$(our_kubectl get nodes -l aiops.test/node=fake \
    -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}') || return 1
  [[ -z ${ready//True/} || ! ${ready//True/} =~ [^[:space:]] ]]
}

kwok_down() { stop KILL 5 kwok; }
