import { z } from 'zod';
import { fields, readDocument } from '../json/index.ts';
import type { Result } from '../faults/index.ts';
import { enbIdentitySchema, sequenceSchema } from './configuration.ts';

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

/** The sealed part, decrypted where the eNB's key is. Its secrets are strings, which cannot be wiped. */
export type SealedContent = z.infer<typeof sealedSchema>;

/** What the sealed part is bound to. */
export type SealedBinding = Omit<SealedContent, 'format' | 'credential' | 'secrets'>;

/** Secrets as octets of UTF-8, exactly as the inventory has them; the owner of the octets wipes them. */
export interface SealedSecrets {
  readonly credential?: { readonly reference: Uint8Array; readonly secret: Uint8Array };
  readonly secrets?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Writes the plaintext of the sealed part. Secrets are copied octet by octet and never become strings, which could
 * not be wiped; the caller wipes what is returned.
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
  const quote = (octets: Uint8Array) => {
    const quoted = quoteJson(octets);
    wipe.push(quoted);
    return quoted;
  };
  if (credential) {
    parts.push(Buffer.from(',"credential":{"reference":'), quote(credential.reference));
    parts.push(Buffer.from(',"secret":'), quote(credential.secret), Buffer.from('}'));
  }
  if (secrets && secrets.size > 0) {
    for (const [index, [name, octets]] of [...secrets].entries()) {
      parts.push(Buffer.from(`${index === 0 ? ',"secrets":{' : ','}${JSON.stringify(name)}:`), quote(octets));
    }
    parts.push(Buffer.from('}'));
  }
  const plaintext = Buffer.concat([...parts, Buffer.from('}')]);
  for (const octets of wipe) octets.fill(0);
  return plaintext;
}

/** A JSON string from octets of UTF-8. */
function quoteJson(octets: Uint8Array): Buffer {
  const quoted = Buffer.alloc(2 + octets.length * 6);
  let at = 0;
  quoted[at++] = 0x22;
  for (const octet of octets) {
    if (octet < 0x20) {
      at += quoted.write(`\\u00${octet.toString(16).padStart(2, '0')}`, at, 'latin1');
      continue;
    }
    if (octet === 0x22 || octet === 0x5c) quoted[at++] = 0x5c;
    quoted[at++] = octet;
  }
  quoted[at++] = 0x22;
  return quoted.subarray(0, at);
}

/** Reads the plaintext of a sealed part. */
export function parseSealed(plaintext: Uint8Array): Result<SealedContent, 'json-malformed'> {
  return readDocument(plaintext, sealedFormat, sealedSchema);
}
