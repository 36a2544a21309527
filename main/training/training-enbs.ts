/** Entry file of the worker thread that runs the training lab's eNBs. */
import { systemSurroundings } from '../core/index.ts';
import { ok } from '../faults/index.ts';
import { runPart } from '../spawn/index.ts';
import { startLabEnb } from './lab-enb.ts';
import type { TrainingEnbs } from './training-lab.ts';

void runPart<TrainingEnbs>(async ({ requests }) => {
  const ports: number[] = [];
  for (const request of requests) {
    const enb = await startLabEnb(request, systemSurroundings(), () => Promise.resolve(ok(undefined)));
    if (!enb.ok) return enb;
    ports.push(enb.value.port);
  }
  return ok({ ports });
});
