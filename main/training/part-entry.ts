/** Where a part begins, in a process or a thread of its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ok, refuse, type Result } from '../faults/index.ts';
import { startLabEnb, type LabEnbRequest } from './lab-enb.ts';
import type { PartName, PartReply } from './parts.ts';
import { systemSurroundings } from '../core/index.ts';

interface PartStart {
  readonly name: PartName;
  readonly options: unknown;
}

const parts: Readonly<Record<PartName, (options: never) => Promise<Result<unknown>>>> = {
  'training-enbs': startTrainingEnbs,
};

async function startTrainingEnbs({ requests }: { readonly requests: readonly LabEnbRequest[] }) {
  const ports: number[] = [];
  for (const request of requests) {
    const enb = await startLabEnb(request, systemSurroundings(), () => Promise.resolve(ok(undefined)));
    if (!enb.ok) return enb;
    ports.push(enb.value.port);
  }
  return ok({ ports });
}

async function start({ name, options }: PartStart): Promise<PartReply> {
  const started = Object.hasOwn(parts, name) ? await parts[name](options as never) : refuse('internal-error');
  return started.ok ? { kind: 'ready', info: started.value } : { kind: 'refused', fault: started.fault };
}

if (isMainThread) {
  process.once('message', (message: PartStart) => {
    void start(message).then((reply) => process.send?.(reply));
  });
  // The core is gone, or wants this part to end: there is nothing to do for anyone.
  process.once('disconnect', () => process.exit(0));
} else {
  void start(workerData as PartStart).then((reply) => parentPort?.postMessage(reply));
}
