import type { KeyObject } from 'node:crypto';
import type { Configuration } from '../bundle/index.ts';
import { ok, type Fault, type Result } from '../faults/index.ts';
import type { Signer } from '../keys/index.ts';
import type { Certificate, PublicKey } from '../pki/index.ts';
import type { EnbKeys } from './enb-keys.ts';
import type { Attempt, StoredCertificate } from './enb-state.ts';

/** What protects the requests for a certificate. The owner of a secret wipes it. */
export type EnrolmentCredentials =
  | { readonly kind: 'mac'; readonly reference: Uint8Array; readonly secret: Uint8Array }
  | { readonly kind: 'signature'; readonly signer: Signer };

/** A certificate to ask for: the first one (ir), or one that replaces the certificate of the credentials (kur). */
export interface CertificateOrder {
  readonly kind: 'ir' | 'kur';
  readonly enrolment: Configuration['enrolment'];
  /** The operator roots that the bundle brought: the only trust anchors. */
  readonly roots: readonly Certificate[];
  readonly credentials: EnrolmentCredentials;
  readonly key: KeyObject;
}

/** A certificate that an RA/CA has issued and that the client has verified. */
export interface IssuedCertificate {
  readonly certificate: Certificate;
  /** Up to the operator root, which is the last. */
  readonly chain: readonly Certificate[];
  /** JSON that the confirmation needs. Absent if the certificate needs no confirmation. */
  readonly pending?: StoredCertificate['pending'];
}

/** The eNB's client to the RA/CA. Both calls can be repeated after a crash, with the same key. */
export interface Enroller {
  request(
    order: CertificateOrder,
    onWaiting: () => void,
    signal: AbortSignal,
  ): Promise<Result<IssuedCertificate>>;
  confirm(
    order: CertificateOrder,
    issued: Pick<IssuedCertificate, 'certificate' | 'pending'>,
    signal: AbortSignal,
  ): Promise<Result<void>>;
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
  readonly issued: StoredCertificate;
}

/** What a request for a certificate uses. */
export interface EnrolmentTools {
  readonly keys: EnbKeys;
  /** The kind of the new key is that of this one. */
  readonly keyLike: PublicKey;
  readonly enroller: Enroller;
  readonly readCertificate: (base64: string) => Certificate | undefined;
}

/**
 * Gets a certificate for a new key. Continues where an earlier try has stopped: stores the key before it asks, and the
 * certificate before it confirms it.
 */
export async function obtainCertificate(
  terms: Omit<CertificateOrder, 'key'>,
  { keys, keyLike, enroller, readCertificate }: EnrolmentTools,
  progress: EnrolmentProgress,
  signal: AbortSignal,
): Promise<Result<ObtainedCertificate>> {
  const { id, key } = await keyOf(progress.attempt, keys, keyLike);
  const order = { ...terms, key };
  let issued = progress.attempt?.key === id ? progress.attempt.issued : undefined;
  if (!issued) {
    progress.save('requested', { key: id });
    const onWaiting = () => progress.save('waiting', { key: id });
    const answer = await enroller.request(order, onWaiting, signal);
    if (!answer.ok) return answer;
    issued = write(answer.value);
    progress.save('issued', { key: id, issued });
  }
  const certificate = readCertificate(issued.certificate);
  if (issued.pending !== undefined && certificate) {
    progress.save('confirming', { key: id, issued });
    const confirmed = await enroller.confirm(order, { certificate, pending: issued.pending }, signal);
    if (!confirmed.ok) {
      // The next try asks for the certificate again, with the same key.
      if (isFinal(confirmed.fault)) progress.save('confirming', { key: id });
      return confirmed;
    }
  }
  return ok({ key: id, issued });
}

/** The stored key of an earlier try, or a new one. */
async function keyOf(attempt: Attempt | undefined, keys: EnbKeys, like: PublicKey) {
  const stored = attempt && keys.read(attempt.key);
  return attempt && stored?.ok ? { id: attempt.key, key: stored.value } : keys.make(like);
}

function write({ certificate, chain, pending }: IssuedCertificate): StoredCertificate {
  return {
    certificate: toBase64(certificate),
    chain: chain.map(toBase64),
    ...(pending !== undefined && { pending }),
  };
}

function toBase64({ der }: Certificate): string {
  return Buffer.from(der).toString('base64');
}

/** Whether the RA/CA itself has refused the confirmation. A lost answer proves nothing. */
function isFinal({ code }: Fault): boolean {
  return code === 'cmp-refused';
}
