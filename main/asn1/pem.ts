/** One PEM block (RFC 7468): its label and the octets inside. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
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

/** One PEM block (RFC 7468 section 2): base64 in lines of 64 characters; the last line ends as well. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
