import type { LogRow } from '../../store/index.ts';
import { formatTlogProof, inclusionPath, ProofMaker } from '../../tlog/index.ts';
import type { LogEntry } from '../entry.ts';
import { treeHashes } from '../hashes.ts';
import type { SizedCheckpoint } from './proof.ts';

/** Chooses the entry that proves most about what a filter lists: its newest proven delivery, else its newest entry. */
export class ProofChoice {
  #newest: LogRow | undefined;
  #newestProven: LogRow | undefined;

  get row(): LogRow | undefined {
    return this.#newestProven ?? this.#newest;
  }

  /** Takes the next entry that is listed. */
  take(row: LogRow): void {
    const { action, facts } = JSON.parse(row.entry) as LogEntry;
    this.#newest = row;
    if (action === 'bundle-delivery' && facts['state'] === 'receipt') this.#newestProven = row;
  }
}

/** Makes a C2SP tlog-proof of an entry while all entries of the log pass by in order. */
export class EntryProof {
  readonly #row: LogRow;
  readonly #checkpoint: SizedCheckpoint;
  readonly #maker: ProofMaker;

  /** @param checkpoint covers the entry */
  constructor(row: LogRow, checkpoint: SizedCheckpoint) {
    this.#row = row;
    this.#checkpoint = checkpoint;
    this.#maker = new ProofMaker(treeHashes, [inclusionPath(row.sequence, checkpoint.size)]);
  }

  /** Takes the next entry. */
  take({ sequence, entry }: LogRow): void {
    if (sequence < this.#checkpoint.size) this.#maker.append(treeHashes.leaf(entry));
  }

  /** The proof. Its `extra` is the entry. */
  get text(): string {
    const [inclusion = []] = this.#maker.proofs();
    const { entry, sequence: index } = this.#row;
    const { checkpoint } = this.#checkpoint;
    return formatTlogProof({ extra: Buffer.from(entry), index, inclusion, checkpoint });
  }
}
