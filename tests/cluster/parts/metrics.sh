# Where do the figures of `kubectl top` come from?
# shellcheck shell=bash

metrics_up() {
  running metrics-server || start metrics-server "$bin/metrics-server" \
    --kubeconfig "$admin" --authentication-kubeconfig "$admin" --authorization-kubeconfig "$admin" \
    --cert-dir "$run/node/metrics" --bind-address "$node_ip" --secure-port "$(port metrics)" \
    --kubelet-insecure-tls --kubelet-use-node-status-port --kubelet-preferred-address-types InternalIP \
    --metric-resolution 10s --kubelet-request-timeout 5s
  our_kubectl apply -f - >>"$run/logs/up.log" <<YAML
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec:
  ports: [{name: https, port: 443, targetPort: $(port metrics)}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: metrics-server
  namespace: kube-system
  labels: {kubernetes.io/service-name: metrics-server}
addressType: IPv4
endpoints: [{addresses: [$node_ip], conditions: {ready: true}}]
ports: [{name: https, port: $(port metrics)}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics-server, namespace: kube-system}
YAML
  # An API group that is announced and does not answer holds up every discovery and the end of every namespace.
  wait_for metrics-server 60 our_kubectl wait --for=condition=Available --timeout=1s apiservice/v1beta1.metrics.k8s.io
}

metrics_down() { stop KILL 5 metrics-server; }
