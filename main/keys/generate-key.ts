import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { opensslCurves } from '../pki/index.ts';

const generate = promisify(generateKeyPair);

/** Makes a private key. The number of an RSA key is its length in bits. */
export async function generateKey(kind: 'P-256' | 'P-384' | `RSA-${number}`): Promise<KeyObject> {
  const { privateKey } =
    kind === 'P-256' || kind === 'P-384'
      ? await generate('ec', { namedCurve: opensslCurves[kind] })
      : await generate('rsa', { modulusLength: Number(kind.slice(4)) });
  return privateKey;
}
