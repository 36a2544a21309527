import type { KeyObject } from 'node:crypto';
import type { Configuration } from '../bundle/index.ts';
import { readIssued, storeIssued, type Credentials, type Issued, type StoredIssued } from '../cmp/index.ts';
import { ok, type Fault, type Result } from '../faults/index.ts';
import { parseCertificate, type Certificate, type Clock, type PublicKey } from '../pki/index.ts';
import type { EnbKeys } from './enb-keys.ts';
import type { RaWay } from './enb-ra-way.ts';
import type { Attempt } from './enb-state.ts';

/** A certificate to ask for: the first one (ir), or one that replaces the certificate of the credentials (kur). */
export interface EnrolmentOrder {
  readonly kind: 'ir' | 'kur';
  readonly enrolment: Configuration['enrolment'];
  /** The operator roots that the bundle brought: the only trust anchors. */
  readonly roots: readonly Certificate[];
  readonly credentials: Credentials;
  readonly key: KeyObject;
  readonly way: RaWay;
  /** The eNB's clock. */
  readonly clock: () => Clock;
}

/** The eNB's client to the RA/CA. Both calls can be repeated after a crash, with the same key. */
export interface Enroller {
  request(order: EnrolmentOrder, onWaiting: () => void, signal: AbortSignal): Promise<Result<Issued>>;
  confirm(order: EnrolmentOrder, issued: Issued, signal: AbortSignal): Promise<Result<void>>;
}

/** How far a request for a certificate is, in this order. It only waits while the RA/CA decides. */
export type EnrolmentPhase = 'key' | 'requested' | 'waiting' | 'issued' | 'confirming';

/** Where a request for a certificate is kept, so that it survives a crash at any point. */
export interface EnrolmentProgress {
  /** What an earlier try has stored. */
  readonly attempt: Attempt | undefined;
  /** Stores the phase and what has been reached. Throws once the request must not continue. */
  save(phase: EnrolmentPhase, attempt: Attempt): void;
}

/** A confirmed certificate, with the id of its key. */
export interface ObtainedCertificate {
  readonly key: string;
  readonly issued: StoredIssued;
}

/** What a request for a certificate uses. */
export interface EnrolmentTools {
  readonly keys: EnbKeys;
  /** The kind of the new key is that of this one. */
  readonly keyLike: PublicKey;
  readonly enroller: Enroller;
}

/**
 * Gets a certificate for a new key. Continues where an earlier try has stopped: stores the key before it asks, and the
 * certificate before it confirms it.
 */
export async function obtainCertificate(
  terms: Omit<EnrolmentOrder, 'key'>,
  { keys, keyLike, enroller }: EnrolmentTools,
  progress: EnrolmentProgress,
  signal: AbortSignal,
): Promise<Result<ObtainedCertificate>> {
  const { id, key } = await keyOf(progress.attempt, keys, keyLike);
  const order = { ...terms, key };
  const stored = progress.attempt?.key === id ? progress.attempt.issued : undefined;
  let issued = stored && readIssued(stored);
  if (!issued) {
    progress.save('requested', { key: id });
    const onWaiting = () => progress.save('waiting', { key: id });
    const answer = await enroller.request(order, onWaiting, signal);
    if (!answer.ok) return answer;
    issued = answer.value;
    progress.save('issued', { key: id, issued: storeIssued(issued) });
  }
  if (issued.pending) {
    progress.save('confirming', { key: id, issued: storeIssued(issued) });
    const confirmed = await enroller.confirm(order, issued, signal);
    if (!confirmed.ok) {
      // The next try asks for the certificate again, with the same key.
      if (isFinal(confirmed.fault)) progress.save('confirming', { key: id });
      return confirmed;
    }
  }
  return ok({ key: id, issued: storeIssued(issued) });
}

/** The stored key of an earlier try, or a new one. */
async function keyOf(attempt: Attempt | undefined, keys: EnbKeys, like: PublicKey) {
  const stored = attempt && keys.read(attempt.key);
  return attempt && stored?.ok ? { id: attempt.key, key: stored.value } : keys.make(like);
}

/** The certificates in base64, without those that cannot be read. */
export function certificatesOf(base64: readonly string[]): readonly Certificate[] {
  return base64.flatMap((text) => {
    const certificate = parseCertificate(Buffer.from(text, 'base64'));
    return certificate.ok ? [certificate.value] : [];
  });
}

/** Whether the RA/CA itself has refused the confirmation. A lost answer proves nothing. */
function isFinal({ code }: Fault): boolean {
  return code === 'cmp-refused';
}
