import type { Rule } from '../faults/index.ts';

/** Why a message cannot be read. It never leaves `main/ike/`. */
export class MessageError extends Error {
  readonly rule: Rule;
  readonly found: string | undefined;

  constructor(rule: Rule, found?: string) {
    super(rule);
    this.rule = rule;
    this.found = found;
  }
}

/** Reads big-endian numbers and bytes in order. Reading past the end throws a `MessageError`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    if (count < 0 || count > this.left) throw new MessageError('ike-payload');
    const start = this.#offset;
    this.#offset += count;
    return this.#bytes.subarray(start, this.#offset);
  }

  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  uint8(): number {
    return this.#number(1);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint32(): number {
    return this.#number(4);
  }

  #number(size: number): number {
    return this.bytes(size).reduce((value, octet) => value * 256 + octet, 0);
  }
}

/** A number of two bytes. */
export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
