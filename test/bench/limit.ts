import {
  constants,
  createCipheriv,
  createECDH,
  createPublicKey,
  createSecretKey,
  hash,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { parseAuthEnvelopedData, parseSignedData } from '../../main/cms/index.ts';
import { keyObject } from '../../main/pki/index.ts';
import type { Operator } from './operator.ts';

/** The bytes of one bundle to work on. Their values do not matter, only their number. */
export interface Material {
  readonly content: Uint8Array;
  /** The content without its sealed part. The sealed part contains a digest of these bytes. */
  readonly outer: Uint8Array;
  readonly plaintext: Uint8Array;
}

/** Takes one bundle of the folder as the measure for all. */
export function materialOf(bundles: string): Material {
  const [name = ''] = readdirSync(bundles);
  const bundle = parseSignedData(readFileSync(join(bundles, name)));
  if (!bundle.ok) throw new Error(`${name} is not SignedData`);
  const { content } = bundle.value;
  const { sealed } = JSON.parse(Buffer.from(content).toString()) as { readonly sealed: string };
  const enveloped = parseAuthEnvelopedData(Buffer.from(sealed, 'base64'), undefined);
  if (!enveloped.ok) throw new Error(`${name} has no sealed part`);
  return { content, outer: content.subarray(sealed.length), plaintext: enveloped.value.ciphertext };
}

/** Some eNBs, with the keys that their bundles take. */
export interface Share {
  readonly enbs: Operator['enbs'];
  readonly issuerKey: KeyObject;
  readonly configurationKey: KeyObject;
}

/** Does the cryptography of every eNB, in so many threads. */
export interface Limit {
  run(material: Material): Promise<void>;
  close(): Promise<void>;
}

/** Starts the threads, so that their start is not measured. */
export async function startLimit({ enbs, issuer, configuration }: Operator, threads: number): Promise<Limit> {
  const keys = { issuerKey: createPublicKey(issuer.key), configurationKey: configuration.key };
  const workers = Array.from({ length: threads }, (_, index) => {
    const share: Share = { ...keys, enbs: enbs.filter((_enb, place) => place % threads === index) };
    return new Worker(join(import.meta.dirname, 'limit-part.ts'), { workerData: share });
  });
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  return {
    run: async (material) => {
      const done = workers.map((worker) => once(worker, 'message'));
      for (const worker of workers) worker.postMessage(material);
      await Promise.all(done);
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** DER of the four signed attributes of a bundle is this long. */
const signedAttributes = randomBytes(170);
const keyWrapIv = Buffer.alloc(8, 0xa6);
const sharedInfo = Buffer.alloc(23);
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/**
 * The cryptography of one bundle for each eNB, by node:crypto, and nothing else: no file, no DER, no JSON, no check.
 * The certificates were parsed before, and RSA keys made into objects. No program on node:crypto is faster.
 */
export function doCryptography({ enbs, issuerKey, configurationKey }: Share, material: Material): void {
  const signerKey = createPublicKey(configurationKey);
  for (const { der, tbs, signature, publicKey } of enbs) {
    if (!verify('sha256', tbs, issuerKey, signature))
      throw new Error('A certificate of the lab does not verify');
    const contentKey = randomBytes(32);
    if (publicKey.kind === 'ec') wrap(contentKey, publicKey.point);
    else publicEncrypt({ key: keyObject(publicKey), ...oaep }, contentKey);
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(contentKey), randomBytes(12));
    cipher.update(material.plaintext);
    cipher.final();
    cipher.getAuthTag();
    for (const octets of [der, material.outer, material.content]) hash('sha256', octets, 'buffer');
    const own = sign('sha256', signedAttributes, configurationKey);
    // The product judges what it has made.
    if (!verify('sha256', signedAttributes, signerKey, own)) throw new Error('A signature does not verify');
    hash('sha256', material.content, 'buffer');
  }
}

/** ECDH with an ephemeral key, the X9.63 KDF, AES key wrap. */
function wrap(contentKey: Buffer, point: Uint8Array): void {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  const wrappingKey = hash('sha256', Buffer.concat([ecdh.computeSecret(point), sharedInfo]), 'buffer');
  const cipher = createCipheriv('id-aes256-wrap', createSecretKey(wrappingKey), keyWrapIv);
  cipher.update(contentKey);
  cipher.final();
}
