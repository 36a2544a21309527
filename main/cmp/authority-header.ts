import { decode, oids, tags } from '../asn1/index.ts';
import { nameToText, type Certificate, type Clock } from '../pki/index.ts';
import { denied, granted, type Judged, type Requester } from './authority-requester.ts';
import type { Body } from './body.ts';
import { cmp2000, cmp2021, hexOf, infoOf, isNullDn, type Header } from './header.ts';
import type { Journal, JournalTransaction } from './ports.ts';

/** The length of a transactionID and of a nonce, in bytes (RFC 9483 section 3.1). */
export const nonceOctets = 16;

/** How far the clocks may be apart, in milliseconds. */
const clockTolerance = 5 * 60_000;

/** A message of this type starts a transaction of this type. All other messages continue one. */
export type FirstType = JournalTransaction['type'];

/** Whether a message begins a transaction. */
export function isFirst(type: Body['type']): type is FirstType {
  return ['ir', 'cr', 'p10cr', 'kur', 'rr', 'genm'].includes(type);
}

/** Judges what can be judged of a header before its protection. It costs nothing. */
export function checkHeader(
  header: Header,
  type: Body['type'],
  authorities: readonly Certificate[],
  clock: Clock,
): Judged<void> {
  const { pvno, transactionId, senderNonce, messageTime, recipient } = header;
  if (pvno !== cmp2000 && pvno !== cmp2021)
    return denied('unsupportedVersion', 'The version must be 2 (cmp2000) or 3 (cmp2021).');
  if (!transactionId)
    return denied(type === 'certConf' ? 'badRequest' : 'badDataFormat', 'The message has no transactionID.');
  if (transactionId.length !== nonceOctets)
    return denied('badRequest', 'The transactionID must have 16 bytes.');
  if (senderNonce?.length !== nonceOctets)
    return denied('badSenderNonce', 'The senderNonce must have 16 bytes.');
  const { now, isExact } = clock;
  if (isExact && messageTime && Math.abs(messageTime.getTime() - now.getTime()) > clockTolerance) {
    const found = messageTime.toISOString();
    return denied('badTime', `The messageTime is ${found}, and it is ${now.toISOString()} here.`);
  }
  const isOurs = authorities.some(({ subject }) => subject.key === recipient.name?.key);
  if (!isOurs && !isNullDn(recipient)) {
    const [own] = authorities;
    const found = recipient.name ? nameToText(recipient.name) : 'not a directory name';
    return denied(
      'wrongAuthority',
      `The recipient is ${found}. This is ${own ? nameToText(own.subject) : 'another'}.`,
    );
  }
  const implicit = infoOf(header, oids.implicitConfirmInfo);
  const waitTime = infoOf(header, oids.confirmWaitTimeInfo);
  if (implicit && (implicit.value?.[0] !== tags.null || waitTime))
    return denied('badRequest', 'implicitConfirm must be NULL, without confirmWaitTime.');
  const isTime =
    waitTime?.value && decode(waitTime.value, (reader) => reader.element(tags.generalizedTime)).ok;
  if (waitTime && isTime !== true)
    return denied('badDataFormat', 'confirmWaitTime must be a GeneralizedTime.');
  return granted(undefined);
}

/**
 * Judges whether a message fits the transaction that it names: a first message starts a new one, another one
 * continues one of the same requester, and repeats the last nonce.
 */
export function checkTransaction(
  { transactionId, senderNonce, recipNonce }: Header,
  type: Body['type'],
  requester: Requester | undefined,
  journal: Journal,
): Judged<JournalTransaction | undefined> {
  const open = journal.transaction(hexOf(transactionId));
  if (isFirst(type)) {
    if (recipNonce) return denied('badRecipientNonce', 'A first message has no recipNonce.');
    return open
      ? denied('transactionIdInUse', 'The transactionID has been used before.')
      : granted(undefined);
  }
  if (!open) return denied('badRequest', 'No transaction with this transactionID waits for this message.');
  if (!requester) return denied('badMessageCheck', 'The message has no protection.');
  if (requester.kind === 'certificate' && requester.certificate.sha256 === open.certificate)
    return denied('wrongAuthority', 'The new certificate cannot sign before it is confirmed.');
  const isMac = (protection: string) => !protection.startsWith('signature:');
  if (isMac(requester.protection) !== isMac(open.protection))
    return denied('wrongIntegrity', 'Every message of a transaction must have the same kind of protection.');
  if (requester.holder !== open.holder || requester.protection !== open.protection)
    return denied(
      'badMessageCheck',
      'Someone else started this transaction, or started it with another protection.',
    );
  if (hexOf(recipNonce) !== open.nonce)
    return denied('badRecipientNonce', 'The recipNonce is not the nonce of the last answer.');
  if (hexOf(senderNonce) === open.peerNonce)
    return denied('badSenderNonce', 'The senderNonce has been used before.');
  return granted(open);
}
