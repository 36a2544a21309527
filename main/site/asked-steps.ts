import { hasStepsLeft, stepsOf, type StepName } from '../../preload/contract/steps.ts';
import { Bundle } from '../bundle/index.ts';
import type { Steps } from './follow-steps.ts';

/** What a bundle asks of its eNB after step 0. */
export interface AskedSteps {
  readonly asked: readonly StepName[];
  /** Step 1 is forbidden outside the tunnel of step 0.5. */
  readonly needsTunnel: boolean;
}

/** The steps that a bundle asks for; a bundle that cannot be read asks for those that every bundle does. */
export function askedBy(bundle: Uint8Array): AskedSteps {
  const { configuration } = new Bundle(bundle);
  if (!configuration.ok) return { asked: stepsOf([]), needsTunnel: false };
  const { securityGateways, initialIpsec } = configuration.value;
  return { asked: stepsOf(securityGateways.map(({ role }) => role)), needsTunnel: initialIpsec.required };
}

/** Whether an eNB reports that a step that its bundle asks for and requires is not done. */
export function isLeftOf(bundle: Uint8Array, steps: Steps): boolean {
  const { asked, needsTunnel } = askedBy(bundle);
  const stateOf = (name: StepName) => steps.find(({ step }) => step === name)?.state ?? 'waiting';
  return hasStepsLeft(
    asked.map((step) => ({ step, state: stateOf(step) })),
    needsTunnel,
  );
}
