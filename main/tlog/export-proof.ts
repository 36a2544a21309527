import { isHash, type Hash } from './tree.ts';

/** The format of the proof of an export. */
const format = 'siteseal-log-proof/1';

/** How the proof of an export starts. */
export const exportProofStart = `{"format":"${format}"`;

/** The first line of the proof of an export. */
export interface ExportHeader {
  readonly origin: string;
  readonly training: boolean;
  /** How many entries the export has. */
  readonly listed: number;
  /** Which entries were wanted. Absent if the export is whole. */
  readonly filter?: Readonly<Record<string, unknown>>;
}

/** Every other line. */
export type ExportProofLine =
  | { readonly kind: 'listed'; readonly count: number }
  | { readonly kind: 'entry'; readonly text: string }
  | { readonly kind: 'skipped'; readonly count: number; readonly hashes: readonly Hash[] }
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'person'; readonly id: string; readonly name: string; readonly salt: string };

type Members = Readonly<Record<string, unknown>>;

/** Reads the first line strictly. Nothing of it is verified yet. */
export function parseExportHeader(line: string): ExportHeader | undefined {
  const members = parse(line);
  if (!line.startsWith(exportProofStart) || !members) return undefined;
  const { format: _, origin, training, listed, filter, ...rest } = members;
  if (typeof origin !== 'string' || typeof training !== 'boolean' || !isCount(listed)) return undefined;
  if (Object.keys(rest).length > 0 || (filter !== undefined && !isObject(filter))) return undefined;
  return { origin, training, listed, ...(filter && { filter }) };
}

/** Reads another line strictly. Nothing of it is verified yet. */
export function parseExportLine(line: string): ExportProofLine | undefined {
  const members = parse(line) ?? {};
  const { listed, entry, skipped, hashes, checkpoint, person } = members;
  switch (Object.keys(members).sort().join()) {
    case 'listed':
      return isCount(listed) && listed > 0 ? { kind: 'listed', count: listed } : undefined;
    case 'entry':
      return typeof entry === 'string' ? { kind: 'entry', text: entry } : undefined;
    case 'hashes,skipped':
      return isCount(skipped) && Array.isArray(hashes) && hashes.every(isHashText)
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

function parsePerson({ id, name, salt, ...rest }: Members): ExportProofLine | undefined {
  if (typeof id !== 'string' || typeof name !== 'string' || typeof salt !== 'string') return undefined;
  const isWhole = Object.keys(rest).length === 0 && /^[0-9a-f]{16}$/.test(id) && /^[0-9a-f]{32}$/.test(salt);
  return isWhole ? { kind: 'person', id, name, salt } : undefined;
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

function isHashText(value: unknown): value is Hash {
  return typeof value === 'string' && isHash(value);
}
