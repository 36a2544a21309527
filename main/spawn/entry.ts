import { parentPort, workerData } from 'node:worker_threads';
import type { Result } from '../faults/index.ts';
import type { PartReply, PartTypes } from './part.ts';

/** Runs a part. Its entry file calls this last. */
export async function runPart<Types extends PartTypes>(
  start: (options: Types['options']) => Promise<Result<Types['info']>>,
): Promise<void> {
  const started = await start(workerData as Types['options']);
  const reply: PartReply = started.ok
    ? { kind: 'ready', info: started.value }
    : { kind: 'refused', fault: started.fault };
  parentPort?.postMessage(reply);
}
