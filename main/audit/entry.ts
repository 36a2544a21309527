/** The format of an entry. */
export const entryFormat = 'siteseal-log-entry/1';

/** The most bytes of an entry, as C2SP tlog-tiles bounds them. */
export const mostEntryBytes = 65_535;

/** A value in an entry. Codes, identifiers and digests; never secrets, never display text, never someone's name. */
export type LogValue = string | number | boolean | readonly string[];

/** Who did it. The name lies outside the log, so that it can be erased. */
export interface Actor {
  /** Random per person, 16 hex digits. */
  readonly id: string;
  /** SHA-256(16 random bytes of salt || UTF-8 name), lower-case hex. */
  readonly nameSha256: string;
  /** The name is declared by the operating system or the person, not proven. */
  readonly proof: 'declared';
}

/** One log entry. The store holds it as canonical JSON (RFC 8785), and the tree's leaf is the hash of these bytes. */
export interface LogEntry {
  readonly format: typeof entryFormat;
  /** A `LogAction`, or an action that only another version of Siteseal has. */
  readonly action: string;
  /** The index of its leaf, counted from 0 without gaps. */
  readonly sequence: number;
  /** Wall clock, RFC 3339, UTC, whole seconds. */
  readonly time: string;
  /** Whole milliseconds since the computer started. */
  readonly monotonicMs: number;
  /** Changes each time the computer starts. */
  readonly bootId: string;
  readonly actor: Actor;
  readonly training: boolean;
  readonly subject: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, LogValue>>;
}

/** The most UTF-16 code units of a text in an entry. So every action fits into an entry, whatever a file or an eNB says. */
const longestText = 300;

/** A value as an entry holds it: I-JSON, which has no lone surrogates (RFC 7493 section 2.1), and of bounded length. */
export function entryValue(value: LogValue): LogValue {
  if (typeof value === 'object') return value.map(boundedText);
  return typeof value === 'string' ? boundedText(value) : value;
}

function boundedText(text: string): string {
  const part = text.length > longestText ? `${text.slice(0, longestText - 1)}\u2026` : text;
  return part.toWellFormed();
}
