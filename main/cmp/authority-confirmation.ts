import type { Certificate } from '../pki/index.ts';
import { refused, unknownTransaction, type Answer } from './authority-answer.ts';
import type { FirstType } from './authority-header.ts';
import { rejectedReason } from './authority-binding.ts';
import { denied, granted, type Judged } from './authority-requester.ts';
import { contents, type CertStatus } from './body.ts';
import { isCertHash } from './cert-hash.ts';
import { cmp2021, type Header } from './header.ts';
import type { Journal, JournalTransaction } from './ports.ts';
import { accepted, pkiStatus } from './status.ts';

/** Answers a certConf (RFC 9810 section 5.3.18). A certificate that its holder rejects is revoked. */
export function answerConfirmation(
  header: Header,
  statuses: readonly CertStatus[],
  open: JournalTransaction,
  { journal, now }: { readonly journal: Journal; readonly now: () => Date },
): Answer {
  const issued = open.certificate === undefined ? undefined : journal.certificate(open.certificate);
  if (open.state === 'confirmed')
    return refused('error', { reason: 'certConfirmed', text: 'The certificate is confirmed already.' });
  if (open.state !== 'issued' || !issued) return unknownTransaction;
  const [status, ...others] = statuses;
  // No status at all rejects everything (RFC 9810 section 5.3.18).
  const good = status
    ? checkStatus(header, status, others, issued.certificate, open.type)
    : granted(undefined);
  if (!good.ok) return refused('error', good.refusal);
  const body = { type: 'pkiconf', content: contents.pkiconf } as const;
  const { certificate } = open;
  const isRejected = !status || (status.statusInfo ?? accepted).status === pkiStatus.rejection;
  if (!isRejected && issued.revoked)
    return refused('error', { reason: 'certRevoked', text: 'The certificate has been revoked meanwhile.' });
  if (!isRejected)
    return { body, entry: { state: 'confirmed', ...(certificate !== undefined && { certificate }) } };
  return {
    body,
    entry: {
      state: 'rejected',
      ...(certificate !== undefined && { certificate }),
      ...(!issued.revoked && {
        revoked: { certificate: issued.certificate.sha256, at: now(), reason: rejectedReason },
      }),
      refused: 'certificate-rejected',
    },
  };
}

/** Judges the one status of a certConf. A PKCS#10 request may be confirmed with -1 or 0: peers differ. */
function checkStatus(
  { pvno }: Header,
  { certReqId, certHash, hashAlgorithm, statusInfo }: CertStatus,
  others: readonly CertStatus[],
  certificate: Certificate,
  type: FirstType,
): Judged<void> {
  const isId = certReqId === 0 || (type === 'p10cr' && certReqId === -1);
  if (others.length > 0 || !isId)
    return denied('badRequest', 'A certConf has one status, for the certReqId 0.');
  const isAccepted = !statusInfo || statusInfo.status !== pkiStatus.rejection;
  if (isAccepted && statusInfo?.failInfo)
    return denied('badRequest', 'An accepted certificate comes with no failInfo.');
  if (hashAlgorithm === 'unsupported')
    return denied('badAlg', 'The digest is not SHA-256, SHA-384 or SHA-512.');
  if (hashAlgorithm && pvno !== cmp2021)
    return denied('badRequest', 'Only cmp2021 names the digest of the certificate.');
  return isCertHash(certificate, certHash, hashAlgorithm)
    ? granted(undefined)
    : denied('badCertId', 'The digest is not that of the certificate that was issued.');
}
