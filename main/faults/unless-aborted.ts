/** The value of a promise, or undefined as soon as the signal is aborted. */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  if (!signal) return promise;
  const ended = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { signal: ended.signal });
  });
  const first = await Promise.race([aborted, promise]);
  ended.abort();
  return signal.aborted ? undefined : first;
}
