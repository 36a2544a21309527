import { hash as digestOf } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** The digests that PKCS#12 files use. */
export type Pkcs12Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Digests to compute before yielding to other work: some milliseconds. */
const sliceLength = 5_000;

/**
 * The key derivation of RFC 7292 appendix B.2. `id` is 1 for a key, 2 for an IV, 3 for a MAC key. `passphrase` is a
 * terminated BMPString. Works in slices, so that it does not block the process. The caller wipes the result.
 */
export async function pkcs12Kdf(
  hash: Pkcs12Hash,
  passphrase: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  id: 1 | 2 | 3,
  length: number,
): Promise<Buffer> {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const repeated = (octets: Uint8Array) => Math.ceil(octets.length / block) * block;
  const saltLength = repeated(salt);
  // Diversifier, salt and passphrase in one buffer, which is wiped.
  const input = Buffer.alloc(block + saltLength + repeated(passphrase), id);
  fill(input.subarray(block, block + saltLength), salt);
  fill(input.subarray(block + saltLength), passphrase);
  const output = Buffer.alloc(length);
  for (let have = 0; have < length;) {
    const digest = await iterate(hash, input, iterations);
    have += digest.copy(output, have);
    const addend = Buffer.alloc(block, digest);
    for (let start = block; start < input.length; start += block)
      addPlusOne(input.subarray(start, start + block), addend);
    for (const octets of [digest, addend]) octets.fill(0);
  }
  input.fill(0);
  return output;
}

function fill(target: Buffer, octets: Uint8Array): void {
  if (octets.length > 0) target.fill(octets);
}

/** Repeats the digest. Wipes every result but the last. */
async function iterate(hash: Pkcs12Hash, input: Buffer, iterations: number): Promise<Buffer> {
  let digest = digestOf(hash, input, 'buffer');
  for (let i = 1; i < iterations; i++) {
    if (i % sliceLength === 0) await setImmediate();
    const previous = digest;
    digest = digestOf(hash, previous, 'buffer');
    previous.fill(0);
  }
  return digest;
}

/** `value = (value + addend + 1) mod 2^(8 * length)`, in place. */
function addPlusOne(value: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let i = value.length - 1; i >= 0; i--) {
    carry += value.readUInt8(i) + addend.readUInt8(i);
    value[i] = carry & 0xff;
    carry >>= 8;
  }
}
