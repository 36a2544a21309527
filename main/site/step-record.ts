import { stepEntry, type StepName } from '../../preload/contract/steps.ts';
import type { LogEvent, OpenedStore } from '../audit/index.ts';
import { startRefusals } from '../device/index.ts';
import { catalogue, fault, visibleText, type Fault, type FaultCode } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { pathFaults } from '../path/index.ts';
import type { JobRecord } from '../store/index.ts';
import { isLeftOf } from './asked-steps.ts';
import type { Steps } from './follow-steps.ts';

type Step = Steps[number];

type LoggedPhase = NonNullable<LogEvent<'step-ended'>['facts']['phase']>;

/**
 * Keeps what an eNB reports about its steps with a job, and logs the steps that have ended since the last report. Returns
 * whether any has.
 */
export function noteSteps(
  { store, log }: OpenedStore,
  job: JobRecord,
  steps: Steps,
  now: () => Date,
): boolean {
  return store.transaction(() => {
    const before = store.stepReports.get(job.bundleSha256)?.steps ?? [];
    store.stepReports.put({
      bundleSha256: job.bundleSha256,
      steps,
      reportedAt: now().toISOString(),
      hasStepsLeft: isLeftOf(job.bundle, steps),
    });
    const ended = steps.filter((step) => hasEnded(step, before));
    for (const { step, state, phase, fault: reason } of ended) {
      if (state !== 'done' && state !== 'failed') continue;
      const facts = {
        ...nameOf(step),
        state,
        // The eNB chooses the texts. An entry holds only those that have a meaning here.
        ...(isPhase(step, phase) && { phase }),
        ...(reason && faultOf(reason)),
      };
      log.append({ action: 'step-ended', subject: subjectOf(job), facts });
    }
    return ended.length > 0;
  });
}

/** Logs that the eNB started a step because the user asked for it. */
export function noteStepStarted(
  { log }: OpenedStore,
  { serialNumber, hwType, site }: EnbIdentity & { readonly site?: string },
  step: StepName,
): void {
  const subject = { serialNumber, hwType, ...(site !== undefined && { site }) };
  log.append({ action: 'step-started', subject, facts: nameOf(step) });
}

/** Whether a step has ended since an earlier report. A step can fail again in the same way. */
function hasEnded({ step, state, startedAt, endedAt }: Step, earlier: Steps): boolean {
  if (state !== 'done' && state !== 'failed') return false;
  const before = earlier.find((one) => one.step === step);
  return state !== before?.state || startedAt !== before.startedAt || endedAt !== before.endedAt;
}

/** Why a step failed, with the eNB's own code if that is one. */
function faultOf(reason: NonNullable<Step['fault']>): {
  readonly fault: FaultCode;
  readonly reported?: string;
} {
  const { code } = stepFault(reason);
  const isOwn = code !== reason.code && /^[a-z0-9][a-z0-9.-]{0,63}$/.test(reason.code);
  return { fault: code, ...(isOwn && { reported: reason.code }) };
}

/** Whether a text that an eNB reports is a phase of the step. */
function isPhase(step: StepName, phase: string | undefined): phase is LoggedPhase {
  return stepEntry(step).phases.some(({ name }) => name === phase);
}

function subjectOf({ siteId: site, serialNumber, hwType }: JobRecord) {
  return { site, serialNumber, hwType };
}

/** The name of a step on the wire, and the number that people use. */
function nameOf(step: StepName): { readonly step: StepName; readonly number?: string } {
  const { number } = stepEntry(step);
  return { step, ...(number !== undefined && { number }) };
}

/** The codes with which an eNB says why a step or a check of its path failed. All of IKE and CMP are others. */
const stepCodes: ReadonlySet<string> = new Set([
  ...startRefusals,
  ...pathFaults,
  'credential-bound-elsewhere',
]);

/**
 * The fault of a step, or of a check of its path, that an eNB reports. The eNB chooses code and text, so only a code for steps gets its own words.
 * Any other becomes `step-failed`, with code and text as found: an eNB cannot make Siteseal complain about itself.
 */
export function stepFault({ code, detail }: NonNullable<Step['fault']>): Fault {
  const isKnown = Object.hasOwn(catalogue, code) && (stepCodes.has(code) || /^(cmp|ike)-/.test(code));
  // What the RA/CA says repeats the rule, in words.
  const said = code === 'cmp-refused' ? detail?.replace(/^cmp-fail-[a-z-]+: /, '') : detail;
  const found = [...(isKnown ? [] : [code]), ...(said === undefined ? [] : [said])].join(': ');
  return fault(
    isKnown ? (code as FaultCode) : 'step-failed',
    found === '' ? {} : { found: visibleText(found) },
  );
}
