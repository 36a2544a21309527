import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Figures } from './figures.ts';
import { materialOf, startLimit, type Material } from './limit.ts';
import { makeOperator, type OperatorKind } from './operator.ts';
import { prepareAll } from './product.ts';
import { quietFolder } from './quiet-folder.ts';
import { median, rounded, time, type Timing } from './rounds.ts';
import { runScript, whyNoScript } from './script.ts';

interface Round {
  readonly product: Timing;
  /** The product in one thread. */
  readonly one: Timing;
  readonly limit: Timing;
  readonly script: Timing | undefined;
}

const rounds = 3;
const scriptRows = 8;

/**
 * Measures `prepare` on all cores against the cryptography alone on as many, against itself in one thread, and that
 * against a shell script. They take turns in each round, so that other load on the machine affects all of them. Files are
 * made in an empty folder, and none is deleted between the rounds.
 */
export async function benchPrepare(
  kind: OperatorKind,
  folder: string,
  say: (progress: string) => void,
): Promise<Figures> {
  say(`making an operator with ${kind.enbs} eNBs`);
  const operator = makeOperator(folder, kind);
  const perFile = await quietFolder(folder, say);
  const noScript = whyNoScript();
  const cores = availableParallelism();
  const limit = await startLimit(operator, cores);
  let material: Material | undefined;
  const runRound = async (name: string): Promise<Round> => {
    const out = join(folder, name);
    const product = await time(kind.enbs, () => prepareAll(operator, out));
    const one = await time(kind.enbs, () => prepareAll(operator, `${out}-one`, { workers: 1 }));
    const sizes = (material ??= materialOf(join(out, 'bundles')));
    const bare = await time(kind.enbs, () => limit.run(sizes));
    const script =
      noScript === undefined ? await time(scriptRows, () => runScript(operator, scriptRows)) : undefined;
    return { product, one, limit: bare, script };
  };
  try {
    say('a first round, to warm up');
    const first = await runRound('round-0');
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`);
      measured.push(await runRound(`round-${round}`));
    }
    return toFigures(kind, cores, perFile, first, measured, noScript);
  } finally {
    await limit.close();
  }
}

function toFigures(
  { enbs }: OperatorKind,
  cores: number,
  perFile: number,
  first: Round,
  measured: readonly Round[],
  noScript: string | undefined,
): Figures {
  const rate = (name: keyof Round) => median(measured.map((round) => 1 / (round[name]?.elapsed ?? NaN)));
  // The limit's time as a fraction of the product's: the product's rate as a fraction of the limit's.
  const ofLimit = (by: keyof Timing) => measured.map(({ product, limit }) => limit[by] / product[by]);
  const timesOne = median(measured.map(({ product, one }) => one.elapsed / product.elapsed));
  const timesScript = measured.flatMap(({ one, script }) => (script ? [script.elapsed / one.elapsed] : []));
  const parts = ofLimit('elapsed');
  const detail = [
    `medians of ${rounds} rounds of ${enbs} bundles on ${cores === 1 ? 'one core' : `${cores} cores`}`,
    `${timesOne.toFixed(2)} times one thread, which makes ${rate('one').toFixed(0)}/s`,
    `limit ${rate('limit').toFixed(0)}/s`,
    noScript === undefined ? `script ${rate('script').toFixed(1)}/s` : `no script, for ${noScript}`,
    `of the limit ${Math.min(...parts).toFixed(2)} to ${Math.max(...parts).toFixed(2)} in single rounds`,
    `${median(ofLimit('processor')).toFixed(2)} in processor time`,
    `${median(ofLimit('user')).toFixed(2)} without the operating system's`,
    `${(perFile * 1e3).toFixed(0)} us to make an empty file`,
    `first round, not yet warm: ${(1 / first.product.elapsed).toFixed(0)}/s`,
  ];
  return {
    perSecond: rounded(rate('product'), 1),
    ofLimit: rounded(median(parts), 3),
    ...(timesScript.length > 0 && { timesScript: rounded(median(timesScript), 1) }),
    detail: detail.join('; '),
  };
}
