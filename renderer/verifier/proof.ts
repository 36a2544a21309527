// The lines of a proof, `siteseal-log-proof/1`. Nothing of them is trusted before the check of the log confirms it.
import type { Hash } from '../../main/tlog/index.ts';

/** The first line of a proof. */
export interface ProofHeader {
  readonly origin: string;
  readonly training: boolean;
  /** How many entries the export has. */
  readonly listed: number;
  /** Which entries were wanted. Absent if the export is whole. */
  readonly filter?: Readonly<Record<string, string>>;
}

/** Every other line. */
export type ProofLine =
  | { readonly kind: 'listed'; readonly count: number }
  | { readonly kind: 'entry'; readonly text: string }
  | { readonly kind: 'skipped'; readonly count: number; readonly hashes: readonly Hash[] }
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'person'; readonly id: string; readonly name: string; readonly salt: string };

/** How a proof starts. */
export const proofStart = '{"format":"siteseal-log-proof/1"';

type Members = Readonly<Record<string, unknown>>;

export function parseProofHeader(line: string): ProofHeader | undefined {
  const members = parse(line);
  if (members?.['format'] !== 'siteseal-log-proof/1') return undefined;
  const { origin, training, listed, filter } = members;
  if (typeof origin !== 'string' || typeof training !== 'boolean' || !isCount(listed)) return undefined;
  if (filter === undefined) return { origin, training, listed };
  if (!isObject(filter)) return undefined;
  const texts = Object.entries(filter).map(([name, value]) => [name, textOf(value)] as const);
  return { origin, training, listed, filter: Object.fromEntries(texts) };
}

export function parseProofLine(line: string): ProofLine | undefined {
  const members = parse(line);
  if (!members) return undefined;
  const { listed, entry, skipped, hashes, checkpoint, person } = members;
  switch (Object.keys(members).sort().join()) {
    case 'listed':
      return isCount(listed) ? { kind: 'listed', count: listed } : undefined;
    case 'entry':
      return typeof entry === 'string' ? { kind: 'entry', text: entry } : undefined;
    case 'hashes,skipped':
      return isCount(skipped) && Array.isArray(hashes) && hashes.every(isHash)
        ? { kind: 'skipped', count: skipped, hashes }
        : undefined;
    case 'checkpoint':
      return typeof checkpoint === 'string' ? { kind: 'checkpoint', note: checkpoint } : undefined;
    case 'person':
      return isObject(person) ? parsePerson(person) : undefined;
    default:
      return undefined;
  }
}

function parsePerson({ id, name, salt }: Members): ProofLine | undefined {
  if (typeof id !== 'string' || typeof name !== 'string' || typeof salt !== 'string') return undefined;
  return /^(?:[0-9a-f]{2}){1,64}$/.test(salt) ? { kind: 'person', id, name, salt } : undefined;
}

function parse(line: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
