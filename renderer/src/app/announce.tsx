import { useEffect, useState } from 'react';
import classes from './frame.module.css';

let say: (text: string) => void = () => {};

/** Has a screen reader say something when it is at leisure; for progress, and sparsely. Empty, it says nothing more. */
export function announce(text: string): void {
  say(text);
}

/** The one polite region of the page. */
export function Announcer() {
  const [said, setSaid] = useState({ text: '', turn: 0 });
  useEffect(() => {
    say = (text) => setSaid(({ turn }) => ({ text, turn: turn + 1 }));
  }, []);
  return (
    <div role="status" aria-live="polite" className={classes['announcer']}>
      {/* An element of its own for each: the same sentence once more is said once more. */}
      <span key={said.turn}>{said.text}</span>
    </div>
  );
}

/** Announces a text whenever it becomes another one. */
export function useAnnounced(text: string | undefined): void {
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
}
