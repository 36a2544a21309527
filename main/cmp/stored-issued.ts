import { z } from 'zod';
import { fields } from '../json/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import type { Issued } from './client.ts';

const hex = z.string().regex(/^([0-9a-f]{2})*$/);

/** An issued certificate as JSON, for its holder to store before it is confirmed. Certificates are DER in base64. */
export const storedIssuedSchema = z.strictObject({
  certificate: fields.base64,
  /** From its issuer to the root. */
  chain: z.array(fields.base64),
  /** What the confirmation needs. Absent if the certificate needs none. */
  pending: z.strictObject({ id: hex, nonce: hex }).optional(),
});

/** What `storedIssuedSchema` reads. */
export type StoredIssued = z.infer<typeof storedIssuedSchema>;

/** The form in which a holder stores it. */
export function storeIssued({ certificate, chain, pending }: Issued): StoredIssued {
  return {
    certificate: toBase64(certificate),
    chain: chain.map(toBase64),
    ...(pending && { pending }),
  };
}

/** Undefined if a certificate cannot be read any more. */
export function readIssued({ certificate, chain, pending }: StoredIssued): Issued | undefined {
  const [own, ...issuers] = [certificate, ...chain].map((encoded) => {
    const parsed = parseCertificate(Buffer.from(encoded, 'base64'));
    return parsed.ok ? parsed.value : undefined;
  });
  const known = issuers.filter((issuer) => issuer !== undefined);
  if (!own || known.length < issuers.length) return undefined;
  return { certificate: own, chain: known, ...(pending && { pending }) };
}

function toBase64({ der }: Certificate): string {
  return Buffer.from(der).toString('base64');
}
