import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaultView, JobRow, JobView } from '../../../../preload/contract/index.ts';
import { go } from '../../app/use-route.ts';
import { count, fill, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { ConfirmSend } from './confirm-send.tsx';
import styles from './job.module.css';

/** The limit of further jobs offered at a time. */
const offered = 100;

interface DriveReadyProps {
  readonly job: JobView;
  /** The drive's name, as the user knows it. */
  readonly drive: string;
  readonly isWriting: boolean;
  readonly fault: FaultView | undefined;
  readonly write: (jobs: readonly JobRow[]) => void;
}

/** What will be written to which drive for whom. Further jobs can go on the same drive. */
export function DriveReady({ job, drive, isWriting, fault, write }: DriveReadyProps) {
  const [isAsking, setAsking] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const others = useOthers(job);
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const jobs = [job, ...others.filter(({ id }) => chosen.includes(id))];
  const { sequence, siteId, siteName, serialNumber } = job;
  const summary = fill(jobs.length === 1 ? words.drive.summary : words.drive.summaryMany, {
    sequence: count(sequence),
    siteId,
    siteName,
    drive,
    others: count(jobs.length - 1),
  });
  const [before, after] = summary.split('{serialNumber}');
  return (
    <Screen
      title={words.drive.title}
      lead={words.drive.lead}
      secondary={
        <Button variant="default" onClick={() => go({ kind: 'job', id: job.id, page: 'drives' })}>
          {words.drive.otherDrive}
        </Button>
      }
      primary={
        <Button loading={isWriting} onClick={() => setAsking(true)}>
          {words.drive.go}
        </Button>
      }
    >
      {fault && <FaultPanel fault={fault} />}
      <p className={styles['summary']}>
        {before}
        <strong>{serialNumber}</strong>
        {after}
      </p>
      {others.length > 0 && (
        <Panel>
          <fieldset className={styles['choices']}>
            <legend>{words.drive.others}</legend>
            <div className={styles['others']}>
              {others.map((other) => (
                <label key={other.id} className={styles['other']}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(other.id)}
                    onChange={() => toggle(other.id)}
                  />
                  <span>{labelOf(other)}</span>
                </label>
              ))}
            </div>
          </fieldset>
        </Panel>
      )}
      {isAsking && (
        <ConfirmSend
          serialNumbers={jobs.map((one) => one.serialNumber)}
          place={fill(words.drive.onDrive, { drive })}
          words={words.drive}
          cancel={() => setAsking(false)}
          confirm={() => {
            setAsking(false);
            write(jobs);
          }}
        />
      )}
    </Screen>
  );
}

/** The jobs that could go on the same drive: for other eNBs, not proven, and without work under way. */
function useOthers(job: JobView): readonly JobRow[] {
  const list = useCall('jobs.list', { limit: offered, sort: 'siteId', show: 'to-do' }, { topics: ['jobs'] });
  if (list.state !== 'known') return [];
  const taken = new Set([job.serialNumber]);
  return list.value.rows.filter(({ serialNumber }) => {
    if (taken.has(serialNumber)) return false;
    taken.add(serialNumber);
    return true;
  });
}

function labelOf({ serialNumber, siteId, siteName }: JobRow): string {
  return fill(words.drive.other, { serialNumber, siteId, siteName });
}
