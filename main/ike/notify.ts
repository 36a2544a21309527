/** Notifies of IKE_SA_INIT (RFC 7296 section 3.10.1). Those below 16384 are errors. */
export const notifyTypes = {
  UNSUPPORTED_CRITICAL_PAYLOAD: 1,
  INVALID_IKE_SPI: 4,
  INVALID_MAJOR_VERSION: 5,
  INVALID_SYNTAX: 7,
  INVALID_MESSAGE_ID: 9,
  INVALID_SPI: 11,
  NO_PROPOSAL_CHOSEN: 14,
  INVALID_KE_PAYLOAD: 17,
  AUTHENTICATION_FAILED: 24,
  NO_ADDITIONAL_SAS: 35,
  TEMPORARY_FAILURE: 43,
  COOKIE: 16390,
} as const;

/** The first number that is no error. */
export const firstStatusNotify = 16384;

/** The name of a notify, or its number. */
export function nameOfNotify(type: number): string {
  return Object.entries(notifyTypes).find(([, number]) => number === type)?.[0] ?? `notify ${type}`;
}
