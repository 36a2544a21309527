import { createDecipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Cipher, Derivation, Encryption } from './encryption-scheme.ts';
import { toBmpString } from './passphrase.ts';
import { pkcs12Kdf } from './pkcs12-kdf.ts';
import { decryptRc2Cbc } from './rc2.ts';

const pbkdf2Async = promisify(pbkdf2);
const scryptAsync: (
  passphrase: Uint8Array,
  salt: Uint8Array,
  length: number,
  options: {
    readonly cost: number;
    readonly blockSize: number;
    readonly parallelization: number;
    readonly maxmem: number;
  },
) => Promise<Buffer> = promisify(scrypt);

/**
 * Decrypts with a passphrase, without blocking the process. Refuses with `passphrase-wrong` if decryption fails. A
 * successful result may still be nonsense. The caller wipes passphrase and result.
 */
export async function decrypt(
  { cipher, derivation, iv }: Extract<Encryption, { kind: 'supported' }>,
  passphrase: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Result<Buffer, 'passphrase-wrong' | 'passphrase-not-text'>> {
  const material = await derive(derivation, cipher, passphrase);
  if (!material.ok) return material;
  const key = material.value.subarray(0, cipher.keyOctets);
  const ownIv = derivation.kind === 'pkcs12' ? material.value.subarray(cipher.keyOctets) : iv;
  const clear = decipher(cipher, key, ownIv, ciphertext);
  material.value.fill(0);
  return clear ? ok(clear) : refuse('passphrase-wrong');
}

/** The key, followed by the IV if PKCS#12 derives that too. */
async function derive(
  derivation: Derivation,
  { keyOctets, ivOctets }: Cipher,
  passphrase: Uint8Array,
): Promise<Result<Buffer, 'passphrase-not-text'>> {
  switch (derivation.kind) {
    case 'pbkdf2': {
      const { salt, iterations, hash } = derivation;
      return ok(await pbkdf2Async(passphrase, salt, iterations, keyOctets, hash));
    }
    case 'scrypt': {
      const { salt, cost, blockSize, parallelization } = derivation;
      const maxmem = 256 * blockSize * (cost + parallelization) + 1024; // Twice what RFC 7914 needs.
      const options = { cost, blockSize, parallelization, maxmem };
      return ok(await scryptAsync(passphrase, salt, keyOctets, options));
    }
    case 'pkcs12': {
      const bmp = toBmpString(passphrase);
      if (!bmp.ok) return bmp;
      const { salt, iterations } = derivation;
      const key = await pkcs12Kdf('sha1', bmp.value, salt, iterations, 1, keyOctets);
      const iv = await pkcs12Kdf('sha1', bmp.value, salt, iterations, 2, ivOctets);
      const material = Buffer.concat([key, iv]);
      for (const secret of [bmp.value, key, iv]) secret.fill(0);
      return ok(material);
    }
  }
}

function decipher(
  { name }: Cipher,
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Buffer | undefined {
  if (name === 'rc2') return decryptRc2Cbc(key, iv, ciphertext);
  const parts: Buffer[] = [];
  try {
    const cipher = createDecipheriv(name, key, iv);
    parts.push(cipher.update(ciphertext));
    parts.push(cipher.final());
    return Buffer.concat(parts);
  } catch {
    return undefined; // OpenSSL rejects the padding.
  } finally {
    for (const part of parts) part.fill(0);
  }
}
