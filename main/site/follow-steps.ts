import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Receipt, StepName } from '../bundle/index.ts';
import {
  enbMismatch,
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type StreamTransport,
} from '../device/index.ts';
import { ok, refuse, refused, stopFault, type Result, unlessAborted } from '../faults/index.ts';
import { isSameEnb, type EnbIdentity } from '../pki/index.ts';
import { withFoundSession, type FoundIdentity } from './connection-record.ts';

/** The steps as an eNB reports them. */
export type Steps = Receipt['steps'];

/** Between two looks at the steps, in milliseconds. Over USB an eNB answers at most once a second. */
const lookEvery = 1_000;

/** The connection, and what to do on it. */
export interface FollowRequest {
  readonly transport: StreamTransport;
  readonly trust: EnbTrust;
  readonly deadlines?: Deadlines;
  /** Ends the connection. The eNB continues its steps. */
  readonly signal?: AbortSignal;
  /** The eNB that must answer, and the SHA-256 of the bundle that it must hold. */
  readonly subject?: { readonly enb: EnbIdentity; readonly bundleSha256: string };
  /** Starts this step first. */
  readonly start?: StepName;
}

/** The outside world, as following needs it, and the callbacks for what the eNB reports. */
export interface FollowSurroundings {
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Called once with what the connection has shown. */
  readonly onFound?: (found: FoundIdentity) => void;
  /** The eNB has started the step. */
  readonly onStarted?: (step: StepName) => void;
  /** Called with the first report, and with every one that differs from the one before. */
  readonly onSteps: (steps: Steps) => void;
  /** No step runs any more. The connection is still open. */
  readonly onIdle?: (session: EnbSession) => Promise<void>;
}

/**
 * Connects to an eNB, which must prove its identity, and reports its steps until none runs. Returns the last report.
 * Refuses with `enb-mismatch` another eNB than the subject's, and with `other-configuration` one that holds another
 * bundle, also if it gets that one later. Following changes nothing on the eNB, so it can end and start again at any time.
 */
export async function followSteps(
  { subject, start, ...connection }: FollowRequest,
  surroundings: FollowSurroundings,
): Promise<Result<Steps>> {
  const { signal } = connection;
  const task = { ...(subject && { subject }), ...(start && { start }) };
  const follow = (session: EnbSession) => followOn(session, task, signal, surroundings);
  const { onFound = () => undefined } = surroundings;
  const followed = await withFoundSession(connection, onFound, follow);
  return followed.ok || !signal?.aborted ? followed : refused(stopFault(signal));
}

async function followOn(
  session: EnbSession,
  { subject, start }: Pick<FollowRequest, 'subject' | 'start'>,
  signal: AbortSignal | undefined,
  { pause, onStarted, onSteps, onIdle }: FollowSurroundings,
): Promise<Result<Steps>> {
  const fit = subject ? await holds(session, subject) : ok(undefined);
  if (!fit.ok) return fit;
  let answer = start ? await session.startStep(start) : await session.getSteps();
  if (start && answer.ok) onStarted?.(start);
  for (let last: Steps | undefined; answer.ok; answer = await session.getSteps()) {
    const { steps } = answer.value;
    if (!isDeepStrictEqual(steps, last)) {
      // Somebody else may have given the eNB another bundle.
      const still = subject && last ? await holds(session, subject) : ok(undefined);
      if (!still.ok) return still;
      onSteps(steps);
    }
    if (!steps.some(({ state }) => state === 'running')) {
      await onIdle?.(session);
      return ok(steps);
    }
    last = steps;
    await unlessAborted(pause(lookEvery), signal);
  }
  return answer;
}

/** Whether the connected eNB is the subject's and holds its bundle. Otherwise its steps belong to something else. */
export async function holds(
  session: EnbSession,
  { enb, bundleSha256 }: NonNullable<FollowRequest['subject']>,
): Promise<Result<void>> {
  if (!isSameEnb(session.enb, enb)) return enbMismatch(enb, session.enb);
  const bundle = await session.getBundle();
  if (!bundle.ok) return bundle;
  const isHeld = bundle.value && hash('sha256', bundle.value) === bundleSha256;
  return isHeld ? ok(undefined) : refuse('other-configuration');
}
