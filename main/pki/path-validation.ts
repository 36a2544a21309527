import { oids } from '../asn1/index.ts';
import { fault, ok, prependWhere, refused, type Fault, type Result } from '../faults/index.ts';
import {
  checkDates,
  checkExtensions,
  checkIssuer,
  checkKey,
  checkPurpose,
  checkSignature,
} from './certificate-checks.ts';
import { isSameCertificate, isSelfIssued, type Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import type { Crl } from './crl.ts';
import { extension, type NameConstraints } from './extensions.ts';
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
import { isDateFault, isLesserFault, isRevocationFault, type PathFaultCode } from './path-faults.ts';
import { pathRules, PathWork } from './path-work.ts';
import { isStrongKey } from './public-key.ts';
import { checkRevocation, hasSigned } from './revocation.ts';

/** The input of path validation (RFC 5280 section 6.1.1). */
export interface PathQuestion {
  readonly target: Certificate;
  /** Trusted without proof. Their dates and constraints still apply. */
  readonly trustAnchors: readonly Certificate[];
  /** Untrusted certificates that a path may use. */
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** CRLs that can only revoke: their silence and their faults do not count. */
  readonly revokingCrls?: readonly Crl[];
  /** If true, a certificate without a CRL of its issuer is refused. Otherwise it passes. */
  readonly requireCrl: boolean;
  /** If true, an expired CRL still revokes what it lists, and says nothing about the rest. Otherwise it is a fault. */
  readonly allowsEndedCrls?: boolean;
  /** If true, a CRL that its issuer did not sign is ignored. Otherwise it is a fault. */
  readonly ignoresForeignCrls?: boolean;
  readonly clock: Clock;
  /** An extended key usage that the target must name and no CA above may exclude. */
  readonly purpose?: string;
}

/** What the CRLs showed for the certificates below the anchor, if no CRL is at fault. */
export type RevocationChecked = 'checked' | 'list-ended' | 'not-given';

/** The best path found, and everything wrong with it. The path is valid exactly if there are no faults. */
export interface PathJudgement {
  /** Undefined if no path leads from a trust anchor to the target. */
  readonly path: Path | undefined;
  readonly faults: readonly Fault<PathFaultCode>[];
  /** The weakest result of all certificates below the anchor. */
  readonly revocation: RevocationChecked;
  /** The index in the path of the first revoked certificate. */
  readonly revokedAt?: number;
  /** The cost of the whole question. */
  readonly work: PathWork;
}

/** Validates the target. Refuses with the first fault of the best path. */
export function validateCertificate(question: PathQuestion): Result<Path, PathFaultCode> {
  const { path, faults } = judgePath(question);
  const [first] = faults;
  if (first) return refused(first);
  if (!path) throw new Error('A judgement without a path must have a fault');
  return ok(path);
}

/**
 * Tries candidate paths and returns the first valid one (RFC 5280 section 6.1). Otherwise returns the best one: a path
 * that is only out of date, or only revoked, before one that cannot be trusted at all. Judges nothing below an invalid
 * signature or a CA that must not issue. The work is bounded.
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
  const validation: Validation = { issued, work, crlSigners: [] };
  const best = bestPath(question, validation) ?? explain(question, validation);
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

interface Validation {
  readonly issued: IssuedCertificates;
  readonly work: PathWork;
  /** Signers under validation, so that a CRL cannot vouch for its own signer. */
  readonly crlSigners: readonly Certificate[];
}

function distance({ faults }: PathJudgement): number {
  return faults.reduce((sum, one) => sum + (isDateFault(one) || isRevocationFault(one) ? 1 : 100), 0);
}

/** The first valid path, or else the best one; undefined if no path leads to the target. */
function bestPath(question: PathQuestion, validation: Validation): PathJudgement | undefined {
  const { target, trustAnchors, clock } = question;
  let best: PathJudgement | undefined;
  for (const path of candidatePaths(target, trustAnchors, validation.issued, clock)) {
    if (!validation.work.spend('paths')) break;
    const judgement = judgeOne(path, question, validation);
    if (judgement.faults.length === 0) return judgement;
    if (!best || distance(judgement) < distance(best)) best = judgement;
  }
  return best;
}

/** Why no path leads to the target: the first invalid signature along the chain of names, or a missing issuer. */
function explain(question: PathQuestion, validation: Validation): PathJudgement {
  const { target, trustAnchors, intermediates, clock } = question;
  const path = pathByNames(target, trustAnchors, intermediates, clock);
  const none = (reason: Fault<PathFaultCode>): PathJudgement => ({
    path: undefined,
    faults: [reason],
    revocation: 'not-given',
    work: validation.work,
  });
  if (!path) return none(issuerUnknown(question));
  if (path.length > maximumPathLength) {
    const where = { certificate: nameToText(target.subject) };
    return none(fault('path-too-complex', { rule: 'path-certificates', found: String(path.length), where }));
  }
  const judgement = judgeOne(path, question, validation);
  return judgement.faults.length > 0 ? judgement : none(issuerUnknown(question));
}

/** Names the missing issuer: that of the top of the chain of intermediates. */
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
 * The loop of RFC 5280 section 6.1 over one path, in which the anchor has index 0. Stops at the first certificate that
 * cannot be trusted, because anyone could have made those below it.
 */
function judgeOne(path: Path, question: PathQuestion, validation: Validation): PathJudgement {
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
        isSignedByIssuer(crl, issuer, path[0], question, validation),
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
      const names = checkNameConstraints(certificate, constraints, validation.work);
      if (!names.ok) note(names.fault);
    }
    if (isTarget) break;
    // Prepare for the next certificate (section 6.1.4). The anchor's pathLenConstraint counts the certificates after
    // it.
    note(...checkIssuer(certificate, index === 0));
    if (index > 0 && !isSelfIssued(certificate) && --pathLengthLeft < 0) note(fault('path-length-exceeded'));
    if (!faults.every(isLesserFault)) break;
    const basic = extension(certificate, oids.basicConstraints);
    if (basic.ok) pathLengthLeft = Math.min(pathLengthLeft, basic.value?.pathLength ?? Infinity);
    const named = extension(certificate, oids.nameConstraints);
    if (named.ok && named.value) constraints.push(named.value);
  }
  return { path, faults, revocation, ...(revokedAt !== undefined && { revokedAt }), work: validation.work };
}

const strengths: readonly RevocationChecked[] = ['not-given', 'list-ended', 'checked'];

function weaker(a: RevocationChecked, b: RevocationChecked): RevocationChecked {
  return strengths.indexOf(a) < strengths.indexOf(b) ? a : b;
}

/**
 * Whether its issuer signed a CRL: the issuer in the path, or another certificate of that name with a valid path to
 * the same trust anchor (section 6.3.3 (f)). The other one must also have a keyUsage, with cRLSign.
 */
function isSignedByIssuer(
  crl: Crl,
  issuer: Certificate,
  anchor: Certificate,
  question: PathQuestion,
  validation: Validation,
): boolean {
  const { issued, work, crlSigners } = validation;
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
