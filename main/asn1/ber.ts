import { refuse, ok, type Result } from '../faults/index.ts';
import { DerError } from './der-error.ts';
import { tags } from './tags.ts';

/** Deeper than any structure that Siteseal reads. */
const maximumDepth = 32;
const constructedBit = 0x20;
const constructedOctetString = tags.octetString | constructedBit;

/** One BER element. A primitive has contents, a constructed one has members. `length` is that of its DER contents. */
type BerElement = { readonly tag: number; readonly length: number } & (
  { readonly contents: Uint8Array } | { readonly members: readonly BerElement[] }
);

/**
 * Whether these bytes are exactly one BER value (X.690 section 8) whose lengths nest. If not, they are truncated,
 * damaged or not ASN.1. If so, they may still break a rule of DER.
 */
export function isBer(bytes: Uint8Array): boolean {
  try {
    return skip(bytes, 0, bytes.length, 0) === bytes.length;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return false;
  }
}

/**
 * Rewrites one BER value with the lengths of DER, definite and as short as possible, and each OCTET STRING in one
 * piece. Primitive values are copied unchanged.
 *
 * The result is a new buffer, which the caller wipes if it holds secrets. Work and memory are linear in the input.
 * Refuses with `der-malformed` whatever `isBer` rejects.
 */
export function berToDer(bytes: Uint8Array): Result<Buffer, 'der-malformed'> {
  try {
    const { element, end } = readElement(bytes, 0, bytes.length, 0);
    if (end !== bytes.length) throw new DerError('der-trailing', end);
    const der = Buffer.alloc(encodedLength(element.length));
    write(element, der, 0);
    return ok(der);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return refuse('der-malformed', { rule: error.rule, where: { offset: error.offset } });
  }
}

/** The identifier and length of one element. */
export interface Header {
  readonly tag: number;
  /** The offset where the contents begin. */
  readonly start: number;
  /** The offset where the contents end; undefined for the indefinite form. */
  readonly end: number | undefined;
}

/** Reads the header at `at`, whose contents must end at `limit` or before. Throws `DerError`. */
export function readHeader(bytes: Uint8Array, at: number, limit: number, depth: number): Header {
  const byte = (index: number): number => {
    const found = index < limit ? bytes[index] : undefined;
    if (found === undefined) throw new DerError('der-truncated', at);
    return found;
  };
  const tag = byte(at);
  if (tag === 0 || (tag & 0x1f) === 0x1f) throw new DerError('der-tag', at);
  if (depth > maximumDepth) throw new DerError('der-depth', at);
  const first = byte(at + 1);
  if (first === 0x80) {
    if ((tag & constructedBit) === 0) throw new DerError('der-length', at);
    return { tag, start: at + 2, end: undefined };
  }
  let start = at + 2;
  let length = first;
  if (first > 0x80) {
    const octets = first - 0x80;
    length = 0;
    for (let i = 0; i < octets; i++) {
      length = length * 256 + byte(start++);
      if (length > limit) throw new DerError('der-truncated', at);
    }
  }
  if (length > limit - start) throw new DerError('der-truncated', at);
  return { tag, start, end: start + length };
}

/** Whether the indefinite form ends here, with two zero bytes. */
export function isEndOfContents(bytes: Uint8Array, at: number, limit: number): boolean {
  return at + 1 < limit && bytes[at] === 0 && bytes[at + 1] === 0;
}

/** The offset after the element at `at`. */
function skip(bytes: Uint8Array, at: number, limit: number, depth: number): number {
  const { tag, start, end } = readHeader(bytes, at, limit, depth);
  let next = start;
  if (end === undefined) {
    while (!isEndOfContents(bytes, next, limit)) next = skip(bytes, next, limit, depth + 1);
    return next + 2;
  }
  if (tag & constructedBit) while (next < end) next = skip(bytes, next, end, depth + 1);
  return end;
}

function readElement(
  bytes: Uint8Array,
  at: number,
  limit: number,
  depth: number,
): { readonly element: BerElement; readonly end: number } {
  const { tag, start, end } = readHeader(bytes, at, limit, depth);
  if (end !== undefined && (tag & constructedBit) === 0) {
    return { element: { tag, contents: bytes.subarray(start, end), length: end - start }, end };
  }
  const members: BerElement[] = [];
  let next = start;
  while (end === undefined ? !isEndOfContents(bytes, next, limit) : next < end) {
    const member = readElement(bytes, next, end ?? limit, depth + 1);
    members.push(member.element);
    next = member.end;
  }
  const after = end ?? next + 2;
  if (tag !== constructedOctetString) {
    const length = members.reduce((sum, member) => sum + encodedLength(member.length), 0);
    return { element: { tag, members, length }, end: after };
  }
  if (members.some((member) => member.tag !== tags.octetString)) throw new DerError('der-tag', start);
  const length = members.reduce((sum, member) => sum + member.length, 0);
  return { element: { tag: tags.octetString, members, length }, end: after };
}

/** The encoded size of an element whose contents have this length. */
function encodedLength(length: number): number {
  return 2 + lengthOctets(length) + length;
}

/** How many bytes follow the first byte of a length. */
function lengthOctets(length: number): number {
  return length < 0x80 ? 0 : Math.ceil((32 - Math.clz32(length)) / 8);
}

/** Writes the element to `der` and returns the offset after it. */
function write(element: BerElement, der: Buffer, at: number): number {
  const octets = lengthOctets(element.length);
  der[at] = element.tag;
  der[at + 1] = octets === 0 ? element.length : 0x80 + octets;
  if (octets > 0) der.writeUIntBE(element.length, at + 2, octets);
  return writeContents(element, der, at + 2 + octets);
}

function writeContents(element: BerElement, der: Buffer, at: number): number {
  if ('contents' in element) {
    der.set(element.contents, at);
    return at + element.length;
  }
  const isWhole = element.tag !== tags.octetString;
  let next = at;
  for (const member of element.members)
    next = isWhole ? write(member, der, next) : writeContents(member, der, next);
  return next;
}
