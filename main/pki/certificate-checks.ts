/** The checks of a single certificate in a path. `path-validation.ts` has those that need the rest of the path. */
import { oids } from '../asn1/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import { isInForce, toSeconds, type Clock } from './clock.ts';
import { allowsKeyUsage, extension } from './extensions.ts';
import type { PathFaultCode } from './path-faults.ts';
import { describeKey, isStrongKey } from './public-key.ts';
import { keyLack } from './runtime.ts';
import { verifySignature } from './signature-algorithm.ts';

const verified = new WeakMap<Certificate, Map<Certificate, boolean>>();

/** Whether the certificate's signature verifies with the issuer's key. Cached: paths share their upper ends. */
function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  const answers = verified.get(certificate) ?? new Map<Certificate, boolean>();
  verified.set(certificate, answers);
  let answer = answers.get(issuer);
  if (answer === undefined) {
    const { signatureAlgorithm, tbs, signature } = certificate;
    answer = verifySignature(signatureAlgorithm, issuer.publicKey, tbs, signature);
    answers.set(issuer, answer);
  }
  return answer;
}

/** Checks that the issuer's key made the certificate's signature, with an algorithm above the floor. */
export function checkSignature(
  certificate: Certificate,
  issuer: Certificate,
): readonly Fault<PathFaultCode>[] {
  const algorithm = certificate.signatureAlgorithm;
  if (algorithm.kind === 'weak') return [fault('algorithm-weak', { found: algorithm.name })];
  if (algorithm.kind === 'unsupported') return [fault('algorithm-unsupported', { found: algorithm.name })];
  if (isSignedBy(certificate, issuer)) return [];
  return [keyLack(issuer.publicKey) ?? fault('signature-invalid')];
}

export function checkKey({ publicKey }: Certificate): readonly Fault<PathFaultCode>[] {
  if (isStrongKey(publicKey)) return [];
  return [fault('key-weak', { found: describeKey(publicKey) })];
}

export function checkDates(certificate: Certificate, clock: Clock): readonly Fault<PathFaultCode>[] {
  if (isInForce(certificate, clock)) return [];
  const { notBefore, notAfter } = certificate;
  const found = toSeconds(clock.now);
  return clock.now > notAfter
    ? [fault('certificate-expired', { expected: toSeconds(notAfter), found })]
    : [fault('certificate-not-yet-valid', { expected: toSeconds(notBefore), found })];
}

/** Extensions that this folder handles, so they may be critical. */
const processed: ReadonlySet<string> = new Set([
  oids.basicConstraints,
  oids.keyUsage,
  oids.extendedKeyUsage,
  oids.subjectAltName,
  oids.nameConstraints,
  oids.crlDistributionPoints,
  oids.subjectKeyIdentifier,
  oids.authorityKeyIdentifier,
  oids.vendorConfigurationAuthorisation,
  oids.training,
]);
/** Certificate policies are not processed. A critical one makes the path fail; others only inform. */
const policies: ReadonlySet<string> = new Set([
  oids.certificatePolicies,
  oids.policyMappings,
  oids.policyConstraints,
  oids.inhibitAnyPolicy,
]);

/** Checks that every critical extension is known, and that every extension judged here can be read. */
export function checkExtensions(certificate: Certificate): readonly Fault<PathFaultCode>[] {
  const faults: Fault<PathFaultCode>[] = [];
  for (const [oid, { critical }] of certificate.extensions) {
    if (!critical || processed.has(oid)) continue;
    faults.push(
      fault(policies.has(oid) ? 'policy-unsupported' : 'critical-extension-unknown', { found: oid }),
    );
  }
  for (const oid of judgedExtensions) {
    const parsed = extension(certificate, oid);
    if (!parsed.ok) faults.push(parsed.fault);
  }
  const required = extension(certificate, oids.policyConstraints);
  const isRequired = required.ok && required.value?.requireExplicitPolicy !== undefined;
  if (isRequired && faults.every(({ code }) => code !== 'policy-unsupported')) {
    faults.push(fault('policy-unsupported', { found: oids.policyConstraints }));
  }
  return faults;
}

const judgedExtensions = [
  oids.basicConstraints,
  oids.keyUsage,
  oids.extendedKeyUsage,
  oids.subjectAltName,
  oids.nameConstraints,
  oids.policyConstraints,
  oids.crlDistributionPoints,
] as const;

/** A CA must say that it is one (section 6.1.4 (k)) and may sign certificates (n). A version 1 anchor cannot. */
export function checkIssuer(certificate: Certificate, isAnchor: boolean): readonly Fault<PathFaultCode>[] {
  const basic = extension(certificate, oids.basicConstraints);
  const isOldAnchor = isAnchor && certificate.version === 1;
  if (!isOldAnchor && !(basic.ok && basic.value?.isCa)) return [fault('not-a-ca')];
  return allowsKeyUsage(certificate, 'keyCertSign')
    ? []
    : [fault('key-usage-insufficient', { expected: 'keyCertSign' })];
}

/** The target must name the purpose itself. A CA that lists purposes must list this one, or any. */
export function checkPurpose(
  certificate: Certificate,
  purpose: string | undefined,
  isTarget: boolean,
): readonly Fault<PathFaultCode>[] {
  if (purpose === undefined) return [];
  const usages = extension(certificate, oids.extendedKeyUsage);
  if (!usages.ok) return [];
  const allowed = isTarget
    ? (usages.value?.has(purpose) ?? false)
    : usages.value === undefined || usages.value.has(purpose) || usages.value.has(oids.anyExtendedKeyUsage);
  return allowed ? [] : [fault('extended-key-usage-insufficient', { expected: purpose })];
}
