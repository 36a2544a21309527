import { oids } from '../asn1/index.ts';
import { fault, ok, prependWhere, refused, type Fault, type Result } from '../faults/index.ts';
import { isSameCertificate, isSelfIssued, type Certificate } from './certificate.ts';
import { isInForce, toSeconds, type Clock } from './clock.ts';
import type { Crl } from './crl.ts';
import { allowsKeyUsage, extension, type NameConstraints } from './extensions.ts';
import { checkNameConstraints } from './name-constraints.ts';
import { nameToText, type Name } from './name.ts';
import {
  candidatePaths,
  issuedCertificates,
  maximumPathLength,
  pathByNames,
  type HasIssued,
  type IssuedCertificates,
  type Path,
} from './path-building.ts';
import { pathRules, PathWork } from './path-work.ts';
import { describeKey, isStrongKey } from './public-key.ts';
import { checkRevocation, hasSigned, type RevocationFaultCode } from './revocation.ts';
import { keyLack } from './runtime.ts';
import { verifySignature } from './signature-algorithm.ts';

/** What path validation is asked (RFC 5280 section 6.1.1). */
export interface PathQuestion {
  readonly target: Certificate;
  /** Believed as they are; their dates and constraints hold as well. */
  readonly trustAnchors: readonly Certificate[];
  /** Certificates that a path may lead through; none is believed. */
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** CRLs that can revoke a certificate and do nothing else: their silence and their faults do not count. */
  readonly revokingCrls?: readonly Crl[];
  /** Refuse when there is no CRL for a certificate; else a certificate whose issuer has no CRL here passes. */
  readonly requireCrl: boolean;
  /** A CRL that has ended still revokes what it names, and says nothing of the rest. Else it is a fault. */
  readonly allowsEndedCrls?: boolean;
  /** A CRL that its issuer did not sign is passed over. Else it is a fault. */
  readonly ignoresForeignCrls?: boolean;
  readonly clock: Clock;
  /** An extended key usage that the target must name and that no CA above it excludes. */
  readonly purpose?: string;
}

/** What can be wrong with a certificate's dates. */
export type DateFaultCode = 'certificate-expired' | 'certificate-not-yet-valid';
/** What can be wrong with a path. */
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

/** What CRLs said of the certificates below the anchor, where none of them is at fault. */
export type RevocationChecked = 'checked' | 'list-ended' | 'not-given';

/** The best path that was found, and all that is wrong with it. It is valid exactly when nothing is. */
export interface PathJudgement {
  /** Undefined when no path leads from a trust anchor to the target. */
  readonly path: Path | undefined;
  readonly faults: readonly Fault<PathFaultCode>[];
  /** The weakest answer for any certificate below the anchor. */
  readonly revocation: RevocationChecked;
  /** The place in the path of the first certificate that is revoked. */
  readonly revokedAt?: number;
  /** What the whole question took. */
  readonly work: PathWork;
}

/** Validates the target; refuses with the first fault of the path that came nearest. */
export function validateCertificate(question: PathQuestion): Result<Path, PathFaultCode> {
  const { path, faults } = judgePath(question);
  const [first] = faults;
  if (first) return refused(first);
  if (!path) throw new Error('A judgement without a path has a fault');
  return ok(path);
}

/**
 * Tries the candidate paths and returns the first that is valid (RFC 5280 section 6.1). When none is, returns the one
 * that came nearest: a path that is only out of date, or only revoked, before one that cannot be trusted at all.
 * Nothing is judged below a signature that does not hold or a CA that must not issue, and the work is bounded.
 */
export function judgePath(question: PathQuestion): PathJudgement {
  const { target, trustAnchors, intermediates } = question;
  const work = new PathWork();
  const hasIssued: HasIssued = (certificate, issuer, isAnchor) =>
    checkIssuer(issuer, isAnchor).length === 0 &&
    isStrongKey(issuer.publicKey) &&
    work.spend('signatures') &&
    checkSignature(certificate, issuer).length === 0;
  const issued = issuedCertificates(trustAnchors, [...intermediates, target], hasIssued);
  const course: Course = { issued, work, crlSigners: [] };
  const best = bestPath(question, course) ?? explain(question, course);
  if (work.exceeded === undefined || best.faults.length === 0) return best;
  if (best.faults.some(({ code }) => code === 'path-too-complex')) return best;
  const [because] = best.faults;
  const tooComplex = fault('path-too-complex', {
    rule: pathRules[work.exceeded],
    where: { certificate: nameToText(target.subject) },
    ...(because && { because }),
  });
  return { ...best, faults: [tooComplex, ...best.faults] };
}

/** How a judgement was come to. */
interface Course {
  readonly issued: IssuedCertificates;
  readonly work: PathWork;
  /** The certificates whose own validation has led here: a list cannot vouch for its own signer. */
  readonly crlSigners: readonly Certificate[];
}

