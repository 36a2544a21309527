/**
 * Records the buffers that code creates, to check afterwards whether a secret is still in one. Import this file before
 * the code that it watches.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import buffer from 'node:buffer';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** What was made, and where, while it was watched. */
interface Made {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/** The buffers of one piece of work, and copies of the keys that it used. */
export interface Memory<Value> {
  readonly value: Value;
  /** How many keys the work passed to node:crypto, or received from it. */
  readonly keys: number;
  /** Asserts that neither these secrets nor a key are left in a buffer, apart from the excepted ones. */
  assertWiped(secrets: readonly Uint8Array[], except?: readonly Uint8Array[]): void;
  /** The buffers that were made in a file, by a part of its path. */
  madeIn(path: string): readonly Uint8Array[];
}

let watching: { readonly made: Made[]; readonly keys: Uint8Array[] } | undefined;

/** Runs some work and keeps every buffer that it makes. Only one piece of work at a time. */
export async function memoryOf<Value>(work: () => Value | Promise<Value>): Promise<Memory<Value>> {
  const made: Made[] = [];
  const keys: Uint8Array[] = [];
  watching = { made, keys };
  try {
    const madeIn = (path: string) =>
      made.filter(({ where }) => where.includes(path)).map(({ bytes }) => bytes);
    return { value: await work(), keys: keys.length, assertWiped, madeIn };
  } finally {
    watching = undefined;
  }

  function assertWiped(secrets: readonly Uint8Array[], except: readonly Uint8Array[] = []): void {
    for (const secret of [...secrets, ...keys]) {
      const left = made.filter(
        ({ bytes }) => viewOf(bytes).includes(viewOf(secret)) && !except.includes(bytes),
      );
      assert.deepEqual(
        left.map(({ where }) => where),
        [],
        'A secret is left in a buffer that was made here.',
      );
    }
  }
}

/** The sources, wherever the checkout is: its own folder may also be called `main`. */
const mainFolder = `${join(import.meta.dirname, '../../main')}/`;

function note(result: unknown): void {
  if (!watching || !(result instanceof Uint8Array) || result.length === 0) return;
  const lines = new Error().stack?.split('\n') ?? [];
  const where = lines.find((line) => !line.includes('node:') && line.includes(mainFolder)) ?? lines[3] ?? '';
  watching.made.push({ bytes: result, where: where.trim() });
}

/** No copy of a key may remain afterwards, in any code's buffers. A short key would match by chance. */
function noteKey(key: unknown): void {
  if (watching && key instanceof Uint8Array && key.length >= 16) watching.keys.push(new Uint8Array(key));
}

const viewOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

type Call = (...args: readonly unknown[]) => unknown;

/** Wraps a function of an object. The wrapper sees the arguments and the result. */
function watch(
  object: object,
  name: string,
  see: (result: unknown, args: readonly unknown[]) => void,
  before: (args: readonly unknown[]) => void = () => undefined,
): void {
  const original = Reflect.get(object, name) as Call | undefined;
  if (!original) return;
  const watched = function (this: unknown, ...args: readonly unknown[]): unknown {
    if (!watching) return Reflect.apply(original, this, args);
    before(args);
    const last = args.at(-1);
    const answered =
      typeof last === 'function' // the asynchronous form
        ? [
            ...args.slice(0, -1),
            (error: unknown, result: unknown) => (see(result, args), (last as Call)(error, result)),
          ]
        : args;
    const result: unknown = Reflect.apply(original, this, answered);
    see(result, args);
    return result;
  };
  Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
  Reflect.set(object, name, watched);
}

/** The member of a key's options, or the key itself. */
function optionOf(key: unknown, name: 'key' | 'passphrase'): unknown {
  if (key instanceof Uint8Array) return name === 'key' ? key : undefined;
  return typeof key === 'object' && key !== null ? Reflect.get(key, name) : undefined;
}

for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'from', 'concat', 'copyBytesFrom'])
  watch(Buffer, name, note);
for (const name of ['from', 'of']) watch(Uint8Array, name, note);
for (const name of ['slice', 'toReversed', 'map'])
  watch(Object.getPrototypeOf(Uint8Array.prototype) as object, name, note);
watch(buffer, 'transcode', note);
watch(fs, 'readFileSync', note);
watch(crypto, 'hash', note);
for (const name of ['randomBytes', 'pbkdf2Sync', 'pbkdf2', 'scryptSync', 'scrypt']) watch(crypto, name, note);
for (const name of ['privateDecrypt', 'diffieHellman'])
  watch(crypto, name, (result) => {
    note(result);
    noteKey(result);
  });
for (const name of ['createHash', 'createHmac'])
  watch(
    crypto,
    name,
    (hash) => watch(hash as object, 'digest', note),
    ([, key]) => noteKey(key),
  );
for (const name of ['createCipheriv', 'createDecipheriv'])
  watch(
    crypto,
    name,
    (cipher) => ['update', 'final'].forEach((method) => watch(cipher as object, method, note)),
    ([, key]) => noteKey(key),
  );
watch(crypto, 'createECDH', (ecdh) =>
  watch(ecdh as object, 'computeSecret', (secret) => {
    note(secret);
    noteKey(secret);
  }),
);
watch(
  crypto,
  'createSecretKey',
  () => undefined,
  ([key]) => noteKey(key),
);
watch(
  crypto,
  'createPrivateKey',
  () => undefined,
  ([key]) => {
    if (optionOf(key, 'passphrase') === undefined) noteKey(optionOf(key, 'key')); // otherwise it is encrypted
  },
);
syncBuiltinESMExports();
