/** The code of a system error, such as ENOENT, ENOSPC or ECONNRESET; `unknown` for an error without one. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Like `errorCode`, for when an error without a code can only be a bug: that error is thrown again. */
export function systemErrorCode(error: unknown): string {
  const code = errorCode(error);
  if (code === 'unknown') throw error;
  return code;
}
