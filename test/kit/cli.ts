/** The command line as a process of its own, with a data folder of its own, at the time `now`. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { now } from './bundle.ts';

export interface CliOptions {
  /** The data folder. */
  readonly home: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell's line that ends in `exec "$@"`, around the program. */
  readonly shell?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
}

export const entry = join(import.meta.dirname, '../../main/cli/siteseal.js');

/** Sets the clock of a process to `now`: what is expired must not depend on when the tests run. */
const clockAtNow = `data:text/javascript,${encodeURIComponent(`
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
`)}`;

/** Starts `siteseal`. */
export function startSiteseal(args: readonly string[], { home, cwd, env, shell }: CliOptions): Running {
  const command = [process.execPath, '--import', clockAtNow, entry, ...args];
  const [file = '', ...rest] = shell === undefined ? command : ['bash', '-c', shell, 'bash', ...command];
  const child = spawn(file, rest, {
    cwd: cwd ?? home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], SITESEAL_HOME: home, ...env },
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

/** Runs `siteseal` to its end. */
export function siteseal(args: readonly string[], options: CliOptions): Promise<Ran> {
  return startSiteseal(args, options).done;
}

/** Runs `siteseal … --json`; its standard output must be one JSON document on one line, whatever the exit code. */
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

/** Resolves when so many whole bundles have appeared in a folder, which must be there already. */
export function bundlesIn(folder: string, count: number): Promise<void> {
  const names = new Set<string>();
  return new Promise((resolve) => {
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      if (name?.endsWith('.p7m')) names.add(name);
      if (names.size < count) return;
      watcher.close();
      resolve();
    });
  });
}

/** A fault as documents tell it. */
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
  readonly rows: readonly {
    readonly row: number;
    readonly line: number;
    readonly siteId: string;
    readonly serialNumber: string;
    readonly state: 'made' | 'refused' | 'skipped';
    readonly fault?: FaultDocument;
  }[];
  readonly fault?: FaultDocument;
}
