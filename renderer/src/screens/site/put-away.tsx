import { Button } from '@mantine/core';
import type { JobView } from '../../../../preload/contract/index.ts';
import { announce } from '../../app/announce.tsx';
import { hashOf } from '../../app/routes.ts';
import { count, fill, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { useAction } from '../../port/use-call.ts';
import styles from './put-away.module.css';

/**
 * Puts a job away, or brings it back. A job that is being worked on cannot be put away. A superseded one is, whatever the
 * user does.
 */
export function PutAway({ job }: { readonly job: JobView }) {
  const { id, isArchived, isSuperseded, work, carried } = job;
  const archive = useAction('jobs.archive');
  const run = async () => {
    const outcome = await archive.run({ ids: [id], archived: !isArchived });
    if (outcome.ok) announce(isArchived ? words.job.isBack : words.job.isPutAway);
  };
  if (work || carried?.work || isSuperseded) return null;
  return (
    <div className={styles['putAway']}>
      {isArchived && <span>{words.job.isPutAway}</span>}
      <Button variant="subtle" loading={archive.isBusy} onClick={() => void run()}>
        {isArchived ? words.job.bringBack : words.job.putAway}
      </Button>
      {archive.fault && <FaultPanel fault={archive.fault} />}
    </div>
  );
}

interface SupersededProps {
  readonly job: JobView;
  readonly newer: NonNullable<JobView['newer']>;
}

/** Says that a newer configuration is here, on every page of the job. */
export function Superseded({ job, newer }: SupersededProps) {
  const configurations = { own: count(job.sequence), newer: count(newer.sequence) };
  return (
    <div className={styles['superseded']}>
      <Icon name="warn" size={24} />
      <span>{fill(words.job.newer, configurations)}</span>
      <a href={hashOf({ kind: 'job', id: newer.id })}>{fill(words.job.toNewer, configurations)}</a>
    </div>
  );
}
