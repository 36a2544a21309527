import type { Store } from '../../store/index.ts';
import type { CompareQuestion, EarlierEnb } from './batch-worker.ts';
import type { CheckedRows } from './checked-rows.ts';
import { pack, unpack } from './packed.ts';

/**
 * What to ask the lanes about the good rows whose eNBs have a bundle, and up to which row. Notes those of which this
 * computer does not know the content of the earlier bundle.
 */
export function* earlierEnbs(
  checked: CheckedRows,
  { issued, enbs }: Pick<Store, 'issued' | 'enbs'>,
): Generator<{ readonly question: CompareQuestion; readonly last: number }> {
  for (const { rows, certificates } of checked.shards) {
    const earlier: EarlierEnb[] = [];
    const wanted: (Uint8Array | undefined)[] = [];
    for (const [index, { row, enb, protection }] of rows.entries()) {
      const content = issued.contentOf(enb);
      if (content !== undefined) {
        earlier.push({ row, enb, protection, content });
        wanted.push(unpack(certificates, index));
      } else if (enbs.lastSequence(enb.hwType, enb.serialNumber).sequence > 0)
        checked.compared(row, undefined);
    }
    if (earlier.length === 0) continue;
    const question = { kind: 'compare', enbs: earlier, certificates: pack(wanted) } as const;
    yield { question, last: rows.at(-1)?.row ?? 0 };
  }
}
