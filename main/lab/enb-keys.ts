import { createPrivateKey, createPublicKey, generateKeyPair, hash, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ok, refuse, type Result } from '../faults/index.ts';
import { clear, errorCode, writeFileAtomically } from '../files/index.ts';
import { opensslCurves, type PublicKey } from '../pki/index.ts';

const makePair = promisify(generateKeyPair);

const filePattern = /^operator-([0-9a-f]{64})\.key(\.part)?$/;

/**
 * The operator keys of an eNB: one file each, for this user alone. A key is made on the eNB and never leaves it. Its id
 * is the SHA-256 of its SubjectPublicKeyInfo.
 */
export class EnbKeys {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a key of the same kind as another key and stores it. Throws the system's error if it cannot be stored. */
  async make(like: PublicKey): Promise<{ readonly id: string; readonly key: KeyObject }> {
    const key = await makeKey(like);
    const id = idOf(key);
    const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
    try {
      writeFileAtomically(this.#file(id), pkcs8, 0o600);
    } finally {
      pkcs8.fill(0);
    }
    return { id, key };
  }

  read(id: string): Result<KeyObject, 'key-unreadable'> {
    const file = this.#file(id);
    try {
      const pkcs8 = readFileSync(file);
      try {
        const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
        return idOf(key) === id ? ok(key) : refuse('key-unreadable', { where: { file } });
      } finally {
        pkcs8.fill(0);
      }
    } catch (error) {
      return refuse('key-unreadable', { where: { file }, found: errorCode(error) });
    }
  }

  /** Deletes every key except these. */
  keepOnly(ids: readonly (string | undefined)[]): void {
    for (const name of this.#files()) {
      const [, id, part] = filePattern.exec(name) ?? [];
      if (id !== undefined && (part !== undefined || !ids.includes(id))) clear(join(this.#folder, name));
    }
  }

  #files(): readonly string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return []; // The disk is gone. The next start deletes them.
    }
  }

  #file(id: string): string {
    return join(this.#folder, `operator-${id}.key`);
  }
}

function idOf(key: KeyObject): string {
  return hash('sha256', createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

async function makeKey(like: PublicKey): Promise<KeyObject> {
  if (like.kind === 'rsa') return (await makePair('rsa', { modulusLength: like.bits })).privateKey;
  const namedCurve = opensslCurves[like.kind === 'ec' && like.curve === 'P-384' ? 'P-384' : 'P-256'];
  return (await makePair('ec', { namedCurve })).privateKey;
}
