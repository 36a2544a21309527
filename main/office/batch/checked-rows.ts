import type { Difference } from '../../bundle/index.ts';
import type { RowWarning } from '../../faults/index.ts';
import type { EnbIdentity } from '../../pki/index.ts';
import type { EpochSequence } from '../../store/index.ts';
import { refusedRow, type RefusedRow, type RowFinding, type RowPlan } from '../check-row.ts';
import type { Inventory } from '../inventory.ts';
import { contentsOf, type PreparedRow, type PrepareReport } from '../report.ts';
import type { RowOrder } from '../row-order.ts';
import { countWarnings } from '../row-warnings.ts';
import { pack, type Packed } from './packed.ts';

/** How many refused rows a report lists. More than this have a common cause, so nobody reads them one by one. */
export const maximumListed = 10_000;

/** A good row. */
export interface PlannedRow extends Omit<RowPlan, 'certificate'> {
  readonly row: number;
}

/** Some rows that are good, which go to a worker together. */
export interface Shard {
  readonly rows: readonly PlannedRow[];
  /** The certificates of their eNBs, in the same order. None any more once a worker is asked for the bundles. */
  certificates: Packed;
}

/**
 * An inventory with the results of checking its rows. Holds of a good row only what it takes to make its bundle, because
 * there may be a million.
 */
export class CheckedRows {
  readonly inventory: Inventory;
  readonly #order: RowOrder;
  readonly #shards: Shard[] = [];
  readonly #listed: RefusedRow[] = [];
  #refused = 0;
  /** The rows that change nothing, with the number of the bundle that was compared. */
  readonly #unchanged = new Map<number, EpochSequence>();
  readonly #differences = new Map<number, readonly Difference[]>();

  constructor(inventory: Inventory, order: RowOrder) {
    this.inventory = inventory;
    this.#order = order;
  }

  /** Adds what is found in the next rows. */
  add(findings: readonly RowFinding[]): void {
    const good: RowPlan[] = [];
    const rows: PlannedRow[] = [];
    for (const finding of findings) {
      const bad = this.#refusal(finding);
      if (bad) {
        this.#refused++;
        if (this.#refused <= maximumListed) this.#listed.push(bad);
      } else if (finding.plan) {
        const { certificate: _, ...plan } = finding.plan;
        good.push(finding.plan);
        rows.push({ row: finding.row, ...plan });
      }
    }
    if (rows.length > 0)
      this.#shards.push({ rows, certificates: pack(good.map(({ certificate }) => certificate)) });
  }

  #refusal(finding: RowFinding): RefusedRow | undefined {
    const { inventory } = this;
    const why = this.#order.judge(finding);
    return why ? refusedRow(inventory.rows.read(finding.row), why, inventory.file) : finding.refused;
  }

  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** How many good rows change something. */
  get changed(): number {
    return this.#differences.size;
  }

  /** How many good rows change nothing. */
  get unchanged(): number {
    return this.#unchanged.size;
  }

  /** The number of refused rows. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Notes what the bundle of a good row changes for its eNB.
   * @param differences empty if the content of the earlier bundle is not known
   */
  changes(row: number, differences: readonly Difference[]): void {
    this.#differences.set(row, differences);
  }

  /** Notes that the bundle of a good row changes nothing against the earlier one, which has this number. */
  changesNothing(row: number, number: EpochSequence): void {
    this.#unchanged.set(row, number);
  }

  /** Notes that a row has a bundle of this run, or is to have one, and what that changes. */
  planned(row: number, differences: readonly Difference[] | undefined): void {
    this.#unchanged.delete(row);
    this.#differences.delete(row);
    if (differences) this.changes(row, differences);
  }

  /** Every good row needs a bundle, whether it changes anything or not. */
  wantAll(): void {
    this.#unchanged.clear();
  }

  /**
   * Forgets what it has found to be unchanged if the eNB has a newer bundle now. Returns how many rows that are.
   * @param newest the number of an eNB's newest bundle
   */
  dropOvertaken(newest: (enb: EnbIdentity) => EpochSequence): number {
    let overtaken = 0;
    for (const { row, enb } of this.good()) {
      const compared = this.#unchanged.get(row);
      if (!compared) continue;
      const { epoch, sequence } = newest(enb);
      if (epoch === compared.epoch && sequence === compared.sequence) continue;
      this.#unchanged.delete(row);
      overtaken++;
    }
    return overtaken;
  }

  /** Whether a good row needs no bundle: its eNB's newest one asks the same of it. */
  isUnchanged(row: number): boolean {
    return this.#unchanged.has(row);
  }

  /** What the bundle of a row changes. Empty if the earlier content is not known, undefined without an earlier bundle. */
  differencesOf(row: number): readonly Difference[] | undefined {
    return this.#differences.get(row);
  }

  /** The good rows that need a bundle, in order. */
  *wanted(): Generator<PlannedRow> {
    for (const plan of this.good()) if (!this.isUnchanged(plan.row)) yield plan;
  }

  /** The good rows, in order. */
  *good(): Generator<PlannedRow> {
    for (const { rows } of this.#shards) yield* rows;
  }

  /** The report, if these good rows have a bundle. */
  report(isMade: (row: number) => boolean): PrepareReport {
    const rows: PreparedRow[] = [];
    const warnings: (readonly RowWarning[])[] = [];
    const listed = this.#listed.values();
    let bad = listed.next().value;
    let made = 0;
    for (const plan of this.good()) {
      for (; bad && bad.row < plan.row; bad = listed.next().value) rows.push({ ...bad, state: 'refused' });
      if (isMade(plan.row)) made++;
      rows.push(this.#goodRow(plan, isMade(plan.row)));
      if (plan.warnings) warnings.push(plan.warnings);
    }
    for (; bad; bad = listed.next().value) rows.push({ ...bad, state: 'refused' });
    const total = this.inventory.rows.length;
    return {
      made,
      refused: this.#refused,
      total,
      rows,
      unlisted: total - rows.length,
      warnings: countWarnings(warnings),
      unchanged: this.unchanged,
      changed: this.changed,
    };
  }

  #goodRow({ row, vendor, warnings }: PlannedRow, isMade: boolean): PreparedRow {
    const { line, cells } = this.inventory.rows.read(row);
    const differences = this.differencesOf(row);
    return {
      row,
      line,
      siteId: cells.site_id,
      serialNumber: cells.enb_serial,
      state: isMade ? 'made' : this.isUnchanged(row) ? 'unchanged' : 'skipped',
      contents: contentsOf(cells, vendor),
      ...(differences && { differences }),
      ...(warnings && { warnings }),
    };
  }
}
