import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { isBer } from './ber.ts';
import { DerError } from './der-error.ts';
import { decodeOid } from './oid-codec.ts';
import { contextTag, tags } from './tags.ts';

/** One DER element: its identifier octet, its contents, and the whole encoding. The bytes are views, not copies. */
export interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Why DER could not be read: it is damaged or not ASN.1, or it is intact and breaks a rule. */
export type DerFaultCode = 'der-malformed' | 'der-unexpected';

/** How many items there may be, and the rule that more of them break. */
export interface Most {
  readonly items: number;
  readonly rule: Rule;
}

/**
 * Reads one DER value that fills `bytes` exactly. `read` walks its structure. A refusal carries the broken rule and
 * the byte offset.
 *
 * - `der-malformed`: lengths do not nest, so the bytes are damaged or not ASN.1.
 * - `der-unexpected`: lengths nest, but the value is not encoded as DER, or is not what `read` expects.
 */
export function decode<Value>(
  bytes: Uint8Array,
  read: (reader: DerReader) => Value,
): Result<Value, DerFaultCode> {
  try {
    const reader = new DerReader(bytes);
    const value = read(reader);
    reader.end();
    return ok(value);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const code = isBer(bytes) ? 'der-unexpected' : 'der-malformed';
    return refuse(code, { rule: error.rule, where: { offset: error.offset } });
  }
}

/**
 * A cursor over the elements inside one constructed value, or over the whole input. Each method takes the next element
 * or throws `DerError`. Lengths must be definite and minimal, and tag numbers below 31. Each type's own rules of DER
 * (X.690 sections 10 and 11) are enforced where that type is read. All returned bytes are views of the input.
 */
export class DerReader {
  /** The outermost input. */
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Reads the bytes from `start` up to `end`. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether no element is left. */
  get done(): boolean {
    return this.#at === this.#end;
  }

  /** The offset of the next element in the outermost input. */
  get offset(): number {
    return this.#at;
  }

  /** The next identifier octet; undefined at the end. */
  get nextTag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** Throws `DerError` with this rule, at the next element by default. */
  fail(rule: Rule, offset = this.offset): never {
    throw new DerError(rule, offset);
  }

  /** Asserts that no element is left. */
  end(): void {
    if (!this.done) this.fail('der-trailing');
  }

  /** The next element: of this tag, or of any tag if none is given. */
  element(tag?: number): Element {
    const start = this.#at;
    const contents = this.#contents(tag);
    return { tag: this.#bytes[start] ?? 0, contents, bytes: this.#bytes.subarray(start, this.#at) };
  }

  /** The whole encoding of the next element, without taking it. */
  ahead(): Uint8Array {
    const start = this.#at;
    const { bytes } = this.element();
    this.#at = start;
    return bytes;
  }

  /** The contents of the next element. */
  #contents(tag?: number): Uint8Array {
    return this.#bytes.subarray(this.#take(tag), this.#at);
  }

  /** Takes the next element and returns the offset of its contents. They end where the next element begins. */
  #take(tag?: number): number {
    const identifier = this.#octet(this.#at);
    if ((tag !== undefined && identifier !== tag) || (identifier & 0x1f) === 0x1f) this.fail('der-tag');
    let at = this.#at + 2;
    let length = this.#octet(at - 1);
    if (length === 0x80) this.fail('der-indefinite');
    if (length > 0x80) {
      const octets = length - 0x80;
      if (octets > 4) this.fail('der-length');
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + this.#octet(at++);
      if (length < 0x80 || length < 2 ** (8 * (octets - 1))) this.fail('der-length');
    }
    if (length > this.#end - at) this.fail('der-truncated');
    this.#at = at + length;
    return at;
  }

  #octet(at: number): number {
    return (at < this.#end ? this.#bytes[at] : undefined) ?? this.fail('der-truncated');
  }

