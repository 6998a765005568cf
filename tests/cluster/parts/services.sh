# How do Services, their names and the API work from inside pods?
# shellcheck shell=bash

services_up() {
  local node=$run/node
  running kube-proxy || start kube-proxy "$bin/kube-proxy" \
    --kubeconfig "$run/certs/proxy.kubeconfig" --hostname-override real-0 \
    --proxy-mode iptables --cluster-cidr 10.44.0.0/16 --masquerade-all=true --iptables-localhost-nodeports=false \
    --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0 \
    --bind-address "$node_ip" --healthz-bind-address "" --metrics-bind-address "127.0.0.1:$(port proxy)"
  # A name outside the cluster does not exist, whatever this machine's own resolver knows.
  cat >"$node/Corefile" <<COREFILE
cluster.local in-addr.arpa {
  bind $node_ip
  errors
  kubernetes {
    kubeconfig $admin
    pods insecure
  }
}
. {
  bind $node_ip
  template ANY ANY {
    rcode NXDOMAIN
  }
}
COREFILE
  running coredns || start coredns "$bin/coredns" -conf "$node/Corefile"
  running api-forward || start api-forward "$bin/kit" forward "$node_ip:$(port apiserver)" "127.0.0.1:$(port apiserver)"
}

services_down() {
  stop KILL 5 kube-proxy coredns api-forward
  "$bin/kube-proxy" --cleanup >>"$run/logs/kube-proxy.log" 2>&1 || true
  # The one chain that it leaves, because a kubelet might want it.
  local chain
  for chain in INPUT OUTPUT; do iptables -D "$chain" -j KUBE-FIREWALL 2>/dev/null || true; done
  iptables -F KUBE-FIREWALL 2>/dev/null || true
  iptables -X KUBE-FIREWALL 2>/dev/null || true
}
