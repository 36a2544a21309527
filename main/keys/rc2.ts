/** The permutation for key expansion (RFC 2268 section 2), from the digits of pi. */
const piTable = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89d',
    'c67e37832b76538e624c6488448bfba2',
    '179a59f587b34f1361456d8d09817d32',
    'bd8f40eb86b77b0bf09521225c6b4e82',
    '54d66593ce60b21c7356c014a78cf1dc',
    '1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303',
    'f811c7f690ef3ee706c3d52fc8661ed7',
    '08e8eade8052eef784aa72ac354d6a2a',
    '961ad2715a1549744b9fd05e0418a4ec',
    'c2e0416e0f51cbcc2491af50a1f47039',
    '997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9',
    'd300e6cfe19ea82c6316013f58e289a9',
    '0d38341bab33ffb0bb480c5fb9b1cd2e',
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

const blockOctets = 8;

/**
 * Decrypts RC2 in CBC mode (RFC 2268) with the padding of RFC 8018 section 6.1.1, because Node's OpenSSL lacks RC2.
 * All bits of the key are effective. Undefined if the ciphertext is not whole blocks, or the padding is wrong. Only
 * for certificates in old PKCS#12 files: a 40-bit key protects nothing.
 */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer | undefined {
  if (ciphertext.length === 0 || ciphertext.length % blockOctets !== 0) return undefined;
  const words = expandKey(key, key.length * 8);
  const clear = Buffer.alloc(ciphertext.length);
  let previous = iv;
  for (let at = 0; at < ciphertext.length; at += blockOctets) {
    const block = ciphertext.subarray(at, at + blockOctets);
    clear.set(decryptRc2Block(words, block), at);
    for (let i = 0; i < blockOctets; i++) clear[at + i] = (clear[at + i] ?? 0) ^ (previous[i] ?? 0);
    previous = block;
  }
  words.fill(0);
  const padding = clear.at(-1) ?? 0;
  const isPadded =
    padding >= 1 && padding <= blockOctets && clear.subarray(-padding).every((octet) => octet === padding);
  if (isPadded) return clear.subarray(0, clear.length - padding);
  clear.fill(0);
  return undefined;
}

/** The 64 words of the expanded key (RFC 2268 section 2), with this many effective bits. */
export function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const octets = Buffer.alloc(128);
  octets.set(key);
  const pi = (index: number) => piTable[index & 0xff] ?? 0;
  const at = (index: number) => octets[index] ?? 0;
  for (let i = key.length; i < 128; i++) octets[i] = pi(at(i - 1) + at(i - key.length));
  const effectiveOctets = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * effectiveOctets - effectiveBits);
  octets[128 - effectiveOctets] = pi(at(128 - effectiveOctets) & mask);
  for (let i = 127 - effectiveOctets; i >= 0; i--) octets[i] = pi(at(i + 1) ^ at(i + effectiveOctets));
  const words = Uint16Array.from({ length: 64 }, (_, index) => octets.readUInt16LE(2 * index));
  octets.fill(0);
  return words;
}

const rotations = [1, 2, 3, 5] as const;

/** Decrypts one 8-byte block (RFC 2268 section 4). */
export function decryptRc2Block(words: Uint16Array, block: Uint8Array): Uint8Array {
  const buffer = Buffer.from(block);
  const r = [0, 2, 4, 6].map((offset) => buffer.readUInt16LE(offset));
  const get = (index: number) => r[index & 3] ?? 0;
  const word = (index: number) => words[index] ?? 0;
  let next = 63;
  const unmix = () => {
    for (let i = 3; i >= 0; i--) {
      const s = rotations[i] ?? 0;
      const turned = ((get(i) >>> s) | (get(i) << (16 - s))) & 0xffff;
      const mixed = (get(i - 1) & get(i - 2)) + (~get(i - 1) & get(i - 3)) + word(next--);
      r[i] = (turned - mixed) & 0xffff;
    }
  };
  const unmash = () => {
    for (let i = 3; i >= 0; i--) r[i] = (get(i) - word(get(i - 1) & 63)) & 0xffff;
  };
  for (const [index, rounds] of [5, 6, 5].entries()) {
    for (let round = 0; round < rounds; round++) unmix();
    if (index < 2) unmash();
  }
  r.forEach((value, index) => buffer.writeUInt16LE(value, 2 * index));
  return buffer;
}
