import type { LogAction } from '../../faults/index.ts';
import type { ReadableEntry } from '../readable.ts';

/** Actions that are failures whatever their facts. */
const failures: ReadonlySet<string> = new Set<LogAction>([
  'key-unlock-failed',
  'bundle-not-opened',
  'receipt-refused',
  'head-refused',
]);

/** Facts that make an entry a failure, with their values. */
const failed: readonly (readonly [name: string, value: string])[] = [
  ['verdict', 'other'],
  ['verdict', 'counterfeit'],
  ['verdict', 'damaged'],
  ['state', 'failed'],
  ['accepted', 'false'],
  ['tail', 'uncertain'],
];

/** Whether an entry says that something failed or was refused, as far as its codes show. */
export function isFailure({ entry, texts }: ReadableEntry): boolean {
  return (
    failures.has(entry.action) ||
    ['fault', 'stoppedBy'].some((name) => texts[name] !== undefined) ||
    failed.some(([name, value]) => texts[name] === value)
  );
}
