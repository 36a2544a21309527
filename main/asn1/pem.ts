import { tags } from './tags.ts';

/** One PEM block (RFC 7468): its label and the octets inside. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** What a PEM file holds instead of what was looked for, as a fault's `found`; nothing where it has no blocks. */
export function foundInPem(blocks: readonly PemBlock[]): { readonly found?: string } {
  return blocks.length === 0 ? {} : { found: blocks.map(({ label }) => label).join(', ') };
}

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?\n([^-]*)/g;

/**
 * Every PEM block of a text, in its order; text between blocks is passed over, as RFC 7468 section 5.2 allows. A block
 * that is cut short or damaged is not passed over: its octets are those that can be read, and will not parse.
 */
export function decodePem(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([, label = '', body = '']) => ({
    label,
    bytes: new Uint8Array(Buffer.from(body, 'base64')),
  }));
}

/** What a file holds: its whole as DER, or PEM blocks with the text that they are in. */
export type FileEncoding =
  | { readonly kind: 'der'; readonly bytes: Uint8Array }
  | { readonly kind: 'pem'; readonly text: string; readonly blocks: readonly PemBlock[] };

/**
 * Tells PEM from DER by structure: DER is one SEQUENCE that fills the file. The text before a PEM block may begin with
 * any letter, the digit that is the tag of a SEQUENCE included; it may be in UTF-16 with a byte order mark, as
 * PowerShell writes it. What is neither counts as DER when it begins like it, and as PEM without blocks otherwise.
 */
export function decodeFile(file: Uint8Array): FileEncoding {
  if (isOneSequence(file)) return { kind: 'der', bytes: file };
  const text = fileText(file);
  const blocks = decodePem(text);
  return blocks.length === 0 && file[0] === tags.sequence
    ? { kind: 'der', bytes: file }
    : { kind: 'pem', text, blocks };
}

/** Whether the file is one SEQUENCE by its outermost length, which may be BER's indefinite one. */
function isOneSequence(file: Uint8Array): boolean {
  const [tag, first] = file;
  if (tag !== tags.sequence || first === undefined) return false;
  if (first === 0x80) return file.at(-1) === 0 && file.at(-2) === 0;
  const octets = first > 0x80 ? first - 0x80 : 0;
  const length = octets === 0 ? first : file.subarray(2, 2 + octets).reduce((sum, one) => sum * 256 + one, 0);
  return 2 + octets + length === file.length;
}

function fileText(file: Uint8Array): string {
  const octets = Buffer.from(file.buffer, file.byteOffset, file.length);
  const [first, second] = file;
  if (first === 0xff && second === 0xfe) return octets.toString('utf16le');
  if (first === 0xfe && second === 0xff && file.length % 2 === 0)
    return Buffer.from(octets).swap16().toString('utf16le');
  return octets.toString('latin1');
}

/** One PEM block (RFC 7468 section 2): base64 in lines of 64 characters; the last line ends as well. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
