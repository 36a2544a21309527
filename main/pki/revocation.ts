import { oids } from '../asn1/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import { isNewerCrl, type Crl } from './crl.ts';
import { absoluteNames, allowsKeyUsage, extension, type DistributionPoint } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { nameToText } from './name.ts';
import { verifySignature } from './signature-algorithm.ts';

/** Why revocation fails: the certificate is revoked, a list is missing, or the list cannot be used. */
export type RevocationFaultCode = 'certificate-revoked' | 'crl-missing' | 'crl-unusable';

export type RevocationStatus =
  | { readonly kind: 'checked' }
  /** No list of its issuer was given. */
  | { readonly kind: 'not-given' }
  /** Lists of its issuer do not name it, but one of them has expired: they prove nothing more. */
  | { readonly kind: 'list-ended' }
  | { readonly kind: 'fault'; readonly fault: Fault<RevocationFaultCode> };

export interface RevocationQuestion {
  readonly crls: readonly Crl[];
  /** Lists that can only revoke. */
  readonly revokingCrls?: readonly Crl[];
  /** If true, an expired list still revokes what it names but clears nothing. Otherwise it is a fault. */
  readonly allowsEndedCrls?: boolean;
  /** If true, a list that its issuer did not sign is ignored. Otherwise it is a fault. */
  readonly ignoresForeignCrls?: boolean;
  readonly clock: Clock;
}

/** Reasons that a list can be limited to: bits 1 to 8 of ReasonFlags (RFC 5280 section 4.2.1.13). */
const allReasons: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Looks a certificate up in complete CRLs of its issuer (RFC 5280 section 6.3.3). Only the newest list of each scope
 * counts. Together the lists must cover all reasons, be in force, be signed with a key of the issuer that may sign
 * them, and not name the certificate. If lists of the issuer fail these conditions, the result is a fault, never
 * "checked". An older list never replaces a newer one of the issuer that cannot be used: an attacker may have chosen
 * the lists.
 * @param isSignedByIssuer whether the issuer in the path signed a list, or another certificate of the same name that
 * has a valid path to the same trust anchor
 */
export function checkRevocation(
  certificate: Certificate,
  question: RevocationQuestion,
  isSignedByIssuer: (crl: Crl) => boolean,
): RevocationStatus {
  const { clock, allowsEndedCrls = false, ignoresForeignCrls = false } = question;
  const named = question.crls.filter(({ issuer }) => issuer.key === certificate.issuer.key);
  // Before sorting: an attacker's lists have numbers and dates of the attacker's choice.
  const signed = named.filter(isSignedByIssuer);
  const issued = ignoresForeignCrls ? signed : named;
  const newest = newestOfEachSeries(signed.filter(({ unsupported }) => unsupported !== 'delta-crl'));
  const revoking = (question.revokingCrls ?? []).filter(
    (crl) =>
      crl.issuer.key === certificate.issuer.key &&
      !newest.some((known) => known.series === crl.series && !isNewerCrl(crl, known)) &&
      isSignedByIssuer(crl),
  );
  const names = (crl: Crl) =>
    !crl.unsupported &&
    crl.revoked.has(certificate.serialNumber) &&
    coveredReasons(certificate, crl).length > 0;
  const revoked = () => fault('certificate-revoked', crlFacts(certificate));
  if (revoking.some(names)) return { kind: 'fault', fault: revoked() };
  if (issued.length === 0) {
    if (!question.crls.some((crl) => isIndirectCrlFor(crl, certificate))) return { kind: 'not-given' };
    return { kind: 'fault', fault: fault('crl-unusable', crlFacts(certificate, 'indirect-crl')) };
  }
  const missingReasons = new Set(allReasons);
  let problem: Fault<RevocationFaultCode> =
    signed.length < issued.length
      ? fault('crl-unusable', crlFacts(certificate, 'crl-signature'))
      : signed.some(({ unsupported }) => unsupported === 'delta-crl')
        ? fault('crl-unusable', crlFacts(certificate, 'delta-crl'))
        : fault('crl-missing', crlFacts(certificate));
  let hasEnded = false;
  for (const crl of newest) {
    const covered = coveredReasons(certificate, crl);
    if (covered.length === 0) continue;
    const rule = crl.unsupported ?? outOfForce(crl, clock);
    const isEnded = rule === 'crl-expired' && allowsEndedCrls;
    if (rule && !isEnded) {
      problem = fault('crl-unusable', crlFacts(certificate, rule));
      break;
    }
    if (names(crl)) return { kind: 'fault', fault: revoked() };
    hasEnded ||= isEnded;
    for (const reason of covered) missingReasons.delete(reason);
    if (missingReasons.size === 0) return { kind: hasEnded ? 'list-ended' : 'checked' };
  }
  return { kind: 'fault', fault: problem };
}

/** The newest list of each issuer and scope, newest first. */
export function newestOfEachSeries(crls: readonly Crl[]): readonly Crl[] {
  const newest = new Map<string, Crl>();
  for (const crl of crls) {
    const known = newest.get(crl.series);
    if (!known || isNewerCrl(crl, known)) newest.set(crl.series, crl);
  }
  return [...newest.values()].toSorted((a, b) => Number(isNewerCrl(b, a)) - Number(isNewerCrl(a, b)));
}

type CrlRule = NonNullable<Crl['unsupported']> | 'crl-not-yet-valid' | 'crl-expired' | 'crl-signature';

function crlFacts({ subject, issuer }: Certificate, rule?: CrlRule): Omit<Fault, 'code'> {
  const where = { certificate: nameToText(subject) };
  return { where, found: nameToText(issuer), ...(rule && { rule }) };
}

function outOfForce(crl: Crl, clock: Clock): CrlRule | undefined {
  if (clock.isExact && clock.now < crl.thisUpdate) return 'crl-not-yet-valid';
  return !crl.nextUpdate || clock.now > crl.nextUpdate ? 'crl-expired' : undefined;
}

const verified = new WeakMap<Crl, WeakMap<Certificate, boolean>>();

/** Whether the list's signature verifies with the certificate's key, which must be allowed to sign CRLs. Cached. */
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

/** Whether a CRL names this CA as its issuer and is signed with its key. */
export function hasIssuedCrl(ca: Certificate, crl: Crl): boolean {
  return ca.subject.key === crl.issuer.key && hasSigned(ca, crl);
}

/** The reasons that the list covers for this certificate; empty outside its scope (section 6.3.3 (b)). */
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

/** Whether a distribution point of the certificate names the list's issuer as its CRL issuer. */
function isIndirectCrlFor(crl: Crl, certificate: Certificate): boolean {
  const points = extension(certificate, oids.crlDistributionPoints);
  if (!points.ok) return false;
  const issuers = (points.value ?? []).flatMap(({ crlIssuers }) => crlIssuers ?? []);
  return issuers.some((issuer) => issuer.kind === 'directory' && issuer.name.key === crl.issuer.key);
}

const wholeDistributionPoint: DistributionPoint = {};

/** Whether a distribution point and the list share a name. A list without names serves every point. */
function isPointOf(point: DistributionPoint, crl: Crl, certificate: Certificate): boolean {
  if (!crl.scope.names) return true;
  const issuerName: GeneralName = { kind: 'directory', name: certificate.issuer };
  const wanted = point.names ? absoluteNames(point.names, certificate.issuer) : [issuerName];
  const offered = new Set(absoluteNames(crl.scope.names, crl.issuer).map(generalNameKey));
  return wanted.some((name) => offered.has(generalNameKey(name)));
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
