import { createCipheriv, createDecipheriv, getCiphers, timingSafeEqual, type KeyObject } from 'node:crypto';

/** AES Key Wrap (RFC 3394) with a wrapping key of 128, 192 or 256 bits and the initial value of section 2.2.3.1. */
export interface KeyWrap {
  /** Wraps a key of 16, 24 or 32 bytes. The result is 8 bytes longer. */
  wrap(wrappingKey: KeyObject, key: Uint8Array): Buffer;
  /**
   * Unwraps a key of 16, 24 or 32 bytes, which the caller wipes. Undefined if the length is different, or if the
   * integrity check fails because of a different wrapping key or changed data.
   */
  unwrap(wrappingKey: KeyObject, wrapped: Uint8Array): Buffer | undefined;
}

const initialValue = Buffer.alloc(8, 0xa6);
const semiblock = 8;
const nativeName = (wrappingKey: KeyObject) => `id-aes${bitsOf(wrappingKey)}-wrap`;
const blockName = (wrappingKey: KeyObject) => `aes-${bitsOf(wrappingKey)}-ecb`;

function bitsOf({ symmetricKeySize = 0 }: KeyObject): number {
  return 8 * symmetricKeySize;
}

/** The key wrap of OpenSSL. */
export const nativeKeyWrap: KeyWrap = {
  wrap(wrappingKey, key) {
    const cipher = createCipheriv(nativeName(wrappingKey), wrappingKey, initialValue);
    return Buffer.concat([cipher.update(key), cipher.final()]);
  },
  unwrap(wrappingKey, wrapped) {
    if (!isWrapped(wrapped)) return undefined;
    try {
      const decipher = createDecipheriv(nativeName(wrappingKey), wrappingKey, initialValue);
      const key = decipher.update(wrapped);
      decipher.final();
      return key;
    } catch {
      return undefined;
    }
  },
};

/** Siteseal's key wrap, over AES in ECB mode, for Electron: BoringSSL has none. */
export const ownKeyWrap: KeyWrap = {
  /** The index-based algorithm of section 2.2.1. `block` is A and one R[i]; `key` is all of R. */
  wrap(wrappingKey, key) {
    const cipher = createCipheriv(blockName(wrappingKey), wrappingKey, null).setAutoPadding(false);
    const result = Buffer.concat([initialValue, key]);
    const block = Buffer.alloc(2 * semiblock);
    const blocks = key.length / semiblock;
    for (let step = 1; step <= 6 * blocks; step++) {
      const at = (((step - 1) % blocks) + 1) * semiblock;
      result.copy(block, 0, 0, semiblock);
      result.copy(block, semiblock, at, at + semiblock);
      const encrypted = cipher.update(block);
      encrypted.copy(result, 0, 0, semiblock);
      encrypted.copy(result, at, semiblock);
      encrypted.fill(0);
      addStep(result, step);
    }
    block.fill(0);
    return result;
  },
  /** The inverse (section 2.2.2). */
  unwrap(wrappingKey, wrapped) {
    if (!isWrapped(wrapped)) return undefined;
    const decipher = createDecipheriv(blockName(wrappingKey), wrappingKey, null).setAutoPadding(false);
    const result = Buffer.from(wrapped);
    const block = Buffer.alloc(2 * semiblock);
    const blocks = wrapped.length / semiblock - 1;
    for (let step = 6 * blocks; step >= 1; step--) {
      const at = (((step - 1) % blocks) + 1) * semiblock;
      addStep(result, step);
      result.copy(block, 0, 0, semiblock);
      result.copy(block, semiblock, at, at + semiblock);
      const decrypted = decipher.update(block);
      decrypted.copy(result, 0, 0, semiblock);
      decrypted.copy(result, at, semiblock);
      decrypted.fill(0);
    }
    block.fill(0);
    if (timingSafeEqual(result.subarray(0, semiblock), initialValue)) return result.subarray(semiblock);
    result.fill(0);
    return undefined;
  },
};

/** `A ^= t`. A key has at most 32 bytes, so t is at most 24 and only changes the last byte of A. */
function addStep(result: Buffer, step: number): void {
  const last = semiblock - 1;
  result[last] = (result[last] ?? 0) ^ step;
}

/** Whether a wrapped key of 16, 24 or 32 bytes has this length. Also bounds the work. */
function isWrapped({ length }: Uint8Array): boolean {
  return length === 24 || length === 32 || length === 40;
}

/** OpenSSL's key wrap if this runtime has it, otherwise Siteseal's. */
export const keyWrap: KeyWrap = getCiphers().includes('id-aes256-wrap') ? nativeKeyWrap : ownKeyWrap;
