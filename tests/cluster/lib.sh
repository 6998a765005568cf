# Shared by build, up and down: where things are, and how a part is started, watched and ended.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/aiops-cluster
bin=$cache/bin
# A second cluster beside the first is a second run folder.
run=${AIOPS_CLUSTER_RUN:-$cache/run}
admin=$run/certs/admin.kubeconfig

# Stdout is kept for what a caller asked for; everything said to a person goes here.
say() { printf 'cluster: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# lock FILE: one build at a time, and one up or down. Children close descriptor 9, or they would keep the lock.
lock() {
  mkdir -p "$(dirname "$1")"
  exec 9>"$1"
  flock -n 9 || { say "waiting for another run to finish with $1"; flock 9; }
}

our_kubectl() { "$bin/kubectl" --kubeconfig "$admin" --cache-dir "$run/kubectl-cache" "$@"; }

# When a process started, in clock ticks since boot: with its id, a name that is never used twice.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field is the program's name, which may hold spaces; the 22nd overall is the 20th after it.
  stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  echo "${20}"
}

# start NAME COMMAND...: in the background, in a session of its own so that a Ctrl-C meant for a test misses it.
start() {
  local name=$1
  shift
  mkdir -p "$run/pids" "$run/logs"
  setsid "$@" </dev/null >>"$run/logs/$name.log" 2>&1 9>&- &
  # Or bash would report its end, much later, in the middle of something else.
  disown
  echo "$! $(started_at $!) $1" >"$run/pids/$name"
}

# pid_of NAME: its process id, if that process is still the one that was started.
pid_of() {
  local pid ticks program
  read -r pid ticks program 2>/dev/null <"$run/pids/$1" || return 1
  [[ $(started_at "$pid") == "$ticks" ]] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$program" || return 1
  echo "$pid"
}

running() { pid_of "$1" >/dev/null; }

# stop SIGNAL SECONDS NAME...: all are told at once, then waited for; whoever outstays SECONDS is killed.
stop() {
  local signal=$1 seconds=$2 name pid pids=()
  shift 2
  for name in "$@"; do
    if pid=$(pid_of "$name"); then
      kill "-$signal" "$pid" 2>/dev/null && pids+=("$pid:$name")
    fi
  done
  for pid in "${pids[@]}"; do
    name=${pid#*:}
    until_true "$seconds" not running "$name" || kill -KILL "${pid%%:*}" 2>/dev/null || true
  done
  for name in "$@"; do rm -f "$run/pids/$name"; done
}

not() { ! "$@"; }

# until_true SECONDS COMMAND...: tries ten times a second.
until_true() {
  local tries=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    ((tries-- > 0)) || return 1
    sleep 0.1
  done
}

# wait_for NAME SECONDS COMMAND...: until_true, and if it does not come true, the end of that part's log.
wait_for() {
  local name=$1 seconds=$2
  shift 2
  until_true "$seconds" "$@" && return
  say "$name is not ready after ${seconds}s; the end of $run/logs/$name.log:"
  tail -n 15 "$run/logs/$name.log" >&2 || true
  return 1
}

port() { sed -n "s/^$1=//p" "$run/ports"; }
