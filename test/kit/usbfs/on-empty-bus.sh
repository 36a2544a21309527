#!/bin/sh
# on-empty-bus.sh COMMAND ARGUMENT ...: runs a command in a separate mount and network namespace, where the USB bus
# is empty and writable. The only network is the loopback. Needs root, or user namespaces for everyone.
set -e
user=
[ "$(id -u)" = 0 ] || user='--user --map-root-user'
export SITESEAL_EMPTY_BUS=1
exec unshare $user --net --mount --propagation private sh -c '
  set -e
  ip link set lo up
  mount -t tmpfs tmpfs /sys/bus
  mkdir -p /sys/bus/usb/devices
  # Everyone shares the device nodes of the machine: this mounts a folder over them, and never writes into them.
  if [ ! -d /dev/bus ]; then
    own=$(mktemp -d)
    mount -t tmpfs -o mode=755 tmpfs "$own"
    for name in null zero full random urandom tty fuse; do
      : > "$own/$name"
      mount --bind "/dev/$name" "$own/$name"
    done
    ln -s /proc/self/fd "$own/fd"
    mkdir "$own/shm" "$own/bus"
    mount --move "$own" /dev
  fi
  mount -t tmpfs tmpfs /dev/bus
  mkdir -p /dev/bus/usb
  exec "$@"' sh "$@"
