import { Bundle, stepNames, type Configuration, type Receipt, type StepName } from '../bundle/index.ts';
import { visibleText, type Fault } from '../faults/index.ts';
import { toSeconds, type Clock } from '../pki/index.ts';
import type { EnbState, EnbStateFile, StepRecord } from './enb-state.ts';

/** The parts of the state that change together with a step. Undefined deletes one. */
export type StepChanges = {
  readonly [Name in 'enrolment' | 'operator' | 'service']?: EnbState[Name];
};

/** The accepted bundle, as the steps need it. */
export interface AcceptedConfiguration {
  /** SHA-256 of its signed content. The steps belong to it. */
  readonly content: string;
  readonly configuration: Configuration;
}

/** The longest detail of a fault on the interface and in a receipt. */
const longestDetail = 1000;

/** What the steps of the accepted bundle report about themselves, on disk. Records of another bundle do not count. */
export class StepRecords {
  readonly #state: EnbStateFile;
  readonly #clock: () => Clock;
  readonly #onReach: () => void;

  /** @param onReach is called after each phase is stored */
  constructor(state: EnbStateFile, clock: () => Clock, onReach: () => void = () => undefined) {
    this.#state = state;
    this.#clock = clock;
    this.#onReach = onReach;
  }

  get accepted(): AcceptedConfiguration | undefined {
    const { accepted } = this.#state.get();
    if (!accepted) return undefined;
    const { contentSha256, configuration } = new Bundle(Buffer.from(accepted.bundle, 'base64'));
    return contentSha256 !== undefined && configuration.ok
      ? { content: contentSha256, configuration: configuration.value }
      : undefined;
  }

  of(step: StepName): StepRecord | undefined {
    const { steps } = this.#state.get();
    return steps && steps.content === this.accepted?.content ? steps[step] : undefined;
  }

  /** All steps in order. A step that should be running but is not could not store its end. */
  list(running?: StepName): Receipt['steps'] {
    return stepNames.map((step) => {
      const record = this.of(step);
      const isLost = record?.state === 'running' && step !== running;
      const end = isLost ? ({ state: 'failed', fault: { code: 'store-unusable' } } as const) : {};
      return { step, state: 'waiting', ...record, ...end };
    });
  }

  /** Stores that a step has reached a phase. The first phase starts it. */
  reach(step: StepName, phase: string, changes: StepChanges = {}): void {
    const before = this.of(step);
    const startedAt = before?.state === 'running' ? before.startedAt : this.#time();
    this.#write(step, { state: 'running', phase, ...(startedAt !== undefined && { startedAt }) }, changes);
    this.#onReach();
  }

  /** Stores the end of a step. */
  end(step: StepName, problem: Fault | undefined, changes: StepChanges = {}): void {
    const { phase, startedAt } = this.of(step) ?? {};
    const endedAt = this.#time();
    this.#write(
      step,
      {
        state: problem ? 'failed' : 'done',
        ...(problem && phase !== undefined && { phase }),
        ...(startedAt !== undefined && { startedAt }),
        ...(endedAt !== undefined && { endedAt }),
        ...(problem && { fault: reportOf(problem) }),
      },
      changes,
    );
  }

  /** In one write, so that a crash never separates a step from what it has reached. */
  #write(step: StepName, record: StepRecord, changes: StepChanges): void {
    const content = this.accepted?.content;
    const state = this.#state.get();
    if (content === undefined) return;
    const steps = state.steps?.content === content ? state.steps : { content };
    this.#state.set({ ...state, ...changes, steps: { ...steps, [step]: record } });
  }

  /** The time; undefined without a clock. */
  #time(): string | undefined {
    const { now, isExact } = this.#clock();
    return isExact ? toSeconds(now) : undefined;
  }
}

/**
 * A fault as the interface and the receipt report it. Faults hold no secrets, but foreign text: as it is, it could make
 * the state and every receipt unreadable.
 */
export function reportOf({
  code,
  rule,
  where,
  expected,
  found,
  because,
}: Fault): Required<StepRecord>['fault'] {
  const cause = because && reportOf(because);
  const whole = [rule, where?.address, expected, found, cause?.code, cause?.detail]
    .filter(Boolean)
    .join(': ');
  const detail = visibleText(whole).slice(0, longestDetail).toWellFormed();
  return { code, ...(detail !== '' && { detail }) };
}
