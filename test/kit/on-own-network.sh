#!/bin/sh
# on-own-network.sh COMMAND ARGUMENT ...: runs a command in a separate network namespace, with only the loopback
# interface. Needs root, or user namespaces for everyone.
set -e
user=
[ "$(id -u)" = 0 ] || user='--user --map-root-user'
export SITESEAL_OWN_NETWORK=1
# The network outside, for as long as the command runs, which keeps this process's number.
exec 9</proc/self/ns/net
export SITESEAL_OUTER_NETWORK="/proc/$$/fd/9"
exec unshare $user --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
