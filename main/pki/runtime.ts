import { fault, type Fault } from '../faults/index.ts';
import { describeKey, keyObject, type PublicKey } from './public-key.ts';

/**
 * The errors by which the library below node:crypto says that it can read a key but has no algorithm for it. BoringSSL,
 * which Electron has, throws them. OpenSSL's `ERR_OSSL_UNSUPPORTED` is not one: it stands for unreadable data as well.
 */
const lacks: ReadonlySet<unknown> = new Set([
  'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM',
  'ERR_OSSL_EC_UNKNOWN_GROUP',
  'ERR_OSSL_RSA_BAD_E_VALUE',
]);

/**
 * What node:crypto has thrown, as a fault, when the reason is that this runtime lacks an algorithm. Undefined for every
 * other error. `found` is the error's code: the words name the algorithms that it stands for.
 */
export function runtimeLack(error: unknown): Fault<'runtime-lacks-algorithm'> | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return lacks.has(code) ? fault('runtime-lacks-algorithm', { found: String(code) }) : undefined;
}

/** What this runtime lacks to use a public key. Undefined when it lacks nothing, or the key itself is wrong. */
export function keyLack(key: PublicKey): Fault<'runtime-lacks-algorithm'> | undefined {
  try {
    keyObject(key);
    return undefined;
  } catch (error) {
    const lack = runtimeLack(error);
    return lack && key.kind === 'rsa' && key.pssOnly ? { ...lack, found: describeKey(key) } : lack;
  }
}
