import { ok, refuse, type Result } from '../faults/index.ts';
import { ByteReader, MessageError, uint16 } from './byte-reader.ts';
import type { KeyExchange } from './key-exchange.ts';
import { notifyTypes } from './notify.ts';
import type { Proposal } from './proposal.ts';
import { readProposals, writeProposals } from './security-association.ts';

/** A notify without SPI (RFC 7296 section 3.10). */
export interface Notify {
  readonly type: number;
  readonly data: Uint8Array;
}

/** A message of IKE_SA_INIT (RFC 7296 section 1.2). */
export interface InitMessage {
  readonly initiatorSpi: Uint8Array;
  /** Zeros in a request, and in an answer that keeps no state. */
  readonly responderSpi: Uint8Array;
  readonly isResponse: boolean;
  readonly proposals?: readonly Proposal[] | undefined;
  readonly keyExchange?: KeyExchange | undefined;
  readonly nonce?: Uint8Array | undefined;
  readonly notifies?: readonly Notify[];
  /** The CAs that the sender trusts: SHA-1 of each SubjectPublicKeyInfo, in lower-case hex. Absent without CERTREQ. */
  readonly keyIds?: readonly string[] | undefined;
  /** How many bytes of vendor id to add, so that the message gets larger. Readers ignore it. */
  readonly padding?: number | undefined;
}

const headerSize = 28;
const maximumMessage = 65_535;
/** The most payloads of a message. Real ones have about a dozen. */
const maximumPayloads = 64;

const initExchange = 34;
const version2 = 0x20;
const flags = { initiator: 0x08, response: 0x20 } as const;
const critical = 0x80;

/** RFC 7296 section 3.2. */
const payloads = { sa: 33, ke: 34, certreq: 38, nonce: 40, notify: 41, vendorId: 43 } as const;
/** The other types of RFC 7296 have no place in IKE_SA_INIT. The encrypted ones, also of RFC 7383, end a message. */
const [firstKnown, lastKnown] = [33, 48];
const encrypted: ReadonlySet<number> = new Set([46, 53]);

/** Encodings of CERTREQ whose body is a list of key ids (RFC 7296 section 3.7). */
const encodingsWithKeyIds: ReadonlySet<number> = new Set([4, 12, 13]);
const keyIdSize = 20;

/** The bounds of a nonce, in bytes (RFC 7296 section 2.10). */
const nonceSizes = { least: 16, most: 256 } as const;
export const spiSize = 8;

/** What a header tells before anything else is read. */
export interface Header {
  readonly initiatorSpi: Uint8Array;
  readonly major: number;
}

/** The header of a message of any version of IKE; undefined if these bytes have none. */
export function readHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length < headerSize || bytes.length > maximumMessage) return undefined;
  const reader = new ByteReader(bytes);
  const initiatorSpi = reader.bytes(spiSize);
  reader.bytes(spiSize + 1);
  const major = reader.uint8() >> 4;
  reader.bytes(6);
  return reader.uint32() === bytes.length ? { initiatorSpi, major } : undefined;
}

/** Reads a message of IKE_SA_INIT. Never throws, whatever the bytes are. The result has views of them. */
export function readMessage(bytes: Uint8Array): Result<Required<InitMessage>, 'ike-malformed'> {
  try {
    return ok(read(bytes));
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return refuse('ike-malformed', {
      rule: error.rule,
      ...(error.found !== undefined && { found: error.found }),
    });
  }
}

function read(bytes: Uint8Array): Required<InitMessage> {
  const header = readHeader(bytes);
  if (!header) throw new MessageError('ike-header');
  if (header.major !== 2) throw new MessageError('ike-version', `IKEv${header.major}`);
  const reader = new ByteReader(bytes);
  const initiatorSpi = reader.bytes(spiSize);
  const responderSpi = reader.bytes(spiSize);
  const first = reader.uint8();
  reader.uint8();
  const [exchange, flag, messageId] = [reader.uint8(), reader.uint8(), reader.uint32()];
  reader.uint32();
  const isResponse = (flag & flags.response) !== 0;
  const isFromInitiator = (flag & flags.initiator) !== 0;
  if (exchange !== initExchange || messageId !== 0 || isFromInitiator === isResponse)
    throw new MessageError('ike-header');
  return { initiatorSpi, responderSpi, isResponse, padding: undefined, ...readPayloads(reader, first) };
}

type Contents = Required<Pick<InitMessage, 'proposals' | 'keyExchange' | 'nonce' | 'notifies' | 'keyIds'>>;

