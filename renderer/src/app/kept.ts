import { useState } from 'react';

/** State that outlives the screen, so that a list keeps its place; a reload of the window keeps it too. */
export function useKept<T>(name: string, initial: T): readonly [T, (next: T) => void] {
  const key = `siteseal.${name}`;
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
