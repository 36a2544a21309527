/** What Siteseal warns about. The bundle can be used, but a later step probably fails. Codes are a public promise. */
export const warningCodes = ['ra-outside-traffic', 'ike-identity-not-requested'] as const;

/** One of `warningCodes`. */
export type WarningCode = (typeof warningCodes)[number];

/** A warning about a run, and how many of its good rows have it. */
export interface RunWarning {
  readonly code: WarningCode;
  readonly rows: number;
}
