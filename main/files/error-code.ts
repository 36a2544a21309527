/** The code of an error of the system: ENOENT, ENOSPC, ECONNRESET; `unknown` for an error without one. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** The same where an error without one can only be a bug, and is thrown again. */
export function systemErrorCode(error: unknown): string {
  const code = errorCode(error);
  if (code === 'unknown') throw error;
  return code;
}