  /** Runs `read` if the next element has this tag. Otherwise returns undefined and takes nothing. */
  optional<Value>(tag: number, read: (reader: this) => Value): Value | undefined {
    return this.nextTag === tag ? read(this) : undefined;
  }

  /** A reader over the contents of the next element, which must have this tag. */
  inside(tag: number): DerReader {
    return new DerReader(this.#bytes, this.#take(tag), this.#at);
  }

  /** Walks the next element's contents with `read`, and asserts that it took them all. */
  constructed<Value>(tag: number, read: (inner: DerReader) => Value): Value {
    const inner = this.inside(tag);
    const value = read(inner);
    inner.end();
    return value;
  }

  /** Walks the contents of a SEQUENCE with `read`, and asserts that it took them all. */
  sequence<Value>(read: (inner: DerReader) => Value): Value {
    return this.constructed(tags.sequence, read);
  }

  /** An EXPLICIT context tag around what `read` takes. */
  explicit<Value>(number: number, read: (inner: DerReader) => Value): Value {
    return this.constructed(contextTag(number), read);
  }

  /** The items of a SEQUENCE OF. */
  sequenceOf<Item>(read: (inner: DerReader) => Item): Item[] {
    return this.constructed(tags.sequence, (inner) => inner.rest(read));
  }

  /** The items of a SEQUENCE SIZE (1..MAX) OF. */
  sequenceOfSome<Item>(read: (inner: DerReader) => Item): Item[] {
    return this.constructed(tags.sequence, (inner) => inner.restSome(read));
  }

  /**
   * The items of a SET OF. DER orders them by their encodings, ascending (X.690 section 11.6).
   * @param most how many there may be. Each costs far more memory than the two bytes that it takes.
   */
  setOf<Item>(read: (inner: DerReader) => Item, tag: number = tags.set, most?: Most): Item[] {
    const elements = this.constructed(tag, (inner) => {
      let previous: Uint8Array | undefined;
      let count = 0;
      return inner.rest((reader) => {
        const offset = reader.offset;
        if (most && ++count > most.items) reader.fail(most.rule, offset);
        const { bytes } = reader.element();
        if (previous && Buffer.compare(previous, bytes) > 0) reader.fail('der-set-order', offset);
        previous = bytes;
        return { offset, end: reader.offset };
      });
    });
    return elements.map(({ offset, end }) => {
      const reader = new DerReader(this.#bytes, offset, end);
      const item = read(reader);
      reader.end();
      return item;
    });
  }

  /** What `read` takes, with its encoding: for values that are signed, hashed or kept unchanged. */
  withBytes<Value>(read: (reader: this) => Value): { readonly bytes: Uint8Array; readonly value: Value } {
    const start = this.#at;
    const value = read(this);
    return { bytes: this.#bytes.subarray(start, this.#at), value };
  }

  /** The results of `read` for each remaining element. There must be at least one: SIZE (1..MAX). */
  restSome<Item>(read: (inner: this) => Item): Item[] {
    return this.done ? this.fail('der-empty') : this.rest(read);
  }

  /** The results of `read` for each remaining element. */
  rest<Item>(read: (inner: this) => Item): Item[] {
    const items: Item[] = [];
    while (!this.done) items.push(read(this));
    return items;
  }

  /** The content octets of an INTEGER: two's complement, minimal. */
  integerOctets(tag: number = tags.integer): Uint8Array {
    const start = this.offset;
    const contents = this.#contents(tag);
    const [first, second] = contents;
    if (first === undefined) this.fail('der-integer', start);
    const padded =
      second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
    if (padded) this.fail('der-integer', start);
    return contents;
  }

  /** A non-negative INTEGER below 2^47. */
  smallInteger(tag: number = tags.integer): number {
    const start = this.offset;
    const octets = this.integerOctets(tag);
    if ((octets[0] ?? 0) >= 0x80 || octets.length > 6) this.fail('der-integer', start);
    return octets.reduce((value, octet) => value * 256 + octet, 0);
  }

  /** A BOOLEAN: one byte, 0x00 or 0xff (X.690 section 11.1). */
  boolean(tag: number = tags.boolean): boolean {
    const start = this.offset;
    const contents = this.#contents(tag);
    if (contents.length !== 1 || (contents[0] !== 0 && contents[0] !== 0xff)) this.fail('der-boolean', start);
    return contents[0] === 0xff;
  }

  null(): void {
    const start = this.offset;
    if (this.#contents(tags.null).length > 0) this.fail('der-length', start);
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(tag: number = tags.oid): string {
    const start = this.offset;
    return decodeOid(this.#contents(tag)) ?? this.fail('der-oid', start);
  }

  /** The contents of an OCTET STRING, which DER never splits into parts (X.690 section 10.2). */
  octetString(tag: number = tags.octetString): Uint8Array {
    return this.#contents(tag);
  }

  /** A reader over the contents of a BIT STRING that holds DER. */
  insideBitString(): DerReader {
    const { length } = this.bitStringOctets();
    return new DerReader(this.#bytes, this.#at - length, this.#at);
  }

  /** A BIT STRING that holds whole bytes, such as a key or a signature. */
  bitStringOctets(): Uint8Array {
    const start = this.offset;
    const contents = this.#contents(tags.bitString);
    if (contents[0] !== 0) this.fail('der-bit-string', start);
    return contents.subarray(1);
  }

  /**
   * A named-bit BIT STRING (X.690 section 11.2.2: no trailing zero bits) as the set of the bits that are 1. It may
   * have at most 64 bits, more than any type names.
   */
  namedBits(tag: number = tags.bitString): ReadonlySet<number> {
    const start = this.offset;
    const contents = this.#contents(tag);
    const unused = contents[0] ?? 8;
    const octets = contents.subarray(1);
    const last = octets.at(-1);
    const clean = last === undefined ? unused === 0 : unused < 8 && ((last >> unused) & 1) === 1;
    if (!clean || octets.length > 8 || (last !== undefined && (last & ((1 << unused) - 1)) !== 0))
      this.fail('der-bit-string', start);
    const bits = new Set<number>();
    for (const [index, octet] of octets.entries())
      for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) bits.add(index * 8 + bit);
    return bits;
  }

  /** A UTCTime or GeneralizedTime in the forms of RFC 5280 section 4.1.2.5: UTC, whole seconds, `Z`. */
  time(): Date {
    const start = this.offset;
    const yearDigits = this.nextTag === tags.utcTime ? 2 : this.nextTag === tags.generalizedTime ? 4 : NaN;
    const octets = this.#contents();
    const isForm = octets.length === yearDigits + 11 && octets.at(-1) === 0x5a;
    const years = decimal(octets, 0, yearDigits);
    const year = yearDigits === 4 ? years : years < 50 ? 2000 + years : 1900 + years;
    const part = (at: number) => decimal(octets, yearDigits + at, 2);
    const [month, day] = [part(0), part(2)];
    const [hour, minute, second] = [part(4), part(6), part(8)];
    const time = new Date(0);
    time.setUTCFullYear(year, month - 1, day);
    // JavaScript turns a day past the end of the month into one of the next month.
    const isDay = time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
    if (!isForm || !isDay || !(hour < 24 && minute < 60 && second < 60)) this.fail('der-time', start);
    time.setUTCHours(hour, minute, second);
    return time;
  }
}

/** The number that these ASCII digits make; NaN if one of them is not a digit. */
function decimal(octets: Uint8Array, from: number, digits: number): number {
  let number = 0;
  for (let at = from; at < from + digits; at++) {
    const digit = (octets[at] ?? 0) - 0x30;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : NaN;
  }
  return number;
}

/** Bytes as text, without copying them first. */
export function toText({ buffer, byteOffset, length }: Uint8Array, encoding: BufferEncoding): string {
  return Buffer.from(buffer, byteOffset, length).toString(encoding);
}
