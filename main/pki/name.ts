import { decode, der, isOid, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';

/** One AttributeTypeAndValue (RFC 5280 section 4.1.2.4). */
export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string;
  /** The text, or `#` and the hex of the DER where the value is no string that this program knows. */
  readonly value: string;
  readonly isText: boolean;
}

/** A distinguished name. */
export interface Name {
  readonly der: Uint8Array;
  /** Relative distinguished names in the order of the encoding (country first, as a rule). */
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** Two names are the same name (RFC 5280 section 7.1) exactly when their keys are equal. */
  readonly key: string;
  /** One key for each RDN; a name lies under another when the other's keys begin it. */
  readonly rdnKeys: readonly string[];
}

const latin1 = (octets: Uint8Array) => toText(octets, 'latin1');

const decoders: Readonly<Record<number, (octets: Uint8Array) => string | undefined>> = {
  [tags.utf8String]: (octets) => wellFormed(toText(octets, 'utf8')),
  [tags.printableString]: latin1,
  [tags.numericString]: latin1,
  [tags.teletexString]: latin1,
  [tags.ia5String]: latin1,
  [tags.visibleString]: latin1,
  [tags.bmpString]: (octets) =>
    octets.length % 2 ? undefined : wellFormed(Buffer.from(octets).swap16().toString('utf16le')),
};

function wellFormed(text: string): string | undefined {
  return text.isWellFormed() && !text.includes('\ufffd') ? text : undefined;
}

// Issuers repeat by the thousand in an inventory, and preparing their strings for comparison is what a name costs.
const recentNames = new Map<string, Name>();

/** Reads a Name. */
export function readName(reader: DerReader): Name {
  const encoding = toText(reader.ahead(), 'latin1');
  let name = recentNames.get(encoding);
  if (name) reader.element();
  else {
    const { bytes, value: rdns } = reader.withBytes(() => reader.sequenceOf(readRdn));
    const rdnKeys = rdns.map(rdnKey);
    name = { der: new Uint8Array(bytes), rdns, rdnKeys, key: rdnKeys.join('\u0000') };
    if (recentNames.size >= 64) recentNames.clear();
    recentNames.set(encoding, name);
  }
  return name;
}

function readRdn(reader: DerReader): readonly NameAttribute[] {
  const attributes = reader.setOf((item) => item.sequence(readAttribute));
  return attributes.length === 0 ? reader.fail('der-empty') : attributes;
}

/**
 * No value of a name is longer, in octets; X.520 allows most of them 64 characters. A name is prepared for comparison
 * before anything is believed, and to put combining characters in order takes time by the square of their number.
 */
const maximumValue = 1024;

function readAttribute(reader: DerReader): NameAttribute {
  const type = reader.oid();
  const { offset } = reader;
  const { tag, contents, bytes } = reader.element();
  if (contents.length > maximumValue) reader.fail('name-long', offset);
  const text = decoders[tag]?.(contents);
  return { type, value: text ?? `#${toText(bytes, 'hex')}`, isText: text !== undefined };
}

function rdnKey(attributes: readonly NameAttribute[]): string {
  return attributes
    .map(({ type, value, isText }) => (isText ? `${type}=${prepare(value)}` : `${type}${value}`))
    .sort()
    .join('\u0001');
}

/**
 * Prepares a string for comparison after RFC 5280 section 7.1, which takes RFC 4518: compatibility composition, case
 * folding, control characters, soft hyphens and the like mapped to nothing, white space at the ends dropped and inside
 * made one space. The characters that separate the parts of a key are among those that go.
 */
function prepare(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim();
  return text
    .replace(/[\t-\r\u0085]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\u034f\u1806\u180b-\u180d\ufe00-\ufe0f\ufffc]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('\u00df', 'ss')
    .replaceAll('\u03c2', '\u03c3') // the form that a sigma has at the end of a word
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .trim();
}

const shortNames: Readonly<Record<string, string>> = {
  CN: oids.commonName,
  SN: oids.surname,
  serialNumber: oids.serialNumber,
  C: oids.countryName,
  L: oids.localityName,
  ST: oids.stateOrProvinceName,
  street: oids.streetAddress,
  O: oids.organizationName,
  OU: oids.organizationalUnitName,
  title: oids.title,
  GN: oids.givenName,
  dnQualifier: oids.dnQualifier,
  DC: oids.domainComponent,
  UID: oids.userId,
  emailAddress: oids.emailAddress,
};
const typesByName = new Map(Object.entries(shortNames).map(([name, type]) => [name.toLowerCase(), type]));
const namesByType = new Map(Object.entries(shortNames).map(([name, type]) => [type, name]));

