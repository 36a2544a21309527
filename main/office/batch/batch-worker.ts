import { hash } from 'node:crypto';
import {
  Bundle,
  differencesOf,
  firstFailure,
  issuedContent,
  judgeBundle,
  makeBundle,
  SignerMemory,
  type Configuration,
  type Difference,
} from '../../bundle/index.ts';
import { fault, ok, refused, type Fault, type Result } from '../../faults/index.ts';
import type { Certificate, EnbIdentity } from '../../pki/index.ts';
import { BundleFiles } from '../bundle-files.ts';
import { checkRow, neededFromStore, type RowFinding, type RowPlan, type RowQuestion } from '../check-row.ts';
import { checkedCertificate } from '../enb-certificates.ts';
import { GeneratedCredentials } from '../generated-credentials.ts';
import type { Inventory, InventoryRow } from '../inventory.ts';
import type { UnlockedVendor } from '../profile.ts';
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
  /** Nothing is checked yet: the certificates of the eNBs with these serial numbers may be in the store. */
  | { readonly kind: 'needed'; readonly serialNumbers: readonly string[] };

/** The eNB of a good row, which had a bundle before. */
export interface EarlierEnb extends Pick<RowPlan, 'enb' | 'protection'> {
  readonly row: number;
  /** What that bundle asks of it: see `issuedContent`. */
  readonly content: string;
}

/** Asks what new bundles change for eNBs. */
export interface CompareQuestion {
  readonly kind: 'compare';
  readonly enbs: readonly EarlierEnb[];
  /** Their certificates, in the same order. */
  readonly certificates: Packed;
}

/** What changes for each eNB, in the same order. */
export interface CompareAnswer {
  readonly kind: 'compared';
  readonly differences: readonly (readonly Difference[])[];
}

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
  /** What it asks of its eNB: see `issuedContent`. */
  readonly content: string;
}

/** Does the work of a run that needs nothing but one row at a time. */
export class BatchWorker {
  readonly #setup: BatchSetup;
  readonly #signers = new Map<string, SignerMemory>();

  constructor(setup: BatchSetup) {
    this.#setup = setup;
  }

  check({ first, last, stored }: CheckQuestion): CheckAnswer {
    const { inventory, ...setup } = this.#setup;
    const rows = [...inventory.rows.between(first, last)];
    if (!stored) {
      const serialNumbers = rows.flatMap((row) => neededFromStore(row) ?? []);
      if (serialNumbers.length > 0) return { kind: 'needed', serialNumbers };
    }
    const question = { ...setup, file: inventory.file, stored: stored ?? new Map<string, never>() };
    return { kind: 'checked', findings: rows.map((row) => checkRow(row, question)) };
  }

