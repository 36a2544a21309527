// Runs the test suites: `npm test [-- OPTION ... SUITE ...]`, and `npm run test:system`, which adds --system. A passed
// suite is one line; a failed one shows its output. Then comes a table, and the counts on the last line.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  globSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { type Need, type Suite, suites } from './suites.ts';

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

type Outcome =
  | { readonly kind: 'ran'; readonly suite: Suite; readonly counts: Counts }
  | { readonly kind: 'not possible'; readonly suite: Suite; readonly missing: readonly Need[] };

type Folder = Exclude<Suite['run'], { readonly tool: unknown }>;

type Finished = { readonly counts: Counts; readonly output: string };

const none: Counts = { passed: 0, failed: 0, skipped: 0 };

const root = dirname(import.meta.dirname);

/**
 * The time limit of each test and each suite, in milliseconds: one that hangs must not hang the whole run. A suite can
 * hang after its tests, when they leave something open.
 */
const testTimeout = 600_000;
const suiteTimeout = 1_800_000;

/** The room in memory that temporary files need at least, in bytes. */
const leastRoom = 4 * 2 ** 30;

/** How they are removed: a browser that is about to end may still write some. */
const removal = { recursive: true, force: true, maxRetries: 5 } as const;

/**
 * The suites' processes, which end with this one. Each leads a process group, with everything it starts except
 * browsers.
 */
const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) signalGroup(child, signal);
    if (temporary !== undefined) rmSync(temporary, removal);
    process.kill(process.pid, signal);
  });
}

const usage = `usage: npm test [-- OPTION ... SUITE ...]
  --system       also the suites that only npm run test:system runs
  --only-system  nothing but those
  --complete     fail as well when a suite did not run or held no test
`;

const { values: options, positionals } = parseArguments();
process.chdir(root);
const chosen = chooseSuites();
installMissing(chosen);
const temporary = makeTemporaryFolder();
const outcomes = await runAll(chosen);
report(outcomes);

function parseArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        system: { type: 'boolean' },
        'only-system': { type: 'boolean' },
        complete: { type: 'boolean' },
      },
    });
  } catch (error) {
    return exitWithUsage((error as Error).message);
  }
}

function exitWithUsage(fault: string): never {
  process.stderr.write(`${fault}\n${usage}Suites: ${suites.map(slug).join(', ')}\n`);
  process.exit(2);
}

/** A suite's name in the form used on the command line. */
function slug(suite: Suite): string {
  return suite.name.replaceAll(' ', '-');
}

/** The requested suites; without names, all that the options select. */
function chooseSuites(): readonly Suite[] {
  const unknown = positionals.find((name) => !suites.some((suite) => slug(suite) === name));
  if (unknown !== undefined) exitWithUsage(`There is no suite ${unknown}.`);
  if (positionals.length > 0) return suites.filter((suite) => positionals.includes(slug(suite)));
  return suites.filter((suite) => {
    const wanted = suite.system === true ? options.system || options['only-system'] : !options['only-system'];
    return wanted === true && ('tool' in suite.run || testFiles(suite.run).length > 0);
  });
}

function testFiles({ folder, without = [] }: Folder): readonly string[] {
  return globSync(`${folder}/**/*.test.ts`, { exclude: without }).sort();
}

