import { DerError } from './der-error.ts';
import { tags } from './tags.ts';

/** One PEM block (RFC 7468): its label and the decoded bytes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/**
 * The labels that a PEM file has instead of the expected one, as a fault's `found`. Empty if the file has no blocks.
 */
export function foundInPem(blocks: readonly Pick<PemBlock, 'label'>[]): { readonly found?: string } {
  return blocks.length === 0 ? {} : { found: blocks.map(({ label }) => label).join(', ') };
}

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?\n([^-]*)/g;

/**
 * All PEM blocks of a text, in order. Text between blocks is ignored, as RFC 7468 section 5.2 allows. A truncated or
 * damaged block is still returned, with the bytes that could be decoded, so that parsing it fails.
 */
export function decodePem(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([, label = '', body = '']) => ({
    label,
    bytes: new Uint8Array(Buffer.from(body, 'base64')),
  }));
}

/** A PEM block whose contents are still encoded. */
export interface EncodedBlock extends Pick<PemBlock, 'label'> {
  /** The decoded bytes. */
  readonly decode: () => Uint8Array;
}

const beginning = '-----BEGIN ';
const firstLine = /^-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?\n/;
const longestFirstLine = 256;

/**
 * The PEM blocks of a file, one at a time and in order, like `decodePem`. A block is decoded only on demand: a file may be
 * large, and a block may hold a private key, which must not become a string.
 */
export function* pemBlocks(file: Uint8Array): Generator<EncodedBlock, undefined> {
  const bytes = isUtf16(file) ? Buffer.from(fileText(file), 'latin1') : viewOf(file);
  for (let start = bytes.indexOf(beginning); start >= 0;) {
    const [from, next] = [start, bytes.indexOf(beginning, start + beginning.length)];
    const end = next < 0 ? bytes.length : next;
    const label = firstLine.exec(bytes.toString('latin1', from, Math.min(end, from + longestFirstLine)))?.[1];
    const decode = () => decodePem(bytes.toString('latin1', from, end))[0]?.bytes ?? new Uint8Array();
    if (label !== undefined) yield { label, decode };
    start = next;
  }
}

/** What a file holds: DER as a whole, or PEM blocks with the text around them. */
export type FileEncoding =
  | { readonly kind: 'der'; readonly bytes: Uint8Array }
  | { readonly kind: 'pem'; readonly text: string; readonly blocks: readonly PemBlock[] };

/**
 * Tells PEM from DER by structure: DER is one SEQUENCE that fills the file. The first character does not decide,
 * because text before a PEM block may begin with `0`, the tag of a SEQUENCE. The text may be UTF-16 with a byte order
 * mark, as PowerShell writes it. A file that is neither counts as DER if it begins like DER, and otherwise as PEM
 * without blocks.
 */
export function decodeFile(file: Uint8Array): FileEncoding {
  if (isOneSequence(file)) return { kind: 'der', bytes: file };
  const text = fileText(file);
  const blocks = decodePem(text);
  return blocks.length === 0 && file[0] === tags.sequence
    ? { kind: 'der', bytes: file }
    : { kind: 'pem', text, blocks };
}

/** Whether a file is DER and not PEM; see `decodeFile`. */
export function isDerFile(file: Uint8Array): boolean {
  return isOneSequence(file) || (file[0] === tags.sequence && pemBlocks(file).next().done === true);
}

/** Whether one SEQUENCE fills the file, going by its outermost length. BER's indefinite length counts too. */
function isOneSequence(file: Uint8Array): boolean {
  const [tag, first] = file;
  if (tag !== tags.sequence || first === undefined) return false;
  if (first === 0x80) return file.at(-1) === 0 && file.at(-2) === 0;
  const octets = first > 0x80 ? first - 0x80 : 0;
  const length = octets === 0 ? first : file.subarray(2, 2 + octets).reduce((sum, one) => sum * 256 + one, 0);
  return 2 + octets + length === file.length;
}

function viewOf(file: Uint8Array): Buffer {
  return Buffer.from(file.buffer, file.byteOffset, file.length);
}

/** Whether a file begins with the byte order mark of UTF-16. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function fileText(file: Uint8Array): string {
  const octets = viewOf(file);
  const [first, second] = file;
  if (first === 0xff && second === 0xfe) return octets.toString('utf16le');
  if (first === 0xfe && second === 0xff && file.length % 2 === 0)
    return Buffer.from(octets).swap16().toString('utf16le');
  return octets.toString('latin1');
}

/** Whether a file begins with a PEM block of this label. Its first bytes are enough. */
export function isPemOf(label: string, file: Uint8Array): boolean {
  const begin = Buffer.from(`-----BEGIN ${label}-----`);
  return begin.equals(file.subarray(0, begin.length));
}

/**
 * Decodes a file that is one PEM block of this label and nothing else, in the place of its text: for a file that is too
 * large to copy. Ignores characters that are not base64, so the caller must verify the result. Throws `DerError` if the
 * block does not end the file.
 */
export function decodePemInPlace(label: string, file: Buffer): Buffer {
  const text = file.toString('latin1');
  const start = `-----BEGIN ${label}-----`.length;
  const end = text.indexOf('-', start);
  if (end < 0) throw new DerError('der-truncated', text.length);
  if (text.slice(end).trimEnd() !== `-----END ${label}-----`) throw new DerError('der-trailing', end);
  return file.subarray(0, file.write(text.slice(start, end), 'base64'));
}

/** One PEM block (RFC 7468 section 2): base64 in lines of 64 characters, with a line break after the last. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
