import { Button } from '@mantine/core';
import { useState } from 'react';
import { forgetTraining } from '../app/kept.ts';
import { go } from '../app/use-route.ts';
import { words } from '../app/words.ts';
import { useAction } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { Dialog } from './dialog.tsx';
import { FaultPanel } from './fault-panel.tsx';
import { Panel } from './screen.tsx';

/** A button that starts training again. It says first what that deletes, and asks. */
export function RestartTraining() {
  const [isAsking, setAsking] = useState(false);
  const restart = useAction('training.restart');
  const close = () => {
    restart.clear();
    setAsking(false);
  };
  const confirm = async () => {
    if (!(await restart.run({})).ok) return;
    forgetTraining();
    close();
    go({ kind: 'site' });
  };
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {words.training.restart}
      </Button>
      {isAsking && (
        <Dialog title={words.training.restartTitle} cancel={words.training.keep} close={close}>
          <div className={cls('stack')}>
            <p>{words.training.restartText}</p>
            {restart.fault && <FaultPanel fault={restart.fault} />}
            <div className={cls('faultFoot')}>
              <Button variant="default" data-autofocus onClick={close}>
                {words.training.keep}
              </Button>
              <Button variant="stop" loading={restart.isBusy} onClick={() => void confirm()}>
                {words.training.restartNow}
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** What Setup offers in training. */
export function TrainingSetup() {
  return (
    <Panel title={words.training.inSetup} aside={<RestartTraining />}>
      <p>{words.training.inSetupText}</p>
    </Panel>
  );
}
