import { oids } from '../asn1/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import { isNewerCrl, type Crl } from './crl.ts';
import { absoluteNames, allowsKeyUsage, extension, type DistributionPoint } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { nameToText } from './name.ts';
import { verifySignature } from './signature-algorithm.ts';

/** What can come of CRLs: the certificate is revoked, a list is missing, or the list that is there cannot be used. */
export type RevocationFaultCode = 'certificate-revoked' | 'crl-missing' | 'crl-unusable';

/** What the lists say of one certificate. `not-given`: there is no list of its issuer at all. */
export type RevocationStatus =
  | { readonly kind: 'not-revoked' }
  | { readonly kind: 'not-given' }
  | { readonly kind: 'fault'; readonly fault: Fault<RevocationFaultCode> };

/** Reasons that a list can be limited to: bits 1 to 8 of ReasonFlags (RFC 5280 section 4.2.1.13). */
const allReasons: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Looks a certificate up in complete CRLs of its issuer (RFC 5280 section 6.3.3). Lists that together speak of all
 * reasons must be found, be in force, be signed with a key of the issuer that may sign them, and not name it. Where
 * lists of the issuer are given and these conditions do not hold, the answer is a fault, never "not revoked". An older
 * list never stands in for a newer one that is the issuer's and cannot be used: whoever gives both may have chosen them.
 *
 * `isSignedByIssuer` tells whether a list is signed with the key of the issuer in the path, or of another certificate
 * of the same name that has a valid path to the same trust anchor.
 */
export function checkRevocation(
  certificate: Certificate,
  crls: readonly Crl[],
  clock: Clock,
  isSignedByIssuer: (crl: Crl) => boolean,
): RevocationStatus {
  const issued = crls.filter(({ issuer }) => issuer.key === certificate.issuer.key);
  if (issued.length === 0) {
    if (!crls.some((crl) => isIndirectCrlFor(crl, certificate))) return { kind: 'not-given' };
    return { kind: 'fault', fault: crlFault('crl-unusable', certificate, 'indirect-crl') };
  }
  const missingReasons = new Set(allReasons);
  let problem: Fault<RevocationFaultCode> = crlFault('crl-missing', certificate);
  const concerned = issued
    .map((crl) => ({ crl, covered: coveredReasons(certificate, crl) }))
    .filter(({ covered }) => covered.length > 0);
  // Before they are put in order: by numbers and dates of their own making, lists of a stranger could part the others.
  const signed = concerned.filter(({ crl }) => isSignedByIssuer(crl));
  if (signed.length < concerned.length) problem = crlFault('crl-unusable', certificate, 'crl-signature');
  const newestFirst = signed.toSorted(
    (a, b) => Number(isNewerCrl(b.crl, a.crl)) - Number(isNewerCrl(a.crl, b.crl)),
  );
  for (const { crl, covered } of newestFirst) {
    const rule = crl.unsupported ?? outOfForce(crl, clock);
    if (rule) {
      problem = crlFault('crl-unusable', certificate, rule);
      if (rule === 'delta-crl') continue; // it takes no complete list's place
      break;
    }
    if (crl.revoked.has(certificate.serialNumber)) {
      return { kind: 'fault', fault: crlFault('certificate-revoked', certificate) };
    }
    for (const reason of covered) missingReasons.delete(reason);
    if (missingReasons.size === 0) return { kind: 'not-revoked' };
  }
  return { kind: 'fault', fault: problem };
}

type CrlRule = NonNullable<Crl['unsupported']> | 'crl-not-yet-valid' | 'crl-expired' | 'crl-signature';

function crlFault<Code extends RevocationFaultCode>(
  code: Code,
  { subject, issuer }: Certificate,
  rule?: CrlRule,
) {
  const where = { certificate: nameToText(subject) };
  return fault(code, { where, found: nameToText(issuer), ...(rule && { rule }) });
}

function outOfForce(crl: Crl, clock: Clock): CrlRule | undefined {
  if (clock.isExact && clock.now < crl.thisUpdate) return 'crl-not-yet-valid';
  return !crl.nextUpdate || clock.now > crl.nextUpdate ? 'crl-expired' : undefined;
}

const verified = new WeakMap<Crl, WeakMap<Certificate, boolean>>();

/** Whether the list's signature verifies with the certificate's key, which may sign CRLs; remembered. */
export function hasSigned(signer: Certificate, crl: Crl): boolean {
  const answers = verified.get(crl) ?? new WeakMap<Certificate, boolean>();
  verified.set(crl, answers);
  let answer = answers.get(signer);
  if (answer === undefined) {
    answer =
      allowsKeyUsage(signer, 'cRLSign') &&
      verifySignature(crl.signatureAlgorithm, signer.publicKey, crl.tbs, crl.signature);
    answers.set(signer, answer);
  }
  return answer;
}

/** The reasons for which the list speaks of this certificate: none when its scope is another (section 6.3.3 (b)). */
function coveredReasons(certificate: Certificate, crl: Crl): readonly number[] {
  const { scope } = crl;
  const constraints = extension(certificate, oids.basicConstraints);
  const isCa = constraints.ok && (constraints.value?.isCa ?? false);
  if (scope.onlyAttributeCertificates || (isCa ? scope.onlyUserCertificates : scope.onlyCaCertificates))
    return [];
  const points = extension(certificate, oids.crlDistributionPoints);
  if (!points.ok) return [];
  const covered = new Set<number>();
  for (const point of points.value ?? [wholeDistributionPoint]) {
    if (point.crlIssuers || !isPointOf(point, crl, certificate)) continue;
    for (const reason of allReasons) {
      if ((scope.reasons?.has(reason) ?? true) && (point.reasons?.has(reason) ?? true)) covered.add(reason);
    }
  }
  return [...covered];
}

/** Whether a distribution point of the certificate says that the list's issuer speaks for it. */
function isIndirectCrlFor(crl: Crl, certificate: Certificate): boolean {
  const points = extension(certificate, oids.crlDistributionPoints);
  if (!points.ok) return false;
  const issuers = (points.value ?? []).flatMap(({ crlIssuers }) => crlIssuers ?? []);
  return issuers.some((issuer) => issuer.kind === 'directory' && issuer.name.key === crl.issuer.key);
}

const wholeDistributionPoint: DistributionPoint = {};

/** Whether a distribution point and the list share a name; a list without names serves every point. */
function isPointOf(point: DistributionPoint, crl: Crl, certificate: Certificate): boolean {
  if (!crl.scope.names) return true;
  const issuerName: GeneralName = { kind: 'directory', name: certificate.issuer };
  const wanted = point.names ? absoluteNames(point.names, certificate.issuer) : [issuerName];
  const offered = absoluteNames(crl.scope.names, crl.issuer);
  return wanted.some((a) => offered.some((b) => generalNameKey(a) === generalNameKey(b)));
}

function generalNameKey(name: GeneralName): string {
  switch (name.kind) {
    case 'directory':
      return `directory ${name.name.key}`;
    case 'email':
    case 'dns':
    case 'uri':
      return `${name.kind} ${name.text}`;
    case 'other':
      return `other ${name.type} ${Buffer.from(name.value).toString('hex')}`;
    case 'unsupported':
      return `${name.tag} ${Buffer.from(name.value).toString('hex')}`;
  }
}
