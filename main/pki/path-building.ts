import { oids, toText } from '../asn1/index.ts';
import { isSameCertificate, type Certificate } from './certificate.ts';
import { isInForce, type Clock } from './clock.ts';
import { extension } from './extensions.ts';

/** From the trust anchor to the target. */
export type Path = readonly [anchor: Certificate, ...rest: Certificate[]];

/** The longest path that is judged, in certificates, including both ends. */
export const maximumPathLength = 16;
/** Limits the search if many certificates share names and lead to no path. */
const maximumSteps = 4096;

/** Whether the issuer signed this certificate and may issue certificates. */
export type HasIssued = (certificate: Certificate, issuer: Certificate, isAnchor: boolean) => boolean;

/** For each certificate issued below a trust anchor, by SHA-256: its issuers, all of them below an anchor too. */
export type IssuedCertificates = ReadonlyMap<string, readonly Issuer[]>;

interface Issuer {
  readonly certificate: Certificate;
  readonly isAnchor: boolean;
}

/**
 * Finds the certificates that the trust anchors issued, directly or through CAs. The search starts at the anchors, and
 * only calls `hasIssued` for a certificate that names a CA below an anchor as its issuer. Certificates that an
 * attacker makes and signs cost one call for each anchor they name, and are never examined.
 */
export function issuedCertificates(
  trustAnchors: readonly Certificate[],
  candidates: readonly Certificate[],
  hasIssued: HasIssued,
): IssuedCertificates {
  const different = new Map(candidates.map((candidate) => [candidate.sha256, candidate]));
  const byIssuer = Map.groupBy(different.values(), ({ issuer }) => issuer.key);
  const issuers = new Map<string, Issuer[]>();
  const queue: Issuer[] = trustAnchors.map((certificate) => ({ certificate, isAnchor: true }));
  for (const issuer of queue) {
    for (const certificate of byIssuer.get(issuer.certificate.subject.key) ?? []) {
      if (isSameCertificate(certificate, issuer.certificate)) continue;
      if (!hasIssued(certificate, issuer.certificate, issuer.isAnchor)) continue;
      const known = issuers.get(certificate.sha256);
      if (known) known.push(issuer);
      else {
        issuers.set(certificate.sha256, [issuer]);
        queue.push({ certificate, isAnchor: false });
      }
    }
  }
  return issuers;
}

/**
 * Yields paths from a trust anchor to the target, likeliest first: through issuers that are in force, have the key
 * identifier that the certificate names, and started last. The order of `issued` does not matter. No path contains a
 * CA twice, by name and key. The search is bounded.
 */
export function* candidatePaths(
  target: Certificate,
  trustAnchors: readonly Certificate[],
  issued: IssuedCertificates,
  clock: Clock,
): Generator<Path> {
  if (trustAnchors.some((anchor) => isSameCertificate(anchor, target))) yield [target];
  const bounds = { steps: maximumSteps };
  yield* extend([target], trustAnchors, issued, clock, bounds);
}

function* extend(
  path: readonly [Certificate, ...Certificate[]],
  trustAnchors: readonly Certificate[],
  issued: IssuedCertificates,
  clock: Clock,
  bounds: { steps: number },
): Generator<Path> {
  if (path.length >= maximumPathLength) return;
  const issuers = (issued.get(path[0].sha256) ?? []).filter(
    ({ certificate, isAnchor }) =>
      (!isAnchor || trustAnchors.some((anchor) => isSameCertificate(anchor, certificate))) &&
      !path.some((member) => caKey(member) === caKey(certificate)),
  );
  for (const { certificate, isAnchor } of bestFirst(issuers, path[0], clock)) {
    if (isAnchor) yield [certificate, ...path];
    else {
      if (--bounds.steps < 0) return;
      yield* extend([certificate, ...path], trustAnchors, issued, clock, bounds);
    }
  }
}

/** Issuers in the order to try them. Of several renewals of a CA, keeps those in force, or else the last. */
function bestFirst(issuers: readonly Issuer[], certificate: Certificate, clock: Clock): readonly Issuer[] {
  if (issuers.length < 2) return issuers;
  const wanted = extension(certificate, oids.authorityKeyIdentifier);
  const rank = ({ certificate: issuer, isAnchor }: Issuer): readonly number[] => {
    const offered = extension(issuer, oids.subjectKeyIdentifier);
    const isWanted = wanted.ok && offered.ok && wanted.value !== undefined && wanted.value === offered.value;
    const order = [isInForce(issuer, clock), isWanted, isAnchor].map(Number);
    return [...order, issuer.notBefore.getTime(), issuer.notAfter.getTime()];
  };
  const ranked = issuers.map((issuer) => ({ issuer, rank: rank(issuer) }));
  ranked.sort((a, b) => {
    const differing = a.rank.findIndex((value, index) => value !== b.rank[index]);
    if (differing >= 0) return (b.rank[differing] ?? 0) - (a.rank[differing] ?? 0);
    return a.issuer.certificate.sha256 < b.issuer.certificate.sha256 ? -1 : 1;
  });
  const seen = new Set<string>();
  return ranked
    .map(({ issuer }) => issuer)
    .filter((issuer) => {
      const key = `${issuer.isAnchor} ${caKey(issuer.certificate)}`;
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst || isInForce(issuer.certificate, clock);
    });
}

const caKeys = new WeakMap<Certificate, string>();

/** Equal for certificates of one CA: same name and same key. */
function caKey(certificate: Certificate): string {
  let key = caKeys.get(certificate);
  if (key === undefined) {
    key = `${certificate.subject.key}\u0000${toText(certificate.publicKey.spki, 'latin1')}`;
    caKeys.set(certificate, key);
  }
  return key;
}

/**
 * A chain of names from a trust anchor to the target, if there is one, whatever its signatures. Explains what is wrong
 * when there is no path. Ends at the first anchor, takes the likeliest of CAs with one name, and examines no CA twice.
 */
export function pathByNames(
  target: Certificate,
  trustAnchors: readonly Certificate[],
  intermediates: readonly Certificate[],
  clock: Clock,
): Path | undefined {
  const bySubject = Map.groupBy(intermediates, ({ subject }) => subject.key);
  const seen = new Set([caKey(target)]);
  const search = (path: readonly [Certificate, ...Certificate[]]): Path | undefined => {
    const { issuer } = path[0];
    const anchor = trustAnchors.find((one) => one.subject.key === issuer.key && !seen.has(caKey(one)));
    if (anchor) return [anchor, ...path];
    const named = (bySubject.get(issuer.key) ?? []).map((certificate) => ({ certificate, isAnchor: false }));
    for (const { certificate } of bestFirst(named, path[0], clock)) {
      if (seen.has(caKey(certificate))) continue;
      seen.add(caKey(certificate));
      const found = search([certificate, ...path]);
      if (found) return found;
    }
    return undefined;
  };
  return search([target]);
}
