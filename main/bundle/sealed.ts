import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { openAuthEnvelopedData } from '../cms/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import type { Certificate } from '../pki/index.ts';
import { enbIdentitySchema, sequenceSchema, type Configuration } from './configuration.ts';

/** The `format` of the sealed part of version 1. */
export const sealedFormat = 'siteseal-sealed/1';

/** The plaintext of the sealed part, as the eNB reads it. */
export const sealedSchema = z.strictObject({
  format: z.literal(sealedFormat),
  bundleId: fields.uuid,
  hwType: fields.oid,
  serialNumber: enbIdentitySchema.shape.serialNumber,
  sequence: sequenceSchema,
  signerSpkiSha256: fields.sha256,
  outerSha256: fields.sha256,
  credential: z.strictObject({ reference: z.string(), secret: z.string() }).optional(),
  secrets: z.record(z.string(), z.string()).optional(),
});

/** The decrypted sealed part, on the side that has the eNB's key. Its secrets are strings, which cannot be wiped. */
export type SealedContent = z.infer<typeof sealedSchema>;

/** The values that the sealed part is bound to. */
export type SealedBinding = Omit<SealedContent, 'format' | 'credential' | 'secrets'>;

/** Secrets as UTF-8 bytes, exactly as in the inventory. Their owner wipes them. */
export interface SealedSecrets {
  readonly credential?: { readonly reference: Uint8Array; readonly secret: Uint8Array };
  readonly secrets?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Encodes the plaintext of the sealed part. Secrets are copied byte by byte and never become strings, which could not
 * be wiped. The caller wipes the returned buffer.
 */
export function encodeSealed(binding: SealedBinding, { credential, secrets }: SealedSecrets): Buffer {
  const { bundleId, hwType, serialNumber, sequence, signerSpkiSha256, outerSha256 } = binding;
  const head = {
    format: sealedFormat,
    bundleId,
    hwType,
    serialNumber,
    sequence,
    signerSpkiSha256,
    outerSha256,
  };
  const parts: Uint8Array[] = [Buffer.from(JSON.stringify(head).slice(0, -1))];
  const wipe: Uint8Array[] = [];
  const quote = (bytes: Uint8Array) => {
    const quoted = quoteJson(bytes);
    wipe.push(quoted);
    return quoted;
  };
  if (credential) {
    const members = credentialMembers(credential);
    wipe.push(members);
    parts.push(Buffer.from(',"credential":{'), members, Buffer.from('}'));
  }
  if (secrets && secrets.size > 0) {
    for (const [index, [name, bytes]] of [...secrets].entries()) {
      parts.push(Buffer.from(`${index === 0 ? ',"secrets":{' : ','}${JSON.stringify(name)}:`), quote(bytes));
    }
    parts.push(Buffer.from('}'));
  }
  const plaintext = Buffer.concat([...parts, Buffer.from('}')]);
  for (const bytes of wipe) bytes.fill(0);
  return plaintext;
}

/** The members `reference` and `secret` of a JSON object, byte by byte. The caller wipes the result. */
export function credentialMembers({ reference, secret }: Required<SealedSecrets>['credential']): Buffer {
  const quoted = [quoteJson(reference), quoteJson(secret)] as const;
  const members = Buffer.concat([
    ...[Buffer.from('"reference":'), quoted[0]],
    ...[Buffer.from(',"secret":'), quoted[1]],
  ]);
  for (const bytes of quoted) bytes.fill(0);
  return members;
}

/** Encodes UTF-8 bytes as a JSON string, without making a string of them. The caller wipes the result. */
function quoteJson(bytes: Uint8Array): Buffer {
  const quoted = Buffer.alloc(2 + bytes.length * 6);
  let at = 0;
  quoted[at++] = 0x22;
  for (const byte of bytes) {
    if (byte < 0x20) {
      at += quoted.write(`\\u00${byte.toString(16).padStart(2, '0')}`, at, 'latin1');
      continue;
    }
    if (byte === 0x22 || byte === 0x5c) quoted[at++] = 0x5c;
    quoted[at++] = byte;
  }
  quoted[at++] = 0x22;
  return quoted.subarray(0, at);
}

/** Parses the plaintext of a sealed part. */
export function parseSealed(plaintext: Uint8Array): Result<SealedContent, 'json-malformed'> {
  return readDocument(plaintext, sealedFormat, sealedSchema);
}

/**
 * The credential in the sealed part of a bundle that the eNB has accepted. Its bytes are those of the inventory; the
 * caller wipes them.
 */
export function openCredential(
  { sealed = '' }: Pick<Configuration, 'sealed'>,
  enb: { readonly key: KeyObject; readonly certificate: Certificate },
): Result<Required<SealedSecrets>['credential'], 'sealed-undecryptable'> {
  const opened = openAuthEnvelopedData(Buffer.from(sealed, 'base64'), enb.key, enb.certificate);
  if (!opened.ok) return refuse('sealed-undecryptable', { because: opened.fault });
  const content = parseSealed(opened.value);
  opened.value.fill(0);
  const credential = content.ok ? content.value.credential : undefined;
  if (!credential) return refuse('sealed-undecryptable', { where: { field: 'credential' } });
  return ok({ reference: Buffer.from(credential.reference), secret: Buffer.from(credential.secret) });
}
