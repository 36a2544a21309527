/** An eNB of the lab that makes its steps, as a process that dies at a phase. For `steps.ts`. */
import { readFileSync } from 'node:fs';
import type { StepName } from '../../main/bundle/index.ts';
import { systemSurroundings } from '../../main/core/index.ts';
import { ok } from '../../main/faults/index.ts';
import { loadBroken } from './broken.ts';
import { killSelf } from './messages.ts';
import type { StepOrder, StepWord } from './steps.ts';

const [broken] = process.argv.slice(2);
if (broken !== undefined) loadBroken(broken);
const { startLabEnb } = await import('../../main/training/index.ts');

const tell = (word: StepWord) =>
  new Promise<void>((resolve) => process.send?.(word, undefined, undefined, () => resolve()));

async function obey({ request, bundle, killAt }: StepOrder): Promise<void> {
  const started = await startLabEnb(request, systemSurroundings(), () => Promise.resolve(ok(undefined)));
  if (!started.ok) throw new Error(started.fault.code);
  const { enb } = started.value;
  if (!enb.acceptedBundle()) enb.takeBundle(readFileSync(bundle));
  const stateOf = (wanted: StepName) => enb.steps().find(({ step }) => step === wanted);
  enb.onStepChange(() => {
    for (const { step, state, phase } of enb.steps())
      if (state === 'running' && killAt === `${step} ${phase}`) killSelf();
  });
  for (const step of ['initial-ipsec', 'enrolment', 'backhaul-ipsec'] as const) {
    // A step that was running when the eNB died continues.
    if (stateOf(step)?.state !== 'done' && !enb.isStepRunning) enb.startStep(step);
    while (enb.isStepRunning)
      await new Promise<void>((resolve) => {
        const end = enb.onStepChange(() => {
          end();
          resolve();
        });
      });
    const { state = 'waiting', fault } = stateOf(step) ?? {};
    await tell({ step, state, ...(fault && { fault: fault.code }) });
    if (state !== 'done') break;
  }
  await tell('end');
}

process.on('message', (order: StepOrder) => void obey(order));
