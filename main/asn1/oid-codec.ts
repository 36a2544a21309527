const encoded = new Map<string, Uint8Array>();

/** Decoding time grows with the square of the length. No OID in use comes near this many bytes. */
const maximumOctets = 1024;

/** Whether this is an object identifier in dotted form. X.660 limits the second arc to below 40 under 0 and 1. */
export function isOid(dotted: string): boolean {
  return /^(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*$/.test(dotted);
}

/** The content octets of an OBJECT IDENTIFIER from its dotted form (X.690 section 8.19). Throws on a malformed OID. */
export function encodeOid(dotted: string): Uint8Array {
  let octets = encoded.get(dotted);
  if (!octets) {
    octets = encodeArcs(dotted);
    encoded.set(dotted, octets);
  }
  return octets;
}

function encodeArcs(dotted: string): Uint8Array {
  if (!isOid(dotted)) throw new Error(`Not an OID: ${dotted}`);
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return Uint8Array.from([first * 40n + second, ...rest].flatMap(encodeArc));
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

/** The dotted form. Undefined if the bytes are not a minimal encoding of an OID, or are too long. */
export function decodeOid(octets: Uint8Array): string | undefined {
  if (octets.length > maximumOctets) return undefined;
  let dotted = '';
  let arc: number | bigint = 0;
  let inArc = false;
  for (const octet of octets) {
    if (!inArc && octet === 0x80) return undefined; // a leading zero digit is not minimal
    inArc = octet >= 0x80;
    // Arcs under 2.25 are 128-bit UUIDs. The others stay numbers, which are faster.
    arc =
      typeof arc === 'number' && arc < 2 ** 45
        ? arc * 128 + (octet & 0x7f)
        : (BigInt(arc) << 7n) | BigInt(octet & 0x7f);
    if (inArc) continue;
    dotted += dotted === '' ? firstArcs(arc) : `.${arc}`;
    arc = 0;
  }
  return dotted === '' || inArc ? undefined : dotted;
}

/** The first encoded number holds two arcs. */
function firstArcs(both: number | bigint): string {
  const top = both < 40 ? 0 : both < 80 ? 1 : 2;
  return `${top}.${typeof both === 'number' ? both - top * 40 : both - BigInt(top * 40)}`;
}
