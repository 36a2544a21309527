import { decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Fault, type Refused, type Result } from '../faults/index.ts';
import type { Certificate, Extension } from './certificate.ts';
import { generalNameToText, readGeneralName, readGeneralNames, type GeneralName } from './general-name.ts';
import { readName, type Name } from './name.ts';

/** Bits of KeyUsage (RFC 5280 section 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
} as const;
export type KeyUsage = keyof typeof keyUsageBits;

/** BasicConstraints (RFC 5280 section 4.2.1.9). Without a `pathLength` the path has no limit. */
export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength?: number;
}

/** GeneralSubtrees. RFC 5280 section 4.2.1.10 forbids a minimum or maximum. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** A DistributionPoint (RFC 5280 section 4.2.1.13). */
export interface DistributionPoint {
  readonly names?: readonly GeneralName[];
  /** Bits of ReasonFlags. Absent: all reasons. */
  readonly reasons?: ReadonlySet<number>;
  /** Who issues the CRL if not the certificate's issuer. Such a CRL is indirect. */
  readonly crlIssuers?: readonly GeneralName[];
}

const readers = {
  [oids.basicConstraints]: (reader: DerReader): BasicConstraints =>
    reader.sequence((inner) => {
      const isCa = inner.optional(tags.boolean, () => inner.boolean()) ?? false;
      const pathLength = inner.optional(tags.integer, () => inner.smallInteger());
      return pathLength === undefined ? { isCa } : { isCa, pathLength };
    }),
  [oids.keyUsage]: (reader: DerReader): ReadonlySet<number> => reader.namedBits(),
  [oids.extendedKeyUsage]: (reader: DerReader): ReadonlySet<string> =>
    new Set(reader.sequenceOf((inner) => inner.oid())),
  [oids.subjectAltName]: (reader: DerReader): readonly GeneralName[] => reader.sequence(readGeneralNames),
  [oids.subjectKeyIdentifier]: (reader: DerReader): string => toText(reader.octetString(), 'hex'),
  [oids.authorityKeyIdentifier]: (reader: DerReader): string | undefined =>
    reader.sequence((inner) => {
      const identifier = inner.optional(0x80, () => inner.octetString(0x80));
      inner.rest(() => inner.element());
      return identifier && toText(identifier, 'hex');
    }),
  [oids.nameConstraints]: (reader: DerReader): NameConstraints =>
    reader.sequence((inner) => {
      if (inner.done) inner.fail('der-empty'); // RFC 5280 section 4.2.1.10
      return {
        permitted: inner.optional(0xa0, () => inner.constructed(0xa0, readSubtrees)) ?? [],
        excluded: inner.optional(0xa1, () => inner.constructed(0xa1, readSubtrees)) ?? [],
      };
    }),
  [oids.policyConstraints]: (reader: DerReader): { readonly requireExplicitPolicy?: number } =>
    reader.sequence((inner) => {
      if (inner.done) inner.fail('der-empty'); // RFC 5280 section 4.2.1.11
      const requireExplicitPolicy = inner.optional(0x80, () => inner.smallInteger(0x80));
      inner.optional(0x81, () => inner.smallInteger(0x81));
      return requireExplicitPolicy === undefined ? {} : { requireExplicitPolicy };
    }),
  [oids.crlDistributionPoints]: (reader: DerReader): readonly DistributionPoint[] =>
    reader.sequenceOfSome((inner) => inner.sequence(readDistributionPoint)),
} as const;

type Readers = typeof readers;

/** Cached: path validation reads the same extensions several times, and those of a CA on every path. */
const read = new WeakMap<Extension, Result<unknown, 'certificate-extension-malformed'>>();

