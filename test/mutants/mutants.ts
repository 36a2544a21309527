// Makes small changes to the sources that break them, one at a time, and checks whether a test finds each: `npm exec --
// node test/mutants/mutants.ts`; CONTRIBUTING.md says when. build/mutants/ keeps the results so far, so that an
// interrupted run can continue.
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { coverageOf, type Covered } from './coverage.ts';
import { mutantsOf, type Mutant } from './mutate.ts';
import { runScript, runTest } from './run-test.ts';
import { reasonOf, tableOf, type Tried } from './table.ts';

const usage = `usage: node test/mutants/mutants.ts [--count N] [--seed TEXT] [--again] [FOLDER or FILE ...]
  --count N    how many of all mutants are tried (300)
  --seed TEXT  another sample
  --again      try those again that no test has found and that have no reason
  FOLDER       of main/, or a file of it; those that are critical unless named
`;
const critical = [
  'bundle',
  'cms',
  'pki',
  'keys',
  'office',
  'site',
  'device',
  'drive',
  'store',
  'browser-host',
  'core',
];
const typecheck = ['node_modules/typescript/bin/tsc', '--incremental', '--tsBuildInfoFile', '../types'];

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'build', 'mutants');
const tree = join(folder, 'tree');
const { count, seed, again, names } = parseArguments();

const files = names.flatMap(filesOf);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const sample = sampleOf([...texts].flatMap(([file, text]) => mutantsOf(file, text)));
process.stdout.write(`${files.length} files, ${sample.length} mutants\n`);
copyTree();
if ((await runScript(tree, typecheck, 300_000)) !== 'passed') {
  process.stderr.write('The sources must agree with their types: npm run typecheck\n');
  process.exit(2);
}
const covered = await measureAll();
const tried = await tryAll();
const { text, isEnough } = tableOf(tried, root);
writeFileSync(join(folder, 'table.md'), text);
process.stdout.write(text);
process.exitCode = isEnough ? 0 : 1;

function parseArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        count: { type: 'string', default: '300' },
        seed: { type: 'string', default: '' },
        again: { type: 'boolean', default: false },
      },
    });
    if (!/^\d{1,6}$/.test(values.count)) throw new Error(`${values.count} is not a number.`);
    const names = positionals.length > 0 ? positionals : critical;
    return { ...values, count: Number(values.count), names };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

function filesOf(name: string): readonly string[] {
  if (name.endsWith('.ts')) return [name];
  return globSync(`main/${name}/**/*.ts`, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

/** Picks the same mutants of the same lines, whatever changes around them. */
function sampleOf(all: readonly Mutant[]): readonly Mutant[] {
  const ranked = all.map((mutant) => ({ mutant, rank: hash('sha256', `${seed} ${idOf(mutant)}`) }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** Identifies a mutant by its surrounding text, not by its line. */
function idOf({ file, start, end, replacement }: Mutant): string {
  const text = texts.get(file) ?? '';
  return hash('sha256', JSON.stringify([file, text.slice(start - 200, end + 50), replacement])).slice(0, 16);
}

/** Copies the sources, so that the originals are never touched. */
function copyTree(): void {
  rmSync(tree, { recursive: true, force: true });
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name))))
    cpSync(join(root, file), join(tree, file), { verbatimSymlinks: true });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction');
}

/** What each test file runs. A file that fails on the unchanged sources finds nothing. */
async function measureAll(): Promise<readonly Covered[]> {
  const digestOf = (names: readonly string[]) =>
    hash('sha256', names.map((name) => readFileSync(join(tree, name), 'utf8')).join('\0'));
  const common = digestOf(globSync(['main/**/*.ts', 'test/kit/**/*.ts'], { cwd: tree }).sort());
  const wanted = new Set(globSync('main/**/*.ts', { cwd: tree }).map((file) => file.replaceAll('\\', '/')));
  const tests = globSync(['test/unit/**/*.test.ts', 'test/cli/*.test.ts'], { cwd: tree }).sort();
  const all: Covered[] = [];
  for (const [index, test] of tests.entries()) {
    const kept = join(folder, 'covered', `${digestOf([test])}-${common}.json`);
    if (!existsSync(kept)) {
      progress(`measuring ${index + 1} of ${tests.length}: ${test}`);
      mkdirSync(dirname(kept), { recursive: true });
      writeFileSync(kept, JSON.stringify(await coverageOf(tree, test, wanted)));
    }
    const one = JSON.parse(readFileSync(kept, 'utf8')) as Covered;
    if (!one.passes) process.stdout.write(`${test} fails as it is, and finds nothing\n`);
    else all.push({ ...one, test });
  }
  return all;
}

async function tryAll(): Promise<readonly Tried[]> {
  const kept = join(folder, 'tried.jsonl');
  const known = new Map<string, string>();
  for (const line of existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').filter(Boolean) : []) {
    const { id, by } = JSON.parse(line) as { readonly id: string; readonly by?: string };
    known.set(id, by ?? '');
  }
  const all: Tried[] = [];
  for (const [index, mutant] of sample.entries()) {
    const id = idOf(mutant);
    let by = known.get(id);
    if (by === undefined || (by === '' && again && reasonOf(mutant, root) === undefined)) {
      progress(`${index + 1} of ${sample.length}: ${mutant.file}:${mutant.line}`);
      by = await finderOf(mutant);
      appendFileSync(kept, `${JSON.stringify({ id, by })}\n`);
      if (by === '')
        progress(`no test finds ${mutant.file}:${mutant.line}: ${mutant.original} → ${mutant.replacement}\n`);
    }
    all.push({ mutant, by });
  }
  return all;
}

/**
 * What finds a mutant: a test of its folder, then tsc, which takes seconds, then another test; empty if nothing does.
 */
async function finderOf({ file, start, end, replacement }: Mutant): Promise<string> {
  const text = texts.get(file) ?? '';
  const concerned = covered
    .filter(({ ranges }) => ranges[file]?.some(([from, to]) => from < end && start < to))
    .toSorted((a, b) => distance(a.test, file) - distance(b.test, file) || a.milliseconds - b.milliseconds);
  writeFileSync(join(tree, file), text.slice(0, start) + replacement + text.slice(end));
  try {
    const isNear = ({ test }: Covered) => distance(test, file) < 2;
    const near = await firstToFail(concerned.filter(isNear));
    if (near !== undefined) return near;
    if ((await runScript(tree, typecheck, 300_000)) !== 'passed') return 'tsc';
    return (await firstToFail(concerned.filter((one) => !isNear(one)))) ?? '';
  } finally {
    writeFileSync(join(tree, file), text);
  }
}

async function firstToFail(tests: readonly Covered[]): Promise<string | undefined> {
  for (const { test, milliseconds } of tests)
    if ((await runTest(tree, test, milliseconds * 4 + 15_000)) !== 'passed') return test;
  return undefined;
}

/** 0 for the tests of this very file, 1 for those of its folder, 2 for all others. */
function distance(test: string, file: string): number {
  const place = file.replace(/^main\//, 'test/unit/').replace(/\.ts$/, '');
  return test === `${place}.test.ts` ? 0 : dirname(test) === dirname(place) ? 1 : 2;
}

function progress(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${text}` : `${text.trimEnd()}\n`);
}
