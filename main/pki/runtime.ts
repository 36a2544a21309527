import { fault, type Fault } from '../faults/index.ts';
import { describeKey, keyObject, type PublicKey } from './public-key.ts';

/**
 * Errors of node:crypto's library for a key that it can read but has no algorithm for. Electron's BoringSSL throws
 * them. OpenSSL's `ERR_OSSL_UNSUPPORTED` is not one of them: it also means unreadable data.
 */
const lacks: ReadonlySet<unknown> = new Set([
  'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM',
  'ERR_OSSL_EC_UNKNOWN_GROUP',
  'ERR_OSSL_RSA_BAD_E_VALUE',
]);

/**
 * The fault for an error of node:crypto if this runtime lacks an algorithm. Its `found` is the error's code, for which
 * the words name the algorithms.
 */
export function runtimeLack(error: unknown): Fault<'runtime-lacks-algorithm'> | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return lacks.has(code) ? fault('runtime-lacks-algorithm', { found: String(code) }) : undefined;
}

/** What this runtime lacks to use a public key. Undefined if it lacks nothing, or if the key itself is wrong. */
export function keyLack(key: PublicKey): Fault<'runtime-lacks-algorithm'> | undefined {
  try {
    keyObject(key);
    return undefined;
  } catch (error) {
    const lack = runtimeLack(error);
    return lack && key.kind === 'rsa' && key.pssOnly ? { ...lack, found: describeKey(key) } : lack;
  }
}
