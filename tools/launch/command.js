// The commands of this repository. Installs what a command needs, then runs it on the Node that Siteseal needs. This
// folder is plain JavaScript for any Node on the machine (18 or later).
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { withoutCoreDumps } from './core-dumps.js';
import { install } from './install.js';
import { Refusal, root } from './root.js';

/**
 * What each command runs. `program` is a path in the repository. With `here` the command runs in the caller's folder,
 * so that relative paths in its arguments work; otherwise it runs at the root.
 * @type {Readonly<Record<string, { program: string, first?: readonly string[], here?: boolean }>>}
 */
const commands = {
  start: { program: 'tools/start.ts', here: true },
  demo: { program: 'main/cli/siteseal.js', first: ['demo'], here: true },
  siteseal: { program: 'main/cli/siteseal.js', here: true },
  package: { program: 'tools/package/package.ts' },
  bench: { program: 'test/bench/bench.ts' },
  soak: { program: 'test/soak/soak.ts', here: true },
  test: { program: 'tools/test.ts' },
  'test:system': { program: 'tools/test.ts', first: ['--system'] },
  lint: { program: 'node_modules/eslint/bin/eslint.js', first: ['.'] },
  format: { program: 'node_modules/prettier/bin/prettier.cjs', first: ['--write', '.'] },
  typecheck: { program: 'tools/typecheck.ts' },
};

/** The exit code for "this machine lacks something", as in every `siteseal` command. */
const environmentFault = 3;

/**
 * Runs the program as if it had been started in this process's place: same terminal, same exit status.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function become(node, args, cwd) {
  // Node's compile cache makes the next start faster.
  const env = { NODE_COMPILE_CACHE: join(root, 'build', 'compiled'), ...process.env };
  const [file, ...rest] = withoutCoreDumps([node, ...args]);
  const child = spawn(file, rest, { cwd, env, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // The terminal already sends Ctrl-C to each of its processes; passing it on would count twice.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => refuse(`Siteseal cannot run ${node}: ${error.message}.`));
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    process.removeAllListeners(signal);
    process.exitCode = 128 + constants.signals[signal];
    process.kill(process.pid, signal);
  });
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = environmentFault;
}

const [name = '', ...rest] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  process.stderr.write(`usage: node tools/launch.js ${Object.keys(commands).join('|')} [ARGUMENT ...]\n`);
  process.exitCode = 2;
} else {
  // npm runs its scripts at the root and puts the caller's folder into INIT_CWD. A variable inherited from an outer
  // script of another name is not ours.
  const calledFrom = process.env.npm_lifecycle_event === name ? process.env.INIT_CWD : undefined;
  try {
    const node = await install();
    const cwd = command.here ? (calledFrom ?? process.cwd()) : root;
    become(node, [join(root, command.program), ...(command.first ?? []), ...rest], cwd);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(error.message);
  }
}
