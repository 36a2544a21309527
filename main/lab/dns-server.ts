import { listenUdp, type Listening } from './listen.ts';

/** The types of question that it knows: an IPv4 address in the Internet class (RFC 1035 section 3.2). */
const addressType = 1;
const internetClass = 1;
const headerSize = 12;
const nameError = 3;
/** How long an answer may be remembered, in seconds: not at all. */
const timeToLive = 0;

/** A DNS server for the lab (RFC 1035, over UDP). It knows IPv4 addresses of these names, and denies all others. */
export function serveDns(
  host: string,
  port: number,
  names: Readonly<Record<string, string>>,
): Promise<Listening> {
  return listenUdp(host, port, (query) => answerTo(query, names));
}

/** The answer to a query with one question; undefined for anything else. */
export function answerTo(query: Uint8Array, names: Readonly<Record<string, string>>): Buffer | undefined {
  const bytes = Buffer.from(query);
  const question = readQuestion(bytes);
  if (!question) return undefined;
  const { name, type, end } = question;
  const address = Object.hasOwn(names, name) ? names[name] : undefined;
  const isAnswered = address !== undefined && type === addressType;
  const header = Buffer.alloc(headerSize);
  bytes.copy(header, 0, 0, 2);
  const wishes = bytes.readUInt16BE(2) & 0x0100; // recursion, which is wished for and not offered
  header.writeUInt16BE(0x8400 | wishes | (address === undefined ? nameError : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAnswered ? 1 : 0, 6);
  const asked = bytes.subarray(headerSize, end);
  return Buffer.concat([header, asked, ...(isAnswered ? [recordOf(address)] : [])]);
}

function readQuestion(bytes: Buffer) {
  const isQuery = bytes.length > headerSize && (bytes.readUInt16BE(2) & 0xf800) === 0;
  if (!isQuery || bytes.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = headerSize;
  for (;;) {
    const length = bytes[at] ?? 255;
    if (length > 63 || at + 1 + length > bytes.length) return undefined;
    at += 1 + length;
    if (length === 0) break;
    labels.push(
      bytes
        .subarray(at - length, at)
        .toString('latin1')
        .toLowerCase(),
    );
  }
  if (at + 4 > bytes.length || bytes.readUInt16BE(at + 2) !== internetClass) return undefined;
  return { name: labels.join('.'), type: bytes.readUInt16BE(at), end: at + 4 };
}

/** A record about the name of the question, to which it points. */
function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | headerSize, 0);
  record.writeUInt16BE(addressType, 2);
  record.writeUInt16BE(internetClass, 4);
  record.writeUInt32BE(timeToLive, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return record;
}
