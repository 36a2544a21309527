import { Button } from '@mantine/core';
import type { CarriedView, DriveWork } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { count, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Bar } from '../../components/progress.tsx';
import { Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import styles from './job.module.css';

interface DriveWorkingProps {
  readonly carried: CarriedView;
  readonly work: DriveWork;
}

/** The current work on the drive, or what it waits for. */
export function DriveWorking({ carried: { drive }, work }: DriveWorkingProps) {
  const stop = useAction('work.stop');
  const { title, sentence } = words.driveWork[work.phase];
  const said = fill(sentence, { drive });
  useAnnounced(said);
  // Unmounting and mounting take seconds, and always run until they finish.
  const canStop = work.phase !== 'verifying';
  const isReplug = work.phase === 'waiting-for-unplug' || work.phase === 'waiting-for-plug';
  return (
    <Screen
      title={title}
      secondary={
        canStop && (
          <Button variant="default" loading={stop.isBusy} onClick={() => void stop.run({ id: work.id })}>
            {words.driveWork.stop}
          </Button>
        )
      }
    >
      {stop.fault && <FaultPanel fault={stop.fault} />}
      <p className={styles['summary']}>{said}</p>
      {isReplug ? <Waiting sentence={words.driveWork.looking} /> : <WorkBars work={work} />}
    </Screen>
  );
}

function WorkBars({ work: { phase, done, total } }: { readonly work: DriveWork }) {
  const { bars, barStates } = words.delivery;
  const isWriting = phase === 'writing';
  const progress = fill(words.driveWork.doneOf, { done: count(done), of: count(total) });
  return (
    <ul className={cls('bars')}>
      <li>
        <Bar
          label={words.driveWork.writing.title}
          state={isWriting ? progress : barStates.done}
          amount={isWriting ? (total === 0 ? 'moving' : done / total) : 1}
          {...(!isWriting && { tone: 'done' })}
        />
      </li>
      <li>
        <Bar
          label={bars.readingBack}
          state={isWriting ? barStates.waiting : barStates.moving}
          amount={isWriting ? 0 : 'moving'}
        />
      </li>
    </ul>
  );
}
