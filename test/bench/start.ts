import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../tools/build.ts';
import { isRoot } from '../../tools/desktop.ts';
import { canOrdinaryUserRead, nobody, startDisplay } from '../kit/desktop.ts';
import type { Figures } from './figures.ts';
import { median, rounded } from './rounds.ts';

/** Starts something, waits until it is usable, and ends it. */
export type Start = (env: Readonly<NodeJS.ProcessEnv>) => Promise<Opened>;

/** When it was started and when it was usable, in milliseconds since the epoch. */
export interface Opened {
  readonly started: number;
  readonly usable: number;
}

/** Siteseal and a bare window of the same kind. */
export interface Pair {
  readonly product: Start;
  readonly bare: Start;
  /** Siteseal as it is packed, where there is such a form; called after the build. */
  readonly packed?: () => Promise<PackedApplication | WhyNot>;
}

/** The packaged application, and what is different in its copy here. */
export interface PackedApplication {
  readonly start: Start;
  readonly remark: string;
}

export interface WhyNot {
  readonly whyNot: string;
}

const rounds = 7;

/**
 * Measures how long Siteseal takes from the start of its process until the three choices of the start screen can be
 * clicked. Beside it, measures a bare window with a static page. The two alternate, each with a fresh, empty home.
 */
export async function benchStart(
  findPair: () => Pair | WhyNot,
  say: (progress: string) => void,
): Promise<Figures> {
  const pair = canOrdinaryUserRead() ? findPair() : { whyNot: 'nobody but root can read this repository' };
  const display = process.platform === 'linux' ? await startDisplay().catch(() => undefined) : undefined;
  // Node's compile cache outlives a start, as in the repository of a user other than root.
  const compiled = makeFolder();
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: compiled,
    ...(display && { DISPLAY: display.name }),
  };
  try {
    if ('whyNot' in pair) return notPossible(pair.whyNot);
    if (process.platform === 'linux' && (env.DISPLAY ?? '') === '') return notPossible('there is no display');
    await build(say);
    return await runRounds(pair, env, say);
  } finally {
    display?.close();
    rmSync(compiled, { recursive: true, force: true });
  }
}

/** A folder that the window's user, who is not root, may write to. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-bench-'));
  if (isRoot) chownSync(folder, nobody, nobody);
  return folder;
}

function notPossible(why: string): Figures {
  return { perSecond: 0, detail: `not possible here because ${why}` };
}

async function runRounds(
  pair: Pair,
  env: NodeJS.ProcessEnv,
  say: (progress: string) => void,
): Promise<Figures> {
  const packed = await pair.packed?.();
  const packedStart = packed && 'start' in packed ? packed.start : undefined;
  say('a first round, to warm up');
  const first = await inNewHome(pair.product, env);
  await inNewHome(pair.bare, env);
  if (packedStart) await inNewHome(packedStart, env);
  const product: number[] = [];
  const bare: number[] = [];
  const inPackage: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    bare.push(await inNewHome(pair.bare, env));
    product.push(await inNewHome(pair.product, env));
    if (packedStart) inPackage.push(await inNewHome(packedStart, env));
  }
  const times = product.map((time, round) => time / (bare[round] ?? NaN));
  const packedTimes = inPackage.map((time, round) => time / (bare[round] ?? NaN));
  const detail = [
    `medians of ${rounds} rounds`,
    `Siteseal ${median(product).toFixed(0)} ms`,
    `the bare window ${median(bare).toFixed(0)} ms`,
    `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} times it in single rounds`,
    `first start, with nothing in memory yet: ${first.toFixed(0)} ms`,
    ...describePacked(packed, inPackage, packedTimes),
  ];
  return {
    perSecond: rounded(1_000 / median(product), 3),
    timesBare: rounded(median(times), 2),
    ...(packedTimes.length > 0 && { packedTimesBare: rounded(median(packedTimes), 2) }),
    detail: detail.join('; '),
  };
}

function describePacked(
  packed: PackedApplication | WhyNot | undefined,
  milliseconds: readonly number[],
  times: readonly number[],
): readonly string[] {
  if (packed === undefined) return [];
  if ('whyNot' in packed) return [`the packed application was not measured: ${packed.whyNot}`];
  return [
    `packed ${median(milliseconds).toFixed(0)} ms, ${median(times).toFixed(2)} times the bare window (${packed.remark})`,
  ];
}

/** The milliseconds of a first start. */
async function inNewHome(start: Start, env: NodeJS.ProcessEnv): Promise<number> {
  const home = makeFolder();
  try {
    const { started, usable } = await start({ ...env, HOME: home, SITESEAL_HOME: join(home, 'data') });
    return usable - started;
  } finally {
    // Its child processes may still write for a moment.
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
}
