import { createHash } from 'node:crypto';
import type { Certificate } from '../pki/index.ts';

/** RFC 4648 section 6. It has no 0, 1, 8 and 9, so that nobody takes a letter for a digit on the telephone. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** How much of a fingerprint people compare: 125 bits. */
const compared = 25;
const group = 5;

/** SHA-256 of the DER of a root certificate, in base32 without padding: 52 characters. */
export function wholeFingerprint({ der }: Pick<Certificate, 'der'>): string {
  const digest = createHash('sha256').update(der).digest();
  const letter = (index: number) => alphabet.charAt(index & 0x1f);
  let [text, bits, value] = ['', 0, 0];
  for (const byte of digest) {
    value = ((value & 0x1f) << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += letter(value >> (bits - 5));
  }
  return bits > 0 ? text + letter(value << (5 - bits)) : text;
}

/** The fingerprint that people read to each other: `ABCDE-FGHIJ-KLMNO-PQRST-UVWXY`. */
export function fingerprint(root: Pick<Certificate, 'der'>): string {
  return inGroups(wholeFingerprint(root).slice(0, compared));
}

function inGroups(text: string): string {
  return text.match(new RegExp(`.{1,${group}}`, 'g'))?.join('-') ?? '';
}

/** What a QR code of the fingerprint holds. */
export function fingerprintCode(root: Pick<Certificate, 'der'>): string {
  return `${codeStart}${wholeFingerprint(root)}`;
}

const codeStart = 'SITESEAL-ROOT:';

/**
 * Whether a typed or scanned text is the fingerprint of a root. Hyphens, blanks and case do not count. It must be
 * complete: a part is easier to forge.
 */
export function isFingerprintOf(text: string, root: Pick<Certificate, 'der'>): boolean {
  const whole = wholeFingerprint(root);
  const plain = text.trim().toUpperCase();
  const code = plain.startsWith(codeStart) ? plain.slice(codeStart.length) : plain;
  const typed = code.replaceAll(/[\s-]/g, '');
  return typed === whole || typed === whole.slice(0, compared);
}
