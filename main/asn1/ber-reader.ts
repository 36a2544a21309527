import type { Rule } from '../faults/index.ts';
import { isEndOfContents, readHeader, type Header } from './ber.ts';
import { DerError } from './der-error.ts';
import { DerReader } from './reader.ts';
import { contextTag, tags } from './tags.ts';

/** How large a value that `BerReader` reads as a whole may be, in bytes. */
const maximumValue = 64 * 1024;

/**
 * A cursor over one BER value (X.690 section 8) that is too large to copy, such as a message that a program wrote as a
 * stream. Its outer parts may have an indefinite length. Small values inside are read as strict DER. Each method takes
 * the next element or throws `DerError`. Memory does not grow with the input.
 */
export class BerReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;
  /** Where the contents around the cursor end at the latest. */
  #limit: number;
  /** Whether two zero bytes end them. */
  #isIndefinite = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#limit = bytes.length;
  }

  /** Whether no element is left. */
  get done(): boolean {
    return this.#isIndefinite
      ? isEndOfContents(this.#bytes, this.#at, this.#limit)
      : this.#at === this.#limit;
  }

  /** The next identifier octet; undefined at the end. */
  get nextTag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** Throws `DerError` with this rule, at the next element. */
  fail(rule: Rule): never {
    throw new DerError(rule, this.#at);
  }

  /** Asserts that no element is left. */
  end(): void {
    if (!this.done) this.fail(this.#at === this.#limit ? 'der-truncated' : 'der-trailing');
  }

  /** Walks the contents of the next element, which is constructed, with `read`, and asserts that it took them all. */
  constructed<Value>(tag: number, read: () => Value): Value {
    const { start, end } = this.#header(tag);
    const around = { limit: this.#limit, isIndefinite: this.#isIndefinite };
    this.#at = start;
    this.#limit = end ?? this.#limit;
    this.#isIndefinite = end === undefined;
    this.#depth++;
    const value = read();
    this.end();
    if (this.#isIndefinite) this.#at += 2;
    this.#limit = around.limit;
    this.#isIndefinite = around.isIndefinite;
    this.#depth--;
    return value;
  }

  /** Walks the contents of a SEQUENCE with `read`, and asserts that it took them all. */
  sequence<Value>(read: () => Value): Value {
    return this.constructed(tags.sequence, read);
  }

  /** Reads the next element as DER. It has at most 64 KiB. */
  value<Value>(read: (reader: DerReader) => Value): Value {
    const { end } = this.#header();
    if (end === undefined) this.fail('der-indefinite');
    if (end - this.#at > maximumValue) this.fail('ber-value-size');
    const reader = new DerReader(this.#bytes, this.#at, end);
    const value = read(reader);
    reader.end();
    this.#at = end;
    return value;
  }

  /**
   * The contents of an OCTET STRING with this IMPLICIT context tag, as a view of the input. If it is in pieces (X.690
   * section 8.7.3), moves them together: the input changes.
   */
  joinedOctets(number: number): Uint8Array {
    if (this.nextTag === contextTag(number, 'primitive')) return this.#octets(this.nextTag);
    return this.constructed(contextTag(number), () => {
      const first = this.#at;
      let joined = first;
      while (!this.done) {
        const piece = this.#octets(tags.octetString);
        this.#bytes.set(piece, joined);
        joined += piece.length;
      }
      return this.#bytes.subarray(first, joined);
    });
  }

  /** The contents of a primitive element. */
  #octets(tag: number): Uint8Array {
    const { start, end = start } = this.#header(tag);
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  #header(tag?: number): Header {
    const header = readHeader(this.#bytes, this.#at, this.#limit, this.#depth);
    if (tag !== undefined && header.tag !== tag) this.fail('der-tag');
    return header;
  }
}

/**
 * What follows the identifier and the length of the first element, as far as it is there: shows what a file is by its
 * first bytes. Checks nothing.
 */
export function contentsStart(bytes: Uint8Array): Uint8Array {
  const length = bytes[1] ?? 0;
  return bytes.subarray(length > 0x80 ? 2 + length - 0x80 : 2);
}