function readPayloads(reader: ByteReader, first: number): Contents {
  const bodies = new Map<number, Uint8Array[]>();
  let count = 0;
  for (let type = first; type !== 0;) {
    if (++count > maximumPayloads || encrypted.has(type)) throw new MessageError('ike-payload');
    const next = reader.uint8();
    const isCritical = (reader.uint8() & critical) !== 0;
    const body = reader.bytes(reader.uint16() - 4);
    if (isCritical && (type < firstKnown || type > lastKnown))
      throw new MessageError('ike-critical-payload', String(type));
    bodies.set(type, [...(bodies.get(type) ?? []), body]);
    type = next;
  }
  if (reader.left > 0) throw new MessageError('ike-payload');
  const all = (type: number) => (bodies.get(type) ?? []).map((body) => new ByteReader(body));
  const one = <Value>(type: number, readBody: (body: ByteReader) => Value): Value | undefined => {
    const [body, second] = all(type);
    if (second) throw new MessageError('ike-payload');
    return body && readBody(body);
  };
  const requests = all(payloads.certreq).flatMap(readCertificateRequest);
  return {
    proposals: one(payloads.sa, readProposals),
    keyExchange: one(payloads.ke, readKeyExchange),
    nonce: one(payloads.nonce, readNonce),
    notifies: all(payloads.notify).map(readNotify),
    keyIds: requests.length > 0 ? [...new Set(requests.flat())] : undefined,
  };
}

function readKeyExchange(body: ByteReader): KeyExchange {
  const group = body.uint16();
  body.bytes(2);
  return { group, data: body.rest() };
}

function readNonce(body: ByteReader): Uint8Array {
  if (body.left < nonceSizes.least || body.left > nonceSizes.most) throw new MessageError('ike-payload');
  return body.rest();
}

function readNotify(body: ByteReader): Notify {
  body.uint8();
  const spi = body.uint8();
  const type = body.uint16();
  body.bytes(spi);
  return { type, data: body.rest() };
}

/** The key ids of one CERTREQ, in a list; an empty list if it asks for something else than X.509 certificates. */
function readCertificateRequest(body: ByteReader): readonly (readonly string[])[] {
  if (!encodingsWithKeyIds.has(body.uint8())) return [];
  const keyIds: string[] = [];
  while (body.left > 0) keyIds.push(Buffer.from(body.bytes(keyIdSize)).toString('hex'));
  return [keyIds];
}

/** Writes a message of IKE_SA_INIT. A cookie comes first, as RFC 7296 section 2.6 requires. */
export function writeMessage(message: InitMessage): Uint8Array {
  const { proposals, keyExchange, nonce, notifies = [], keyIds, padding } = message;
  const notify = (isCookie: boolean) =>
    notifies
      .filter(({ type }) => (type === notifyTypes.COOKIE) === isCookie)
      .map((one): Payload => [payloads.notify, [Buffer.alloc(2), uint16(one.type), one.data]]);
  const all: readonly Payload[] = [
    ...notify(true),
    ...(proposals ? [[payloads.sa, [writeProposals(proposals)]] as const] : []),
    ...(keyExchange
      ? [[payloads.ke, [uint16(keyExchange.group), Buffer.alloc(2), keyExchange.data]] as const]
      : []),
    ...(nonce ? [[payloads.nonce, [nonce]] as const] : []),
    ...(keyIds ? [[payloads.certreq, [Buffer.of(4), Buffer.from(keyIds.join(''), 'hex')]] as const] : []),
    ...notify(false),
    ...(padding === undefined ? [] : [[payloads.vendorId, [Buffer.alloc(padding)]] as const]),
  ];
  const bodies = all.map(([, parts], index) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(all[index + 1]?.[0] ?? 0, 0), uint16(4 + body.length), body]);
  });
  const header = Buffer.alloc(headerSize);
  header.set(message.initiatorSpi, 0);
  header.set(message.responderSpi, spiSize);
  header[16] = all[0]?.[0] ?? 0;
  header[17] = version2;
  header[18] = initExchange;
  header[19] = message.isResponse ? flags.response : flags.initiator;
  const whole = Buffer.concat([header, ...bodies]);
  whole.writeUInt32BE(whole.length, 24);
  return whole;
}

type Payload = readonly [type: number, parts: readonly Uint8Array[]];

/** The data of a notify; undefined if the message has no such notify. */
export function notifyIn({ notifies = [] }: InitMessage, type: number): Uint8Array | undefined {
  return notifies.find((one) => one.type === type)?.data;
}
