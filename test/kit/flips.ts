/** Messages with one bit changed. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { decode } from '../../main/asn1/index.ts';

/** A copy with one bit flipped, counted from the first bit of the first byte. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = bit >> 3;
  copy[index] = (copy[index] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

/** How many bytes of a PKIMessage come before its extraCerts: what is protected, and the protection. */
export function protectedOctets(message: Uint8Array): number {
  const extraCerts = decode(message, (reader) =>
    reader.sequence(
      (inner) => inner.rest((one) => one.element()).find(({ tag }) => tag === 0xa1)?.bytes.length,
    ),
  );
  assert(extraCerts.ok);
  return message.length - (extraCerts.value ?? 0);
}

/** Runs with a random generator that gives the same bytes in every run. */
export async function withSameRandom<Value>(work: (restart: () => void) => Promise<Value>): Promise<Value> {
  let count = 0;
  const method = mock.method(crypto, 'randomBytes', (size: number) => Buffer.alloc(size, ++count & 0xff));
  syncBuiltinESMExports();
  try {
    return await work(() => {
      count = 0;
    });
  } finally {
    method.mock.restore();
    syncBuiltinESMExports();
  }
}
