import { createHmac, type KeyObject } from 'node:crypto';
import { ok, refuse, type Result } from '../faults/index.ts';
import { secretCells, type InventoryRow } from './inventory.ts';
import type { ProfileDocument } from './profile.ts';
import { isChangedBySpreadsheet, lengthOf } from './spreadsheets.ts';

/** What can be wrong with the secrets of a row. */
export type SecretFaultCode =
  'credential-missing' | 'credential-weak' | 'enb-certificate-missing' | 'field-invalid';

/** What `checkSecrets` needs beside the row. */
export interface SecretQuestion {
  readonly enrolment: ProfileDocument['enrolment'];
  readonly protection: 'mac' | 'vendor-certificate';
  /** Whether the eNB has a certificate to encrypt the secrets to. */
  readonly hasCertificate: boolean;
  /** Whether Siteseal makes the credentials, so that the inventory must hold none. */
  readonly isGenerated: boolean;
  /** The key of the run's digests. */
  readonly digestKey: KeyObject;
}

/**
 * The reference and the secret of a row as HMACs under a random key of the run, which is never stored: they tell
 * whether two rows have the same one, and nobody without the key can test a guess against them.
 */
export interface CredentialDigests {
  readonly reference: string;
  readonly secret: string;
}

/**
 * Checks that a credential is complete, present where it is needed, unchanged by a spreadsheet, and strong. Any secret
 * needs a certificate to encrypt it to, and must not appear in a cell that is not secret. Faults never show the value.
 * @returns the digests of the credential; undefined if the row has none
 */
export function checkSecrets(
  row: InventoryRow,
  question: SecretQuestion,
): Result<CredentialDigests | undefined, SecretFaultCode> {
  const { enrolment, protection, hasCertificate, isGenerated, digestKey } = question;
  const { reference, secret } = row.credential;
  const changed =
    !enrolment.unusualCredentials && [...secretCells(row)].find(([, cell]) => isChangedBySpreadsheet(cell));
  if (changed)
    return refuse('field-invalid', { rule: 'changed-by-spreadsheet', where: { field: changed[0] } });
  const isNone = reference.length === 0 && secret.length === 0;
  const isWhole = reference.length > 0 && secret.length > 0;
  if (isGenerated && !isNone) {
    const field = reference.length > 0 ? 'credential_reference' : 'credential_secret';
    return refuse('field-invalid', { rule: 'credential-generated', where: { field } });
  }
  const getsCredential = isGenerated && protection === 'mac';
  if (protection === 'mac' && !isGenerated ? !isWhole : !isWhole && !isNone) {
    const field = reference.length === 0 ? 'credential_reference' : 'credential_secret';
    return refuse('credential-missing', { where: { field } });
  }
  if (!hasCertificate && (isWhole || getsCredential || row.secrets.size > 0)) {
    return refuse('enb-certificate-missing', {
      rule: 'certificate-needed',
      where: { field: 'enb_certificate' },
    });
  }
  const open = openCell(row);
  if (open !== undefined)
    return refuse('field-invalid', { rule: 'secret-in-the-open', where: { field: open } });
  if (!isWhole) return ok(undefined);
  const fit = checkStrength(secret, enrolment.minimumSecretLength);
  return fit.ok ? ok({ reference: digest(reference, digestKey), secret: digest(secret, digestKey) }) : fit;
}

function checkStrength(secret: Uint8Array, minimum: number): Result<void, 'credential-weak'> {
  const where = { field: 'credential_secret' };
  if (secret.length < minimum)
    return refuse('credential-weak', { rule: 'secret-length', expected: String(minimum), where });
  return isOneRepeated(secret)
    ? refuse('credential-weak', { rule: 'secret-repeated', where })
    : ok(undefined);
}

/** Half of the HMAC tells a million values apart as surely as the whole. */
function digest(value: Uint8Array, key: KeyObject): string {
  return createHmac('sha256', key).update(value).digest().toString('latin1', 0, 16);
}

/** Whether UTF-8 text repeats a single character. */
function isOneRepeated(text: Uint8Array): boolean {
  const length = lengthOf(text[0] ?? 0);
  return text.every((byte, at) => byte === text[at % length]);
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
