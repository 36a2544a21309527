// Which test file runs which part of the sources, and how long it takes, from V8's own coverage.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTest } from './run-test.ts';

/** The parts of a file that run: pairs of start and end, UTF-16 units, in order. */
export type Ranges = readonly (readonly [start: number, end: number])[];

/** What a test file does with the unchanged sources. */
export interface Covered {
  readonly test: string;
  readonly passes: boolean;
  readonly milliseconds: number;
  /** By the path of the source. */
  readonly ranges: Readonly<Record<string, Ranges>>;
}

interface V8Script {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

/** Runs a test file of a tree and records which parts of these files it runs. */
export async function coverageOf(tree: string, test: string, files: ReadonlySet<string>): Promise<Covered> {
  const folder = join(tree, '..', 'coverage');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const begin = performance.now();
  const outcome = await runTest(tree, test, 300_000, { NODE_V8_COVERAGE: folder });
  const milliseconds = Math.round(performance.now() - begin);
  const runs: Record<string, Uint8Array> = {};
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    for (const script of scriptsIn(join(folder, name))) {
      const file = script.url.startsWith('file:') ? pathIn(tree, script.url) : '';
      if (files.has(file)) add((runs[file] ??= new Uint8Array(lengthOf(tree, file))), script);
    }
  }
  const ranges = Object.fromEntries(Object.entries(runs).map(([file, units]) => [file, rangesOf(units)]));
  return { test, passes: outcome === 'passed', milliseconds, ranges };
}

/** The coverage of one process; empty if it was killed while it wrote. */
function scriptsIn(file: string): readonly V8Script[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { readonly result: readonly V8Script[] }).result;
  } catch {
    return [];
  }
}

function pathIn(tree: string, url: string): string {
  return relative(tree, fileURLToPath(url)).split(sep).join('/');
}

function lengthOf(tree: string, file: string): number {
  return readFileSync(join(tree, file), 'utf8').length;
}

/** Marks the units of a file that one process has run: the innermost range around each decides. */
function add(units: Uint8Array, { functions }: V8Script): void {
  const here = new Uint8Array(units.length);
  const ranges = functions.flatMap((one) => one.ranges);
  const outermostFirst = ranges.toSorted(
    (a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset),
  );
  for (const { startOffset, endOffset, count } of outermostFirst)
    here.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  for (const [at, isRun] of here.entries()) units[at] ||= isRun;
}

function rangesOf(units: Uint8Array): Ranges {
  const ranges: [number, number][] = [];
  for (const [at, isRun] of units.entries()) {
    const last = ranges.at(-1);
    if (isRun && last?.[1] === at) last[1] = at + 1;
    else if (isRun) ranges.push([at, at + 1]);
  }
  return ranges;
}
