#!/usr/bin/env node
// Runs a command of this repository: `node tools/launch.js COMMAND [ARGUMENT ...]`. The scripts in package.json do
// this. This file parses on a Node of any age, so that users of an old one get a sentence and no stack trace.
const least = 18;
if (parseInt(process.versions.node, 10) < least) {
  process.stderr.write(
    'This is Node ' +
      process.versions.node +
      ', but Siteseal needs Node ' +
      least +
      ' or later to install. Install a newer Node with npm, then run the same command again.\n',
  );
  process.exitCode = 3;
} else {
  import('./launch/command.js');
}
