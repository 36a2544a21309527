/**
 * The part of DNS messages (RFC 1035 section 4) that DNS-SD (RFC 6763) over multicast DNS (RFC 6762) needs to find one
 * kind of service on the local link. Anyone there may have sent the input. All sizes are limited, and a message with
 * any error is ignored.
 */

/** The service that eNBs announce. */
export const enbService = ['_siteseal-enb', '_tcp', 'local'] as const;

/** The UDP port of multicast DNS (RFC 6762 section 3). */
export const multicastPort = 5353;

/** Where to send questions, by address family. */
export const multicastGroups = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;

/** What an instance of the service claims about itself. None of it is proven. */
export interface EnbAnnouncement {
  readonly port: number;
  readonly serialNumber?: string;
  readonly hwType?: string;
}

/** A question for providers of the service. */
export interface Question {
  readonly id: number;
  /** Whether to answer only the asker instead of everyone (RFC 6762 section 5.4). */
  readonly isUnicast: boolean;
}

type Name = readonly string[];

const types = { ptr: 12, txt: 16, srv: 33, any: 255 } as const;
const internet = 1;
/** In a question: answer only the asker. In an answer: replace earlier data (RFC 6762 sections 5.4 and 10.2). */
const topBit = 0x8000;
const isResponse = 0x8000;
const isAuthoritative = 0x0400;
/** QR, operation and response code: all 0 in a query, and all but QR 0 in a response. */
const significantFlags = 0xf80f;

const maximumMessage = 9000; // RFC 6762 section 17
const maximumEntries = 64;
const maximumLabel = 63;
const maximumName = 255;

/**
 * Seconds for which an answer is valid. An answer to a sender that is not a multicast DNS peer may have 10 at most
 * (section 6.7).
 */
const timeToLive = 10;

/** Asks who provides the service, and requests direct answers (RFC 6762 section 5.1). */
export function writeQuestion(id: number): Uint8Array {
  return Buffer.concat([header(id, 0, 1, 0), writeEntry(enbService, types.ptr, internet)]);
}

/** The answer of a provider. A response to everyone has id 0 and no question (sections 6 and 18.1). */
export function writeAnnouncement(
  { port, serialNumber = '', hwType = '' }: EnbAnnouncement,
  { id, isUnicast }: Question,
): Uint8Array {
  const label = serialNumber.slice(0, maximumLabel);
  const instance = [label, ...enbService];
  const target = writeName([label, 'local']);
  const texts = ['txtvers=1', `serial=${serialNumber}`, `hwType=${hwType}`].map((text) => {
    const octets = Buffer.from(text, 'latin1').subarray(0, 255);
    return Buffer.concat([Buffer.of(octets.length), octets]);
  });
  const service = Buffer.alloc(6);
  service.writeUInt16BE(port, 4);
  return Buffer.concat([
    header(isUnicast ? id : 0, isResponse | isAuthoritative, isUnicast ? 1 : 0, 3),
    ...(isUnicast ? [writeEntry(enbService, types.ptr, internet)] : []),
    writeRecord(enbService, types.ptr, writeName(instance)),
    writeRecord(instance, types.srv, Buffer.concat([service, target])),
    writeRecord(instance, types.txt, Buffer.concat(texts)),
  ]);
}

function header(id: number, flags: number, questions: number, answers: number): Buffer {
  const octets = Buffer.alloc(12);
  for (const [index, value] of [id, flags, questions, answers].entries())
    octets.writeUInt16BE(value, 2 * index);
  return octets;
}

function writeName(name: Name): Buffer {
  const labels = name.map((label) => {
    const octets = Buffer.from(label, 'latin1');
    return Buffer.concat([Buffer.of(octets.length), octets]);
  });
  return Buffer.concat([...labels, Buffer.of(0)]);
}

function writeEntry(name: Name, type: number, class_: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt16BE(type, 0);
  octets.writeUInt16BE(class_, 2);
  return Buffer.concat([writeName(name), octets]);
}

function writeRecord(name: Name, type: number, data: Uint8Array): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeUInt32BE(timeToLive, 0);
  octets.writeUInt16BE(data.length, 4);
  return Buffer.concat([writeEntry(name, type, internet), octets, data]);
}

/** Reads a question for the service. Undefined for any other or malformed message. */
export function readQuestion(bytes: Uint8Array): Question | undefined {
  const message = readMessage(bytes);
  if (!message || (message.flags & significantFlags) !== 0) return undefined;
  const asked = message.questions.find(
    ({ name, type }) => isName(name, enbService) && (type === types.ptr || type === types.any),
  );
  return asked && { id: message.id, isUnicast: (asked.class_ & topBit) !== 0 };
}