  compare({ enbs, certificates }: CompareQuestion): CompareAnswer {
    const { inventory, profile } = this.#setup;
    const issue = { bundleId: '', sequence: 0, issuedAt: new Date(0) }; // No part of what is compared.
    const differences = enbs.map(({ row: number, content, ...enb }, index) => {
      const row = inventory.rows.read(number);
      const der = unpack(certificates, index);
      const certificate = der && { sha256: hash('sha256', der) };
      const configuration = toConfiguration(row, { ...enb, certificate }, profile, issue);
      return differencesOf(content, this.#contentOf(configuration, row));
    });
    return { kind: 'compared', differences };
  }

  /** @param signal ends it after the bundle that it is making, because a signer may take its time */
  async make({ orders, certificates, issuedAt }: MakeQuestion, signal?: AbortSignal): Promise<MakeAnswer> {
    const files = new BundleFiles(this.#setup.bundles);
    const made: MadeBundle[] = [];
    let unacceptable: Fault | undefined;
    for (const [index, order] of orders.entries()) {
      if (signal?.aborted) break;
      const bundle = await this.#makeOne(order, unpack(certificates, index), issuedAt);
      if (!bundle.ok) {
        unacceptable = bundle.fault;
        break;
      }
      const { bytes, ...about } = bundle.value;
      const written = await files.write(order.name, bytes);
      if (!written.ok) break;
      made.push(about);
    }
    const settled = await files.settle();
    const there = files.written;
    const why = settled.ok ? unacceptable : settled.fault;
    return {
      kind: 'made',
      made: made.filter((_, index) => there.has(orders[index]?.name ?? '')),
      ...(why && { fault: why }),
    };
  }

  /** What the bundle of a row asks of its eNB. */
  #contentOf(configuration: Configuration, row: InventoryRow): string {
    const { signing, requireFreshCrl } = this.#vendorOf(row);
    const { enrolment, enb } = configuration;
    const isGenerated = this.#setup.generated !== undefined && enrolment.protection === 'mac';
    const hasCredential = isGenerated || row.credential.secret.length > 0;
    const secrets = Array.from(row.secrets.keys(), (name) => `secrets.${name}`);
    const sealed = hasCredential ? ['credential', ...secrets] : secrets;
    return issuedContent(configuration, {
      signer: signing.signer.certificate,
      freshCrls: requireFreshCrl ? signing.crls : [],
      sealed: enb.certificateSha256 === undefined ? [] : sealed,
    });
  }

  #vendorOf({ cells }: InventoryRow): UnlockedVendor {
    const vendor = this.#setup.vendors.get(cells.vendor);
    if (!vendor) throw new Error('A checked row names a vendor of the profile');
    return vendor;
  }

  /** Makes a bundle, and judges it as the eNB will. */
  async #makeOne(
    order: BundleOrder,
    der: Uint8Array | undefined,
    issuedAt: Date,
  ): Promise<Result<MadeBundle & Pick<Bundle, 'bytes'>, 'made-unacceptable'>> {
    const { row: number, enb, protection, sequence, bundleId } = order;
    const { inventory, profile, generated } = this.#setup;
    const row = inventory.rows.read(number);
    const vendor = this.#vendorOf(row);
    const certificate = der && checkedCertificate(der);
    const issue = { bundleId, sequence, issuedAt };
    const configuration = toConfiguration(row, { enb, protection, certificate }, profile, issue);
    const isGenerated = generated !== undefined && protection === 'mac';
    const credential = isGenerated ? new GeneratedCredentials(generated).of(number) : row.credential;
    const hasCredential = credential.secret.length > 0;
    const sealing =
      certificate && (hasCredential || row.secrets.size > 0)
        ? {
            recipient: certificate,
            secrets: row.secrets,
            ...(hasCredential && { credential }),
          }
        : undefined;
    const bundle = new Bundle(await makeBundle(configuration, sealing, vendor.signing));
    const unacceptable = this.#judge(bundle, order, vendor, certificate);
    const { bytes, sha256 } = bundle;
    return unacceptable
      ? refused(unacceptable)
      : ok({ row: number, sha256, bytes, content: this.#contentOf(configuration, row) });
  }

  /** Everything but the sealed part, which only the eNB can open. The signer's path is judged once for all bundles. */
  #judge(
    bundle: Bundle,
    { row, enb, sequence }: BundleOrder,
    vendor: UnlockedVendor,
    certificate: Certificate | undefined,
  ): Fault<'made-unacceptable'> | undefined {
    const { name, rootCertificates, requireFreshCrl, authorisation } = vendor;
    const signers = this.#signers.get(name) ?? new SignerMemory();
    this.#signers.set(name, signers);
    const because = firstFailure(
      judgeBundle(
        bundle,
        {
          vendorRoots: rootCertificates,
          requireFreshCrl,
          // A bundle may be for later.
          clock: { now: this.#setup.now, isExact: false },
          enb: { ...enb, ...(certificate && { certificate }) },
          lastEpoch: authorisation.epoch,
          lastSequence: sequence - 1,
        },
        signers,
      ),
    );
    if (!because) return undefined;
    const { file, rows } = this.#setup.inventory;
    return fault('made-unacceptable', { because, where: { file, row, line: rows.read(row).line } });
  }
}
