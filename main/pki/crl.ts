import {
  berToDer,
  decode,
  decodeFile,
  foundInPem,
  oids,
  tags,
  toText,
  type DerReader,
} from '../asn1/index.ts';
import { ok, refuse, type Fault, type Refused, type Result } from '../faults/index.ts';
import { readExtensions, type Extension } from './certificate.ts';
import { readDistributionPointName } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { readName, type Name } from './name.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** IssuingDistributionPoint (RFC 5280 section 5.2.5): the certificates that the list covers. */
export interface CrlScope {
  readonly names?: readonly GeneralName[];
  readonly onlyUserCertificates: boolean;
  readonly onlyCaCertificates: boolean;
  readonly onlyAttributeCertificates: boolean;
  /** Bits of ReasonFlags. Absent: all reasons. */
  readonly reasons?: ReadonlySet<number>;
}

/** A parsed certificate revocation list (RFC 5280 section 5), not judged yet. */
export interface Crl {
  readonly der: Uint8Array;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** Serial numbers as in `Certificate.serialNumber`. */
  readonly revoked: ReadonlySet<string>;
  readonly scope: CrlScope;
  /** Equal for lists that replace one another: same issuer and same issuingDistributionPoint. */
  readonly series: string;
  /** Big-endian bytes; undefined if the list has no number. */
  readonly number: Uint8Array | undefined;
  /** Why Siteseal cannot use the list: it is a delta, indirect, or has an unknown critical extension. */
  readonly unsupported: 'delta-crl' | 'indirect-crl' | 'crl-extension' | undefined;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly tbs: Uint8Array;
}

const wholeScope: CrlScope = {
  onlyUserCertificates: false,
  onlyCaCertificates: false,
  onlyAttributeCertificates: false,
};

/** Why a CRL cannot be read: the data is not a CRL or is truncated, or its issuer broke a rule. */
export type CrlFaultCode = 'crl-unreadable' | 'crl-malformed';

/** Reads one DER CRL. */
export function parseCrl(bytes: Uint8Array): Result<Crl, CrlFaultCode> {
  const der = Uint8Array.from(bytes);
  const parsed = decode(der, (reader) =>
    reader.sequence((inner) => {
      const tbs = inner.withBytes(() => inner.sequence(readTbs));
      const algorithm = inner.element(tags.sequence).bytes;
      if (Buffer.compare(algorithm, tbs.value.algorithm) !== 0) inner.fail('certificate-algorithm');
      return { ...tbs.value.fields, der, tbs: tbs.bytes, signature: inner.bitStringOctets() };
    }),
  );
  return parsed.ok ? parsed : whyUnread(der, parsed.fault);
}

/** Data with the shape of a CRL is intact, but its issuer encoded it wrongly. */
function whyUnread(bytes: Uint8Array, because: Fault): Refused<CrlFaultCode> {
  const whole = berToDer(bytes);
  const { rule, where } = because;
  return whole.ok && decode(whole.value, readShape).ok
    ? refuse('crl-malformed', { ...(rule && { rule }), ...(where && { where }) })
    : refuse('crl-unreadable', { because });
}

/** Walks the parts that every CRL has, whatever they hold. */
function readShape(reader: DerReader): void {
  reader.sequence((inner) => {
    inner.sequence((tbs) => {
      tbs.optional(tags.integer, () => tbs.element());
      tbs.element(tags.sequence);
      tbs.element(tags.sequence);
      if (!isTime(tbs)) tbs.fail('der-tag');
      tbs.rest(() => tbs.element());
    });
    inner.element(tags.sequence);
    inner.element(tags.bitString);
  });
}

function isTime(reader: DerReader): boolean {
  return reader.nextTag === tags.utcTime || reader.nextTag === tags.generalizedTime;
}

/** Reads a CRL file: DER, or PEM with one or more X509 CRL blocks. */
export function parseCrls(file: Uint8Array): Result<readonly Crl[], CrlFaultCode> {
  const encoding = decodeFile(file);
  const encodings =
    encoding.kind === 'der'
      ? [encoding.bytes]
      : encoding.blocks.filter(({ label }) => label === 'X509 CRL').map(({ bytes }) => bytes);
  if (encodings.length === 0) {
    return refuse('crl-unreadable', encoding.kind === 'pem' ? foundInPem(encoding.blocks) : {});
  }
  const crls: Crl[] = [];
  for (const encoding of encodings) {
    const crl = parseCrl(encoding);
    if (!crl.ok) return crl;
    crls.push(crl.value);
  }
  return ok(crls);
}

