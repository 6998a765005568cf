# Which programs of the system does the real node need, and are they here?
# shellcheck shell=bash

# Where CNI plugins live, on Debian and elsewhere.
cni_folder() {
  local folder
  for folder in /usr/lib/cni /opt/cni/bin; do
    [[ -x $folder/bridge && -x $folder/host-local ]] && echo "$folder" && return
  done
  return 1
}

# The Debian packages that are missing, on one line.
missing_packages() {
  local missing=()
  command -v containerd >/dev/null && command -v ctr >/dev/null || missing+=(containerd)
  command -v runc >/dev/null || missing+=(runc)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v ip >/dev/null || missing+=(iproute2)
  cni_folder >/dev/null || missing+=(containernetworking-plugins)
  echo "${missing[*]}"
}

install_packages() {
  local missing
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  say "installing $missing"
  # Without a package list, apt says of everything that it does not exist.
  apt-get update -qq >&2
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}