/**
 * The text of a name: RDNs in the order of the encoding, comma-separated, with the escapes of RFC 4514; characters that
 * would speak to a terminal are escaped as well.
 */
export function nameToText(name: Name): string {
  return name.rdns.map((rdn) => rdn.map(attributeToText).join('+')).join(',');
}

function attributeToText({ type, value, isText }: NameAttribute): string {
  const escaped = isText
    ? value
        .replace(/[\\"+,;<>=]/g, '\\$&')
        .replace(/^[# ]| $/g, '\\$&')
        .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeOctets)
    : value;
  return `${namesByType.get(type) ?? type}=${escaped}`;
}

function escapeOctets(character: string): string {
  return Buffer.from(character).toString('hex').replace(/../g, '\\$&');
}

/**
 * A name from its text (see `nameToText`): country and serialNumber as PrintableString, all others as UTF8String.
 * Refuses with `name-malformed` what RFC 4514 does not allow, an attribute type without a known name or OID, and an
 * empty name.
 */
export function nameFromText(text: string): Result<Name, 'name-malformed'> {
  const rdns: Uint8Array[] = [];
  for (const rdn of splitUnescaped(text, ',')) {
    const attributes: Uint8Array[] = [];
    for (const attribute of splitUnescaped(rdn, '+')) {
      const [, label = '', value = ''] = /^ *([A-Za-z0-9.]+) *= *(.*)$/su.exec(attribute) ?? [];
      const type = isOid(label) ? label : typesByName.get(label.toLowerCase());
      const encoded =
        type === undefined ? undefined : value.startsWith('#') ? fromHex(value) : fromString(type, value);
      if (type === undefined || !encoded) return refuse('name-malformed', { found: text });
      attributes.push(der.sequence(der.oid(type), encoded));
    }
    rdns.push(der.setOf(attributes));
  }
  const parsed = decode(der.sequence(...rdns), readName);
  return parsed.ok ? ok(parsed.value) : refuse('name-malformed', { found: text });
}

function splitUnescaped(text: string, separator: string): readonly string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts = [''];
  for (const [token] of text.matchAll(/\\.|[^\\]|\\$/gsu)) {
    if (token === separator) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}

/** The DER of a value given as `#` and its hex (RFC 4514 section 2.4). */
function fromHex(text: string): Uint8Array | undefined {
  const [, hex = ''] = /^#((?:[0-9a-fA-F]{2})+) *$/.exec(text) ?? [];
  const element = decode(Buffer.from(hex, 'hex'), (reader) => reader.element().bytes);
  return element.ok ? element.value : undefined;
}

/** The DER of a value given as a string, undefined when the attribute type does not take it. */
function fromString(type: string, text: string): Uint8Array | undefined {
  const value = unescapeValue(text);
  if (!value) return undefined;
  if (type !== oids.countryName && type !== oids.serialNumber) return der.utf8String(value);
  const isFit =
    /^[A-Za-z0-9 '()+,\-./:=?]+$/.test(value) && (type !== oids.countryName || value.length === 2);
  return isFit ? der.printableString(value) : undefined;
}

/** The value behind RFC 4514 escapes, or undefined when an escape is broken or a special character stands bare. */
function unescapeValue(text: string): string | undefined {
  if (/^[\w ./:=-]*$/.test(text)) return text.trimEnd();
  const tokens = [...text.matchAll(/\\[0-9a-fA-F]{2}|\\.|[^\\]|\\$/gsu)].map(([token]) => token);
  while (tokens.at(-1) === ' ') tokens.pop();
  const octets: Buffer[] = [];
  for (const token of tokens) {
    if (!token.startsWith('\\')) {
      if ('"+,;<>\0'.includes(token)) return undefined;
      octets.push(Buffer.from(token));
    } else if (token.length === 3) octets.push(Buffer.from(token.slice(1), 'hex'));
    else if (token.length > 1 && '\\"+,;<>=# '.includes(token.slice(1)))
      octets.push(Buffer.from(token.slice(1)));
    else return undefined;
  }
  return wellFormed(Buffer.concat(octets).toString('utf8'));
}
