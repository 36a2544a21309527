import { refuse, type Result } from '../faults/index.ts';
import { contents, type Body, type BodyType, type OutgoingBody } from './body.ts';
import type { TransactionFaultCode } from './client-refusal.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { Peer } from './peer.ts';
import { pkiStatus } from './status.ts';

/** Why a client does not get what it asks for. */
export type CmpFaultCode = TransactionFaultCode | 'cmp-certificate-unfit' | 'cmp-waiting' | 'key-unfit';

/** Between two polls, in milliseconds, whatever the RA/CA asks for. */
const shortestPause = 1_000;

/** Sends a message, and polls until the RA/CA has decided on it (RFC 9483 section 4.4). */
export async function converse(
  { pause, patience, onPhase, signal }: Peer,
  transaction: ClientTransaction,
  body: OutgoingBody,
  expected: BodyType,
  options?: { readonly needs2021: boolean },
): Promise<Result<Body, CmpFaultCode>> {
  const sent = await transaction.send(body, [expected], options);
  const id = sent.ok ? waitingFor(sent.value) : undefined;
  if (id === undefined) return sent;
  if (expected !== 'pkiconf') onPhase?.('waiting');
  const start = performance.now();
  for (let waited = 0; ;) {
    const content = contents.pollReq(id);
    const answer = await transaction.send({ type: 'pollReq', content }, ['pollRep', expected]);
    if (!answer.ok || answer.value.type !== 'pollRep') return answer;
    const wanted = (answer.value.responses[0]?.checkAfter ?? 0) * 1_000;
    const delay = Math.max(wanted, shortestPause);
    waited += delay;
    // Answers can be slow, too.
    if (Math.max(waited, performance.now() - start) > patience)
      return refuse('cmp-waiting', { found: `${Math.round(wanted / 1_000)} s` });
    await pause(delay, signal);
    if (signal?.aborted) return refuse('cancelled');
  }
}

/** The certReqId to poll for, if the body says that a decision is waited for. */
function waitingFor(body: Body): number | undefined {
  if (body.type === 'error') return -1; // Any other error was a refusal.
  if (body.type !== 'ip' && body.type !== 'kup') return undefined;
  const [response] = body.responses;
  return response?.status.status === pkiStatus.waiting ? response.certReqId : undefined;
}
