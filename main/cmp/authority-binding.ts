import type { GoodRequest } from './authority-request.ts';
import { denied, granted, type Judged, type Requester } from './authority-requester.ts';
import type { Journal, JournalCertificate } from './ports.ts';
import { boundElsewhere } from './status.ts';

/** A certificate that answers a request: one that the holder has already for this key, or a new one. */
export type Grant =
  | { readonly kind: 'again'; readonly certificate: JournalCertificate }
  | { readonly kind: 'new'; readonly replaces?: string; readonly binds: boolean };

/**
 * Whether the holder gets a certificate for this key. For a key that it has a certificate for it gets the same one as long
 * as that is in force. A credential is bound to the key of its first request, and another key is refused: a copy of the
 * secret is worth nothing. A vendor certificate is not bound: its key never leaves the eNB, which may lose the other one. A kur replaces the
 * certificate that signs, by one for one other key. What a confirmed one has replaced never comes back.
 */
export function judgeBinding(
  type: 'ir' | 'cr' | 'p10cr' | 'kur',
  { spkiSha256 }: GoodRequest,
  requester: Requester,
  journal: Journal,
  now: Date,
): Judged<Grant> {
  const { holder, registration } = requester;
  if (requester.kind === 'certificate' && type === 'kur')
    return judgeUpdate(spkiSha256, requester.issued, journal, now);
  if (registration?.isBound === false) return granted({ kind: 'new', binds: false });
  if (requester.kind === 'certificate')
    return denied('notAuthorized', 'The holder of a certificate asks for another one with a kur.');
  // The key may also be one that a renewal has brought.
  const last = journal.newest(holder, spkiSha256);
  if (last && isInForce(last, now)) return granted({ kind: 'again', certificate: last });
  const isCredential = requester.kind === 'credential';
  const bound = isCredential ? journal.boundKey(holder) : undefined;
  const isRenewed = last && journal.isConfirmed(last.certificate.sha256);
  if (bound !== undefined && bound !== spkiSha256 && isRenewed !== true) {
    return denied(
      'notAuthorized',
      `${boundElsewhere}: This credential has been used for another key. Somebody else has it, or the eNB has lost its key. Find out which, and register a new credential.`,
      boundElsewhere,
    );
  }
  if (last?.revoked && last.revoked.reason !== rejectedReason)
    return denied(
      'certRevoked',
      'The certificate for this key is revoked. Ask with a new key, or a new credential.',
    );
  return granted({ kind: 'new', binds: isCredential && bound === undefined });
}

/** Why a certificate that its holder has rejected is revoked: cessationOfOperation (RFC 5280 section 5.3.1). */
export const rejectedReason = 5;

function judgeUpdate(
  spkiSha256: string,
  old: JournalCertificate,
  journal: Journal,
  now: Date,
): Judged<Grant> {
  if (spkiSha256 === old.spkiSha256) return denied('badCertTemplate', 'A renewal needs a new key.');
  const { sha256 } = old.certificate;
  const replacement = journal.replacement(sha256);
  const isConfirmed = replacement && journal.isConfirmed(replacement.certificate.sha256);
  const isUsable = replacement && isInForce(replacement, now);
  if (isConfirmed !== true && isUsable !== true)
    return granted({ kind: 'new', replaces: sha256, binds: false });
  if (isUsable === true && replacement.spkiSha256 === spkiSha256)
    return granted({ kind: 'again', certificate: replacement });
  return isConfirmed
    ? denied('certRevoked', 'The certificate has been renewed already. Renew the newer one.')
    : denied('badRequest', 'Another renewal of this certificate is open. Confirm or reject that one first.');
}

function isInForce({ certificate, revoked }: JournalCertificate, now: Date): boolean {
  return !revoked && now <= certificate.notAfter;
}
