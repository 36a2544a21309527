import type { EpochSequence, Store } from '../../store/index.ts';
import type { CompareQuestion, EarlierEnb } from './batch-worker.ts';
import type { CheckedRows } from './checked-rows.ts';
import { pack, unpack } from './packed.ts';

/** Some rows to compare. */
interface Comparison {
  /** About those whose eNBs have a bundle with a known content. There may be none. */
  readonly question: CompareQuestion;
  /** The numbers of these bundles, in the same order. */
  readonly numbers: readonly EpochSequence[];
  /** The last row that it is about. */
  readonly last: number;
}

/**
 * What to ask the lanes about the good rows. Notes those of which this computer does not know the content of the newest
 * bundle.
 */
export function* earlierEnbs(checked: CheckedRows, { issued }: Pick<Store, 'issued'>): Generator<Comparison> {
  for (const { rows, certificates } of checked.shards) {
    const enbs: EarlierEnb[] = [];
    const wanted: (Uint8Array | undefined)[] = [];
    const numbers: EpochSequence[] = [];
    for (const [index, { row, enb, protection }] of rows.entries()) {
      const newest = issued.newestOf(enb);
      if (!newest) continue;
      const { content, ...number } = newest;
      if (content === null) {
        checked.changes(row, []);
        continue;
      }
      enbs.push({ row, enb, protection, content });
      wanted.push(unpack(certificates, index));
      numbers.push(number);
    }
    const question = { kind: 'compare', enbs, certificates: pack(wanted) } as const;
    yield { question, numbers, last: rows.at(-1)?.row ?? 0 };
  }
}
