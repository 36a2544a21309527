import type { Fault } from '../faults/index.ts';
import type { RevocationFaultCode } from './revocation.ts';

export type DateFaultCode = 'certificate-expired' | 'certificate-not-yet-valid';
/** What makes a path invalid. */
export type PathFaultCode =
  | 'issuer-unknown'
  | 'signature-invalid'
  | 'algorithm-weak'
  | 'algorithm-unsupported'
  | 'runtime-lacks-algorithm'
  | 'key-weak'
  | 'not-a-ca'
  | 'path-length-exceeded'
  | 'key-usage-insufficient'
  | 'extended-key-usage-insufficient'
  | 'critical-extension-unknown'
  | 'certificate-extension-malformed'
  | 'policy-unsupported'
  | 'name-constraint-violated'
  | 'name-constraint-unsupported'
  | 'path-too-complex'
  | DateFaultCode
  | RevocationFaultCode;

const dateFaults: ReadonlySet<string> = new Set<DateFaultCode>([
  'certificate-expired',
  'certificate-not-yet-valid',
]);
const revocationFaults: ReadonlySet<string> = new Set<RevocationFaultCode>([
  'certificate-revoked',
  'crl-missing',
  'crl-unusable',
]);

/** Whether a certificate is not valid yet, or has expired. */
export function isDateFault(fault: Fault): fault is Fault<DateFaultCode> {
  return dateFaults.has(fault.code);
}

/** Whether a certificate is revoked, or no CRL clears it. */
export function isRevocationFault(fault: Fault): fault is Fault<RevocationFaultCode> {
  return revocationFaults.has(fault.code);
}

/** Whether, despite this fault, the certificates above did issue this one. */
export function isLesserFault(fault: Fault): boolean {
  return isDateFault(fault) || isRevocationFault(fault) || fault.code === 'extended-key-usage-insufficient';
}
