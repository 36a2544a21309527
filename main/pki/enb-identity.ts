import { isUtf8 } from 'node:buffer';
import { decode, der, oids, tags, toText } from '../asn1/index.ts';
import { ok, refuse, type Fault, type Result, type Rule } from '../faults/index.ts';
import { nameToText } from './name.ts';
import { allowsKeyUsage, extension, type KeyUsage } from './extensions.ts';
import { describeKey, isOnCurve, type PublicKey } from './public-key.ts';
import { keyLack } from './runtime.ts';
import type { Certificate } from './certificate.ts';

/** The identity of an eNB: hardwareModuleName (RFC 4108 section 5) of its vendor certificate. */
export interface EnbIdentity {
  /** Dotted OID of the vendor's product. */
  readonly hwType: string;
  /** ASCII, see `serialNumberPattern`. */
  readonly serialNumber: string;
}

/** The serial numbers that Siteseal accepts. They are safe as file names and cannot be mistaken for one another. */
export const serialNumberPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether hardware type and serial number are equal, including case. */
export function isSameEnb(a: EnbIdentity, b: EnbIdentity): boolean {
  return a.hwType === b.hwType && a.serialNumber === b.serialNumber;
}

/** A unique key for maps. */
export function enbKey({ hwType, serialNumber }: EnbIdentity): string {
  return `${hwType} ${serialNumber}`;
}

/**
 * Reads the identity from the certificate's subjectAltName, which must have exactly one hardwareModuleName with a
 * serial number that Siteseal accepts. Refuses with `enb-identity-missing`, which shows the serial number.
 */
export function readEnbIdentity(certificate: Certificate): Result<EnbIdentity, 'enb-identity-missing'> {
  const module = hardwareModule(certificate);
  if (!('rule' in module)) {
    if (serialNumberPattern.test(module.serialNumber)) return ok(module);
    return missing(certificate, { rule: 'serial-number', found: readable(module.serialNumber) });
  }
  return missing(certificate, module);
}

/** Decodes text that was read as Latin-1 but is more often UTF-8. */
function readable(text: string): string {
  const octets = Buffer.from(text, 'latin1');
  return isUtf8(octets) ? octets.toString() : text;
}

function missing(certificate: Certificate, facts: Pick<Fault, 'rule' | 'found'>) {
  return refuse('enb-identity-missing', {
    ...facts,
    where: { certificate: nameToText(certificate.subject) },
  });
}

/** The eNB's certificate from a file: the one with this serial number, else that of any eNB, else the first. */
export function findEnbCertificate(
  certificates: readonly Certificate[],
  serialNumber?: string,
): Certificate | undefined {
  const ofEnbs = certificates.flatMap((certificate) => {
    const identity = readEnbIdentity(certificate);
    return identity.ok ? [{ certificate, serialNumber: identity.value.serialNumber }] : [];
  });
  const [own = ofEnbs[0]] = ofEnbs.filter((one) => one.serialNumber === serialNumber);
  return own?.certificate ?? certificates.find((one) => namesHardware(one)) ?? certificates[0];
}

/** Whether a certificate has a hardwareModuleName, even a malformed one. */
function namesHardware(certificate: Certificate): boolean {
  return hardwareModuleNames(certificate).length > 0;
}

function hardwareModuleNames(certificate: Certificate): readonly Uint8Array[] {
  const names = extension(certificate, oids.subjectAltName);
  return ((names.ok && names.value) || []).flatMap((name) =>
    name.kind === 'other' && name.type === oids.hardwareModuleName ? [name.value] : [],
  );
}

/** The only hardwareModuleName of the certificate, with any serial number; or what is wrong. */
function hardwareModule(
  certificate: Certificate,
): EnbIdentity | (Pick<Fault, 'rule' | 'found'> & { rule: Rule }) {
  const names = hardwareModuleNames(certificate);
  const [name] = names;
  if (!name || names.length > 1) return { rule: 'hardware-module-one', found: String(names.length) };
  const module = decode(name, (reader) =>
    reader.sequence((inner) => ({ hwType: inner.oid(), serial: inner.element() })),
  );
  if (!module.ok) return { rule: 'hardware-module' };
  const { hwType, serial } = module.value;
  const serialNumber = toText(serial.contents, 'latin1');
  return serial.tag === tags.octetString
    ? { hwType, serialNumber }
    : { rule: 'hardware-module', found: readable(serialNumber) };
}

export function encodeHardwareModuleName({ hwType, serialNumber }: EnbIdentity): Uint8Array {
  return der.sequence(der.oid(hwType), der.octetString(Buffer.from(serialNumber, 'latin1')));
}

/**
 * Checks that an eNB's key suits a bundle: RSA of 2048 bits or more with keyEncipherment, or EC on P-256 or P-384 with
 * keyAgreement. Either needs digitalSignature, for TLS and receipts. Refuses with `enb-key-unfit`.
 */
export function checkEnbKey(certificate: Certificate): Result<void, 'enb-key-unfit'> {
  const key = certificate.publicKey;
  const strong = isStrong(key);
  const lack = strong && key.kind === 'rsa' ? keyLack(key) : undefined;
  if (lack) return refuse('enb-key-unfit', { because: lack });
  if (strong && allowsKeyUsage(certificate, 'digitalSignature', receivingUsage(key))) return ok(undefined);
  const rule = !strong ? 'enb-key' : key.kind === 'rsa' ? 'enb-key-usage-rsa' : 'enb-key-usage-ec';
  return refuse('enb-key-unfit', { rule, found: describeKey(key) });
}

/** Whether the sealed part can be encrypted to a certificate: as `checkEnbKey`, but a recipient need not sign. */
export function canReceive(certificate: Certificate): boolean {
  const key = certificate.publicKey;
  const isSound = isStrong(key) && (key.kind !== 'rsa' || keyLack(key) === undefined);
  return isSound && allowsKeyUsage(certificate, receivingUsage(key));
}

function isStrong(key: PublicKey): boolean {
  return key.kind === 'rsa' ? isRsaFit(key) : key.kind === 'ec' && key.curve !== 'P-521' && isOnCurve(key);
}

function receivingUsage({ kind }: PublicKey): KeyUsage {
  return kind === 'rsa' ? 'keyEncipherment' : 'keyAgreement';
}

/** OpenSSL encrypts with at most 16384 bits. */
function isRsaFit({ bits, pssOnly }: { readonly bits: number; readonly pssOnly: boolean }): boolean {
  return bits >= 2048 && bits <= 16384 && !pssOnly;
}
