import type { ReadableRow } from '../readable.ts';

/** What an export knows of where its entries come from. */
export interface LogSource {
  /** Names the log. */
  readonly origin: string;
  /** The version of Siteseal that exports. */
  readonly version: string;
}

/** A format with a line for each entry. */
export interface LineFormat {
  /** What the file begins with. */
  readonly header: string;
  /** The line of an entry, with its line end. */
  line(entry: ReadableRow, source: LogSource): string;
}
