import type { Refusal } from './authority-requester.ts';
import { contents, type BodyType, type OutgoingBody } from './body.ts';
import type { Info } from './header.ts';
import type { JournalEntry, JournalTransaction } from './ports.ts';
import { rejection } from './status.ts';

/** The answer to a message: its body, and what the journal keeps. */
export interface Answer {
  readonly body: OutgoingBody;
  readonly entry?: Omit<JournalEntry, 'transaction'> & {
    readonly state: JournalTransaction['state'];
  } & Partial<Pick<JournalTransaction, 'certificate' | 'request' | 'polls'>>;
  readonly generalInfo?: readonly Info[];
  readonly refusal?: Refusal;
}

/** The body in which a request is refused before it is looked at. */
export function refusalType(type: BodyType): 'error' | 'rp' {
  return type === 'rr' ? 'rp' : 'error';
}

/** A refusal of a whole message, or of the one request in it. */
export function refused(type: 'error' | 'rp' | 'ip' | 'cp' | 'kup', refusal: Refusal, certReqId = 0): Answer {
  const status = rejection(refusal.reason, refusal.text);
  const content =
    type === 'error'
      ? contents.error(status)
      : type === 'rp'
        ? contents.revRep(status)
        : contents.certRep({ certReqId, status });
  return { body: { type, content }, refusal };
}

/** The answer to a message that belongs to no open transaction. */
export const unknownTransaction = refused('error', {
  reason: 'badRequest',
  text: 'No transaction with this transactionID waits for this message.',
});
