import { fault, type Fault } from '../faults/index.ts';
import {
  checkEnbKey,
  isDateFault,
  isLesserFault,
  judgePath,
  nameToText,
  parseCertificate,
  type Certificate,
  type EnbIdentity,
  type PathFaultCode,
  type PathJudgement,
} from '../pki/index.ts';
import type { EnbCertificates } from '../store/index.ts';
import type { Vendor } from './profile.ts';

/** How large an eNB's certificate, or a row's file with it, may be, in bytes. */
export const maximumCertificateSize = 64 * 1024;

/** An eNB's certificate, and its path to a vendor's roots at a moment. */
export interface JudgedCertificate extends Pick<PathJudgement, 'path' | 'faults'> {
  readonly certificate: Certificate;
  readonly now: Date;
}

/** Looks for the path of a certificate to the vendor's roots. The vendor's CRLs count. */
export function judgeUnder(
  { rootCertificates, intermediates, crls }: Vendor,
  certificate: Certificate,
  now: Date,
): JudgedCertificate {
  const { path, faults } = judgePath({
    target: certificate,
    trustAnchors: rootCertificates,
    intermediates,
    crls,
    requireCrl: false,
    clock: { now, isExact: true },
  });
  return { certificate, path, faults, now };
}

/** Whether the vendor issued the certificate. It may still be out of date or revoked. */
export function isOfVendor({ path, faults }: JudgedCertificate): boolean {
  return path !== undefined && faults.every(isLesserFault);
}

/** Path faults that mean a weak key or algorithm. All others, except dates, mean that the certificate is untrusted. */
const weakFaults: ReadonlySet<PathFaultCode> = new Set([
  'algorithm-weak',
  'algorithm-unsupported',
  'key-weak',
]);

/** What keeps a certificate from being used for its eNB. */
export interface CertificateFaults {
  /** Of its path, its dates or its revocation. */
  readonly unfit?: Fault<
    'enb-certificate-untrusted' | 'enb-certificate-expired' | 'certificate-extension-malformed'
  >;
  /** Of its strength. Check the owner first: for another eNB's certificate, a stronger one fixes nothing. */
  readonly weak?: Fault<'enb-certificate-weak'>;
}

/** Judges an eNB's certificate in all but its owner. The faults name its subject. */
export function certificateFaults({ certificate, path, faults, now }: JudgedCertificate): CertificateFaults {
  const where = { certificate: nameToText(certificate.subject) };
  const because = faults.find((one) => !isDateFault(one)) ?? faults[0];
  if (because && !weakFaults.has(because.code)) {
    const { code: reason } = because;
    if (reason === 'certificate-extension-malformed') return { unfit: { ...because, code: reason } };
    const ownDates = now > certificate.notAfter || now < certificate.notBefore;
    const isOnlyDated = ownDates && faults.every(isDateFault);
    const code = isOnlyDated && path ? 'enb-certificate-expired' : 'enb-certificate-untrusted';
    return { unfit: fault(code, { where, because }) };
  }
  const fit = checkEnbKey(certificate);
  const weak = because ?? (fit.ok ? undefined : fit.fault);
  return weak ? { weak: fault('enb-certificate-weak', { where, because: weak }) } : {};
}

/** The newest of these certificates, if there are any. */
export function newest(judged: readonly JudgedCertificate[]): JudgedCertificate | undefined {
  return judged.toSorted((a, b) => b.certificate.notBefore.getTime() - a.certificate.notBefore.getTime())[0];
}

/** What the store did with a certificate: `older` was not kept, because the other one does not start earlier. */
export type Keeping = 'added' | 'replaced' | 'known' | 'older';

/**
 * Keeps a vendor's certificate of an eNB in the store, in place of another one of the same eNB and vendor. In the
 * caller's transaction.
 * @param replaces `any`: the certificate is used now. `earlier`: it only replaces one that starts earlier, or cannot be used.
 */
export function keepCertificate(
  store: EnbCertificates,
  der: Uint8Array,
  enb: EnbIdentity,
  vendor: Vendor,
  now: Date,
  replaces: 'any' | 'earlier',
): Keeping {
  const { hwType, serialNumber } = enb;
  const known = store.of(enb);
  if (known.some((certificate) => Buffer.compare(certificate, der) === 0)) return 'known';
  const rivals = known.flatMap((one) => {
    const rival = parseCertificate(one);
    const judged = rival.ok ? judgeUnder(vendor, rival.value, now) : undefined;
    return judged && isOfVendor(judged) ? [judged] : [];
  });
  const sound = replaces === 'earlier' ? rivals.filter(({ faults }) => faults.length === 0) : [];
  const isOlder = sound.some(({ certificate }) => certificate.notBefore >= checkedCertificate(der).notBefore);
  if (isOlder) return 'older';
  for (const { certificate } of rivals) store.remove({ hwType, serialNumber, certificate: certificate.der });
  store.add({ hwType, serialNumber, certificate: der });
  return rivals.length > 0 ? 'replaced' : 'added';
}

/** A certificate that was checked before. */
export function checkedCertificate(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error('A checked certificate can be read');
  return parsed.value;
}
