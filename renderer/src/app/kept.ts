import { useState } from 'react';
import { useSession } from './session.ts';

/**
 * State that outlives the screen, so that a list keeps its place; it also survives a reload of the window. Training has
 * separate state, as it has a separate store: a search in one does not appear in the other.
 */
export function useKept<T>(name: string, initial: T): readonly [T, (next: T) => void] {
  const { training } = useSession().app;
  const key = `siteseal.${training ? 'training' : 'real'}.${name}`;
  const [value, setValue] = useState<T>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? initial : (JSON.parse(kept) as T);
  });
  return [
    value,
    (next) => {
      sessionStorage.setItem(key, JSON.stringify(next));
      setValue(next);
    },
  ];
}
