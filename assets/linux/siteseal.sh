#!/bin/sh
# Starts Siteseal: its window without arguments, its command line with arguments.
file=$(readlink -f "$0") || exit 3
folder=$(dirname "$file")

if [ "$(id -u)" = 0 ]; then
  echo 'Siteseal does not run as root, because Chromium has no sandbox for root. Run it as an ordinary user.' >&2
  exit 3
fi

# A core dump would hold keys and passphrases. With a limit of 1 byte Linux does not even start the program that collects
# dumps.
prlimit --core=1:1 --pid $$ 2>/dev/null || ulimit -c 0

if [ $# -eq 0 ]; then
  # Chromium would crash.
  if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    echo 'There is no display for the window of Siteseal. The command line needs none: siteseal --help' >&2
    exit 3
  fi
  exec "$folder/siteseal-app"
fi

# A command needs no display and no fonts, and only Siteseal writes to the terminal. Chromium would keep a cache of the
# fonts in the home folder.
export FONTCONFIG_FILE="$folder/resources/no-fonts.conf"
exec "$folder/siteseal-app" --ozone-platform=headless --log-level=3 -- "$@"
