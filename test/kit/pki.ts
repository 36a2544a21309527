/**
 * The common fixtures of certificate tests: CAs and certificates of the lab in one call, the extensions and CRLs that
 * the lab never issues, and certificates any field of which can be replaced.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, der, oids } from '../../main/asn1/index.ts';
import {
  encodeExtension,
  issue,
  issueCertificate,
  type CertificateContents,
  type KeyKind,
  type KeyPair,
} from './issue-certificate.ts';
import {
  encodeHardwareModuleName,
  judgePath,
  nameFromText,
  parseCertificate,
  parseCrl,
  type Certificate,
  type Clock,
  type Crl,
  type EnbIdentity,
  type PathQuestion,
} from '../../main/pki/index.ts';

/** The current time in the tests, and the default for all dates. */
export const now = new Date('2026-11-15T12:00:00Z');
export const clock: Clock = { now, isExact: true };
export const dates = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2035-12-31T23:59:59Z'),
};

/** What a certificate contains besides its subject. */
export interface Contents extends Partial<Omit<CertificateContents, 'subject'>> {
  /** P-256 by default. */
  readonly keyKind?: KeyKind;
  /** An existing key instead of a new one. */
  readonly key?: KeyObject;
}

const caUsage = ['keyCertSign', 'cRLSign'] as const;

/** A root CA, or with an issuer one below it. */
export function makeCa(subject: string, contents: Contents = {}, issuer?: KeyPair): KeyPair {
  return makeCertificate(subject, { ca: true, keyUsage: caUsage, ...contents }, issuer);
}

/** A certificate of the lab with only the extensions in `contents`. */
export function makeCertificate(
  subject: string,
  { keyKind = 'P-256', key, ...contents }: Contents = {},
  issuer?: KeyPair,
): KeyPair {
  const whole = { subject, training: false, ...dates, ...contents };
  return key ? { key, certificate: issueCertificate(whole, key, issuer) } : issue(whole, keyKind, issuer);
}

const referenceOperator = join(import.meta.dirname, '..', 'data', 'reference-operator');
/** RSA keys take long to make, so these are stored in files. */
const rsaFiles: Readonly<Record<number, string>> = {
  2048: 'vendor-b/enb-keys/BN1000000.key',
  3072: 'operator/config-vendor-b.key',
};

/** An RSA key of this many bits. */
export function rsaKey(modulusLength: number): KeyObject {
  const file = rsaFiles[modulusLength];
  return file === undefined
    ? generateKeyPairSync('rsa', { modulusLength }).privateKey
    : createPrivateKey(readFileSync(join(referenceOperator, file)));
}

/**
 * PKCS#8 of an RSA key for PSS only, restricted to the parameters if there are any. It is not a key object, because not
 * every runtime supports such keys.
 */
export function pssPkcs8(key: KeyObject, ...parameters: readonly Uint8Array[]): Uint8Array {
  const pkcs1 = key.export({ format: 'der', type: 'pkcs1' });
  const algorithm = der.sequence(der.oid(oids.rsassaPss), ...parameters);
  return der.sequence(der.integer(0), algorithm, der.octetString(pkcs1));
}

/** The public half of `pssPkcs8`, by default of the RSA key of 2048 bits. */
export function pssSpki(key = rsaKey(2048)): Uint8Array {
  const pkcs1 = createPublicKey(key).export({ format: 'der', type: 'pkcs1' });
  return der.sequence(der.sequence(der.oid(oids.rsassaPss)), der.bitString(pkcs1));
}

/** The public half of an RSA key whose algorithm lacks the NULL that RFC 3279 asks for. */
export function bareRsaSpki(key: KeyObject): Uint8Array {
  const pkcs1 = createPublicKey(key).export({ format: 'der', type: 'pkcs1' });
  return der.sequence(der.sequence(der.oid(oids.rsaEncryption)), der.bitString(pkcs1));
}

const secp256k1 = der.sequence(der.oid(oids.ecPublicKey), der.oid('1.3.132.0.10'));

/** PKCS#8 of a key on secp256k1: a curve that Siteseal does not accept and not every runtime supports. */
export function otherCurvePkcs8(): Uint8Array {
  const key = der.sequence(der.integer(1), der.octetString(new Uint8Array(32).fill(1)));
  return der.sequence(der.integer(0), secp256k1, der.octetString(key));
}

/** DER of a public key on secp256k1; the point is not on the curve. */
export const otherCurveSpki = der.sequence(secp256k1, der.bitString(new Uint8Array(65).fill(4)));

/** The certificate with another public key in it. */
export function withSpki(certificate: Certificate, issuer: KeyPair, spki: Uint8Array): Certificate {
  return readCertificate(remake(certificate, issuer.key, { spki }));
}

