import {
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type PathAnswer,
  type StreamTransport,
} from '../device/index.ts';
import { ok, refuse, visibleText, type Result } from '../faults/index.ts';
import { inOrder, type PathCheck } from '../path/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { withFoundSession, type FoundIdentity } from './connection-record.ts';
import { holds } from './follow-steps.ts';
import { stepFault } from './step-record.ts';

/** The connection to the eNB that checks its path. */
export interface EnbPathRequest {
  readonly transport: StreamTransport;
  readonly trust: EnbTrust;
  readonly deadlines?: Deadlines;
  readonly signal?: AbortSignal;
  /** The eNB that must answer, and the SHA-256 of the bundle that it must hold. */
  readonly subject?: { readonly enb: EnbIdentity; readonly bundleSha256: string };
}

/**
 * Connects to an eNB, which must prove its identity, and has it check the path to its gateways. Calls back with the eNB's
 * clock when it is connected. Refuses like `followSteps` an eNB that is not the subject's or holds another bundle.
 */
export async function pathFromEnb(
  { subject, ...connection }: EnbPathRequest,
  onClock: (clock: Date | undefined) => void,
  onFound: (found: FoundIdentity) => void = () => undefined,
): Promise<Result<readonly PathCheck[]>> {
  const ask = async (session: EnbSession): Promise<Result<readonly PathCheck[]>> => {
    const fit = subject ? await holds(session, subject) : ok(undefined);
    if (!fit.ok) return fit;
    const { clock } = session.identity;
    onClock(clock.state === 'set' ? new Date(clock.time) : undefined);
    const answer = await session.checkPath();
    return answer.ok ? ok(inOrder(answer.value.checks.map(readCheck))) : answer;
  };
  const asked = await withFoundSession(connection, onFound, ask);
  return asked.ok || !connection.signal?.aborted ? asked : refuse('cancelled');
}

/** A check as an eNB reports it. The eNB chooses the texts. */
function readCheck({ check, gateway, outcome, figure, fault }: PathAnswer['checks'][number]): PathCheck {
  const address = gateway === undefined ? undefined : visibleText(gateway);
  return {
    check,
    outcome,
    ...(address !== undefined && { gateway: address }),
    ...(figure !== undefined && { figure: visibleText(figure) }),
    ...(fault && { fault: { ...stepFault(fault), ...(address !== undefined && { where: { address } }) } }),
  };
}
