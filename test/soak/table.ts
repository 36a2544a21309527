/** What the soak has counted, and what is missing from it. */
import { carrying } from '../../preload/contract/steps.ts';
import { delivery } from '../../preload/contract/steps.ts';
import { ways, type Way } from './plan.ts';
import type { DeliveryEntry } from './record.ts';

export interface Counts {
  readonly deliveries: number;
  readonly attempts: number;
  /** Faults, by connection and kind. */
  readonly faults: readonly {
    readonly way: Way;
    readonly kind: string;
    readonly planned: number;
    readonly fired: number;
  }[];
  readonly fired: number;
  readonly kills: { readonly tool: number; readonly enb: number };
  /** How often each state was reached. */
  readonly states: Readonly<Record<string, number>>;
  /** How many deliveries ended in which state. */
  readonly ends: Readonly<Record<string, number>>;
}

export function count(entries: readonly DeliveryEntry[]): Counts {
  const attempts = entries.flatMap((entry) => entry.attempts);
  const faults = ways.flatMap((way) => countFaults(way, entries));
  const states = attempts.flatMap((attempt) => attempt.states);
  const killed = attempts.flatMap((attempt) => attempt.killed);
  const ends = entries.map(({ claim }) =>
    claim.carried === 'none' ? claim.delivery : `${claim.delivery}, on a drive: ${claim.carried}`,
  );
  return {
    deliveries: entries.length,
    attempts: attempts.length,
    faults,
    fired: faults.reduce((sum, { fired }) => sum + fired, 0),
    kills: { tool: countOf(killed, 'tool'), enb: countOf(killed, 'enb') },
    states: Object.fromEntries(
      [...delivery.phases, ...carrying.states].map((state) => [state, countOf(states, state)]),
    ),
    ends: Object.fromEntries([...new Set(ends)].sort().map((end) => [end, countOf(ends, end)])),
  };
}

function countFaults(way: Way, entries: readonly DeliveryEntry[]): Counts['faults'] {
  const ofWay = entries.filter((entry) => entry.way === way);
  const planned = ofWay.flatMap((entry) => entry.planned).map(({ kind }) => kind);
  const fired = ofWay
    .flatMap((entry) => entry.attempts)
    .flatMap((attempt) => (attempt.fired && attempt.fault ? [attempt.fault.kind] : []));
  return [...new Set(planned)]
    .sort()
    .map((kind) => ({ way, kind, planned: countOf(planned, kind), fired: countOf(fired, kind) }));
}

function countOf(values: readonly string[], value: string): number {
  return values.filter((one) => one === value).length;
}

/** The events without which the soak has shown nothing: a sentence for each that did not happen. */
export function missing({ deliveries, fired, states }: Counts): readonly string[] {
  const wanted = Math.ceil(deliveries * 0.8);
  return [
    ...(fired < wanted
      ? [`only ${fired} faults fired, of the ${wanted} that ${deliveries} deliveries need`]
      : []),
    ...Object.entries(states)
      .filter(([, hits]) => hits === 0)
      .map(([state]) => `no delivery was in the state ${state}`),
  ];
}

export function toText({ faults, states, ends, kills }: Counts): string {
  const row = (...cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index < 2 ? String(cell).padEnd(24) : String(cell).padStart(9))).join('');
  return [
    row('way', 'fault', 'planned', 'fired'),
    ...faults.map(({ way, kind, planned, fired }) => row(way, kind, planned, fired)),
    '',
    row('state', '', 'reached'),
    ...Object.entries(states).map(([state, hits]) => row(state, '', hits)),
    '',
    row('ended as', '', 'number'),
    ...Object.entries(ends).map(([end, number]) => `${end.padEnd(48)}${String(number).padStart(9)}`),
    '',
    `killed: the tool ${kills.tool} times, the eNB ${kills.enb} times`,
  ].join('\n');
}
