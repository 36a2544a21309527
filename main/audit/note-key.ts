import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, syncFolder, writeFileAtomically } from '../files/index.ts';
import { UnusableFile } from '../store/index.ts';
import { formatVerifierKey, noteBody, signatureLine, type VerifierKey } from '../tlog/index.ts';
import { noteCrypto } from './hashes.ts';

/** A private key that signs notes. */
export interface NoteSigner {
  readonly verifier: VerifierKey;
  /** The verifier key as text. */
  readonly text: string;
  /** The signature line under this text, with its line feed. */
  line(body: string): string;
  /** Signs a message as such. */
  sign(message: Uint8Array): Uint8Array;
}

/** The signer with this Ed25519 key, under this name. */
function signerOf(name: string, key: KeyObject): NoteSigner {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = { name, type: 1, publicKey: new Uint8Array(spki.subarray(-32)) };
  const signBytes = (message: Uint8Array) => new Uint8Array(sign(null, message, key));
  return {
    verifier,
    text: formatVerifierKey(verifier, noteCrypto),
    line: (body) => signatureLine(verifier, signBytes(noteBody(body)), noteCrypto),
    sign: signBytes,
  };
}

/**
 * The Ed25519 key of a log or a witness: one file that only this user can read, the same for every process. A new key
 * replaces the old one in two steps, because the store names the key that counts: `prepareNext` writes the new file
 * beside the old one, and once the store names it, `find` erases the old file and renames the new one.
 *
 * Each call must run while the caller holds the store's write lock, and throws `UnusableFile`.
 */
export class NoteKeyFile {
  readonly #path: string;
  #signer: NoteSigner | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes a new key and writes it beside the one in use. */
  prepareNext(name: string): NoteSigner {
    this.#signer = undefined;
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    this.#guard(() => {
      try {
        writeFileAtomically(this.#next, pem, 0o600);
      } finally {
        pem.fill(0);
      }
      syncFolder(dirname(this.#path));
    });
    return signerOf(name, privateKey);
  }

  /** The signer whose verifier key is this text, or undefined if its file is lost. Erases what other keys left. */
  find(text: string): NoteSigner | undefined {
    if (this.#signer?.text === text) return this.#signer;
    this.#signer = this.#guard(() => this.#settle(text));
    return this.#signer;
  }

  /** The signer of this key, whose file is then the only one. */
  #settle(text: string): NoteSigner | undefined {
    const name = text.slice(0, text.indexOf('+'));
    const current = read(this.#path, name);
    const next = read(this.#next, name);
    if (next?.text === text) {
      erase(this.#path);
      renameSync(this.#next, this.#path);
      syncFolder(dirname(this.#path));
    } else if (next) erase(this.#next);
    return [current, next].find((signer) => signer?.text === text);
  }

  #guard<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      throw new UnusableFile(this.#path, error);
    }
  }

  get #next(): string {
    return `${this.#path}.next`;
  }
}

/** The most bytes of a key file. */
const mostBytes = 4_096;

/** Reads a key file. Undefined if it is missing or holds no Ed25519 key. */
function read(path: string, name: string): NoteSigner | undefined {
  let pem: Buffer;
  try {
    const file = openSync(path, 'r');
    try {
      if (fstatSync(file).size > mostBytes) return undefined;
      pem = readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? signerOf(name, key) : undefined;
  } catch {
    return undefined; // Not a key.
  } finally {
    pem.fill(0);
  }
}

/** Overwrites a file and deletes it. What the disk keeps of it elsewhere is out of reach. */
function erase(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, Buffer.alloc(fstatSync(file).size));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  rmSync(path, { force: true });
}
