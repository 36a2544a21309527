import { encodeOid } from './oid-codec.ts';
import { contextTag, tags } from './tags.ts';

/** One element: identifier octet, minimal definite length, and its contents in parts, one after the other. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthOctets =
    length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
  const bytes = allocate(2 + lengthOctets + length);
  bytes[0] = tag;
  bytes[1] = lengthOctets === 0 ? length : 0x80 | lengthOctets;
  for (let i = 0; i < lengthOctets; i++) bytes[1 + lengthOctets - i] = (length >>> (8 * i)) & 0xff;
  let at = 2 + lengthOctets;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Memory shared by small elements. Allocating each one separately would take most of the encoding time. */
let pool = new ArrayBuffer(0);
let taken = 0;
const poolSize = 64 * 1024;

function allocate(size: number): Uint8Array {
  if (size > poolSize / 16) return new Uint8Array(size);
  if (taken + size > pool.byteLength) {
    pool = new ArrayBuffer(poolSize);
    taken = 0;
  }
  const bytes = new Uint8Array(pool, taken, size);
  taken += size;
  return bytes;
}

/** A SEQUENCE of these encoded elements. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(tags.sequence, ...parts);
}

/** A SET OF. Sorts its items by their encodings (X.690 section 11.6). */
export function setOf(items: readonly Uint8Array[], tag: number = tags.set): Uint8Array {
  return element(tag, ...[...items].sort((a, b) => Buffer.compare(a, b)));
}

/** An EXPLICIT context tag. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return element(contextTag(number), ...parts);
}

/** An IMPLICIT context tag that replaces the element's tag. It stays constructed or primitive, as the element is. */
export function implicit(number: number, encoded: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(encoded);
  bytes[0] = contextTag(number, (bytes[0] ?? 0) & 0x20 ? 'constructed' : 'primitive');
  return bytes;
}

/** A BOOLEAN: 0xff for true (X.690 section 11.1). */
export function boolean(value: boolean): Uint8Array {
  return element(tags.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A non-negative INTEGER. */
export function integer(value: number | bigint): Uint8Array {
  if (value < 0x80) return element(tags.integer, Uint8Array.of(Number(value)));
  const hex = value.toString(16);
  return unsignedInteger(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
}

/** A non-negative INTEGER from its big-endian bytes. */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const minimal = octets.subarray(start);
  return (minimal[0] ?? 0) >= 0x80
    ? element(tags.integer, Uint8Array.of(0), minimal)
    : element(tags.integer, minimal);
}

/** An OBJECT IDENTIFIER from its dotted form. Throws on a malformed OID. */
export function oid(dotted: string): Uint8Array {
  return element(tags.oid, encodeOid(dotted));
}

/** An OCTET STRING whose contents are these parts, one after the other. */
export function octetString(...parts: readonly Uint8Array[]): Uint8Array {
  return element(tags.octetString, ...parts);
}

/** A BIT STRING of whole bytes. */
export function bitString(octets: Uint8Array): Uint8Array {
  return element(tags.bitString, Uint8Array.of(0), octets);
}

/** A named-bit BIT STRING in which these bits are 1. */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(-1, ...bits);
  const octets = new Uint8Array(Math.floor(highest / 8) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(tags.bitString, Uint8Array.of(octets.length * 8 - highest - 1 || 0), octets);
}

const nullElement = element(tags.null);
export { nullElement as null };

/** A UTF8String. */
export function utf8String(text: string): Uint8Array {
  return element(tags.utf8String, Buffer.from(text, 'utf8'));
}

/** A PrintableString. The caller must have checked the characters. */
export function printableString(text: string): Uint8Array {
  return element(tags.printableString, Buffer.from(text, 'latin1'));
}

/** An IA5String, which is ASCII. The caller must have checked the characters. */
export function ia5String(text: string): Uint8Array {
  return element(tags.ia5String, Buffer.from(text, 'latin1'));
}

/** A Time as RFC 5280 section 4.1.2.5 requires: UTCTime through 2049, GeneralizedTime from 2050. */
export function time(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? element(tags.utcTime, Buffer.from(timeDigits(date).slice(2), 'latin1'))
    : generalizedTime(date);
}

/** A GeneralizedTime in the form of RFC 5280 section 4.1.2.5.2: UTC, whole seconds. */
export function generalizedTime(date: Date): Uint8Array {
  return element(tags.generalizedTime, Buffer.from(timeDigits(date), 'latin1'));
}

function timeDigits(date: Date): string {
  const iso = date.toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}
