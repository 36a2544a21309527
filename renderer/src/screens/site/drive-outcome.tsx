import { Button } from '@mantine/core';
import type { CarriedView, JobView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { fill, localTimeWithZone, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Facts, Panel, Screen } from '../../components/screen.tsx';
import type { Tone } from '../../components/tone.ts';
import { useAction } from '../../port/use-call.ts';
import { AlsoOnDrive } from './also-on-drive.tsx';
import { ToJobs } from './obstacles.tsx';

interface DriveOutcomeProps {
  readonly job: JobView;
  readonly carried: CarriedView;
}

const tones: Readonly<Record<CarriedView['state'], Tone>> = {
  writing: 'warn',
  written: 'warn',
  damaged: 'bad',
  verified: 'warn',
  carried: 'good',
};

/** What is on the drive, as far as it is proven, and what to do next. */
export function DriveOutcome({ job, carried }: DriveOutcomeProps) {
  const { state, drive, since, fault } = carried;
  const { title, sentence } = words.driveOutcome[state];
  const said = fill(sentence, { drive, serialNumber: job.serialNumber });
  useAnnounced(said);
  return (
    <Screen
      title={title}
      lead={said}
      tone={tones[state]}
      secondary={<ToJobs />}
      primary={<Onward job={job} carried={carried} />}
    >
      {fault && <FaultPanel fault={fault} />}
      <Panel>
        <Facts
          facts={[
            [words.driveOutcome.drive, drive],
            [words.driveOutcome.since, localTimeWithZone(since)],
          ]}
        />
      </Panel>
      <AlsoOnDrive job={job} />
    </Screen>
  );
}

function Onward({ job, carried: { state, volume } }: DriveOutcomeProps) {
  const verify = useAction('drives.verify');
  const eject = useAction('drives.eject');
  const carry = () => go({ kind: 'job', id: job.id, page: 'carry' });
  switch (state) {
    case 'writing':
    case 'damaged':
      return (
        <Button onClick={() => go({ kind: 'job', id: job.id, page: 'drives' })}>
          {words.driveOutcome[state === 'damaged' ? 'choose' : 'again']}
        </Button>
      );
    case 'written':
      return (
        <>
          <Button variant="default" onClick={() => void verify.run({ volume, replug: true })}>
            {words.driveOutcome.replug}
          </Button>
          <Button onClick={() => void verify.run({ volume, replug: false })}>
            {words.driveOutcome.verify}
          </Button>
        </>
      );
    case 'verified':
      return (
        <>
          <Button variant="default" loading={eject.isBusy} onClick={() => void eject.run({ volume })}>
            {words.driveOutcome.eject}
          </Button>
          <Button onClick={carry}>{words.driveOutcome.isOut}</Button>
        </>
      );
    case 'carried':
      return <Button onClick={carry}>{words.driveOutcome.carry}</Button>;
  }
}
