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

/** What a row's secrets are judged by. */
export interface SecretQuestion {
  readonly enrolment: ProfileDocument['enrolment'];
  readonly protection: 'mac' | 'vendor-certificate';
  /** Whether there is a certificate to encrypt them to. */
  readonly hasCertificate: boolean;
  /** Those of the rows before. */
  readonly earlier: CredentialsSeen;
}

/**
 * A credential is whole, there where it is needed, as it was issued, strong, of this row alone, and never without a
 * certificate to encrypt it to. No secret stands in an open cell. What was found is never shown.
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

/** Whether a text in UTF-8 is one character over and over. */
function isOneRepeated(text: Uint8Array): boolean {
  const length = lengthOf(text[0] ?? 0);
  return text.every((byte, at) => byte === text[at % length]);
}

/** The credentials of the rows so far, as digests under a key that nobody keeps. */
export class CredentialsSeen {
  readonly #key = randomBytes(32);
  readonly #rows = new Map<string, number>();

  /** Notes what a row has, and says which row had it first. */
  note(name: 'reference' | 'secret', value: Uint8Array, row: number): number | undefined {
    const digest = createHmac('sha256', this.#key).update(value).digest('base64');
    const key = `${name} ${digest}`;
    const first = this.#rows.get(key);
    if (first === undefined) this.#rows.set(key, row);
    return first;
  }

  /** Forgets the key: without it, the digests say nothing. */
  wipe(): void {
    this.#key.fill(0);
  }
}

/** Shorter ones can stand in another cell by chance, as a VLAN does. */
const minimumTellingSecret = 8;

/** The first cell that holds one of the row's secrets, and would carry it into the open part of the bundle. */
function openCell({ cells, credential, secrets }: InventoryRow): string | undefined {
  const telling = [credential.secret, ...secrets.values()].filter(
    ({ length }) => length >= minimumTellingSecret,
  );
  const isOpen = (text: string) =>
    telling.some((octets) => text.length <= octets.length && Buffer.from(text).equals(octets));
  return Object.entries(cells).find(([, text]) => isOpen(text))?.[0];
}
