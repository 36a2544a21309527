/** How long a second signal counts as the first, in milliseconds: npm passes on what the terminal has sent already. */
const samePress = 500;

/** Runs work that the first Ctrl-C stops where it can be left safely. The second one ends the program at once. */
export async function untilInterrupted<Value>(run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const stop = new AbortController();
  let pressedAt = 0;
  const onInterrupt = () => {
    if (stop.signal.aborted && performance.now() - pressedAt > samePress) process.exit(130);
    if (stop.signal.aborted) return;
    pressedAt = performance.now();
    stop.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await run(stop.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
