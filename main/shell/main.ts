/**
 * The Electron shell: one window with the page, and the core in a separate process. With arguments after `--` it is the
 * command line instead, without a window. No other part of the product imports electron.
 */
import { app } from 'electron';
import { fill, words } from '../words/index.ts';
import { runApplication } from './application.ts';
import { runCommand } from './command.ts';
import { refusedSwitch } from './switches.ts';

const [, ...args] = process.argv;
const refused = app.isPackaged ? refusedSwitch({ args, platform: process.platform }) : undefined;
const command = args.indexOf('--');

// At once, before Chromium acts on a switch.
if (refused !== undefined) {
  process.stderr.write(`${fill(words.shell.switchRefused, { found: refused })}\n`);
  app.exit(2);
} else if (command >= 0) {
  void runCommand(args.slice(command + 1));
} else {
  runApplication();
}