/** Reads the announcements in an answer to the question with this id. Empty for any other message. */
export function readAnnouncements(bytes: Uint8Array, id: number): readonly EnbAnnouncement[] {
  const message = readMessage(bytes);
  if (!message || message.id !== id || (message.flags & significantFlags) !== isResponse) return [];
  const records = message.records.filter(
    ({ class_, timeToLive: seconds }) => (class_ & ~topBit) === internet && seconds > 0,
  );
  const instances = records.filter(({ name, type }) => type === types.ptr && isName(name, enbService));
  return instances.flatMap(({ data }) => {
    const instance = readWholeName(bytes, data);
    const of = (type: number) =>
      instance && records.find((record) => record.type === type && isName(record.name, instance));
    const service = of(types.srv);
    const port = service && readPort(bytes, service.data);
    if (port === undefined) return [];
    const text = of(types.txt);
    return [{ port, ...(text && readText(bytes.subarray(text.data.start, text.data.end))) }];
  });
}

interface Entry {
  readonly name: Name;
  readonly type: number;
  readonly class_: number;
}

/** A range of bytes in the message. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

interface ResourceRecord extends Entry {
  readonly timeToLive: number;
  readonly data: Extent;
}

interface Message {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly Entry[];
  readonly records: readonly ResourceRecord[];
}

function readMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < 12 || bytes.length > maximumMessage) return undefined;
  const view = viewOf(bytes);
  const [id, flags, ...counts] = [0, 2, 4, 6, 8, 10].map((offset) => view.getUint16(offset));
  const [questionCount = 0, ...recordCounts] = counts;
  const recordCount = recordCounts.reduce((sum, count) => sum + count, 0);
  if (id === undefined || flags === undefined || questionCount + recordCount > maximumEntries)
    return undefined;
  const questions: Entry[] = [];
  const records: ResourceRecord[] = [];
  let offset = 12;
  for (let index = 0; index < questionCount + recordCount; index++) {
    const named = readName(bytes, offset);
    if (!named || named.end + 4 > bytes.length) return undefined;
    const entry = {
      name: named.name,
      type: view.getUint16(named.end),
      class_: view.getUint16(named.end + 2),
    };
    offset = named.end + 4;
    if (index < questionCount) {
      questions.push(entry);
      continue;
    }
    if (offset + 6 > bytes.length) return undefined;
    const data = { start: offset + 6, end: offset + 6 + view.getUint16(offset + 4) };
    if (data.end > bytes.length) return undefined;
    records.push({ ...entry, timeToLive: view.getUint32(offset), data });
    offset = data.end;
  }
  return { id, flags, questions, records };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A name, and where it ends. Each pointer (RFC 1035 section 4.1.4) must point further back, so that reading ends. */
function readName(
  bytes: Uint8Array,
  start: number,
): { readonly name: Name; readonly end: number } | undefined {
  const name: string[] = [];
  let size = 1;
  let offset = start;
  let earliest = start;
  let end: number | undefined;
  for (;;) {
    const length = bytes[offset];
    if (length === undefined) return undefined;
    if (length === 0) return { name, end: end ?? offset + 1 };
    if (length >= 0xc0) {
      const low = bytes[offset + 1];
      const target = low === undefined ? earliest : ((length & 0x3f) << 8) | low;
      if (target >= earliest) return undefined;
      end ??= offset + 2;
      offset = earliest = target;
      continue;
    }
    size += 1 + length;
    if (length > maximumLabel || size > maximumName || offset + 1 + length > bytes.length) return undefined;
    name.push(Buffer.from(bytes.subarray(offset + 1, offset + 1 + length)).toString('latin1'));
    offset += 1 + length;
  }
}

/** A name that fills the data of a record. */
function readWholeName(bytes: Uint8Array, { start, end }: Extent): Name | undefined {
  const named = readName(bytes, start);
  return named?.end === end ? named.name : undefined;
}

/** The port in the data of an SRV record (RFC 2782). */
function readPort(bytes: Uint8Array, { start, end }: Extent): number | undefined {
  const isWhole = end - start > 6 && readWholeName(bytes, { start: start + 6, end }) !== undefined;
  const port = isWhole ? viewOf(bytes).getUint16(start + 4) : 0;
  return port === 0 ? undefined : port;
}

const forms = {
  serialNumber: /^serial=([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/i,
  hwType: /^hwType=([012](?:\.(?:0|[1-9]\d{0,38})){1,32})$/i,
};

/** The strings of a TXT record (RFC 6763 section 6). Ignores malformed ones. */
function readText(data: Uint8Array): Pick<EnbAnnouncement, 'serialNumber' | 'hwType'> {
  const texts: string[] = [];
  for (let offset = 0; offset < data.length; offset += 1 + (data[offset] ?? 0)) {
    const octets = data.subarray(offset + 1, offset + 1 + (data[offset] ?? 0));
    texts.push(Buffer.from(octets).toString('latin1'));
  }
  const find = (form: RegExp) =>
    texts.map((text) => form.exec(text)?.[1]).find((found) => found !== undefined);
  const serialNumber = find(forms.serialNumber);
  const hwType = find(forms.hwType);
  return { ...(serialNumber !== undefined && { serialNumber }), ...(hwType !== undefined && { hwType }) };
}

/** Compares names, ignoring the case of ASCII letters (RFC 6762 section 16). */
function isName(one: Name, other: Name): boolean {
  const fold = (name: Name) => name.map((label) => label.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  const [left, right] = [fold(one), fold(other)];
  return left.length === right.length && left.every((label, index) => label === right[index]);
}
