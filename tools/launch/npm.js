// Runs the npm of this machine on the Node of our choice.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from './root.js';

/**
 * How npm ended.
 * @typedef {object} NpmEnd
 * @property {string | undefined} fault why it failed, if it did
 * @property {string | undefined} code npm's own error code, such as ENOTFOUND or E404
 * @property {string} output everything that it wrote
 */

/**
 * The npm that called us, or else the one on the PATH: its script, and the folder that contains its `bin` folder.
 * @returns {{ script: string, prefix: string } | undefined} undefined where it is not a script that Node can run
 */
function findNpm() {
  const { npm_execpath: script = '', npm_node_execpath: node = process.execPath, PATH = '' } = process.env;
  if (script.endsWith('npm-cli.js')) return { script, prefix: dirname(dirname(node)) };
  for (const folder of PATH.split(delimiter)) {
    try {
      const found = realpathSync(join(folder, 'npm'));
      return found.endsWith('.js') ? { script: found, prefix: dirname(folder) } : undefined;
    } catch {
      // not there
    }
  }
  return undefined;
}

/**
 * The variables that make npm behave the same on a Node other than its own.
 * @param {{ script: string, prefix: string }} npm
 * @returns {NodeJS.ProcessEnv}
 */
function asOnItsOwnNode({ script, prefix }) {
  const { NODE_PATH: path } = process.env;
  // Debian installs npm's packages next to it, where only Debian's Node looks.
  const beside = dirname(dirname(dirname(script)));
  return {
    // The configuration for all users is below the prefix, which npm derives from its Node.
    PREFIX: process.env.PREFIX ?? prefix,
    NODE_PATH: path === undefined ? beside : `${path}${delimiter}${beside}`,
    // Debian's Node trusts the system's certificates, such as that of a company's proxy.
    NODE_USE_SYSTEM_CA: '1',
  };
}

/**
 * Runs npm at the root.
 * @param {string} node the Node that runs npm
 * @param {readonly string[]} args
 * @param {number} [patience] in milliseconds: after that npm is ended
 * @returns {Promise<NpmEnd>}
 */
export function runNpm(node, args, patience) {
  const found = findNpm();
  const [file, first] = found ? [node, [found.script]] : ['npm', []];
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    env: { ...process.env, ...(found && process.platform !== 'win32' && asOnItsOwnNode(found)) },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: file === 'npm' && process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      output += chunk;
    });
  }
  // npm must end too, so that nothing writes to node_modules/ when the next command takes its turn. A polite signal
  // would let npm continue for a while. Half an installation is harmless, because the next one starts with an empty
  // folder.
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    child.kill('SIGKILL');
    child.once('close', () => process.exit(128 + constants.signals[signal]));
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, stop);
  const timer = patience === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), patience);
  return new Promise((resolve) => {
    child.on('error', (error) =>
      resolve({ fault: `did not start, ${error.message}`, code: undefined, output }),
    );
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      for (const name of signals) process.off(name, stop);
      resolve({
        fault: code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`,
        code: /^npm (?:ERR!|error) code (\S+)/m.exec(output)?.[1],
        output,
      });
    });
  });
}