/** The value of an extension, if the certificate has it. The caller adds the certificate to a fault. */
export function extension<Oid extends keyof Readers>(
  certificate: Pick<Certificate, 'extensions'>,
  oid: Oid,
): Result<ReturnType<Readers[Oid]> | undefined, 'certificate-extension-malformed'> {
  const found = certificate.extensions.get(oid);
  if (!found) return ok(undefined);
  let result = read.get(found);
  if (!result) {
    const parsed = decode<unknown>(found.value, readers[oid]);
    result = parsed.ok ? parsed : malformed(oid, parsed.fault);
    read.set(found, result);
  }
  // TypeScript cannot see that readers[oid] returns the type that belongs to `oid`.
  return result as Result<ReturnType<Readers[Oid]>, 'certificate-extension-malformed'>;
}

function malformed(oid: string, { rule, where }: Fault): Refused<'certificate-extension-malformed'> {
  return refuse('certificate-extension-malformed', {
    ...(rule && { rule }),
    found: oid,
    ...(where && { where }),
  });
}

/** Whether the key may be used for all of these, as without keyUsage (RFC 5280 section 6.1.4 (n)). */
export function allowsKeyUsage(certificate: Certificate, ...usages: readonly KeyUsage[]): boolean {
  const keyUsage = extension(certificate, oids.keyUsage);
  if (!keyUsage.ok) return false;
  return keyUsage.value === undefined || usages.every((usage) => keyUsage.value?.has(keyUsageBits[usage]));
}

function readSubtrees(reader: DerReader): readonly GeneralName[] {
  return reader.restSome((item) =>
    item.sequence((subtree) => {
      const base = readGeneralName(subtree);
      if (!subtree.done) subtree.fail('certificate-subtree-bounds');
      return base;
    }),
  );
}

function readDistributionPoint(reader: DerReader): DistributionPoint {
  const names = reader.optional(0xa0, () => reader.explicit(0, readDistributionPointName));
  const reasons = reader.optional(0x81, () => reader.namedBits(0x81));
  const crlIssuers = reader.optional(0xa2, () => reader.constructed(0xa2, readGeneralNames));
  return { ...(names && { names }), ...(reasons && { reasons }), ...(crlIssuers && { crlIssuers }) };
}

/** `[0] fullName`, or `[1] nameRelativeToCRLIssuer` as an RDN that `absoluteNames` completes. */
export function readDistributionPointName(reader: DerReader): readonly GeneralName[] {
  return reader.nextTag === 0xa1 ? [relativeName(reader)] : reader.constructed(0xa0, readGeneralNames);
}

function relativeName(reader: DerReader): GeneralName {
  return { kind: 'unsupported', tag: 0xa1, value: reader.element(0xa1).contents };
}

/** Turns names relative to the CRL issuer (RFC 5280 section 4.2.1.13) into full names. */
export function absoluteNames(names: readonly GeneralName[], issuer: Name): readonly GeneralName[] {
  return names.map((name) => {
    if (name.kind !== 'unsupported' || name.tag !== 0xa1) return name;
    return { kind: 'directory', name: appendRdn(issuer, name.value) };
  });
}

function appendRdn(issuer: Name, rdnContents: Uint8Array): Name {
  const issuerRdns = decode(issuer.der, (reader) => reader.element(tags.sequence).contents);
  const rdn = der.element(tags.set, rdnContents);
  const whole = der.element(tags.sequence, issuerRdns.ok ? issuerRdns.value : new Uint8Array(), rdn);
  const name = decode(whole, readName);
  return name.ok ? name.value : issuer;
}

/** The subject's alternative names as texts: see `generalNameToText`. Names in other forms are left out. */
export function subjectAltNamesOf(certificate: Certificate): readonly string[] {
  const names = extension(certificate, oids.subjectAltName);
  const texts = names.ok ? (names.value ?? []).map(generalNameToText) : [];
  return texts.filter((text) => text !== undefined);
}

/** The DNS names among the subject's alternative names, in lower case. */
export function dnsNamesOf(certificate: Certificate): readonly string[] {
  return subjectAltNamesOf(certificate).flatMap((name) =>
    name.startsWith('dns:') ? [name.slice('dns:'.length).toLowerCase()] : [],
  );
}
