import { type KeyObject } from 'node:crypto';
import type { Certificate, Crl } from '../pki/index.ts';
import { textOf } from './vici-message.ts';
import type { Vici } from './vici.ts';

/** Loads a private key, from memory. Returns strongSwan's name for it, for `unload-key`. */
export async function loadKey(vici: Vici, key: KeyObject): Promise<string> {
  const data = key.export({ format: 'der', type: 'pkcs8' });
  try {
    return textOf(await vici.order('load-key', { type: 'any', data }), 'id') ?? '';
  } finally {
    data.fill(0);
  }
}

/** Loads certificates of CAs. Only one that is signed by its own key can anchor trust, and only where it is pinned. */
export async function loadCaCertificates(vici: Vici, certificates: readonly Certificate[]): Promise<void> {
  for (const { der } of certificates) {
    await vici.order('load-cert', { type: 'X509', flag: 'CA', data: der });
  }
}

/** Loads revocation lists. */
export async function loadCrls(vici: Vici, crls: readonly Pick<Crl, 'der'>[]): Promise<void> {
  for (const { der } of crls) await vici.order('load-cert', { type: 'X509_CRL', data: der });
}
