/** What Siteseal warns about. The bundle can be used, but a later step probably fails. Codes are a public promise. */
export const warningCodes = [
  'ra-outside-traffic',
  'ike-identity-not-requested',
  'enb-certificate-ends-first',
  'list-ends-first',
] as const;

/** One of `warningCodes`. */
export type WarningCode = (typeof warningCodes)[number];

/** A warning about a row. */
export interface RowWarning {
  readonly code: WarningCode;
  /** When it begins to apply, RFC 3339. Absent where it always does. */
  readonly from?: string;
}

/** A warning about a run, and how many of its good rows have it. */
export interface RunWarning extends RowWarning {
  readonly rows: number;
}
