import { Bundle, type Difference } from '../../bundle/index.ts';
import { ok, prependWhere, refused, type Result } from '../../faults/index.ts';
import { isSameEnb } from '../../pki/index.ts';
import type { BatchBundle, EpochSequence, Store } from '../../store/index.ts';
import type { BundleFiles } from '../bundle-files.ts';
import { keepCertificate } from '../enb-certificates.ts';
import type { UnlockedVendor } from '../profile.ts';
import { supersededBy } from '../row-order.ts';
import type { BundleOrder, MadeBundle, MakeQuestion } from './batch-worker.ts';
import type { PlannedRow, Shard } from './checked-rows.ts';
import { pack, unpack } from './packed.ts';

/** What the journal needs beside the store. */
export interface JournalSurroundings {
  readonly store: Store;
  readonly files: BundleFiles;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** The name of the bundle of a good row. */
  readonly nameOf: (row: number) => string;
  /** What the bundle of a good row changes for its eNB, if that is known. */
  readonly differencesOf: (row: number) => readonly Difference[] | undefined;
}

/**
 * What a batch is to make, and what it has made. It is written before a bundle is made and after the bundle is whole, so
 * that a run that died continues from what is true.
 */
export class Journal {
  readonly id: string;
  readonly #surroundings: JournalSurroundings;

  constructor(id: string, surroundings: JournalSurroundings) {
    this.id = id;
    this.#surroundings = surroundings;
  }

  /**
   * The bundles of these rows that are in the folder, by row: those that are still as the journal says. A bundle that
   * became whole just before the run died is taken over.
   * @param there the names of the bundles in the folder
   */
  made({ rows }: Shard, there: ReadonlySet<string>): readonly Omit<MadeBundle, 'content'>[] {
    const { files, nameOf } = this.#surroundings;
    const entries = this.#entries(rows);
    return rows.flatMap((plan) => {
      const { row } = plan;
      const entry = entries.get(row);
      const bytes = entry && there.has(nameOf(row)) ? files.read(nameOf(row)) : undefined;
      const bundle = bytes && new Bundle(bytes);
      if (!entry || !bundle || !this.#isOf(entry, plan)) return [];
      const { sha256 } = bundle;
      if (entry.sha256 === undefined && this.#isWhole(bundle, entry, plan)) this.note([{ row, sha256 }]);
      else if (entry.sha256 !== sha256) return [];
      return [{ row, sha256 }];
    });
  }

  /** Those of these rows of which the batch has, or was about to have, a bundle, and what it changes. */
  planned({ rows }: Shard): readonly Pick<BatchBundle, 'row' | 'differences'>[] {
    const entries = this.#entries(rows);
    return rows.flatMap(({ row }) => entries.get(row) ?? []);
  }

  /**
   * What to ask a worker for, for the rows that are not done. A bundle that was not finished keeps its numbers. One
   * that was whole, and has changed or gone, gets the next sequence number: an eNB may already have it. In the caller's
   * transaction.
   *
   * Refuses all with `signer-superseded` if another run has configured one of the eNBs with a newer key since the check.
   */
  reserve(
    shard: Shard,
    isDone: (row: number) => boolean,
  ): Result<Omit<MakeQuestion, 'issuedAt'>, 'signer-superseded'> {
    const { rows, certificates } = shard;
    const entries = this.#entries(rows);
    const left = [...rows.entries()]
      .filter(([, { row }]) => !isDone(row))
      .map(([index, plan]) => ({ index, plan, known: this.#known(plan) }));
    for (const { plan, known } of left) {
      const superseded = supersededBy(known.epoch, this.#epochOf(plan.vendor));
      if (superseded) return refused(prependWhere(superseded, { row: plan.row }));
    }
    const orders: BundleOrder[] = [];
    const wanted: (Uint8Array | undefined)[] = [];
    for (const { index, plan, known } of left) {
      const { row, enb, protection } = plan;
      const certificate = unpack(certificates, index);
      const entry = entries.get(row);
      const isUnfinished = entry && entry.sha256 === undefined && this.#isOf(entry, plan);
      const { sequence, bundleId } = isUnfinished ? entry : this.#renew(plan, known, certificate);
      orders.push({ row, enb, protection, sequence, bundleId, name: this.#surroundings.nameOf(row) });
      wanted.push(certificate);
    }
    shard.certificates = pack([]);
    return ok({ kind: 'make', orders, certificates: pack(wanted) });
  }

  /** Records bundles that are whole on disk. */
  note(made: readonly (Omit<MadeBundle, 'content'> & Partial<MadeBundle>)[]): void {
    const { store } = this.#surroundings;
    store.unforcedTransaction(() => {
      for (const { row, sha256, content } of made) store.batches.made(this.id, row, sha256, content);
    });
  }

  #known({ enb }: PlannedRow): EpochSequence {
    return this.#surroundings.store.enbs.lastSequence(enb.hwType, enb.serialNumber);
  }

  #renew(
    { row, enb, vendor }: PlannedRow,
    known: EpochSequence,
    certificate: Uint8Array | undefined,
  ): BatchBundle {
    const { store, vendors, now, newId } = this.#surroundings;
    const { hwType, serialNumber } = enb;
    const issuer = vendors.get(vendor);
    const last = nextSequence(known, this.#epochOf(vendor));
    const entry = {
      ...{ row, hwType, serialNumber, ...last, bundleId: newId() },
      sha256: undefined,
      differences: this.#surroundings.differencesOf(row),
    };
    store.enbs.note({ ...enb, last });
    if (certificate && issuer) keepCertificate(store.enbCertificates, certificate, enb, issuer, now(), 'any');
    store.batches.put(this.id, entry);
    return entry;
  }

  /** Whether an entry is about this eNB, under the key that would sign now. */
  #isOf(entry: BatchBundle, { enb, vendor }: PlannedRow): boolean {
    return isSameEnb(entry, enb) && entry.epoch === this.#epochOf(vendor);
  }

  /** Whether it is the bundle that the entry is about, and complete. A failing disk may have cut it short. */
  #isWhole(bundle: Bundle, { bundleId, sequence }: BatchBundle, { enb, vendor }: PlannedRow): boolean {
    const { configuration } = bundle;
    const signing = this.#surroundings.vendors.get(vendor)?.signing;
    if (!signing || !configuration.ok || !bundle.isFrom(signing.signer.certificate, enb)) return false;
    return configuration.value.bundleId === bundleId && configuration.value.sequence === sequence;
  }

  #epochOf(vendor: string): number {
    return this.#surroundings.vendors.get(vendor)?.authorisation.epoch ?? 0;
  }

  #entries(rows: readonly PlannedRow[]): ReadonlyMap<number, BatchBundle> {
    const { batches } = this.#surroundings.store;
    const entries = batches.bundles(this.id, rows[0]?.row ?? 0, rows.at(-1)?.row ?? 0);
    return new Map(entries.map((entry) => [entry.row, entry]));
  }
}

function nextSequence(known: EpochSequence, epoch: number): EpochSequence {
  return { epoch, sequence: known.epoch === epoch ? known.sequence + 1 : 1 };
}
