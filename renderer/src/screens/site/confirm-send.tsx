import { Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JobView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../parts/classes.ts';
import { Serial } from '../../parts/mono.tsx';

/** How long the button is not live, in milliseconds: longer than the second click of a double click. */
const armedAfter = 1500;

interface ConfirmSendProps {
  readonly job: JobView;
  readonly cancel: () => void;
  readonly confirm: () => void;
}

/** Asks once more, naming the target, in a way that cannot be confirmed by accident. */
export function ConfirmSend({ job, cancel, confirm }: ConfirmSendProps) {
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setArmed(true), armedAfter);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Modal
      opened
      onClose={cancel}
      size="lg"
      title={words.send.confirmTitle}
      closeButtonProps={{ 'aria-label': words.send.cancel }}
    >
      <div className={cls('stack')}>
        <Serial>{job.serialNumber}</Serial>
        <span>{fill(words.job.context, { siteId: job.siteId, siteName: job.siteName })}</span>
        <p>{words.send.confirmText}</p>
        <p id="armed" role="status" className={cls('quiet')}>
          {isArmed ? words.send.armed : words.send.notArmed}
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
            {words.send.confirm}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
