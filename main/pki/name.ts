import { decode, der, isOid, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';

/** One AttributeTypeAndValue (RFC 5280 section 4.1.2.4). */
export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string;
  /** The text; for a value that is not a known string type, `#` and its DER in hex. */
  readonly value: string;
  readonly isText: boolean;
}

export interface Name {
  readonly der: Uint8Array;
  /** Relative distinguished names in encoding order, usually country first. */
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** Two names are the same (RFC 5280 section 7.1) exactly if their keys are equal. */
  readonly key: string;
  /** One key per RDN. A name is below another if its keys start with the other's keys. */
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

// An inventory repeats the same issuers thousands of times, and preparing strings for comparison is slow.
const recentNames = new Map<string, Name>();

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
 * The longest value of a name, in bytes. X.520 allows most of them 64 characters. Names are prepared for comparison
 * before anything is trusted, and sorting combining characters takes quadratic time.
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
 * Prepares a string for comparison as in RFC 5280 section 7.1, which uses RFC 4518: compatibility composition, case
 * folding, control characters, soft hyphens and the like removed, white space trimmed and collapsed to one space. This
 * also removes the characters that separate the parts of a key.
 */
function prepare(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim();
  return text
    .replace(/[\t-\r\u0085]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\u034f\u1806\u180b-\u180d\ufe00-\ufe0f\ufffc]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('\u00df', 'ss')
    .replaceAll('\u03c2', '\u03c3') // the final form of sigma
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

/** The text of a name: RDNs in encoding order, joined by commas. Escapes as RFC 4514, and control characters. */
export function nameToText(name: Name): string {
  return name.rdns.map((rdn) => rdn.map(attributeToText).join('+')).join(',');
}

/** A name as people say it: its organisation, else its common name, else all of its text. */
export function organisationOf(name: Name): string {
  const attributes = name.rdns.flat();
  const known = [oids.organizationName, oids.commonName].map((type) =>
    attributes.find((one) => one.type === type && one.isText),
  );
  return known.find((one) => one !== undefined)?.value ?? nameToText(name);
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
 * Refuses with `name-malformed` text that RFC 4514 forbids, an unknown attribute type, and an empty name.
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

/** The DER of a value given as `#` and hex (RFC 4514 section 2.4). */
function fromHex(text: string): Uint8Array | undefined {
  const [, hex = ''] = /^#((?:[0-9a-fA-F]{2})+) *$/.exec(text) ?? [];
  const element = decode(Buffer.from(hex, 'hex'), (reader) => reader.element().bytes);
  return element.ok ? element.value : undefined;
}

/** The DER of a value given as text; undefined if the attribute type does not allow it. */
function fromString(type: string, text: string): Uint8Array | undefined {
  const value = unescapeValue(text);
  if (!value) return undefined;
  if (type !== oids.countryName && type !== oids.serialNumber) return der.utf8String(value);
  const isFit =
    /^[A-Za-z0-9 '()+,\-./:=?]+$/.test(value) && (type !== oids.countryName || value.length === 2);
  return isFit ? der.printableString(value) : undefined;
}

/** Removes RFC 4514 escapes. Undefined if an escape is broken or a special character is not escaped. */
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
