import { fault, type Fault } from '../faults/index.ts';
import { enbKey, type EnbIdentity } from '../pki/index.ts';
import type { InventoryFaultCode, RowFinding } from './check-row.ts';

/**
 * Judges what depends on the order of the rows, or on the store: whether a row repeats an eNB or a credential of an
 * earlier one, and whether a newer key has configured its eNB. It must get every row, in order.
 */
export class RowOrder {
  readonly #lastEpoch: (enb: EnbIdentity) => number;
  /** The row of each eNB, by `enbKey`. */
  readonly #enbs = new Map<string, number>();
  /** The first row with each reference and each secret, by their digests. */
  readonly #references = new Map<string, number>();
  readonly #secrets = new Map<string, number>();

  /** @param lastEpoch the highest epoch that the store has recorded for an eNB; 0 if it has none */
  constructor(lastEpoch: (enb: EnbIdentity) => number) {
    this.#lastEpoch = lastEpoch;
  }

  /** The fault of a row that is not refused already. */
  judge({ row, candidate, refused, credential }: RowFinding): Fault<InventoryFaultCode> | undefined {
    if (!candidate) return undefined;
    const { enb, epoch } = candidate;
    const superseded = supersededBy(this.#lastEpoch(enb), epoch);
    if (superseded) return superseded;
    const earlier = note(this.#enbs, enbKey(enb), row);
    if (earlier !== undefined)
      return fault('duplicate-enb', { found: `row ${earlier}`, where: { field: 'enb_serial' } });
    if (refused || !credential) return undefined;
    return (
      reused('credential_reference', note(this.#references, credential.reference, row)) ??
      reused('credential_secret', note(this.#secrets, credential.secret, row))
    );
  }
}

/** Why a key of this epoch may not configure an eNB: a key of a higher epoch has. */
export function supersededBy(lastEpoch: number, epoch: number): Fault<'signer-superseded'> | undefined {
  if (epoch >= lastEpoch) return undefined;
  return fault('signer-superseded', { expected: String(lastEpoch), found: String(epoch) });
}

/** Records the row of a value. Returns the first row that had it, or undefined if the value is new. */
function note(rows: Map<string, number>, value: string, row: number): number | undefined {
  const first = rows.get(value);
  if (first === undefined) rows.set(value, row);
  return first;
}

function reused(field: string, row: number | undefined): Fault<'credential-reused'> | undefined {
  return row === undefined
    ? undefined
    : fault('credential-reused', { found: `row ${row}`, where: { field } });
}
