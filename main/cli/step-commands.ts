import {
  connectionTo,
  stepFault,
  stepsNow,
  stepsOfEnb,
  type Core,
  type EnbAddress,
  type StepName,
  type Steps,
} from '../core/index.ts';
import type { Result } from '../faults/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';

const say = words.cli.enb.steps;

type Step = Steps[number];

/**
 * Shows the steps of an eNB, and with `start` starts one first. With `isFollowed` it waits until no step runs, and fails
 * with the fault of a step that failed in that time.
 */
export async function showSteps(
  core: Core,
  address: EnbAddress,
  isFollowed: boolean,
  start?: StepName,
): Promise<Outcome> {
  const connection = connectionTo(core, address);
  if (!connection.ok) return failed(connection.fault);
  const followed = new Set<StepName>(start ? [start] : []);
  const terminal = systemTerminal();
  const onSteps = (steps: Steps) => {
    for (const { step, state } of steps) if (state === 'running') followed.add(step);
    terminal.progress(
      steps
        .filter(({ state }) => state === 'running')
        .map(lineOf)
        .join(', '),
    );
  };
  const answer: Result<Steps> = isFollowed
    ? await stepsOfEnb(core, connection.value, onSteps, start)
    : await stepsNow(core, connection.value, start);
  terminal.endProgress();
  if (!answer.ok) return failed(answer.fault);
  const steps = answer.value;
  const lines = steps.map(lineOf);
  const problem = steps.find(({ step, state }) => followed.has(step) && state === 'failed');
  return problem && isFollowed
    ? failed(stepFault(problem.fault ?? { code: '' }), { steps }, lines)
    : done({ steps }, lines);
}

function lineOf({ step, state, phase, fault }: Step): string {
  const name = say.names[step];
  if (state === 'failed' && fault) return fill(say.failed, { step: name, code: fault.code });
  if (state !== 'running' || phase === undefined)
    return fill(say.line, { step: name, state: say.states[state] });
  const known: Readonly<Record<string, string>> = say.phases;
  return fill(say.line, { step: name, state: known[phase] ?? say.states.running });
}