function isMissing(need: Need): boolean {
  const { kind, name } = need;
  switch (kind) {
    case 'right': {
      const [file, ...args] = need.probe;
      return spawnSync(file, args, { stdio: 'ignore' }).status !== 0;
    }
    case 'file':
      return !existsSync(name);
    case 'executable':
      return !(process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
    case 'variable':
      return (process.env[name] ?? '') === '';
  }
}

/** What a suite lacks here. Rights are checked last, because the check needs everything else. */
function whatIsMissing({ needs = [] }: Suite): readonly Need[] {
  const things = needs.filter((need) => need.kind !== 'right' && isMissing(need));
  return things.length > 0 ? things : needs.filter(isMissing);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs what the suites lack, if this machine and user can. The table lists what is still missing then. */
function installMissing(wanted: readonly Suite[]): void {
  const missing = wanted.flatMap((suite) => debianPackages(whatIsMissing(suite)));
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).error === undefined;
  if (missing.length === 0 || !canInstall) return;
  const packages = [...new Set(missing)];
  console.log(`Installing the Debian packages ${packages.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (status === 0) continue;
    const lastLines = `${stdout}${stderr}`.trimEnd().split('\n').slice(-8);
    console.log([`apt-get ${args.join(' ')} failed:`, ...lastLines].join('\n  '));
  }
}

/**
 * A folder in memory for temporary files, for as long as this process runs. Undefined where the memory has no room, or may
 * hold no programs, and for a user who has chosen a folder.
 */
function makeTemporaryFolder(): string | undefined {
  if (process.env.TMPDIR !== undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize < leastRoom) return undefined;
    const folder = mkdtempSync('/dev/shm/siteseal-tests-');
    process.once('exit', () => rmSync(folder, removal));
    chmodSync(folder, 0o1777);
    const probe = join(folder, 'probe');
    writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
    return spawnSync(probe).status === 0 ? folder : undefined;
  } catch {
    return undefined; // There is no such memory.
  }
}

/** Runs the suites, two at a time if there are two processors. Returns the outcomes in the suites' order. */
async function runAll(wanted: readonly Suite[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  if (wanted.length > 0) console.log(`Running: ${wanted.map(({ name }) => name).join(', ')}`);
  const queue = wanted.entries();
  const lane = async (): Promise<void> => {
    for (const [index, suite] of queue) outcomes[index] = await runSuite(suite);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return outcomes;
}

async function runSuite(suite: Suite): Promise<Outcome> {
  const missing = whatIsMissing(suite);
  if (missing.length > 0) {
    console.log(`- ${suite.name}: not possible here`);
    return { kind: 'not possible', suite, missing };
  }
  const started = performance.now();
  const { run } = suite;
  const { counts, output } = await ('tool' in run ? runTool(run.tool) : runTests({ ...suite, run }));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const failed = counts.failed > 0;
  const mark = failed ? '✖' : counts.passed > 0 ? '✔' : '-';
  console.log(`${mark} ${suite.name}: ${suite.shows} (${inWords(counts)}, ${seconds} s)`);
  if (failed) console.log(interesting(output).replace(/^/gm, '    '));
  return { kind: 'ran', suite, counts };
}

/** Runs a tool, which counts as one test. */
async function runTool(args: readonly string[]): Promise<Finished> {
  const { code, output } = await runNode(args);
  return { counts: code === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 }, output };
}

/**
 * Runs a folder's tests and reads node:test's summary. A run that fails without a failed test counts as one failure.
 */
async function runTests({ run, within, inMemory }: Suite & { readonly run: Folder }): Promise<Finished> {
  const files = testFiles(run);
  // Without file names, node:test would search for files.
  if (files.length === 0) return { counts: none, output: '' };
  const { code, output } = await runNode(
    ['--test', '--test-reporter=spec', `--test-timeout=${testTimeout}`, ...files],
    within,
    inMemory === true ? temporary : undefined,
  );
  const figure = (name: string): number =>
    Number(output.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = figure('fail') + figure('cancelled');
  const counts = {
    passed: figure('pass'),
    failed: code === 0 ? failed : Math.max(failed, 1),
    skipped: figure('skipped') + figure('todo'),
  };
  return { counts, output };
}

function runNode(
  args: readonly string[],
  within?: string,
  folder?: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    // Under an outer `node --test` the inner one would report to it, in its own format.
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
    const env = { ...inherited, ...(folder !== undefined && { TMPDIR: folder }) };
    const command = [...(within === undefined ? [] : [within]), process.execPath, ...args];
    const [file = '', ...rest] = command;
    const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    let output = '';
    const timer = setTimeout(() => {
      output += `\nNot over after ${suiteTimeout / 60_000} minutes: it was ended.\n`;
      signalGroup(child, 'SIGKILL');
    }, suiteTimeout);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output: stripVTControlCharacters(output) });
    });
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // it has already ended
  }
}

/** The output without the spec reporter's lines about passed and skipped tests, and without its summary. */
function interesting(output: string): string {
  return output.replace(/^\s*[✔▶﹣ℹ].*\n/gmu, '').trim();
}

function inWords({ passed, failed, skipped }: Counts): string {
  return [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
}

/** Prints the table and the counts, and sets the exit code. */
function report(all: readonly Outcome[]): void {
  const rows = [['suite', 'result', 'how to enable'], ...all.map(tableRow)];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '));
  // A suite that could not run counts as one skipped: the last line must not look more complete than the run was.
  const counts = all.map((one) => (one.kind === 'ran' ? one.counts : { ...none, skipped: 1 }));
  const sum = (of: keyof Counts): number => counts.reduce((total, one) => total + one[of], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const incomplete = all.filter((one) => one.kind !== 'ran' || one.counts.passed + one.counts.failed === 0);
  const complaint =
    options.complete === true && incomplete.length > 0
      ? [`Not complete: ${incomplete.map(({ suite }) => suite.name).join(', ')}`, '']
      : [];
  console.log(['', ...lines.map((line) => line.trimEnd()), '', ...complaint, inWords(total)].join('\n'));
  process.exitCode = total.failed > 0 || complaint.length > 0 ? 1 : 0;
}

function tableRow(outcome: Outcome): string[] {
  const { suite } = outcome;
  if (outcome.kind === 'ran') return [suite.name, inWords(outcome.counts), ''];
  const names = outcome.missing.map((need) => need.name).join(', ');
  const packages = debianPackages(outcome.missing);
  const rights = outcome.missing.filter((need) => need.kind === 'right');
  const variables = outcome.missing.filter((need) => need.kind === 'variable');
  const how = [
    ...(packages.length > 0 ? [`as root: apt-get install ${packages.join(' ')}`] : []),
    ...(rights.length > 0 ? ['run it as root'] : []),
    ...variables.map(({ name, value }) => `set ${name} to ${value}`),
  ];
  return [suite.name, `not possible here because ${names} is missing`, how.join('; ')];
}

function debianPackages(needs: readonly Need[]): readonly string[] {
  return needs.flatMap((need) => ('debian' in need ? [need.debian] : []));
}
