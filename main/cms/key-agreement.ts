import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { der, oids } from '../asn1/index.ts';

/** The length in bytes of the wrapping key, by the algorithm that it is for (RFC 3565 section 2.3.2). */
export const wrapKeyOctets: ReadonlyMap<string, number> = new Map([
  [oids.aes128Wrap, 16],
  [oids.aes192Wrap, 24],
  [oids.aes256Wrap, 32],
]);

/** How a shared secret becomes the key that wraps the content key (RFC 5753 section 7.1). */
export interface AgreementScheme {
  /** The digest of the key derivation function. */
  readonly hash: 'sha1' | 'sha256';
  readonly keyOctets: number;
  /** The AlgorithmIdentifier of the key wrap, without parameters. */
  readonly wrapAlgorithm: Uint8Array;
  /** ECC-CMS-SharedInfo (RFC 5753 section 7.2), without ukm. */
  readonly sharedInfo: Uint8Array;
}

/** The scheme with this digest and key wrap. Throws for a key wrap other than AES. */
export function agreementScheme(hashName: AgreementScheme['hash'], wrap: string): AgreementScheme {
  const keyOctets = wrapKeyOctets.get(wrap);
  if (keyOctets === undefined) throw new Error(`Not a key wrap: ${wrap}`);
  const wrapAlgorithm = der.sequence(der.oid(wrap));
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(8 * keyOctets);
  const sharedInfo = der.sequence(wrapAlgorithm, der.explicit(2, der.octetString(bits)));
  return { hash: hashName, keyOctets, wrapAlgorithm, sharedInfo };
}

const digestOctets = { sha1: 20, sha256: 32 } as const;

/** The X9.63 KDF (SEC 1 section 3.6.1). Wipes the shared secret. */
export function deriveWrappingKey(
  sharedSecret: Buffer,
  { hash: hashName, keyOctets, sharedInfo }: AgreementScheme,
): KeyObject {
  const inputs = Array.from({ length: Math.ceil(keyOctets / digestOctets[hashName]) }, (_, index) =>
    Buffer.concat([sharedSecret, Uint8Array.of(0, 0, 0, index + 1), sharedInfo]),
  );
  const blocks = inputs.map((input) => hash(hashName, input, 'buffer'));
  const key = Buffer.concat(blocks);
  const wrappingKey = createSecretKey(key.subarray(0, keyOctets));
  for (const bytes of [sharedSecret, ...inputs, ...blocks, key]) bytes.fill(0); // The key object has a copy.
  return wrappingKey;
}
