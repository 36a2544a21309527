import { parentPort, workerData } from 'node:worker_threads';
import type { Result } from '../faults/index.ts';
import type { PartQuestion, PartReply, PartTypes } from './part.ts';

/** A part that runs: what it reports about itself, and how it answers. */
export interface RunningPart<Types extends PartTypes> {
  readonly info: Types['info'];
  readonly answer: (question: Types['question']) => Promise<Types['answer']>;
}

/** Runs a part. Its entry file calls this last. */
export async function runPart<Types extends PartTypes>(
  start: (options: Types['options']) => Promise<Result<RunningPart<Types>>>,
): Promise<void> {
  const post = (reply: PartReply) => parentPort?.postMessage(reply);
  const started = await start(workerData as Types['options']);
  if (!started.ok) {
    post({ kind: 'refused', fault: started.fault });
    return;
  }
  const { info, answer } = started.value;
  parentPort?.on('message', ({ id, question }: PartQuestion) => {
    // A part that throws ends, and its user learns of it.
    void answer(question as Types['question']).then((reply) => post({ kind: 'answer', id, answer: reply }));
  });
  post({ kind: 'ready', info });
}
