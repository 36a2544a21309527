#!/bin/sh
# Starts Siteseal: its window without arguments, its command line with arguments.
file=$0
while [ -L "$file" ]; do
  target=$(readlink "$file")
  case $target in
    /*) file=$target ;;
    *) file=$(dirname "$file")/$target ;;
  esac
done
contents=$(cd "$(dirname "$file")/../.." && pwd)

if [ "$(id -u)" = 0 ]; then
  echo 'Siteseal does not run as root, because Chromium has no sandbox for root. Run it as an ordinary user.' >&2
  exit 3
fi

# A core dump would hold keys and passphrases.
ulimit -c 0

if [ $# -eq 0 ]; then
  exec "$contents/MacOS/Siteseal"
fi
exec "$contents/MacOS/Siteseal" --log-level=3 -- "$@"
