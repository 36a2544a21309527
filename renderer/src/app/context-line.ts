import { useEffect, useSyncExternalStore } from 'react';

let line: string | undefined;
const listeners = new Set<() => void>();

function write(next: string | undefined) {
  line = next;
  for (const listener of listeners) listener();
}

/** The line above the screen, when the screen has given one. */
export function useContextLine(): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => line,
  );
}

/** Says above the screen what it is about, as long as it is shown. */
export function useContextOf(text: string | undefined): void {
  useEffect(() => {
    write(text);
    return () => write(undefined);
  }, [text]);
}
