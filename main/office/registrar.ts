import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeRegistration, type RecipientCertificate } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { toSeconds } from '../pki/index.ts';
import type { PlannedRow } from './batch/checked-rows.ts';
import type { GeneratedCredentials } from './generated-credentials.ts';
import type { Inventory } from './inventory.ts';
import { registrationNumber, writeOutput } from './output-folder.ts';
import { enrolmentNames, type Profile, type UnlockedVendor } from './profile.ts';

/** How many credentials are made and registered together. An interrupted run leaves at most so many unused. */
export const credentialsAtOnce = 4096;

/** What a registrar works with. */
export interface RegistrarParts {
  readonly out: string;
  readonly profile: Profile;
  readonly inventory: Inventory;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly credentials: GeneratedCredentials;
  readonly recipient: RecipientCertificate;
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

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
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
    const { out, profile, vendors, credentials: made, recipient, newId, now } = this.#parts;
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
    const name = nextName(out);
    if (!name.ok) return name;
    const file = join(out, name.value);
    const written = writeOutput(file, registration);
    if (written.ok) this.#files.push(file);
    return written;
  }
}

/** The first free name: an earlier registration is the only place that has its credentials. */
function nextName(out: string): Result<string, 'output-unwritable'> {
  try {
    const last = Math.max(0, ...readdirSync(out).map(registrationNumber));
    return ok(last === 0 ? 'registration.p7m' : `registration-${last + 1}.p7m`);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: out }, found: errorCode(error) });
  }
}
