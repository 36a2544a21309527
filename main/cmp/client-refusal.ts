import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { statusesOf, textsOf, type Body, type BodyType } from './body.ts';
import type { ExchangeFaultCode } from './exchange.ts';
import { failureInfo } from './failure-info.ts';
import { saidIn } from './message.ts';
import { boundElsewhere, pkiStatus } from './status.ts';

/** Why an answer is not believed, or what it refuses. */
export type AnswerFaultCode =
  | 'cmp-malformed'
  | 'cmp-unexpected'
  | 'cmp-unauthentic'
  | 'cmp-algorithm'
  | 'cmp-signer-unfit'
  | 'cmp-refused'
  | 'credential-bound-elsewhere';

/** Why a message has no answer that counts. */
export type TransactionFaultCode = AnswerFaultCode | ExchangeFaultCode;

/** A fault of the protection, with what the answer says: as `cmp-unauthentic`, whose words mark the text as such. */
export function withSaid(proven: Refused<AnswerFaultCode>, said: string): Refused<AnswerFaultCode> {
  const { fault } = proven;
  if (said === '') return proven;
  return fault.code === 'cmp-unauthentic'
    ? { ok: false, fault: { ...fault, found: said } }
    : refuse('cmp-unauthentic', { found: said, because: fault });
}

/** What an answer that HTTP refuses says, if it holds a message: shown, and never acted on. */
export function withText({
  fault,
  ...rest
}: Refused<ExchangeFaultCode> & { readonly answer?: Uint8Array }): Refused<TransactionFaultCode> {
  const said = rest.answer ? saidIn(rest.answer) : '';
  if (said === '') return { ok: false, fault };
  return refuse('cmp-unauthentic', { rule: 'cmp-http-status', found: said, because: fault });
}

/** Whether the RA/CA says no to something. */
export function isRefusal(body: Body): boolean {
  return body.type === 'error' || statusesOf(body).some(({ status }) => status === pkiStatus.rejection);
}

/** Whether a body is what was expected, or asks to wait. An authentic refusal is a fault. */
export function judgeBody(
  body: Body,
  expected: readonly BodyType[],
  mayWait: boolean,
): Result<Body, AnswerFaultCode> {
  const statuses = statusesOf(body);
  if (statuses.some(({ status }) => status === pkiStatus.rejection)) return refusedBy(body);
  const isWaiting = mayWait && body.type === 'error' && statuses[0]?.status === pkiStatus.waiting;
  if (expected.includes(body.type) || isWaiting) return ok(body);
  // An error without a refusal ends the transaction, too.
  return refuse('cmp-unexpected', { rule: 'cmp-body', expected: expected.join(' | '), found: body.type });
}

/** The fault for an authentic refusal: its words, and the rule of its failInfo. */
function refusedBy(body: Body): Refused<AnswerFaultCode> {
  const statuses = statusesOf(body);
  const known = failureInfo.find(([name]) => statuses.some(({ failInfo }) => failInfo?.includes(name)));
  const found = textsOf(body).join('; ').slice(0, 1000);
  const isBound = statuses.some(({ texts }) => texts.some((text) => text.startsWith(boundElsewhere)));
  return refuse(isBound ? boundElsewhere : 'cmp-refused', {
    ...(known && !isBound && { rule: known[1] }),
    ...(found !== '' && { found }),
  });
}
