import { isUtf8 } from 'node:buffer';
import { decode, der, oids, tags, toText } from '../asn1/index.ts';
import { ok, refuse, type Fault, type Result, type Rule } from '../faults/index.ts';
import { nameToText } from './name.ts';
import { allowsKeyUsage, extension } from './extensions.ts';
import { describeKey, isOnCurve } from './public-key.ts';
import { keyLack } from './runtime.ts';
import type { Certificate } from './certificate.ts';

/** Who an eNB is: hardwareModuleName (RFC 4108 section 5) of its vendor certificate. */
export interface EnbIdentity {
  /** Dotted OID of the vendor's product. */
  readonly hwType: string;
  /** ASCII, see `serialNumberPattern`. */
  readonly serialNumber: string;
}

/** The serial numbers that can be used with Siteseal: they name files, and no one can mistake one for another. */
export const serialNumberPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether hardware type and serial number are equal, letter by letter. */
export function isSameEnb(a: EnbIdentity, b: EnbIdentity): boolean {
  return a.hwType === b.hwType && a.serialNumber === b.serialNumber;
}

/** One string for each eNB, for maps. */
export function enbKey({ hwType, serialNumber }: EnbIdentity): string {
  return `${hwType} ${serialNumber}`;
}

/**
 * Reads the identity from the one hardwareModuleName in the certificate's subjectAltName. Refuses with
 * `enb-identity-missing` a certificate without one, with two, or with a serial number that cannot be used, which the
 * fault shows.
 */
export function readEnbIdentity(certificate: Certificate): Result<EnbIdentity, 'enb-identity-missing'> {
  const module = hardwareModule(certificate);
  if (!('rule' in module)) {
    if (serialNumberPattern.test(module.serialNumber)) return ok(module);
    return missing(certificate, { rule: 'serial-number', found: readable(module.serialNumber) });
  }
  return missing(certificate, module);
}

/** What a person reads in octets that were taken for Latin-1: they are UTF-8 more often. */
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

/** The eNB's certificate among those of a file: the one of this eNB, the first of any eNB, or the first of all. */
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

/** Whether a certificate names hardware at all, however badly. */
function namesHardware(certificate: Certificate): boolean {
  return hardwareModuleNames(certificate).length > 0;
}

function hardwareModuleNames(certificate: Certificate): readonly Uint8Array[] {
  const names = extension(certificate, oids.subjectAltName);
  return ((names.ok && names.value) || []).flatMap((name) =>
    name.kind === 'other' && name.type === oids.hardwareModuleName ? [name.value] : [],
  );
}

/** The one hardwareModuleName of the certificate, whatever its serial number; or why there is no such one. */
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

/** DER of the HardwareModuleName. */
export function encodeHardwareModuleName({ hwType, serialNumber }: EnbIdentity): Uint8Array {
  return der.sequence(der.oid(hwType), der.octetString(Buffer.from(serialNumber, 'latin1')));
}

/**
 * Whether an eNB's key can do what the bundle needs of it: RSA of 2048 bits or more with keyEncipherment, or EC on
 * P-256 or P-384 with keyAgreement; and digitalSignature for TLS and receipts. Refuses with `enb-key-unfit`.
 */
export function checkEnbKey(certificate: Certificate): Result<void, 'enb-key-unfit'> {
  const key = certificate.publicKey;
  const strong =
    key.kind === 'rsa' ? isRsaFit(key) : key.kind === 'ec' && key.curve !== 'P-521' && isOnCurve(key);
  const usage = key.kind === 'rsa' ? 'keyEncipherment' : 'keyAgreement';
  const lack = strong && key.kind === 'rsa' ? keyLack(key) : undefined;
  if (lack) return refuse('enb-key-unfit', { because: lack });
  if (strong && allowsKeyUsage(certificate, 'digitalSignature', usage)) return ok(undefined);
  const rule = !strong ? 'enb-key' : key.kind === 'rsa' ? 'enb-key-usage-rsa' : 'enb-key-usage-ec';
  return refuse('enb-key-unfit', { rule, found: describeKey(key) });
}

/** OpenSSL encrypts to no more than 16384 bits. */
function isRsaFit({ bits, pssOnly }: { readonly bits: number; readonly pssOnly: boolean }): boolean {
  return bits >= 2048 && bits <= 16384 && !pssOnly;
}
