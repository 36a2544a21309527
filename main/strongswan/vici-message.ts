/**
 * Messages of vici, strongSwan's control protocol (README of its vici plugin): sections with named values, lists and
 * further sections.
 */

/** A section as it is sent. */
export interface ViciMessage {
  readonly [name: string]: ViciItem | readonly ViciText[] | ViciMessage | undefined;
}

/** Text, or bytes such as a certificate in DER. */
type ViciText = string | Uint8Array;
type ViciItem = ViciText;

/** A section as it is received. It has no prototype. */
export interface ViciSection {
  readonly [name: string]: string | readonly string[] | ViciSection | undefined;
}

/** Something that is not vici, or a conversation that ended early. */
export class ViciError extends Error {
  override readonly name = 'ViciError';
}

const element = {
  sectionStart: 1,
  sectionEnd: 2,
  keyValue: 3,
  listStart: 4,
  listItem: 5,
  listEnd: 6,
} as const;
const maximumDepth = 16;

/** The bytes of a message. Absent members are left out. */
export function encodeViciMessage(message: ViciMessage): Buffer {
  const parts: Uint8Array[] = [];
  encodeSection(message, parts);
  return Buffer.concat(parts);
}

function encodeSection(section: ViciMessage, parts: Uint8Array[]): void {
  for (const [name, value] of Object.entries(section)) {
    if (value === undefined) continue;
    if (isText(value)) {
      parts.push(Uint8Array.of(element.keyValue), encodeViciName(name), encodeValue(value));
    } else if (isList(value)) {
      parts.push(Uint8Array.of(element.listStart), encodeViciName(name));
      for (const item of value) parts.push(Uint8Array.of(element.listItem), encodeValue(item));
      parts.push(Uint8Array.of(element.listEnd));
    } else {
      parts.push(Uint8Array.of(element.sectionStart), encodeViciName(name));
      encodeSection(value, parts);
      parts.push(Uint8Array.of(element.sectionEnd));
    }
  }
}

function isText(value: NonNullable<ViciMessage[string]>): value is ViciText {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function isList(value: readonly ViciText[] | ViciMessage): value is readonly ViciText[] {
  return Array.isArray(value);
}

/** A name behind its length in one byte. */
export function encodeViciName(name: string): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > 0xff) throw new ViciError(`A name of ${bytes.length} bytes`);
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function encodeValue(value: ViciText): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > 0xffff) throw new ViciError(`A value of ${bytes.length} bytes`);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads a message. Throws a `ViciError` unless the bytes are exactly one. */
export function decodeViciMessage(bytes: Uint8Array): ViciSection {
  const reader = new ViciReader(bytes);
  const root = decodeSection(reader, 0);
  if (!reader.isAtEnd) throw new ViciError('A section ends that has not started');
  return root;
}

type OpenSection = { [name: string]: ViciSection[string] };

/** Reads up to the end of the section, or of the message for the outermost one. */
function decodeSection(reader: ViciReader, depth: number): ViciSection {
  if (depth > maximumDepth) throw new ViciError('Too many sections in each other');
  const section = Object.create(null) as OpenSection;
  const put = (name: string, value: ViciSection[string]) => {
    if (name in section) throw new ViciError('A name stands twice in a section');
    section[name] = value;
  };
  while (!reader.isAtEnd) {
    switch (reader.byte()) {
      case element.sectionStart:
        put(reader.name(), decodeSection(reader, depth + 1));
        break;
      case element.keyValue:
        put(reader.name(), reader.value());
        break;
      case element.listStart:
        put(reader.name(), decodeList(reader));
        break;
      case element.sectionEnd:
        if (depth === 0) throw new ViciError('A section ends that has not started');
        return section;
      default:
        throw new ViciError('An unknown element');
    }
  }
  if (depth > 0) throw new ViciError('A section does not end');
  return section;
}

function decodeList(reader: ViciReader): readonly string[] {
  const items: string[] = [];
  for (;;) {
    const next = reader.byte();
    if (next === element.listEnd) return items;
    if (next !== element.listItem) throw new ViciError('A list has something else than items');
    items.push(reader.value());
  }
}

/** Reads a buffer from its start, within its bounds. */
export class ViciReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    return this.#take(1).readUInt8();
  }

  name(): string {
    const length = this.byte();
    if (length === 0) throw new ViciError('A name is empty');
    return this.#take(length).toString();
  }

  value(): string {
    return this.#take(this.#take(2).readUInt16BE()).toString();
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#offset);
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new ViciError('The message ends too early');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

/** The section of this name, if it is one. */
export function sectionOf(section: ViciSection | undefined, name: string): ViciSection | undefined {
  const value = section?.[name];
  return typeof value === 'object' && !isStrings(value) ? value : undefined;
}

/** The text of this name, if it is one. */
export function textOf(section: ViciSection | undefined, name: string): string | undefined {
  const value = section?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** The list of this name; empty without one. */
export function listOf(section: ViciSection | undefined, name: string): readonly string[] {
  const value = section?.[name];
  return typeof value === 'object' && isStrings(value) ? value : [];
}

function isStrings(value: readonly string[] | ViciSection): value is readonly string[] {
  return Array.isArray(value);
}