function readTbs(reader: DerReader) {
  const version = reader.optional(tags.integer, () => reader.smallInteger()) ?? 0;
  if (version > 1) reader.fail('certificate-version');
  const algorithm = reader.withBytes(() => readSignatureAlgorithm(reader));
  const issuer = readName(reader);
  const thisUpdate = reader.time();
  const nextUpdate = isTime(reader) ? reader.time() : undefined;
  const entries = reader.optional(tags.sequence, () => reader.sequenceOf(readEntry)) ?? [];
  const extensions: ReadonlyMap<string, Extension> =
    reader.optional(0xa0, () => reader.explicit(0, readExtensions)) ?? new Map();
  const point = extensions.get(oids.issuingDistributionPoint);
  const distribution = readScope(reader, point);
  const fields = {
    issuer,
    thisUpdate,
    nextUpdate,
    revoked: new Set(entries.map(({ serialNumber }) => serialNumber)),
    scope: distribution.scope,
    series: `${issuer.key}\u0000${point ? toText(point.value, 'hex') : ''}`,
    number: readNumber(reader, extensions.get(oids.crlNumber)),
    unsupported: unsupported(entries, extensions, distribution.isIndirect),
    signatureAlgorithm: algorithm.value,
  };
  return { algorithm: algorithm.bytes, fields };
}

function readEntry(reader: DerReader) {
  return reader.sequence((inner) => {
    const serialNumber = toText(inner.integerOctets(), 'hex');
    inner.time();
    const extensions: ReadonlyMap<string, Extension> = inner.done ? new Map() : readExtensions(inner);
    return { serialNumber, extensions };
  });
}

const knownExtensions: ReadonlySet<string> = new Set([
  oids.authorityKeyIdentifier,
  oids.crlNumber,
  oids.issuingDistributionPoint,
  oids.issuerAltName,
  oids.freshestCrl,
]);
const knownEntryExtensions: ReadonlySet<string> = new Set([oids.reasonCode, oids.invalidityDate]);

function unsupported(
  entries: readonly { readonly extensions: ReadonlyMap<string, Extension> }[],
  extensions: ReadonlyMap<string, Extension>,
  isIndirect: boolean,
): Crl['unsupported'] {
  if (extensions.has(oids.deltaCrlIndicator)) return 'delta-crl';
  if (isIndirect || entries.some((entry) => entry.extensions.has(oids.certificateIssuer)))
    return 'indirect-crl';
  const isUnknown = (known: ReadonlySet<string>, present: ReadonlyMap<string, Extension>) =>
    [...present].some(([oid, { critical }]) => critical && !known.has(oid));
  const unknown =
    isUnknown(knownExtensions, extensions) ||
    entries.some((entry) => isUnknown(knownEntryExtensions, entry.extensions));
  return unknown ? 'crl-extension' : undefined;
}

function readNumber(outer: DerReader, found: Extension | undefined): Uint8Array | undefined {
  if (!found) return undefined;
  const number = decode(found.value, (reader) => reader.integerOctets());
  const isNegative = number.ok && (number.value[0] ?? 0) >= 0x80;
  return number.ok && !isNegative ? number.value : outer.fail('der-integer');
}

function readScope(outer: DerReader, found: Extension | undefined) {
  if (!found) return { scope: wholeScope, isIndirect: false };
  const parsed = decode(found.value, (reader) =>
    reader.sequence((inner) => {
      const flag = (tag: number) => inner.optional(tag, () => inner.boolean(tag)) ?? false;
      const names = inner.optional(0xa0, () => inner.explicit(0, readDistributionPointName));
      const onlyUserCertificates = flag(0x81);
      const onlyCaCertificates = flag(0x82);
      const reasons = inner.optional(0x83, () => inner.namedBits(0x83));
      const isIndirect = flag(0x84);
      const onlyAttributeCertificates = flag(0x85);
      const scope: CrlScope = {
        ...(names && { names }),
        ...(reasons && { reasons }),
        onlyUserCertificates,
        onlyCaCertificates,
        onlyAttributeCertificates,
      };
      return { scope, isIndirect };
    }),
  );
  return parsed.ok ? parsed.value : outer.fail(parsed.fault.rule ?? 'der-tag');
}

/** Whether `a` is newer than `b`, a list of the same issuer: by CRL number, or by date if either has no number. */
export function isNewerCrl(a: Crl, b: Crl): boolean {
  if (!a.number || !b.number) return a.thisUpdate > b.thisUpdate;
  const [x, y] = [a.number, b.number].map((octets) => BigInt(`0x${Buffer.from(octets).toString('hex')}`));
  return x !== undefined && y !== undefined && x !== y ? x > y : a.thisUpdate > b.thisUpdate;
}
