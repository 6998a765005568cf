# How do containers run, and where do their images come from?
# shellcheck shell=bash

containers_up() {
  local node=$run/node registry
  registry=http://127.0.0.1:$(port registry)
  mkdir -p "$node"/{cni,registries/_default}
  # Every registry's name leads to the one here: a pull never depends on the world outside.
  cat >"$node/registries/_default/hosts.toml" <<TOML
server = "$registry"
[host."$registry"]
  capabilities = ["pull", "resolve"]
TOML
  # restrict_oom_score_adj: inside a container or a small VM nobody may lower that score, and runc dies of
  # trying with "can't get final child's PID from pipe: EOF".
  cat >"$node/containerd.toml" <<TOML
version = 2
root = "$node/containerd"
state = "$node/containerd-state"
[grpc]
  address = "$node/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$node/opt"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  sandbox_image = "aiops.test/pause:1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$(snapshotter)"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$(cni_folder)"
    conf_dir = "$node/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$node/registries"
TOML
  running registry || start registry "$bin/kit" registry "$cache/images/pulled" "127.0.0.1:$(port registry)"
  running containerd || start containerd containerd --config "$node/containerd.toml"
  wait_for containerd 30 our_ctr version &&
    our_ctr images import "$cache/images/local.tar" >>"$run/logs/containerd.log" 2>&1
}

our_ctr() { ctr --address "$run/node/containerd.sock" --namespace k8s.io "$@"; }

# Overlays cannot be stacked on the overlay that a container's own files are.
snapshotter() {
  if [[ $(stat -f -c %T "$run") == overlayfs ]]; then echo native; else echo overlayfs; fi
}

# The kubelet is gone by now, so nothing starts a container anew.
containers_down() {
  local pid
  if running containerd; then
    # A container ends with its sandbox, so some are gone before their turn.
    our_ctr tasks ls -q |
      xargs -r -P 8 -n 1 timeout 10 ctr --address "$run/node/containerd.sock" --namespace k8s.io tasks rm --force \
        >>"$run/logs/containerd.log" 2>&1 || true
  fi
  stop TERM 5 containerd
  # A shim outlives a containerd that was killed. Ours are known by the socket they were given.
  for pid in $(pgrep -f "containerd-shim.* -address $run/node/containerd.sock" || true); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  stop KILL 5 registry
}
