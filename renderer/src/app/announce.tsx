import { useEffect, useState } from 'react';
import classes from './frame.module.css';

let say: (text: string) => void = () => {};

/**
 * Has a screen reader announce a text politely. Use it sparingly, for progress. An empty text clears the announcement.
 */
export function announce(text: string): void {
  say(text);
}

/** The page's only polite live region. */
export function Announcer() {
  const [said, setSaid] = useState({ text: '', turn: 0 });
  useEffect(() => {
    say = (text) => setSaid(({ turn }) => ({ text, turn: turn + 1 }));
  }, []);
  return (
    <div role="status" aria-live="polite" className={classes['announcer']}>
      {/* A separate element for each, so that a repeated sentence is announced again. */}
      <span key={said.turn}>{said.text}</span>
    </div>
  );
}

/** Announces a text whenever it changes. */
export function useAnnounced(text: string | undefined): void {
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
}
