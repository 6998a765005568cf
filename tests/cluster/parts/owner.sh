# Who ends the cluster when whoever wanted it is gone?
# shellcheck shell=bash

# owner_add PID: the cluster lives as long as any of its owners does.
owner_add() {
  local since
  since=$(started_at "$1") || die "there is no process $1 to own the cluster"
  echo "$1 $since" >>"$run/owners"
  running owner-watch && return
  # A copy, because a test run may delete its checkout before it ends.
  mkdir -p "$run/scripts"
  cp -r "$here/lib.sh" "$here/down" "$here/parts" "$run/scripts/"
  start owner-watch bash "$run/scripts/parts/watch-owners"
}

owner_down() {
  # The watch itself may be what runs `down`.
  [[ $(pid_of owner-watch) == "$$" ]] || stop TERM 2 owner-watch
}
