# Which programs make the cluster's control plane, and with what flags?
# shellcheck shell=bash

control_plane=(etcd kube-apiserver kube-controller-manager kube-scheduler)

control_plane_up() {
  if [[ ! -s $run/ports ]]; then
    local names=(etcd peer apiserver manager scheduler kwok registry metrics proxy)
    paste -d= <(printf '%s\n' "${names[@]}") <("$bin/kit" ports ${#names[@]}) >"$run/ports"
    "$bin/kit" certs "$run/certs" "https://127.0.0.1:$(port apiserver)"
  fi
  running etcd || start_etcd
  running kube-apiserver || start_apiserver
  wait_for kube-apiserver 120 our_kubectl get --raw /readyz
  running kube-controller-manager || start_manager
  running kube-scheduler || start_scheduler
  our_kubectl -n default get endpoints kubernetes >/dev/null 2>&1 || kubernetes_endpoints
}

# An API server on loopback does not publish its own address; without one, the Service named kubernetes would
# be a broken one that no real cluster has. This is where pods of the real node reach it.
kubernetes_endpoints() {
  our_kubectl create -f - >>"$run/logs/up.log" 2>&1 <<YAML
apiVersion: v1
kind: Endpoints
metadata:
  name: kubernetes
  namespace: default
  labels: {endpointslice.kubernetes.io/skip-mirror: "true"}
subsets: [{addresses: [{ip: $node_ip}], ports: [{name: https, port: $(port apiserver)}]}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: kubernetes
  namespace: default
  labels: {kubernetes.io/service-name: kubernetes}
addressType: IPv4
endpoints: [{addresses: [$node_ip], conditions: {ready: true}}]
ports: [{name: https, port: $(port apiserver)}]
YAML
}

start_etcd() {
  local client peer
  client=http://127.0.0.1:$(port etcd) peer=http://127.0.0.1:$(port peer)
  # Nothing here outlives the run, so nothing has to reach the disk before etcd answers.
  start etcd "$bin/etcd" --unsafe-no-fsync --log-level error --data-dir "$run/etcd" \
    --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
}

start_apiserver() {
  local certs=$run/certs
  start kube-apiserver "$bin/kube-apiserver" \
    --etcd-servers "http://127.0.0.1:$(port etcd)" \
    --secure-port "$(port apiserver)" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 \
    --cert-dir "$run/apiserver" \
    --client-ca-file "$certs/ca.crt" \
    --tls-cert-file "$certs/apiserver.crt" --tls-private-key-file "$certs/apiserver.key" \
    --service-account-key-file "$certs/sa.pub" --service-account-signing-key-file "$certs/sa.key" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-cluster-ip-range 10.96.0.0/16 \
    --authorization-mode Node,RBAC --allow-privileged=true \
    --enable-admission-plugins NodeRestriction \
    --endpoint-reconciler-type none \
    --kubelet-preferred-address-types InternalIP \
    --kubelet-client-certificate "$certs/apiserver-kubelet.crt" --kubelet-client-key "$certs/apiserver-kubelet.key" \
    --enable-aggregator-routing=true \
    --requestheader-client-ca-file "$certs/ca.crt" --requestheader-allowed-names front-proxy \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra- \
    --proxy-client-cert-file "$certs/front-proxy.crt" --proxy-client-key-file "$certs/front-proxy.key"
}

start_manager() {
  local certs=$run/certs
  # Without the long grace period a busy machine misses heartbeats, nodes turn NotReady, every pod's Ready
  # condition becomes False although the pod runs, and KWOK never sets it back.
  start kube-controller-manager "$bin/kube-controller-manager" \
    --kubeconfig "$certs/manager.kubeconfig" \
    --authentication-kubeconfig "$certs/manager.kubeconfig" --authorization-kubeconfig "$certs/manager.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$(port manager)" --cert-dir "$run/manager" \
    --root-ca-file "$certs/ca.crt" --service-account-private-key-file "$certs/sa.key" \
    --use-service-account-credentials=true --leader-elect=false --node-monitor-grace-period="$grace" \
    --allocate-node-cidrs=true --cluster-cidr 10.44.0.0/16 --service-cluster-ip-range 10.96.0.0/16 \
    --kube-api-qps 500 --kube-api-burst 1000
}

start_scheduler() {
  local kubeconfig=$run/certs/scheduler.kubeconfig
  start kube-scheduler "$bin/kube-scheduler" \
    --kubeconfig "$kubeconfig" --authentication-kubeconfig "$kubeconfig" --authorization-kubeconfig "$kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$(port scheduler)" --cert-dir "$run/scheduler" \
    --leader-elect=false --kube-api-qps 500 --kube-api-burst 1000
}

# The data goes with the run folder, so there is nothing to end gently for.
control_plane_down() { stop KILL 5 "${control_plane[@]}"; }
