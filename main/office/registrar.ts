import { join } from 'node:path';
import { makeRegistration } from '../bundle/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { toSeconds, type Certificate } from '../pki/index.ts';
import type { PlannedRow } from './batch/checked-rows.ts';
import type { GeneratedCredentials } from './generated-credentials.ts';
import type { Inventory } from './inventory.ts';
import { writeOutput } from './output-folder.ts';
import { enrolmentNames, type Profile, type UnlockedVendor } from './profile.ts';

/** About how many credentials are made and registered together. An interrupted run leaves these unused at most. */
export const credentialsAtOnce = 4096;

/** What a registrar works with. */
export interface RegistrarParts {
  readonly out: string;
  /** Whether an earlier run has started in this folder. */
  readonly isContinued: boolean;
  readonly profile: Profile;
  readonly inventory: Inventory;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly credentials: GeneratedCredentials;
  readonly recipient: Certificate;
  readonly newId: () => string;
  readonly now: () => Date;
}

/**
 * Makes credentials, and registrations from which the RA/CA learns them: one for each RA/CA and vendor. A registration is
 * on disk before any bundle with its credentials is made: after a crash, nobody else has the secrets of those bundles.
 */
export class Registrar {
  readonly #parts: RegistrarParts;
  readonly #files: string[] = [];
  #count = 0;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
  }

  /** What the log says about the credentials. */
  get facts(): { readonly credentials: number; readonly recipientSha256: string } {
    return { credentials: this.#count, recipientSha256: this.#parts.recipient.sha256 };
  }

  /** The registrations of this run. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** Makes new credentials for the rows that need them. */
  async register(rows: readonly PlannedRow[]): Promise<Result<void, 'output-unwritable'>> {
    const { inventory } = this.#parts;
    const withNames = rows
      .filter(({ protection }) => protection === 'mac')
      .map((plan) => ({ ...plan, raName: inventory.rows.read(plan.row).cells.ra_name }));
    for (const [vendor, ofVendor] of Map.groupBy(withNames, (plan) => plan.vendor))
      for (const [raName, all] of Map.groupBy(ofVendor, (plan) => plan.raName)) {
        const written = await this.#write(vendor, raName, all);
        if (!written.ok) return written;
      }
    return ok(undefined);
  }

  async #write(
    vendor: string,
    raName: string,
    rows: readonly PlannedRow[],
  ): Promise<Result<void, 'output-unwritable'>> {
    const { out, isContinued, profile, vendors, credentials: made, recipient, newId, now } = this.#parts;
    const signing = vendors.get(vendor)?.signing;
    if (!signing) throw new Error('A checked row names a vendor of the profile');
    const { training } = profile;
    const head = { registrationId: newId(), issuedAt: toSeconds(now()), training, raName };
    const credentials = rows.map(({ row, enb }) => ({
      enb,
      ...enrolmentNames(profile, enb.serialNumber),
      credential: made.generate(row),
    }));
    const registration = await makeRegistration(head, credentials, recipient, signing);
    // The user may have moved an earlier one to the RA/CA, where another file of the same name would replace it.
    const isFirst = !isContinued && this.#files.length === 0;
    const file = join(
      out,
      isFirst ? 'registration.p7m' : `registration-${head.registrationId.slice(0, 8)}.p7m`,
    );
    const written = writeOutput(file, registration);
    if (!written.ok) return written;
    this.#files.push(file);
    this.#count += credentials.length;
    return written;
  }
}
