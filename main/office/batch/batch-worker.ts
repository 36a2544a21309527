import { hash } from 'node:crypto';
import { makeBundle } from '../../bundle/index.ts';
import { parseCertificates } from '../../cms/index.ts';
import { type Fault } from '../../faults/index.ts';
import type { Certificate, EnbIdentity } from '../../pki/index.ts';
import { BundleFiles } from '../bundle-files.ts';
import {
  checkRow,
  neededFromStore,
  storedKey,
  type RowFinding,
  type RowPlan,
  type RowQuestion,
} from '../check-row.ts';
import type { Inventory } from '../inventory.ts';
import { toConfiguration } from '../to-configuration.ts';
import { unpack, type Packed } from './packed.ts';

/** What a worker knows of a run. */
export interface BatchSetup extends Omit<RowQuestion, 'stored' | 'file'> {
  readonly inventory: Inventory;
  /** The folder of the bundles. */
  readonly bundles: string;
}

/** Asks for the check of the rows from `first` to `last`. */
export interface CheckQuestion {
  readonly kind: 'check';
  readonly first: number;
  readonly last: number;
  /** As in `RowQuestion`. Absent until the worker asks for it. */
  readonly stored?: RowQuestion['stored'];
}

/** What is found in the rows, in order. */
export type CheckAnswer =
  | { readonly kind: 'checked'; readonly findings: readonly RowFinding[] }
  /** Nothing is checked yet: the certificates of these eNBs are in the store. */
  | {
      readonly kind: 'needed';
      readonly enbs: readonly { readonly vendor: string; readonly serialNumber: string }[];
    };

/** A bundle to be made. */
export interface BundleOrder {
  readonly row: number;
  readonly enb: EnbIdentity;
  readonly protection: RowPlan['protection'];
  readonly sequence: number;
  readonly bundleId: string;
  /** The name of its file. */
  readonly name: string;
}

/** Asks for bundles. */
export interface MakeQuestion {
  readonly kind: 'make';
  readonly orders: readonly BundleOrder[];
  /** The certificates of the eNBs, in the same order. */
  readonly certificates: Packed;
  readonly issuedAt: Date;
}

/** The bundles that are on disk under their names now, and why the others are not. */
export interface MakeAnswer {
  readonly kind: 'made';
  readonly made: readonly MadeBundle[];
  readonly fault?: Fault;
}

export interface MadeBundle {
  readonly row: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Does the work of a run that needs nothing but one row at a time. */
export class BatchWorker {
  readonly #setup: BatchSetup;

  constructor(setup: BatchSetup) {
    this.#setup = setup;
  }

  check({ first, last, stored }: CheckQuestion): CheckAnswer {
    const { inventory, ...setup } = this.#setup;
    const rows = [...inventory.rows.between(first, last)];
    if (!stored) {
      const enbs = rows.flatMap((row) => neededFromStore(row) ?? []);
      if (enbs.length > 0) return { kind: 'needed', enbs };
    }
    const question = { ...setup, file: inventory.file, stored: stored ?? new Map<string, never>() };
    return { kind: 'checked', findings: rows.map((row) => checkRow(row, question)) };
  }

  /** @param signal ends it after the bundle that it is making, because a signer may take its time */
  async make({ orders, certificates, issuedAt }: MakeQuestion, signal?: AbortSignal): Promise<MakeAnswer> {
    const files = new BundleFiles(this.#setup.bundles);
    const made: MadeBundle[] = [];
    for (const [index, order] of orders.entries()) {
      if (signal?.aborted) break;
      const bundle = await this.#makeOne(order, unpack(certificates, index), issuedAt);
      const written = await files.write(order.name, bundle);
      if (!written.ok) break;
      made.push({ row: order.row, sha256: hash('sha256', bundle) });
    }
    const settled = await files.settle();
    const there = files.written;
    return {
      kind: 'made',
      made: made.filter((_, index) => there.has(orders[index]?.name ?? '')),
      ...(!settled.ok && { fault: settled.fault }),
    };
  }

  #makeOne(
    { row: number, enb, protection, sequence, bundleId }: BundleOrder,
    der: Uint8Array | undefined,
    issuedAt: Date,
  ): Promise<Uint8Array> {
    const { inventory, profile, vendors } = this.#setup;
    const row = inventory.rows.read(number);
    const vendor = vendors.get(row.cells.vendor);
    if (!vendor) throw new Error('A checked row names a vendor of the profile');
    const certificate = der && certificateOf(der);
    const issue = { bundleId, sequence, issuedAt };
    const configuration = toConfiguration(row, { enb, protection, certificate }, profile, issue);
    const hasCredential = row.credential.secret.length > 0;
    const sealing =
      certificate && (hasCredential || row.secrets.size > 0)
        ? {
            recipient: certificate,
            secrets: row.secrets,
            ...(hasCredential && { credential: row.credential }),
          }
        : undefined;
    return makeBundle(configuration, sealing, vendor.signing);
  }
}

/** A certificate that was checked before. */
function certificateOf(der: Uint8Array): Certificate {
  const parsed = parseCertificates(der);
  const [certificate] = parsed.ok ? parsed.value : [];
  if (!certificate) throw new Error('A checked certificate can be read');
  return certificate;
}

/** The eNBs' certificates in the store, by `storedKey`. */
export function storedCertificates(
  needed: Extract<CheckAnswer, { kind: 'needed' }>['enbs'],
  look: (vendor: string, serialNumber: string) => readonly Uint8Array[],
): ReadonlyMap<string, readonly Uint8Array[]> {
  return new Map(
    needed.map(({ vendor, serialNumber }) => [storedKey(vendor, serialNumber), look(vendor, serialNumber)]),
  );
}
