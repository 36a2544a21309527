/** Kinds of transforms (RFC 7296 section 3.3.2). */
export const transformTypes = { encryption: 1, prf: 2, integrity: 3, group: 4 } as const;
export type TransformKind = keyof typeof transformTypes;

/** An algorithm: its number at IANA (ikev2-parameters), and its key's bits where several are possible. */
export interface Transform {
  readonly type: number;
  readonly id: number;
  readonly keyBits?: number | undefined;
  /** It has an attribute that changes its meaning, and that Siteseal does not know. */
  readonly isUnknown?: true;
}

/** Whether two sides mean the same algorithm. */
export function isSameTransform(one: Transform, other: Transform): boolean {
  return (
    one.type === other.type &&
    one.id === other.id &&
    one.keyBits === other.keyBits &&
    one.isUnknown === other.isUnknown
  );
}

interface Algorithm {
  readonly kind: TransformKind;
  readonly id: number;
  readonly keyBits?: number;
  /** Encryption that protects integrity as well (RFC 5282). */
  readonly isAead?: true;
  /** The prf that strongSwan adds for this integrity algorithm. */
  readonly prf?: string;
}

const keySizes = [128, 192, 256] as const;

/** One entry for each key size. In `name`, `#` is the size. */
function ciphers(name: string, id: number, more: Pick<Algorithm, 'isAead'> = {}): readonly Entry[] {
  return keySizes.map((keyBits) => [
    name.replace('#', String(keyBits)),
    { kind: 'encryption', id, keyBits, ...more },
  ]);
}

const aead = { isAead: true } as const;

type Entry = readonly [name: string, algorithm: Algorithm];

/** strongSwan's names. Where several mean the same, the first is the one that is shown. */
const entries: readonly Entry[] = [
  ['3des', { kind: 'encryption', id: 3 }],
  ...ciphers('aes#', 12),
  ...ciphers('aes#ctr', 13),
  ...ciphers('aes#ccm8', 14, aead),
  ...ciphers('aes#ccm64', 14, aead),
  ...ciphers('aes#ccm12', 15, aead),
  ...ciphers('aes#ccm96', 15, aead),
  ...ciphers('aes#ccm16', 16, aead),
  ...ciphers('aes#ccm128', 16, aead),
  ...ciphers('aes#gcm8', 18, aead),
  ...ciphers('aes#gcm64', 18, aead),
  ...ciphers('aes#gcm12', 19, aead),
  ...ciphers('aes#gcm96', 19, aead),
  ...ciphers('aes#gcm16', 20, aead),
  ...ciphers('aes#gcm128', 20, aead),
  ...ciphers('aes#gcm', 20, aead),
  ...ciphers('camellia#', 23),
  ['aes', { kind: 'encryption', id: 12, keyBits: 128 }],
  ['chacha20poly1305', { kind: 'encryption', id: 28, isAead: true }],
  ['prfmd5', { kind: 'prf', id: 1 }],
  ['prfsha1', { kind: 'prf', id: 2 }],
  ['prfaesxcbc', { kind: 'prf', id: 4 }],
  ['prfsha256', { kind: 'prf', id: 5 }],
  ['prfsha384', { kind: 'prf', id: 6 }],
  ['prfsha512', { kind: 'prf', id: 7 }],
  ['prfaescmac', { kind: 'prf', id: 8 }],
  ['md5', { kind: 'integrity', id: 1, prf: 'prfmd5' }],
  ['sha1', { kind: 'integrity', id: 2, prf: 'prfsha1' }],
  ['sha', { kind: 'integrity', id: 2, prf: 'prfsha1' }],
  ['aesxcbc', { kind: 'integrity', id: 5, prf: 'prfaesxcbc' }],
  ['aescmac', { kind: 'integrity', id: 8, prf: 'prfaescmac' }],
  ['sha256', { kind: 'integrity', id: 12, prf: 'prfsha256' }],
  ['sha384', { kind: 'integrity', id: 13, prf: 'prfsha384' }],
  ['sha512', { kind: 'integrity', id: 14, prf: 'prfsha512' }],
  ['modp768', { kind: 'group', id: 1 }],
  ['modp1024', { kind: 'group', id: 2 }],
  ['modp1536', { kind: 'group', id: 5 }],
  ['modp2048', { kind: 'group', id: 14 }],
  ['modp3072', { kind: 'group', id: 15 }],
  ['modp4096', { kind: 'group', id: 16 }],
  ['modp6144', { kind: 'group', id: 17 }],
  ['modp8192', { kind: 'group', id: 18 }],
  ['ecp256', { kind: 'group', id: 19 }],
  ['ecp384', { kind: 'group', id: 20 }],
  ['ecp521', { kind: 'group', id: 21 }],
  ['modp1024s160', { kind: 'group', id: 22 }],
  ['modp2048s224', { kind: 'group', id: 23 }],
  ['modp2048s256', { kind: 'group', id: 24 }],
  ['ecp192', { kind: 'group', id: 25 }],
  ['ecp224', { kind: 'group', id: 26 }],
  ['ecp224bp', { kind: 'group', id: 27 }],
  ['ecp256bp', { kind: 'group', id: 28 }],
  ['ecp384bp', { kind: 'group', id: 29 }],
  ['ecp512bp', { kind: 'group', id: 30 }],
  ['curve25519', { kind: 'group', id: 31 }],
  ['x25519', { kind: 'group', id: 31 }],
  ['curve448', { kind: 'group', id: 32 }],
  ['x448', { kind: 'group', id: 32 }],
];

const byName: ReadonlyMap<string, Algorithm> = new Map(entries);

/** An algorithm by strongSwan's name; undefined for any other text. */
export function algorithmNamed(name: string): Algorithm | undefined {
  return byName.get(name);
}

/** The transform that stands for an algorithm in messages. */
export function transformOf({ kind, id, keyBits }: Algorithm): Transform {
  return { type: transformTypes[kind], id, ...(keyBits !== undefined && { keyBits }) };
}

/** strongSwan's name of a transform. One that it has no name for is shown by its numbers. */
export function nameOfTransform(transform: Transform): string {
  const found = entries.find(([, algorithm]) => isSameTransform(transformOf(algorithm), transform));
  const { type, id, keyBits } = transform;
  return found?.[0] ?? `${type}:${id}${keyBits === undefined ? '' : `:${keyBits}`}`;
}

/** strongSwan's name of a group for the key exchange. */
export function nameOfGroup(id: number): string {
  return nameOfTransform({ type: transformTypes.group, id });
}
