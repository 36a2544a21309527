import type { Rule } from '../faults/index.ts';

/** The bits of PKIFailureInfo (RFC 9810 section 5.2.3), from bit 0: the standard's name, and the rule that explains it. */
export const failureInfo = [
  ['badAlg', 'cmp-fail-bad-alg'],
  ['badMessageCheck', 'cmp-fail-bad-message-check'],
  ['badRequest', 'cmp-fail-bad-request'],
  ['badTime', 'cmp-fail-bad-time'],
  ['badCertId', 'cmp-fail-bad-cert-id'],
  ['badDataFormat', 'cmp-fail-bad-data-format'],
  ['wrongAuthority', 'cmp-fail-wrong-authority'],
  ['incorrectData', 'cmp-fail-incorrect-data'],
  ['missingTimeStamp', 'cmp-fail-missing-time-stamp'],
  ['badPOP', 'cmp-fail-bad-pop'],
  ['certRevoked', 'cmp-fail-cert-revoked'],
  ['certConfirmed', 'cmp-fail-cert-confirmed'],
  ['wrongIntegrity', 'cmp-fail-wrong-integrity'],
  ['badRecipientNonce', 'cmp-fail-bad-recipient-nonce'],
  ['timeNotAvailable', 'cmp-fail-time-not-available'],
  ['unacceptedPolicy', 'cmp-fail-unaccepted-policy'],
  ['unacceptedExtension', 'cmp-fail-unaccepted-extension'],
  ['addInfoNotAvailable', 'cmp-fail-add-info-not-available'],
  ['badSenderNonce', 'cmp-fail-bad-sender-nonce'],
  ['badCertTemplate', 'cmp-fail-bad-cert-template'],
  ['signerNotTrusted', 'cmp-fail-signer-not-trusted'],
  ['transactionIdInUse', 'cmp-fail-transaction-id-in-use'],
  ['unsupportedVersion', 'cmp-fail-unsupported-version'],
  ['notAuthorized', 'cmp-fail-not-authorized'],
  ['systemUnavail', 'cmp-fail-system-unavail'],
  ['systemFailure', 'cmp-fail-system-failure'],
  ['duplicateCertReq', 'cmp-fail-duplicate-cert-req'],
] as const satisfies readonly (readonly [name: string, Rule])[];

/** The standard's name of a bit of PKIFailureInfo. */
export type FailureName = (typeof failureInfo)[number][0];

/** The rule that explains each bit of PKIFailureInfo, by bit number. */
export const failureRules: readonly Rule[] = failureInfo.map(([, rule]) => rule);
