import { decode, der, oids, toText } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
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
 * `enb-identity-missing` a certificate without one, with two, or with a serial number that cannot be used.
 */
export function readEnbIdentity(certificate: Certificate): Result<EnbIdentity, 'enb-identity-missing'> {
  const identity = hardwareModule(certificate);
  return identity && serialNumberPattern.test(identity.serialNumber)
    ? ok(identity)
    : refuse('enb-identity-missing', { where: { certificate: nameToText(certificate.subject) } });
}

/** The one hardwareModuleName of the certificate, whatever its serial number; undefined when there is no such one. */
function hardwareModule(certificate: Certificate): EnbIdentity | undefined {
  const names = extension(certificate, oids.subjectAltName);
  if (!names.ok) return undefined;
  const modules = (names.value ?? []).filter(
    (name) => name.kind === 'other' && name.type === oids.hardwareModuleName,
  );
  const [module] = modules;
  if (modules.length !== 1 || module?.kind !== 'other') return undefined;
  const identity = decode(module.value, (reader) =>
    reader.sequence((inner) => ({
      hwType: inner.oid(),
      serialNumber: toText(inner.octetString(), 'latin1'),
    })),
  );
  return identity.ok ? identity.value : undefined;
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
