#!/bin/sh
# Runs as root when Siteseal's files are gone. dpkg and rpm also run it during an update, with other arguments.
set -e
case "$1" in
  remove | purge | 0) ;;
  *) exit 0 ;;
esac

profile=/etc/apparmor.d/siteseal
is_running=$([ "$(stat -c %d:%i /)" = "$(stat -c %d:%i /proc/1/root/. 2>/dev/null)" ] && echo yes || true)

if [ -e "$profile" ]; then
  if [ "$is_running" ] && aa-enabled --quiet 2>/dev/null; then
    apparmor_parser --remove "$profile" || true
  fi
  rm -f "$profile" /var/cache/apparmor/*/siteseal
fi
if [ "$is_running" ] && [ -S /run/udev/control ]; then
  udevadm control --reload || true
fi
