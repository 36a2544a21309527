// Makes node_modules/ match package-lock.json, and reports progress; silent when there is nothing to do. All output
// goes to standard error, because standard output belongs to the command that follows.
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runNpm } from './npm.js';
import {
  bundledNode,
  bundledNodeRuns,
  countPlaced,
  findFault,
  hasBundledNode,
  isKnownComplete,
  noteComplete,
} from './present.js';
import { Refusal, root } from './root.js';

/** What Siteseal runs on: the native modules need Node-API 10, the sources Node 24's type stripping. */
const needed = { major: 24, nodeApi: 10 };

/** Exists while an installation runs; the process that runs it touches the file every second. */
const busyFile = join(root, '.install-lock');
const busyBeat = 1_000;
const busyDead = 10_000;

/** On a terminal one line is rewritten this often, in milliseconds; elsewhere new lines are written. */
const progressEvery = process.stderr.isTTY ? 250 : 5_000;

/** How long the registry may take to answer, in milliseconds. */
const registryPatience = 15_000;

/**
 * For every npm command. Native packages contain built binaries; npm would build them again, with headers that it
 * downloads.
 */
const quietly = ['--ignore-scripts', '--no-audit', '--no-fund'];

/**
 * Installs what package-lock.json lists, unless it is already there. Of two simultaneous calls, the second waits for
 * the first.
 * @returns {Promise<string>} the Node to run Siteseal on
 * @throws {Refusal}
 */
export async function install() {
  if (!hasBundledNode && !isFit) {
    throw new Refusal(
      `Siteseal needs Node ${needed.major} or later, but this is Node ${process.versions.node}. Install a newer version.`,
    );
  }
  const node = hasBundledNode ? bundledNode : process.execPath;
  if (isAllThere(node)) return node;
  await takeTurn();
  const beat = setInterval(() => touch(busyFile), busyBeat);
  // An installation that is killed from outside must not look as if it were still running.
  const release = () => rmSync(busyFile, { force: true });
  process.on('exit', release);
  try {
    if (!isAllThere(node)) await installAll(node);
    return node;
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

/** Whether Siteseal can run on the Node that runs this. */
const isFit =
  Number.parseInt(process.versions.node, 10) >= needed.major &&
  Number(process.versions.napi) >= needed.nodeApi;

/**
 * Whether there is nothing to install. The user may have run npm by hand.
 * @param {string} node
 */
function isAllThere(node) {
  if (isKnownComplete(node)) return true;
  if (findFault(node) !== undefined) return false;
  noteComplete();
  return true;
}

/** @param {string} node */
async function installAll(node) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  say("Installing Siteseal's dependencies into node_modules, once (about 400 MB).");
  const unreachable = await askRegistry();
  const timer = setInterval(() => {
    const { placed, expected } = countPlaced();
    sayProgress(`Installing: ${placed} of ${expected} packages in place, ${seconds()} s`);
  }, progressEvery);
  try {
    // npm leaves out the optional packages that its Node is too old for, and Vite needs some of them.
    if (!isFit && !bundledNodeRuns()) await installNode(unreachable);
    await ci(isFit ? process.execPath : node, [], unreachable);
  } finally {
    clearInterval(timer);
  }
  const fault = findFault(node);
  if (fault !== undefined) {
    if (unreachable !== undefined) throw noRegistry(unreachable);
    throw new Refusal(
      `npm ended well, but ${fault}: see that nothing in the npm configuration (npm config list) leaves optional ` +
        'packages out, and that this computer has the C library glibc; then run the same command again.',
    );
  }
  noteComplete();
  say(`Installed ${countPlaced().placed} packages in ${seconds()} s.`);
}

/**
 * Installs only the Node of tools/node-runtime.
 * @param {string | undefined} unreachable
 */
async function installNode(unreachable) {
  await ci(process.execPath, ['--workspace=@siteseal/node-runtime'], unreachable);
  if (bundledNodeRuns()) return;
  // npm does not fail when an optional package is not available.
  if (unreachable !== undefined) throw noRegistry(unreachable);
  throw new Refusal(
    `Siteseal needs Node ${needed.major}, but this is Node ${process.versions.node}, and npm installed no Node that ` +
      'runs here. Check that this computer can reach its npm registry (npm ping), and that the npm configuration ' +
      `(npm config list) does not omit optional packages. Or install Node ${needed.major}.`,
  );
}

/** Why the npm registry cannot be reached; undefined when it can. Without this check npm would retry for minutes. */
async function askRegistry() {
  const { fault, code, output } = await runNpm(
    process.execPath,
    ['ping', '--fetch-retries=0'],
    registryPatience,
  );
  // A server that answers with a status is reachable. Not every registry supports the request.
  if (fault === undefined || (code !== undefined && /^E\d{3}$/.test(code))) return undefined;
  const address = /PING (\S+)/.exec(output)?.[1] ?? '';
  return `${address} (${code ?? 'no answer'})`;
}

/**
 * Runs `npm ci`.
 * @param {string} node the Node that runs npm
 * @param {readonly string[]} more
 * @param {string | undefined} unreachable why there is no registry: then npm's cache must hold everything
 */
async function ci(node, more, unreachable) {
  const offline = unreachable === undefined ? [] : ['--offline'];
  const args = ['ci', '--include=dev', '--include=optional', ...quietly, ...offline, ...more];
  const { fault, output } = await runNpm(node, args);
  if (fault === undefined) return;
  if (unreachable !== undefined) throw noRegistry(unreachable);
  const lastLines = output.trim() === '' ? [] : output.trim().split('\n').slice(-12);
  throw new Refusal(
    [
      `Siteseal could not install its dependencies (npm ci ${fault}). Check that this computer can reach its npm ` +
        'registry (npm ping) and has free disk space, then run the same command again.',
      ...lastLines,
    ].join('\n  '),
  );
}

/** @param {string} registry which one, and why it cannot be reached */
function noRegistry(registry) {
  return new Refusal(
    `Siteseal cannot install its dependencies because the npm registry ${registry} is unreachable. Connect this ` +
      'computer to the network, or check the registry and proxy in the npm configuration (npm config list). Then ' +
      'run the same command again.',
  );
}

/** Returns when this process alone may install. */
async function takeTurn() {
  let seen = NaN;
  let since = Date.now();
  let told = false;
  for (;;) {
    try {
      writeFileSync(busyFile, `${process.pid}\n`, { flag: 'wx' });
      return;
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'EEXIST')
        throw new Refusal(`Siteseal cannot install its dependencies into ${root}: ${message}.`);
    }
    if (!told) say('Another Siteseal command is installing. Waiting for it to finish.');
    told = true;
    // The holder is dead if its beat did not change while we watched. Clocks and process ids could mislead.
    const beat = statSync(busyFile, { throwIfNoEntry: false })?.mtimeMs ?? NaN;
    if (beat !== seen) [seen, since] = [beat, Date.now()];
    else if (Date.now() - since > busyDead) rmSync(busyFile, { force: true });
    await pause(250);
  }
}

/** @param {string} file */
function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Someone deleted the file: at worst a second installation follows.
  }
}

/** @param {string} sentence */
function say(sentence) {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${sentence}\n`);
}

/** @param {string} sentence */
function sayProgress(sentence) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${sentence}`);
  else say(sentence);
}
