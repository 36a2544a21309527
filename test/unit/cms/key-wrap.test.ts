import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createSecretKey, getCiphers } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { keyWrap, nativeKeyWrap, ownKeyWrap, type KeyWrap } from '../../../main/cms/key-wrap.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const wrappingBytes = hex('00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f');
/** The wrapping key of the vectors with so many bytes. */
const wrappingKeyOf = (length: number) => createSecretKey(wrappingBytes.subarray(0, length));
const wrappingKey = wrappingKeyOf(32);

/** The vectors of RFC 3394 with shorter wrapping keys, the key as long as they. */
const shorter = [
  {
    section: '4.1',
    key: '00112233 44556677 8899aabb ccddeeff',
    wrapped: '1fa68b0a 8112b447 aef34bd8 fb5a7b82 9d3e8623 71d2cfe5',
  },
  {
    section: '4.4',
    key: '00112233 44556677 8899aabb ccddeeff 00010203 04050607',
    wrapped: '031d33264e15d332 68f24ec260743edc e1c6c7ddee725a93 6ba814915c6762d2',
  },
].map(({ section, key, wrapped }) => ({ section, key: hex(key), wrapped: hex(wrapped) }));

/** The vectors of RFC 3394 with a wrapping key of 256 bits. */
const vectors = [
  {
    section: '4.3',
    key: '00112233 44556677 8899aabb ccddeeff',
    wrapped: '64e8c3f9 ce0f5ba2 63e97779 05818a2a 93c8191e 7d6e8ae7',
  },
  {
    section: '4.5',
    key: '00112233 44556677 8899aabb ccddeeff 00010203 04050607',
    wrapped: 'a8f9bc16 12c68b3f f6e6f4fb e30e71e4 769c8b80 a32cb895 8cd5d17d 6b254da1',
  },
  {
    section: '4.6',
    key: '00112233 44556677 8899aabb ccddeeff 00010203 04050607 08090a0b 0c0d0e0f',
    wrapped: '28c9f404 c4b810f4 cbccb35c fb87f826 3f5786e2 d80ed326 cbc7f0e7 1a99f43b fb988b9b 7a02dd21',
  },
].map(({ section, key, wrapped }) => ({ section, key: hex(key), wrapped: hex(wrapped) }));

const hasNative = getCiphers().includes('id-aes256-wrap');
const keyWraps: readonly (readonly [string, KeyWrap])[] = [
  ['our own key wrap', ownKeyWrap],
  ...(hasNative ? ([['the key wrap of OpenSSL', nativeKeyWrap]] as const) : []),
];

for (const [name, tested] of keyWraps) {
  describe(name, () => {
    for (const { section, key, wrapped } of vectors) {
      it(`wraps and unwraps the vector of RFC 3394 section ${section}`, () => {
        assert.deepEqual(tested.wrap(wrappingKey, key), wrapped);
        assert.deepEqual(tested.unwrap(wrappingKey, wrapped), key);
      });

      it(`refuses the vector of section ${section} with any one bit changed`, () => {
        for (let bit = 0; bit < wrapped.length * 8; bit++) {
          const changed = Buffer.from(wrapped);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          assert.equal(tested.unwrap(wrappingKey, changed), undefined);
        }
      });
    }

    for (const { section, key, wrapped } of shorter) {
      it(`wraps and unwraps the vector of RFC 3394 section ${section}, with a shorter wrapping key`, () => {
        const short = wrappingKeyOf(key.length);
        assert.deepEqual(tested.wrap(short, key), wrapped);
        assert.deepEqual(tested.unwrap(short, wrapped), key);
        assert.equal(tested.unwrap(wrappingKey, wrapped), undefined);
      });
    }

    it('refuses another wrapping key', () => {
      const another = createSecretKey(Buffer.from(wrappingBytes).fill(0, 31));
      for (const { wrapped } of vectors) assert.equal(tested.unwrap(another, wrapped), undefined);
    });

    it('refuses every length that no key of 16, 24 or 32 bytes has, before any work', () => {
      const lengths = Array.from({ length: 80 }, (_, length) => length).filter(
        (n) => ![24, 32, 40].includes(n),
      );
      for (const length of [...lengths, 1_000_000])
        assert.equal(tested.unwrap(wrappingKey, Buffer.alloc(length)), undefined);
    });
  });
}

it('the key wrap of OpenSSL is taken where this runtime has it', () => {
  assert.equal(keyWrap, hasNative ? nativeKeyWrap : ownKeyWrap);
});

describe('our own key wrap leaves nothing of a key in memory', () => {
  const [{ key, wrapped }] = vectors.slice(-1) as [(typeof vectors)[number]];

  it('when it wraps', (test) => {
    const buffers = watchBuffers(test);
    const result = ownKeyWrap.wrap(wrappingKey, key);
    assert.deepEqual(result, wrapped);
    assertWiped(buffers, result, 6 * 4 + 2);
  });

  it('but the key that it returns when it unwraps', (test) => {
    const buffers = watchBuffers(test);
    const result = ownKeyWrap.unwrap(wrappingKey, wrapped);
    assert.deepEqual(result, key);
    assertWiped(buffers, result, 6 * 4 + 2);
  });

  it('when the integrity check fails', (test) => {
    const changed = Buffer.from(wrapped).fill(0, 39);
    const buffers = watchBuffers(test);
    assert.equal(ownKeyWrap.unwrap(wrappingKey, changed), undefined);
    assertWiped(buffers, undefined, 6 * 4 + 2);
  });
});

/** Collects every buffer that is made from here on by `Buffer` and by the ciphers. */
function watchBuffers(test: TestContext): Buffer[] {
  const made: Buffer[] = [];
  const watch = (owner: object, name: string) => {
    const original = Reflect.get(owner, name) as (...args: unknown[]) => Buffer;
    test.mock.method(
      owner as Record<string, typeof original>,
      name,
      function (this: unknown, ...args: unknown[]) {
        const buffer = original.apply(this, args);
        made.push(buffer);
        return buffer;
      },
    );
  };
  for (const name of ['alloc', 'concat', 'from']) watch(Buffer, name);
  for (const create of [createCipheriv, createDecipheriv])
    watch(Object.getPrototypeOf(create('aes-256-ecb', wrappingBytes, null)) as object, 'update');
  return made;
}

/** Asserts that this many buffers were made, and that none but the result holds anything. */
function assertWiped(buffers: readonly Buffer[], result: Buffer | undefined, count: number): void {
  const made = [...buffers];
  assert.equal(made.length, count);
  for (const buffer of made) {
    const isResult =
      result !== undefined && buffer.buffer === result.buffer && buffer.byteOffset <= result.byteOffset;
    if (!isResult) assert(buffer.every((byte) => byte === 0));
  }
}