/** DER of RSASSA-PSS-params (RFC 4055 section 3.1); absent members have their default. */
export function pssParameters(parts: {
  readonly hash?: string;
  readonly mgfHash?: string;
  readonly saltLength?: number;
  readonly trailer?: number;
}): Uint8Array {
  const { hash, mgfHash, saltLength, trailer } = parts;
  const identifier = (oid: string, ...rest: readonly Uint8Array[]) => der.sequence(der.oid(oid), ...rest);
  return der.sequence(
    ...(hash ? [der.explicit(0, identifier(hash))] : []),
    ...(mgfHash ? [der.explicit(1, identifier(oids.mgf1, identifier(mgfHash)))] : []),
    ...(saltLength === undefined ? [] : [der.explicit(2, der.integer(saltLength))]),
    ...(trailer === undefined ? [] : [der.explicit(3, der.integer(trailer))]),
  );
}

export function spkiOf(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** DER of a name given as text. */
export function nameDer(text: string): Uint8Array {
  const name = nameFromText(text);
  assert(name.ok, text);
  return name.value.der;
}

/** The fields of a certificate, in DER; an empty array leaves the field out. */
export interface Fields {
  readonly version: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly validity: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly uniqueIds: Uint8Array;
  /** With its tag `[3]`. */
  readonly extensions: Uint8Array;
  /** The signature algorithm outside the signed part, if it should differ. */
  readonly outerAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
}

const noBytes = new Uint8Array();

/** DER of a certificate like another one except for some fields, signed with the key (ECDSA or RSA, and SHA-256). */
export function remake(like: Certificate, signer: KeyObject, changes: Partial<Fields> = {}): Uint8Array {
  const elements = decode(like.tbs, (tbs) =>
    tbs.sequence((inner) => inner.rest((one) => one.element().bytes)),
  );
  assert(elements.ok);
  const [version, serialNumber, algorithm, issuer, validity, subject, spki, extensions] = elements.value;
  const own = {
    version,
    serialNumber,
    algorithm,
    issuer,
    validity,
    subject,
    spki,
    uniqueIds: noBytes,
    extensions,
  };
  const fields = { ...own, ...changes };
  const tbs = der.sequence(...Object.keys(own).map((name) => fields[name as keyof typeof own] ?? noBytes));
  const outer = changes.outerAlgorithm ?? fields.algorithm ?? noBytes;
  return der.sequence(tbs, outer, der.bitString(changes.signature ?? sign('sha256', tbs, signer)));
}

/** DER of the extensions field of a certificate. */
export function extensionsField(...extensions: readonly Uint8Array[]): Uint8Array {
  return der.explicit(3, der.sequence(...extensions));
}

/** Parses a valid certificate. */
export function readCertificate(bytes: Uint8Array): Certificate {
  const parsed = parseCertificate(bytes);
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

/** DER of GeneralNames of each form (RFC 5280 section 4.2.1.6). */
export const generalName = {
  other: (type: string, value: Uint8Array) =>
    der.implicit(0, der.sequence(der.oid(type), der.explicit(0, value))),
  email: (text: string) => der.implicit(1, der.ia5String(text)),
  dns: (text: string) => der.implicit(2, der.ia5String(text)),
  directory: (text: string) => der.explicit(4, text === '' ? der.sequence() : nameDer(text)),
  uri: (text: string) => der.implicit(6, der.ia5String(text)),
  ip: (...octets: readonly number[]) => der.implicit(7, der.octetString(Uint8Array.from(octets))),
};

export function subjectAltName(names: readonly Uint8Array[], critical = false): Uint8Array {
  return encodeExtension(oids.subjectAltName, critical, der.sequence(...names));
}

/** The alternative names of an eNB that also has a DNS name. */
export function enbWithDnsName({ hwType, serialNumber }: EnbIdentity, dnsName: string): Uint8Array {
  const hardwareModule = encodeHardwareModuleName({ hwType, serialNumber });
  return subjectAltName([
    generalName.other(oids.hardwareModuleName, hardwareModule),
    generalName.dns(dnsName),
  ]);
}

/** The lists of the subtrees' bases; an absent member leaves the list out. */
export function nameConstraints(lists: {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
}): Uint8Array {
  const subtrees = (number: number, bases: readonly Uint8Array[] | undefined) =>
    bases ? [der.explicit(number, ...bases.map((base) => der.sequence(base)))] : [];
  const value = der.sequence(...subtrees(0, lists.permitted), ...subtrees(1, lists.excluded));
  return encodeExtension(oids.nameConstraints, true, value);
}

/** A DistributionPoint, or the members it shares with an IssuingDistributionPoint. */
export interface Point {
  readonly fullName?: readonly Uint8Array[];
  /** DER of AttributeTypeAndValues. */
  readonly relativeName?: readonly Uint8Array[];
  /** Bits of ReasonFlags. */
  readonly reasons?: readonly number[];
  readonly crlIssuer?: readonly Uint8Array[];
}

export function distributionPoints(...points: readonly Point[]): Uint8Array {
  const encoded = points.map(({ reasons, crlIssuer, ...name }) =>
    der.sequence(
      ...pointName(name),
      ...(reasons ? [der.implicit(1, der.namedBits(reasons))] : []),
      ...(crlIssuer ? [der.explicit(2, ...crlIssuer)] : []),
    ),
  );
  return encodeExtension(oids.crlDistributionPoints, false, der.sequence(...encoded));
}

export function issuingDistributionPoint(
  scope: Omit<Point, 'crlIssuer'> & {
    readonly only?: 'user' | 'ca' | 'attribute';
    readonly indirect?: boolean;
  },
): Uint8Array {
  const flag = (number: number, isSet: boolean) => (isSet ? [der.implicit(number, der.boolean(true))] : []);
  const value = der.sequence(
    ...pointName(scope),
    ...flag(1, scope.only === 'user'),
    ...flag(2, scope.only === 'ca'),
    ...(scope.reasons ? [der.implicit(3, der.namedBits(scope.reasons))] : []),
    ...flag(4, scope.indirect ?? false),
    ...flag(5, scope.only === 'attribute'),
  );
  return encodeExtension(oids.issuingDistributionPoint, true, value);
}

function pointName({ fullName, relativeName }: Point): readonly Uint8Array[] {
  if (fullName) return [der.explicit(0, der.explicit(0, ...fullName))];
  return relativeName ? [der.explicit(0, der.explicit(1, ...relativeName))] : [];
}

export interface CrlContents {
  readonly revoked?: readonly Certificate[];
  /** Extensions of every entry. */
  readonly entryExtensions?: readonly Uint8Array[];
  readonly thisUpdate?: Date;
  /** Null leaves it out. */
  readonly nextUpdate?: Date | null;
  /** Null leaves it out. */
  readonly number?: number | bigint | null;
  readonly extensions?: readonly Uint8Array[];
  /** Signs in place of the issuer's key. */
  readonly key?: KeyObject;
}

/** A CRL (RFC 5280 section 5) by a CA with an EC key on P-256, in force at `now` by default. */
export function makeCrl(issuer: KeyPair, contents: CrlContents = {}): Crl {
  const {
    revoked = [],
    entryExtensions,
    thisUpdate = new Date('2026-11-14T00:00:00Z'),
    nextUpdate = new Date('2026-12-14T00:00:00Z'),
    number = 1,
    extensions = [],
    key = issuer.key,
  } = contents;
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const entries = revoked.map(({ serialNumber }) =>
    der.sequence(
      der.element(0x02, Buffer.from(serialNumber, 'hex')),
      der.time(thisUpdate),
      ...(entryExtensions ? [der.sequence(...entryExtensions)] : []),
    ),
  );
  const crlNumber = number === null ? [] : [encodeExtension(oids.crlNumber, false, der.integer(number))];
  const allExtensions = [...crlNumber, ...extensions];
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    issuer.certificate.subject.der,
    der.time(thisUpdate),
    ...(nextUpdate ? [der.time(nextUpdate)] : []),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    ...(allExtensions.length > 0 ? [der.explicit(0, der.sequence(...allExtensions))] : []),
  );
  const parsed = parseCrl(der.sequence(tbs, algorithm, der.bitString(sign('sha256', tbs, key))));
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

/** A question about a path from these anchors through these intermediates. */
export function questionOf(
  target: Certificate | KeyPair,
  trustAnchors: readonly KeyPair[],
  intermediates: readonly (Certificate | KeyPair)[] = [],
  changes: Partial<PathQuestion> = {},
): PathQuestion {
  const certificateOf = (one: Certificate | KeyPair) => ('certificate' in one ? one.certificate : one);
  return {
    target: certificateOf(target),
    trustAnchors: trustAnchors.map(certificateOf),
    intermediates: intermediates.map(certificateOf),
    crls: [],
    requireCrl: false,
    clock,
    ...changes,
  };
}

/** The codes of the faults of the best path, in order; followed by a colon and a rule if there is one. */
export function pathFaults(question: PathQuestion): readonly string[] {
  return judgePath(question).faults.map(({ code, rule }) => (rule ? `${code}: ${rule}` : code));
}