const dateFaults: ReadonlySet<string> = new Set<DateFaultCode>([
  'certificate-expired',
  'certificate-not-yet-valid',
]);
const revocationFaults: ReadonlySet<string> = new Set<RevocationFaultCode>([
  'certificate-revoked',
  'crl-missing',
  'crl-unusable',
]);

/** Whether a fault is one of dates: the certificate is not valid yet, or not any more. */
export function isDateFault(fault: Fault): fault is Fault<DateFaultCode> {
  return dateFaults.has(fault.code);
}

/** Whether a fault is one of revocation: the certificate is revoked, or no CRL could be found that clears it. */
export function isRevocationFault(fault: Fault): fault is Fault<RevocationFaultCode> {
  return revocationFaults.has(fault.code);
}

/** Whether a fault leaves it true that the certificates above have issued this one. */
function isLesserFault(fault: Fault): boolean {
  return isDateFault(fault) || isRevocationFault(fault) || fault.code === 'extended-key-usage-insufficient';
}

function distance({ faults }: PathJudgement): number {
  return faults.reduce((sum, one) => sum + (isDateFault(one) || isRevocationFault(one) ? 1 : 100), 0);
}

/** The first valid path, or else the one that came nearest; undefined when no path leads to the target. */
function bestPath(question: PathQuestion, course: Course): PathJudgement | undefined {
  const { target, trustAnchors, clock } = question;
  let best: PathJudgement | undefined;
  for (const path of candidatePaths(target, trustAnchors, course.issued, clock)) {
    if (!course.work.spend('paths')) break;
    const judgement = judgeOne(path, question, course);
    if (judgement.faults.length === 0) return judgement;
    if (!best || distance(judgement) < distance(best)) best = judgement;
  }
  return best;
}

/** Why no path leads to the target: where the signatures along the names break off, or whose issuer is not there. */
function explain(question: PathQuestion, course: Course): PathJudgement {
  const { target, trustAnchors, intermediates, clock } = question;
  const path = pathByNames(target, trustAnchors, intermediates, clock);
  const none = (reason: Fault<PathFaultCode>): PathJudgement => ({
    path: undefined,
    faults: [reason],
    revocation: 'not-given',
    work: course.work,
  });
  if (!path) return none(issuerUnknown(question));
  if (path.length > maximumPathLength) {
    const where = { certificate: nameToText(target.subject) };
    return none(fault('path-too-complex', { rule: 'path-certificates', found: String(path.length), where }));
  }
  const judgement = judgeOne(path, question, course);
  return judgement.faults.length > 0 ? judgement : none(issuerUnknown(question));
}

/** Names the issuer at which the search ended: the top of the chain that the intermediates make. */
function issuerUnknown({ target, intermediates }: PathQuestion): Fault<'issuer-unknown'> {
  const seen = new Set<Certificate>();
  let top = target;
  for (let next: Certificate | undefined = target; next && !seen.has(next);) {
    seen.add(next);
    top = next;
    const issuer: Name = next.issuer;
    next = intermediates.find((candidate) => candidate.subject.key === issuer.key && !seen.has(candidate));
  }
  return fault('issuer-unknown', {
    found: nameToText(top.issuer),
    where: { certificate: nameToText(top.subject) },
  });
}

/**
 * The loop of RFC 5280 section 6.1 over one path; the anchor is its certificate number 0. It ends at the first certificate
 * that cannot be trusted: what hangs from it may be anyone's making.
 */
function judgeOne(path: Path, question: PathQuestion, course: Course): PathJudgement {
  const faults: Fault<PathFaultCode>[] = [];
  const constraints: NameConstraints[] = [];
  let pathLengthLeft = Infinity;
  let revocation: RevocationChecked = 'checked';
  let revokedAt: number | undefined;
  for (const [index, certificate] of path.entries()) {
    const isTarget = index === path.length - 1;
    const note = (...found: readonly Fault<PathFaultCode>[]) => {
      if (found.length === 0) return;
      const where = { certificate: nameToText(certificate.subject) };
      faults.push(...found.map((one) => prependWhere(one, where)));
    };
    const issuer = path[index - 1];
    if (issuer) {
      note(...checkSignature(certificate, issuer));
      if (!faults.every(isLesserFault)) break;
      const status = checkRevocation(certificate, question, (crl) =>
        isSignedByIssuer(crl, issuer, path[0], question, course),
      );
      if (status.kind === 'fault') note(status.fault);
      else revocation = weaker(revocation, status.kind);
      if (status.kind === 'fault' && status.fault.code === 'certificate-revoked') revokedAt ??= index;
      if (status.kind === 'not-given' && question.requireCrl) {
        note(fault('crl-missing', { found: nameToText(certificate.issuer) }));
      }
    }
    note(
      ...checkDates(certificate, question.clock),
      ...checkKey(certificate),
      ...checkExtensions(certificate),
    );
    note(...checkPurpose(certificate, question.purpose, isTarget));
    if (isTarget || !isSelfIssued(certificate)) {
      const names = checkNameConstraints(certificate, constraints, course.work);
      if (!names.ok) note(names.fault);
    }
    if (isTarget) break;
    // Preparation for the next certificate (section 6.1.4). The anchor's own pathLenConstraint counts what follows it.
    note(...checkIssuer(certificate, index === 0));
    if (index > 0 && !isSelfIssued(certificate) && --pathLengthLeft < 0) note(fault('path-length-exceeded'));
    if (!faults.every(isLesserFault)) break;
    const basic = extension(certificate, oids.basicConstraints);
    if (basic.ok) pathLengthLeft = Math.min(pathLengthLeft, basic.value?.pathLength ?? Infinity);
    const named = extension(certificate, oids.nameConstraints);
    if (named.ok && named.value) constraints.push(named.value);
  }
  return { path, faults, revocation, ...(revokedAt !== undefined && { revokedAt }), work: course.work };
}

