import { useEffect, useRef, useState } from 'react';
import type { LookedAt } from '../../../preload/contract/bridge.ts';
import { canDrop, lookAtFiles } from '../port/shell.ts';
import { announce } from './announce.tsx';
import { isInDialog } from './commands.ts';
import styles from './drops.module.css';
import { sortFiles } from './dropped.ts';
import { openFiles } from './open-files.ts';
import { useSession } from './session.ts';
import { useRoute } from './use-route.ts';
import { words } from './words.ts';

/**
 * Files can be dropped anywhere on the window: each leads to where its kind is opened. The recent files of the menu do
 * the same. Dropping is never the only method.
 */
export function Drops() {
  const { mode } = useSession().app;
  const route = useRoute();
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  /** Entering a part of the page leaves another one, in either order. */
  const depth = useRef(0);
  const refuse = (sentence: string | undefined) => {
    setRefusal(sentence);
    if (sentence !== undefined) announce(sentence);
  };
  const open = (looked: readonly LookedAt[] | undefined) => {
    const sorted = looked ? sortFiles(looked) : { refusal: words.files.notTaken };
    refuse('refusal' in sorted ? sorted.refusal : undefined);
    if ('kind' in sorted) openFiles(sorted.kind, sorted.files);
  };
  const drop = async (files: readonly File[]) => {
    if (files.length === 0) return;
    if (!canDrop()) refuse(words.files.cannotDrop);
    else if (mode === null) refuse(words.drops.start);
    else if (isInDialog()) refuse(words.drops.dialog);
    else open(await lookAtFiles(files));
  };
  const latest = useRef({ drop, open });
  latest.current = { drop, open };

  useEffect(() => {
    window.siteseal?.onOpen((file) => latest.current.open([file]));
    const move = (by: number) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      depth.current = Math.max(0, depth.current + by);
      setOver(depth.current > 0);
    };
    const [enter, leave] = [move(1), move(-1)];
    const end = (event: DragEvent) => {
      depth.current = 0;
      setOver(false);
      void latest.current.drop([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', end);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', end);
    };
  }, []);
  // A refusal says nothing about the next screen.
  useEffect(() => setRefusal(undefined), [route.kind]);
  return (
    <>
      {isOver && canDrop() && (
        <div className={styles['over']} aria-hidden="true">
          <strong>{words.drops.here}</strong>
        </div>
      )}
      {refusal !== undefined && (
        <p className={styles['refusal']}>
          {refusal}
          <button type="button" className={styles['close']} onClick={() => setRefusal(undefined)}>
            {words.drops.close}
          </button>
        </p>
      )}
    </>
  );
}
