#!/bin/sh
# on-own-mounts.sh COMMAND ARGUMENT ...: runs a command with mounts and processes of its own, and with an empty file system
# in memory, which SITESEAL_OWN_MOUNT names. All of it ends with the command, even if that is killed. Needs root.
SITESEAL_OWN_MOUNT=$(mktemp -d) || exit
export SITESEAL_OWN_MOUNT
trap : TERM INT HUP
unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -c '
  set -e
  # The first process of a namespace gets no signal that it does not handle.
  trap "exit 143" TERM INT HUP
  chmod 755 "$SITESEAL_OWN_MOUNT"
  mount -t tmpfs -o mode=755 siteseal "$SITESEAL_OWN_MOUNT"
  "$@" &
  wait $!' sh "$@"
status=$?
rmdir "$SITESEAL_OWN_MOUNT"
exit "$status"
