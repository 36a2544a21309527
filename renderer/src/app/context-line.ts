import { useEffect, useSyncExternalStore } from 'react';

let line: string | undefined;
const listeners = new Set<() => void>();

function write(next: string | undefined) {
  line = next;
  for (const listener of listeners) listener();
}

/** The line above the screen, if the screen has set one. */
export function useContextLine(): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => line,
  );
}

/** Shows the subject of the screen above it, for as long as the component is mounted. */
export function useContextOf(text: string | undefined): void {
  useEffect(() => {
    write(text);
    return () => write(undefined);
  }, [text]);
}
