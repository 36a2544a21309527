import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decode, der, oids, type DerReader } from '../asn1/index.ts';
import { ok, refuse, refused, type Refused, type Result } from '../faults/index.ts';
import { runtimeLack } from '../pki/index.ts';

/** Why private key data is not a usable key. */
export type KeyObjectFaultCode = 'key-unreadable' | 'key-inconsistent' | 'runtime-lacks-algorithm';

/** Whether these bytes are a PrivateKeyInfo (RFC 5958), which starts with its version. */
export function isPrivateKeyInfo(bytes: Uint8Array): boolean {
  return decode(bytes, readPrivateKeyInfo).ok;
}

/** The key of a PrivateKeyInfo. */
export function toKeyObject(privateKeyInfo: Uint8Array): Result<KeyObject, KeyObjectFaultCode> {
  const key = plainForm(privateKeyInfo);
  try {
    return ok(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  } catch (error) {
    return unusable(error);
  } finally {
    key.fill(0);
  }
}

/** Why a private key cannot be used, from the error that node:crypto threw when reading it. */
export function unusable(error: unknown): Refused<KeyObjectFaultCode> {
  const lack = runtimeLack(error);
  if (lack) return refused(lack);
  const isInconsistent = error instanceof Error && 'code' in error && inconsistencies.has(error.code);
  return isInconsistent ? refuse('key-inconsistent') : refuse('key-unreadable', { rule: 'pkcs12-key' });
}

/**
 * BoringSSL throws these immediately if the parts of a key disagree. With OpenSSL only the first signature shows it.
 */
const inconsistencies: ReadonlySet<unknown> = new Set([
  'ERR_OSSL_EC_INVALID_PRIVATE_KEY',
  'ERR_OSSL_RSA_N_NOT_EQUAL_P_Q',
  'ERR_OSSL_RSA_D_E_NOT_CONGRUENT_TO_1',
  'ERR_OSSL_RSA_CRT_VALUES_INCORRECT',
]);

function readPrivateKeyInfo(reader: DerReader) {
  return reader.sequence((inner) => {
    inner.smallInteger();
    const algorithm = inner.withBytes(() =>
      inner.sequence((identifier) => {
        const oid = identifier.oid();
        identifier.rest((parameters) => parameters.element());
        return oid;
      }),
    );
    const key = inner.octetString();
    inner.rest((attributes) => attributes.element());
    return { algorithm, key };
  });
}

/**
 * A PrivateKeyInfo that BoringSSL can read: version 0, without attributes and public key (RFC 5208), and with NULL
 * parameters for an RSA key, which some writers omit. OpenSSL reads both forms. The caller wipes the result.
 */
function plainForm(bytes: Uint8Array): Buffer {
  const info = decode(bytes, readPrivateKeyInfo);
  if (!info.ok) return Buffer.from(bytes);
  const { algorithm, key } = info.value;
  const identifier =
    algorithm.value === oids.rsaEncryption
      ? der.sequence(der.oid(oids.rsaEncryption), der.null)
      : algorithm.bytes;
  const octets = der.octetString(key);
  const plain = der.sequence(der.integer(0), identifier, octets);
  octets.fill(0);
  return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
}
