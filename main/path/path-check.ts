import type { PathCheckName, PathOutcome } from '../../preload/contract/steps.ts';
import { pathChecks } from '../../preload/contract/steps.ts';
import type { Fault, FaultCode } from '../faults/index.ts';

/** One check of the path to the security gateways. */
export interface PathCheck {
  readonly check: PathCheckName;
  /** The gateway that it is about, as the bundle names it. */
  readonly gateway?: string;
  readonly outcome: PathOutcome;
  /** What was measured or found, for people: an address, a time, a size. */
  readonly figure?: string;
  /** Why it failed or was not possible. */
  readonly fault?: Fault;
}

/** The faults that only checks of the path have. */
export const pathFaults = [
  'seg-lacks-vendor-root',
  'seg-trust-unknown',
  'traffic-seg-has-vendor-root',
  'port-4500-blocked',
  'path-too-small',
  'ra-reachable-outside',
  'clock-wrong',
] as const satisfies readonly FaultCode[];

type Details = Omit<PathCheck, 'check' | 'outcome'>;

export const passed = (check: PathCheckName, details: Details = {}): PathCheck => ({
  check,
  outcome: 'passed',
  ...details,
});
export const failed = (check: PathCheckName, fault: Fault, details: Details = {}): PathCheck => ({
  check,
  outcome: 'failed',
  ...details,
  fault,
});
export const notPossible = (check: PathCheckName, details: Details = {}): PathCheck => ({
  check,
  outcome: 'not-possible',
  ...details,
});
export const skipped = (check: PathCheckName, details: Details = {}): PathCheck => ({
  check,
  outcome: 'skipped',
  ...details,
});

/** Checks in the order of the table. Those of one kind are in the order of the gateways, or else stay as they are. */
export function inOrder(
  checks: readonly PathCheck[],
  gateways: readonly string[] = [],
): readonly PathCheck[] {
  const kind = ({ check }: PathCheck) => pathChecks.names.indexOf(check);
  const place = ({ gateway = '' }: PathCheck) => gateways.indexOf(gateway);
  return checks.toSorted((a, b) => kind(a) - kind(b) || place(a) - place(b));
}

/** The checks of a single gateway. */
const ofGateway: ReadonlySet<PathCheckName> = new Set([
  'name',
  'answer',
  'vendor-root',
  'port-4500',
  'sizes',
]);

/**
 * The first fault that prevents step 0.5 or breaks the operator's rules. One good initial gateway is
 * enough, and what could not be checked is no obstacle.
 */
export function pathProblem(checks: readonly PathCheck[]): Fault | undefined {
  const failures = checks.filter(({ outcome }) => outcome === 'failed');
  const hasFailed = (gateway: string) => failures.some((failure) => failure.gateway === gateway);
  const isOneGood = checks.some(
    ({ check, gateway, outcome }) =>
      check === 'answer' && outcome !== 'skipped' && gateway !== undefined && !hasFailed(gateway),
  );
  return failures.find(({ check }) => !isOneGood || !ofGateway.has(check))?.fault;
}
