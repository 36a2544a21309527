import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Serial } from '../../components/mono.tsx';

/** How long the button is inactive, in milliseconds: longer than the second click of a double click takes. */
const armedAfter = 1500;

interface ConfirmSendProps {
  readonly serialNumbers: readonly string[];
  /** The connection or drive. */
  readonly place: string;
  readonly words: {
    readonly confirmTitle: string;
    readonly confirmText: string;
    readonly armed: string;
    readonly confirm: string;
  };
  readonly cancel: () => void;
  readonly confirm: () => void;
}

/** Asks again, naming the targets, so that nobody can confirm by accident. */
export function ConfirmSend({ serialNumbers, place, words: own, cancel, confirm }: ConfirmSendProps) {
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setArmed(true), armedAfter);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Dialog title={own.confirmTitle} cancel={words.send.cancel} close={cancel}>
      <div className={cls('stack')}>
        <div className={cls('row')}>
          {serialNumbers.map((serialNumber) => (
            <Serial key={serialNumber}>{serialNumber}</Serial>
          ))}
        </div>
        <span>{place}</span>
        <p>{own.confirmText}</p>
        <p id="armed" role="status" className={cls('quiet')}>
          {isArmed ? own.armed : words.send.notArmed}
        </p>
        <div className={cls('faultFoot')}>
          <Button variant="default" data-autofocus onClick={cancel}>
            {words.send.cancel}
          </Button>
          <Button
            aria-disabled={!isArmed}
            {...(!isArmed && { 'data-disabled': true })}
            aria-describedby="armed"
            onClick={() => isArmed && confirm()}
          >
            {own.confirm}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
