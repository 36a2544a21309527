import { createECDH, generateKeyPairSync, getDiffieHellman } from 'node:crypto';

interface Group {
  /** The size of a public value, in bytes. */
  readonly octets: number;
  /** A new public value. It may be shorter: leading zeros are missing. */
  readonly make: () => Uint8Array;
}

/** The public value is the point without its first byte, which says that it is not compressed (RFC 5903 section 7). */
function ecp(curve: string, octets: number): Group {
  return { octets, make: () => createECDH(curve).generateKeys().subarray(1) };
}

function modp(name: string, bits: number): Group {
  return { octets: bits / 8, make: () => getDiffieHellman(name).generateKeys() };
}

/** RFC 8031 section 2. */
function montgomery(generate: () => { readonly x?: string | undefined }, octets: number): Group {
  return { octets, make: () => Buffer.from(generate().x ?? '', 'base64url') };
}

/** The groups that Siteseal can make a key for, by their number at IANA. Some runtimes lack some of them. */
const groups: ReadonlyMap<number, Group> = new Map([
  [2, modp('modp2', 1024)],
  [5, modp('modp5', 1536)],
  [14, modp('modp14', 2048)],
  [15, modp('modp15', 3072)],
  [16, modp('modp16', 4096)],
  [17, modp('modp17', 6144)],
  [18, modp('modp18', 8192)],
  [19, ecp('prime256v1', 64)],
  [20, ecp('secp384r1', 96)],
  [21, ecp('secp521r1', 132)],
  [26, ecp('secp224r1', 56)],
  [28, ecp('brainpoolP256r1', 64)],
  [29, ecp('brainpoolP384r1', 96)],
  [30, ecp('brainpoolP512r1', 128)],
  [31, montgomery(() => generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }), 32)],
  [32, montgomery(() => generateKeyPairSync('x448').publicKey.export({ format: 'jwk' }), 56)],
]);

/** What one side sends of its key (RFC 7296 section 3.4). */
export interface KeyExchange {
  readonly group: number;
  readonly data: Uint8Array;
}

/**
 * A new key's public half. Undefined if this runtime lacks the group. Nobody keeps the private half: IKE_AUTH
 * never follows.
 */
export function makeKeyExchange(group: number): KeyExchange | undefined {
  const known = groups.get(group);
  if (!known) return undefined;
  try {
    const value = known.make();
    return { group, data: Buffer.concat([Buffer.alloc(known.octets - value.length), value]) };
  } catch {
    return undefined;
  }
}

/** Whether a public value has the size that its group requires. Values of unknown groups pass. */
export function hasRightSize({ group, data }: KeyExchange): boolean {
  return data.length === (groups.get(group)?.octets ?? data.length);
}