const strengths: readonly RevocationChecked[] = ['not-given', 'list-ended', 'checked'];

function weaker(a: RevocationChecked, b: RevocationChecked): RevocationChecked {
  return strengths.indexOf(a) < strengths.indexOf(b) ? a : b;
}

const verified = new WeakMap<Certificate, Map<Certificate, boolean>>();

/** Whether the certificate's signature verifies with the issuer's key; remembered, as paths share their upper ends. */
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

function checkSignature(certificate: Certificate, issuer: Certificate): readonly Fault<PathFaultCode>[] {
  const algorithm = certificate.signatureAlgorithm;
  if (algorithm.kind === 'weak') return [fault('algorithm-weak', { found: algorithm.name })];
  if (algorithm.kind === 'unsupported') return [fault('algorithm-unsupported', { found: algorithm.name })];
  if (isSignedBy(certificate, issuer)) return [];
  return [keyLack(issuer.publicKey) ?? fault('signature-invalid')];
}

function checkKey({ publicKey }: Certificate): readonly Fault<PathFaultCode>[] {
  if (isStrongKey(publicKey)) return [];
  return [fault('key-weak', { found: describeKey(publicKey) })];
}

function checkDates(certificate: Certificate, clock: Clock): readonly Fault<PathFaultCode>[] {
  if (isInForce(certificate, clock)) return [];
  const { notBefore, notAfter } = certificate;
  const found = toSeconds(clock.now);
  return clock.now > notAfter
    ? [fault('certificate-expired', { expected: toSeconds(notAfter), found })]
    : [fault('certificate-not-yet-valid', { expected: toSeconds(notBefore), found })];
}

/** Extensions that are looked at somewhere in this folder, and so may be critical. */
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
/** Certificate policies are not processed: where they are critical the path is refused, elsewhere they only inform. */
const policies: ReadonlySet<string> = new Set([
  oids.certificatePolicies,
  oids.policyMappings,
  oids.policyConstraints,
  oids.inhibitAnyPolicy,
]);

function checkExtensions(certificate: Certificate): readonly Fault<PathFaultCode>[] {
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

/** A CA says that it is one (section 6.1.4 (k)) and may sign certificates (n); a version 1 anchor can say neither. */
function checkIssuer(certificate: Certificate, isAnchor: boolean): readonly Fault<PathFaultCode>[] {
  const basic = extension(certificate, oids.basicConstraints);
  const isOldAnchor = isAnchor && certificate.version === 1;
  if (!isOldAnchor && !(basic.ok && basic.value?.isCa)) return [fault('not-a-ca')];
  return allowsKeyUsage(certificate, 'keyCertSign')
    ? []
    : [fault('key-usage-insufficient', { expected: 'keyCertSign' })];
}

/** The target must name the purpose itself; a CA that lists purposes must list it, or any. */
function checkPurpose(
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

/**
 * Whether a CRL is signed by its issuer: the one in the path, or another certificate of the same name with a valid path
 * to the same trust anchor (section 6.3.3 (f)). Of the other more than the name is asked: it says that it signs CRLs.
 */
function isSignedByIssuer(
  crl: Crl,
  issuer: Certificate,
  anchor: Certificate,
  question: PathQuestion,
  course: Course,
): boolean {
  const { issued, work, crlSigners } = course;
  if (work.spend('signatures') && hasSigned(issuer, crl)) return true;
  const { purpose: _, ...rest } = question;
  return question.intermediates.some((candidate) => {
    if (candidate.subject.key !== crl.issuer.key || !candidate.extensions.has(oids.keyUsage)) return false;
    if (!issued.has(candidate.sha256) || !work.spend('signatures') || !hasSigned(candidate, crl))
      return false;
    if (crlSigners.length >= 4 || crlSigners.some((signer) => isSameCertificate(signer, candidate)))
      return false;
    const signer = { ...rest, target: candidate, trustAnchors: [anchor] };
    return bestPath(signer, { issued, work, crlSigners: [...crlSigners, candidate] })?.faults.length === 0;
  });
}
