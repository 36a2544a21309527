#!/bin/sh
# run.sh NODE ARGUMENT ...: makes the Node.js of Electron run what NODE would run.
set -e
"$1" --disable-warning=ExperimentalWarning "$(dirname "$0")/make.ts"
shift
exec build/electron-node/node "$@"
