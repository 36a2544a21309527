import { words } from '../../app/words.ts';
import { RestartTraining } from '../../components/restart-training.tsx';
import { Panel } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { TriedList } from './training-tried.tsx';

/** Above the jobs of training: what to do, what has been tried, and once all is done how to start again. */
export function TrainingGuide() {
  const training = useCall('training.get', {}, { topics: ['training', 'jobs'] });
  if (training.state !== 'known') return null;
  const { tried, isAllDone } = training.value;
  return (
    <Panel
      title={isAllDone ? words.training.allDone : words.training.guide}
      aside={isAllDone && <RestartTraining />}
    >
      <p>{isAllDone ? words.training.allDoneLead : words.training.guideLead}</p>
      <TriedList tried={tried} />
    </Panel>
  );
}
