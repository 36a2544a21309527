/** The command line as a separate process, with a fresh data folder, at the time `now`. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { now } from './bundle.ts';

export interface CliOptions {
  /** The data folder. */
  readonly home: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command line around the program, which is `"$@"`. */
  readonly shell?: string;
  /** Runs in a process that has already loaded the program: tests see the same of a command in a tenth of the time. */
  readonly isWarm?: boolean;
  /** Leaves the process its clock: its certificates are as new as the test. */
  readonly isRealTime?: boolean;
  /** A signal that the process receives at one of its steps in making files, counted from 1. */
  readonly interruption?: Interruption;
}

export interface Interruption {
  readonly signal: NodeJS.Signals;
  readonly step: number;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
}

export const entry = join(import.meta.dirname, '../../main/cli/siteseal.js');

/** A module as an argument of `--import`. */
function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** Sets the clock of a process to `now`: what has expired must not depend on when the tests run. */
const clockAtNow = moduleOf(`
  const Real = Date;
  const offset = ${now.getTime()} - Real.now();
  globalThis.Date = class Date extends Real {
    constructor(...args) {
      super(...(args.length === 0 ? [Real.now() + offset] : args));
    }
    static now() {
      return Real.now() + offset;
    }
  };
`);

/** Sends the process a signal when it is about to open, write or rename a file; a write is cut half-way. */
function interrupting({ signal, step }: Interruption): string {
  return moduleOf(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { openSync, writeSync, writeFileSync, renameSync } = fs;
    const { open, rename } = fs.promises;
    let step = 0;
    const isNow = () => ++step === ${step};
    const interrupt = () => process.kill(process.pid, '${signal}');
    fs.openSync = (path, flags, ...rest) => {
      if (flags === 'wx' && isNow()) interrupt();
      return openSync(path, flags, ...rest);
    };
    fs.writeFileSync = (file, bytes) => {
      if (!isNow()) return writeFileSync(file, bytes);
      const written = writeSync(file, bytes, 0, bytes.length >> 1);
      interrupt();
      return writeFileSync(file, bytes.subarray(written));
    };
    fs.renameSync = (...names) => {
      if (isNow()) interrupt();
      return renameSync(...names);
    };
    fs.promises.open = (path, flags, ...rest) => {
      if (flags === 'wx' && isNow()) interrupt();
      return open(path, flags, ...rest);
    };
    fs.promises.rename = (...names) => {
      if (isNow()) interrupt();
      return rename(...names);
    };
    syncBuiltinESMExports();
  `);
}

/** The environment variables that a command inherits from the tests. */
const kept = Object.fromEntries(['PATH', 'NODE_COMPILE_CACHE'].map((name) => [name, process.env[name]]));

/** Starts `siteseal`. */
export function startSiteseal(
  args: readonly string[],
  { home, cwd, env, shell, isRealTime, interruption }: CliOptions,
): Running {
  const modules = [
    ...(isRealTime ? [] : [clockAtNow]),
    ...(interruption ? [interrupting(interruption)] : []),
  ];
  const imports = modules.flatMap((one) => ['--import', one]);
  const command = [process.execPath, ...imports, entry, ...args];
  const [file = '', ...rest] = shell === undefined ? command : ['bash', '-c', shell, 'bash', ...command];
  const child = spawn(file, rest, {
    cwd: cwd ?? home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...kept, SITESEAL_HOME: home, ...env },
  });
  const done = new Promise<Ran>((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk));
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return { child, done };
}

/** Runs `siteseal` until it ends. */
export function siteseal(args: readonly string[], options: CliOptions): Promise<Ran> {
  return options.isWarm ? runWarm(args, options) : startSiteseal(args, options).done;
}

/** Runs commands one after the other, each as if in a new process. */
const warmProgram = `
  import { main } from '${pathToFileURL(join(import.meta.dirname, '../../main/cli/main.ts')).href}';
  // Each command listens to them until its process ends.
  for (const name of ['stdout', 'stderr']) process[name].setMaxListeners(0);
  process.on('message', async ({ args, cwd, env }) => {
    const own = { ...process.env };
    Object.assign(process.env, env);
    process.chdir(cwd);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      process[name].write = (text, done) => {
        output[name] += text;
        done?.();
        return true;
      };
    const code = await main(args);
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, own);
    process.send({ code, signal: null, ...output });
  });
  process.on('disconnect', () => process.exit());
`;

let warm: ChildProcess | undefined;
let warmQueue: Promise<unknown> = Promise.resolve();

function runWarm(args: readonly string[], { home, cwd, env }: CliOptions): Promise<Ran> {
  const run = async () => {
    if (!warm) {
      const program = ['--import', clockAtNow, '--input-type=module', '--eval', warmProgram];
      const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
      warm = spawn(process.execPath, program, { stdio: [...stdio], env: kept });
      warm.unref();
    }
    warm.channel?.ref();
    warm.send({ args, cwd: cwd ?? home, env: { SITESEAL_HOME: home, ...env } });
    const [ran] = (await once(warm, 'message')) as [Ran];
    warm.channel?.unref();
    return ran;
  };
  const ran = warmQueue.then(run);
  warmQueue = ran.catch(() => undefined);
  return ran;
}

/** Runs `siteseal … --json`. Its standard output must be one JSON document on one line, whatever the exit code. */
export async function sitesealJson(
  args: readonly string[],
  options: CliOptions,
): Promise<Ran & { readonly document: unknown }> {
  const ran = await siteseal([...args, '--json'], options);
  return { ...ran, document: documentOf(ran) };
}

export function documentOf({ stdout, stderr }: Ran): unknown {
  assert.match(stdout, /^\{.*\}\n$/, `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** A fault as it appears in documents. */
export interface FaultDocument {
  readonly code: string;
  readonly rule?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly where?: Readonly<Record<string, string | number>>;
  readonly because?: FaultDocument;
  readonly message: string;
  readonly cause: string;
  readonly mendedBy: string;
  readonly next: string;
}

export interface PrepareDocument {
  readonly made: number;
  readonly refused: number;
  readonly changed?: number;
  readonly unchanged?: number;
  readonly rows: readonly {
    readonly row: number;
    readonly line: number;
    readonly siteId: string;
    readonly serialNumber: string;
    readonly state: 'made' | 'refused' | 'skipped' | 'unchanged';
    readonly differences?: readonly object[];
    readonly fault?: FaultDocument;
  }[];
  readonly fault?: FaultDocument;
}
