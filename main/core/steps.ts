import type { OpenedStore } from '../audit/index.ts';
import { Bundle, receiptSubject, type StepName } from '../bundle/index.ts';
import { withSession, type EnbSession } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import {
  fetchReceipt,
  giveHead,
  followSteps,
  keepReceipt,
  noteConnection,
  noteSteps,
  noteStepStarted,
  type FollowSurroundings,
  type Steps,
} from '../site/index.ts';
import { isTrainingCertificate, type EnbIdentity } from '../pki/index.ts';
import { storeFault, type JobRecord } from '../store/index.ts';
import type { Core } from './core.ts';
import type { EnbConnection } from './enbs.ts';
import { receiptKeeping } from './receipt-keeping.ts';

/**
 * Follows the steps of the eNB at a connection until none runs, and returns its last report. With `start`, starts that
 * step first.
 */
export async function stepsOfEnb(
  core: Core,
  connection: EnbConnection,
  onSteps: FollowSurroundings['onSteps'],
  start?: StepName,
): Promise<Result<Steps>> {
  const { pause } = core.surroundings;
  const log = start ? startLog(core, connection) : ok(undefined);
  if (!log.ok) return log;
  let enb: EnbIdentity | undefined;
  try {
    return await followSteps(
      { ...connection, ...(start && { start }) },
      {
        pause,
        onSteps,
        onFound: (found) => (enb = found.ok ? found.value.enb : undefined),
        onStarted: (step) => enb && log.value?.(enb, step),
      },
    );
  } catch (error) {
    return storeFault(error);
  }
}

/** The steps of the eNB at a connection as they are now. With `start`, starts that step first. */
export async function stepsNow(
  core: Core,
  connection: EnbConnection,
  start?: StepName,
): Promise<Result<Steps>> {
  const { transport, trust, deadlines, signal } = connection;
  const log = start ? startLog(core, connection) : ok(undefined);
  if (!log.ok) return log;
  const ask = async (session: EnbSession): Promise<Result<Steps>> => {
    const answer = start ? await session.startStep(start) : await session.getSteps();
    if (start && answer.ok) log.value?.(session.enb, start);
    return answer.ok ? ok(answer.value.steps) : answer;
  };
  try {
    return await withSession(transport, trust, deadlines, ask, signal);
  } catch (error) {
    return storeFault(error);
  }
}

/** Logs that an eNB without a job started a step. Opens the store first: a step that cannot be logged does not start. */
function startLog(
  { stores }: Core,
  { trust }: EnbConnection,
): Result<(enb: EnbIdentity, step: StepName) => void> {
  const opened = stores.open(trust.vendorRoots.some(isTrainingCertificate));
  return opened.ok ? ok((enb, step) => noteStepStarted(opened.value, enb, step)) : opened;
}

/**
 * Like `stepsOfEnb`, for a job: its eNB must answer and hold its bundle. Each report is kept with the job, and logged.
 * When a step has ended, fetches a new receipt, in which the eNB signs for that.
 */
export async function stepsOfJob(
  core: Core,
  opened: OpenedStore,
  job: JobRecord,
  connection: EnbConnection,
  onSteps: FollowSurroundings['onSteps'],
  start?: StepName,
): Promise<Result<Steps>> {
  const { now, pause } = core.surroundings;
  const { hwType, serialNumber, bundleSha256 } = job;
  const subject = { enb: { hwType, serialNumber }, bundleSha256 };
  let hasEnded = false;
  const note = (steps: Steps) => {
    if (noteSteps(opened, job, steps, now)) hasEnded = true;
  };
  try {
    const followed = await followSteps(
      { ...connection, subject, ...(start && { start }) },
      {
        pause,
        onFound: (found) => noteConnection(opened, { site: job.siteId, enb: subject.enb }, found),
        onStarted: (step) => noteStepStarted(opened, { ...subject.enb, site: job.siteId }, step),
        onSteps: (steps) => {
          note(steps);
          onSteps(steps);
        },
        onIdle: async (session) => {
          if (hasEnded) await renewReceipt(core, job, connection, session);
        },
      },
    );
    // The last report was true until now.
    if (followed.ok) note(followed.value);
    return followed;
  } catch (error) {
    return storeFault(error);
  }
}

/** Replaces the job's receipt by a newer one. Without it the steps count as reported, so a failure is no fault. */
async function renewReceipt(
  { stores }: Core,
  job: JobRecord,
  { trust }: EnbConnection,
  session: EnbSession,
): Promise<void> {
  const subject = receiptSubject(new Bundle(job.bundle));
  if (!subject.ok) return;
  const keeping = receiptKeeping(stores);
  const auditHead = giveHead(session, keeping);
  if (!auditHead.ok) return;
  const question = { trust, subject: subject.value, site: job.siteId, auditHead: auditHead.value };
  const receipt = await fetchReceipt(session, question, keeping);
  if (receipt.ok && receipt.value.receipt.verdict.accepted) keepReceipt(receipt.value);
}
