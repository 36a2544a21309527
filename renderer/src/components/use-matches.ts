import { useEffect, useRef } from 'react';
import { announce } from '../app/announce.tsx';
import { counted, words } from '../app/words.ts';
import type { Answer } from '../port/use-call.ts';

/** How long typing pauses before a screen reader announces the number of matches, in milliseconds. */
const pause = 700;

/**
 * Has a screen reader announce how much a filter has found, once typing pauses.
 *
 * @param filter as text; empty when it restricts nothing
 * @param answer what the list shows
 * @param none what is announced when nothing matches
 */
export function useMatchesAnnounced(
  filter: string,
  answer: Answer<{ readonly total: number }>,
  none: string,
): void {
  const matches = answer.state === 'known' && !answer.isOld ? answer.value.total : undefined;
  const announced = useRef(filter);
  useEffect(() => {
    if (matches === undefined || filter === announced.current) return;
    const timer = setTimeout(() => {
      announced.current = filter;
      if (filter !== '') announce(matches === 0 ? none : counted(words.table.matches, matches));
    }, pause);
    return () => clearTimeout(timer);
  }, [filter, matches, none]);
}
