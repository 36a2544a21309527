import type { OpenedStore } from '../audit/index.ts';
import type { StepName } from '../bundle/index.ts';
import type { Result } from '../faults/index.ts';
import {
  followSteps,
  noteSteps,
  noteStepStarted,
  type FollowSurroundings,
  type Steps,
} from '../site/index.ts';
import { storeFault, type JobRecord } from '../store/index.ts';
import type { Core } from './core.ts';
import type { EnbConnection } from './enbs.ts';

/**
 * Follows the steps of the eNB at a connection until none runs, and returns its last report. With `start`, starts that
 * step first.
 */
export function stepsOfEnb(
  { surroundings: { pause } }: Core,
  connection: EnbConnection,
  onSteps: FollowSurroundings['onSteps'],
  start?: StepName,
): Promise<Result<Steps>> {
  return followSteps({ ...connection, ...(start && { start }) }, { pause, onSteps });
}

/** Like `stepsOfEnb`, for a job: its eNB must answer and hold its bundle. Each report is kept with the job, and logged. */
export async function stepsOfJob(
  { surroundings: { now, pause } }: Core,
  opened: OpenedStore,
  job: JobRecord,
  connection: EnbConnection,
  onSteps: FollowSurroundings['onSteps'],
  start?: StepName,
): Promise<Result<Steps>> {
  const { hwType, serialNumber, bundleSha256 } = job;
  const subject = { enb: { hwType, serialNumber }, bundleSha256 };
  const note = (steps: Steps) => noteSteps(opened, job, steps, now);
  try {
    const followed = await followSteps(
      { ...connection, subject, ...(start && { start }) },
      {
        pause,
        onStarted: (step) => noteStepStarted(opened, job, step),
        onSteps: (steps) => {
          note(steps);
          onSteps(steps);
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
