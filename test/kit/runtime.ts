/**
 * Detects what the runtime of the tests lacks. Electron's has BoringSSL, with fewer algorithms than OpenSSL. The suite
 * `electron node` runs tests there, and each asserts the fault for what is missing.
 */
import crypto, { createPublicKey, getCurves } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';
import { pssSpki } from './pki.ts';

/** Whether keys for PSS only can be used. */
export const hasPssKeys = isReadable(pssSpki());

/** Whether keys on secp256k1 can be used, and with them those on brainpool's curves. */
export const hasOtherCurves = getCurves().includes('secp256k1');

function isReadable(spki: Uint8Array): boolean {
  try {
    createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the runtime reject keys for PSS only until the test ends, with the error that BoringSSL has for them. Changes
 * nothing where they are not supported anyway: there the test runs against BoringSSL itself.
 */
export function withoutPssKeys(test: TestContext): void {
  if (!hasPssKeys) return;
  for (const name of ['createPublicKey', 'createPrivateKey'] as const) {
    const original = crypto[name] as (input: unknown) => unknown;
    const limited = (input: unknown) => {
      const key = original(input) as { readonly asymmetricKeyType?: string };
      if (key.asymmetricKeyType !== 'rsa-pss') return key;
      throw Object.assign(new Error('unsupported algorithm'), { code: 'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM' });
    };
    test.mock.method(crypto, name, limited as never);
  }
  syncBuiltinESMExports();
  test.after(() => {
    test.mock.restoreAll();
    syncBuiltinESMExports();
  });
}
