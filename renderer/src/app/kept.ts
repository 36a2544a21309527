import { useMemo, useSyncExternalStore } from 'react';
import { useSession } from './session.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

function prefixOf(training: boolean): string {
  return `siteseal.${training ? 'training' : 'real'}.`;
}

/**
 * State that outlives the screen, so that a list keeps its place; it also survives a reload of the window. Training has
 * separate state, as it has a separate store: a search in one does not appear in the other.
 */
export function useKept<T>(name: string, initial: T): readonly [T, (next: T) => void] {
  const { training } = useSession().app;
  const key = `${prefixOf(training)}${name}`;
  const kept = useSyncExternalStore(subscribe, () => sessionStorage.getItem(key));
  const value = useMemo(() => (kept === null ? initial : (JSON.parse(kept) as T)), [key, kept]);
  return [
    value,
    (next) => {
      sessionStorage.setItem(key, JSON.stringify(next));
      tell();
    },
  ];
}

/** Forgets all that training has kept, also on the screen that is shown: its lists are new. */
export function forgetTraining(): void {
  const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(prefixOf(true)));
  for (const key of keys) sessionStorage.removeItem(key);
  tell();
}
