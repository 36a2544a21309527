import { isUtf8, transcode } from 'node:buffer';
import { ok, refuse, type Result } from '../faults/index.ts';

/**
 * The passphrase on a file's first line, as bytes. UTF-16 with a byte order mark becomes UTF-8. A UTF-8 byte order
 * mark is dropped, and other bytes are kept unchanged. Wipes the file's bytes; the caller wipes the result.
 */
export function passphraseFromFile(file: Uint8Array): Result<Uint8Array, 'passphrase-not-text'> {
  const text = toUtf8(file);
  file.fill(0);
  if (!text) return refuse('passphrase-not-text');
  const lineFeed = text.indexOf(0x0a);
  const end = lineFeed < 0 ? text.length : lineFeed;
  const line = Uint8Array.from(text.subarray(0, text[end - 1] === 0x0d ? end - 1 : end));
  text.fill(0);
  return ok(line);
}

/** A copy without its byte order mark. Undefined if UTF-16 is truncated or has half a character. */
function toUtf8(file: Uint8Array): Buffer | undefined {
  const [first, second, third] = file;
  if (first === 0xef && second === 0xbb && third === 0xbf) return Buffer.from(file.subarray(3));
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  if (!isLittle && !isBig) return Buffer.from(file);
  if (file.length % 2 !== 0) return undefined;
  const utf16 = Buffer.from(file.subarray(2));
  if (isBig) utf16.swap16();
  try {
    return transcode(utf16, 'utf16le', 'utf8');
  } catch {
    return undefined; // a lone surrogate
  } finally {
    utf16.fill(0);
  }
}

/**
 * The passphrase as PKCS#12 hashes it: UTF-16, big-endian, with a terminating zero (RFC 7292 appendix B.1). Refuses
 * with `passphrase-not-text` if it is not UTF-8. The caller wipes the result.
 */
export function toBmpString(passphrase: Uint8Array): Result<Buffer, 'passphrase-not-text'> {
  if (!isUtf8(passphrase)) return refuse('passphrase-not-text');
  const text = transcode(passphrase, 'utf8', 'utf16le').swap16(); // Never a string, because strings cannot be wiped.
  const terminated = Buffer.concat([text, Buffer.alloc(2)]);
  text.fill(0);
  return ok(terminated);
}
