import { oids } from '../asn1/index.ts';
import { isSameCertificate, type Certificate } from './certificate.ts';
import { extension } from './extensions.ts';

/** From the trust anchor to the target. */
export type Path = readonly [anchor: Certificate, ...rest: Certificate[]];

const maximumLength = 16;
const maximumPaths = 64;
/** Bounds the search itself where many certificates share names and no path comes of them. */
const maximumSteps = 4096;

/**
 * The candidate paths from a trust anchor to the target, by names alone: each certificate's issuer is the subject of
 * the one before. Where several fit, those whose key identifiers match come first. The search is bounded, so that
 * certificates sent by a stranger cannot make it long.
 */
export function* candidatePaths(
  target: Certificate,
  trustAnchors: readonly Certificate[],
  intermediates: readonly Certificate[],
): Generator<Path> {
  const bounds = { paths: 0, steps: 0 };
  if (trustAnchors.some((anchor) => isSameCertificate(anchor, target))) {
    bounds.paths++;
    yield [target];
  }
  yield* extend([target], trustAnchors, intermediates, bounds);
}

function* extend(
  path: readonly [Certificate, ...Certificate[]],
  trustAnchors: readonly Certificate[],
  intermediates: readonly Certificate[],
  bounds: { paths: number; steps: number },
): Generator<Path> {
  if (path.length >= maximumLength) return;
  const [first] = path;
  for (const anchor of issuersOf(first, trustAnchors, path)) {
    if (++bounds.paths > maximumPaths) return;
    yield [anchor, ...path];
  }
  for (const issuer of issuersOf(first, intermediates, path)) {
    if (bounds.paths > maximumPaths || ++bounds.steps > maximumSteps) return;
    yield* extend([issuer, ...path], trustAnchors, intermediates, bounds);
  }
}

function issuersOf(
  certificate: Certificate,
  candidates: readonly Certificate[],
  path: readonly Certificate[],
): readonly Certificate[] {
  const named = candidates.filter(
    (candidate) =>
      candidate.subject.key === certificate.issuer.key &&
      !path.some((member) => isSameCertificate(member, candidate)),
  );
  if (named.length < 2) return named;
  const wanted = extension(certificate, oids.authorityKeyIdentifier);
  const isWanted = (candidate: Certificate): boolean => {
    const offered = extension(candidate, oids.subjectKeyIdentifier);
    return wanted.ok && offered.ok && wanted.value !== undefined && wanted.value === offered.value;
  };
  return [...named.filter(isWanted), ...named.filter((candidate) => !isWanted(candidate))];
}
