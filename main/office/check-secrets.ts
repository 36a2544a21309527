import { createHmac, randomBytes } from 'node:crypto';
import { ok, refuse, type Result } from '../faults/index.ts';
import { secretCells, type InventoryRow } from './inventory.ts';
import type { ProfileDocument } from './profile.ts';
import { isChangedBySpreadsheet, lengthOf } from './spreadsheets.ts';

/** What can be wrong with the secrets of a row. */
export type SecretFaultCode =
  | 'credential-missing'
  | 'credential-weak'
  | 'credential-reused'
  | 'enb-certificate-missing'
  | 'field-invalid';

/** What `checkSecrets` needs beside the row. */
export interface SecretQuestion {
  readonly enrolment: ProfileDocument['enrolment'];
  readonly protection: 'mac' | 'vendor-certificate';
  /** Whether the eNB has a certificate to encrypt the secrets to. */
  readonly hasCertificate: boolean;
  /** The credentials of the earlier rows. */
  readonly earlier: CredentialsSeen;
}

/**
 * Checks that a credential is complete, present where it is needed, unchanged by a spreadsheet, strong, and used only
 * in this row. Any secret needs a certificate to encrypt it to, and must not appear in a cell that is not secret. Faults
 * never show the value.
 */
export function checkSecrets(row: InventoryRow, question: SecretQuestion): Result<void, SecretFaultCode> {
  const { enrolment, protection, hasCertificate, earlier } = question;
  const { reference, secret } = row.credential;
  const changed =
    !enrolment.unusualCredentials && [...secretCells(row)].find(([, cell]) => isChangedBySpreadsheet(cell));
  if (changed)
    return refuse('field-invalid', { rule: 'changed-by-spreadsheet', where: { field: changed[0] } });
  const isNone = reference.length === 0 && secret.length === 0;
  const isWhole = reference.length > 0 && secret.length > 0;
  if (protection === 'mac' ? !isWhole : !isWhole && !isNone) {
    const field = reference.length === 0 ? 'credential_reference' : 'credential_secret';
    return refuse('credential-missing', { where: { field } });
  }
  if (!hasCertificate && (isWhole || row.secrets.size > 0)) {
    return refuse('enb-certificate-missing', {
      rule: 'certificate-needed',
      where: { field: 'enb_certificate' },
    });
  }
  const open = openCell(row);
  if (open !== undefined)
    return refuse('field-invalid', { rule: 'secret-in-the-open', where: { field: open } });
  return isWhole ? checkCredential(row, enrolment.minimumSecretLength, earlier) : ok(undefined);
}

function checkCredential(
  { row, credential }: InventoryRow,
  minimum: number,
  earlier: CredentialsSeen,
): Result<void, 'credential-weak' | 'credential-reused'> {
  const { secret } = credential;
  const where = { field: 'credential_secret' };
  if (secret.length < minimum)
    return refuse('credential-weak', { rule: 'secret-length', expected: String(minimum), where });
  if (isOneRepeated(secret)) return refuse('credential-weak', { rule: 'secret-repeated', where });
  for (const name of ['reference', 'secret'] as const) {
    const first = earlier.note(name, credential[name], row);
    if (first !== undefined)
      return refuse('credential-reused', { found: `row ${first}`, where: { field: `credential_${name}` } });
  }
  return ok(undefined);
}

/** Whether UTF-8 text repeats a single character. */
function isOneRepeated(text: Uint8Array): boolean {
  const length = lengthOf(text[0] ?? 0);
  return text.every((byte, at) => byte === text[at % length]);
}

/** The credentials of the rows so far, as HMACs under a random key that is never stored. */
export class CredentialsSeen {
  readonly #key = randomBytes(32);
  readonly #rows = new Map<string, number>();

  /** Records a row's value. Returns the first row that had it, or undefined if the value is new. */
  note(name: 'reference' | 'secret', value: Uint8Array, row: number): number | undefined {
    const digest = createHmac('sha256', this.#key).update(value).digest('base64');
    const key = `${name} ${digest}`;
    const first = this.#rows.get(key);
    if (first === undefined) this.#rows.set(key, row);
    return first;
  }

  /** Wipes the key. Without it, nobody can test a guessed credential against the digests. */
  wipe(): void {
    this.#key.fill(0);
  }
}

/** In bytes. A shorter secret may equal another cell by chance, such as a VLAN. */
const minimumTellingSecret = 8;

/** The first cell that repeats one of the row's secrets and would put it unencrypted into the bundle. */
function openCell({ cells, credential, secrets }: InventoryRow): string | undefined {
  const telling = [credential.secret, ...secrets.values()].filter(
    ({ length }) => length >= minimumTellingSecret,
  );
  const isOpen = (text: string) =>
    telling.some((bytes) => text.length <= bytes.length && Buffer.from(text).equals(bytes));
  return Object.entries(cells).find(([, text]) => isOpen(text))?.[0];
}
