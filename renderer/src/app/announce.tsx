import { useEffect, useState } from 'react';
import classes from './frame.module.css';

let say: (text: string) => void = () => {};

/** Has a screen reader say something when it is at leisure; for progress, and sparsely. */
export function announce(text: string): void {
  say(text);
}

/** The one polite region of the page. */
export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    say = setText;
  }, []);
  return (
    <div role="status" aria-live="polite" className={classes['announcer']}>
      {text}
    </div>
  );
}

/** Announces a text whenever it becomes another one. */
export function useAnnounced(text: string | undefined): void {
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
}
