import { Button } from '@mantine/core';
import type { IdentifiedView, JobRow, JobView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { Folded, Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { Comparison } from './comparison.tsx';
import styles from './job.module.css';

interface WrongEnbProps {
  readonly job: JobView;
  /** Where it is connected. */
  readonly address: string | undefined;
  readonly found: IdentifiedView;
}

/** The eNB is not the job's: both serials large, and only the other job or stopping as choices. */
export function WrongEnb({ job, address, found }: WrongEnbProps) {
  useAnnounced(words.wrongEnb.title);
  const { hwType, serialNumber } = found;
  const known = useCall('jobs.ofEnb', { hwType, serialNumber }, { topics: ['jobs'] });
  const match = known.state === 'known' ? known.value.rows.find(({ id }) => id !== job.id) : undefined;
  return (
    <Screen
      title={words.wrongEnb.title}
      lead={words.wrongEnb.lead}
      tone="bad"
      secondary={
        <Button variant="default" onClick={() => go({ kind: 'site' })}>
          {words.wrongEnb.stop}
        </Button>
      }
      primary={
        match && (
          <Button onClick={() => goTo(match, address)}>
            {fill(words.wrongEnb.other, { siteId: match.siteId, siteName: match.siteName })}
          </Button>
        )
      }
    >
      <div className={styles['mismatch']}>
        <div>
          {words.wrongEnb.expected}
          <span className={styles['big']}>{job.serialNumber}</span>
          {fill(words.job.context, { siteId: job.siteId, siteName: job.siteName })}
        </div>
        <div>
          {words.wrongEnb.found}
          <span className={styles['big']}>{found.serialNumber}</span>
          {found.vendor}
        </div>
      </div>
      {/* Two hardware types can use the same serial number: then the difference is in here. */}
      <Folded title={words.wrongEnb.details} isOpen={job.serialNumber === found.serialNumber}>
        <Comparison comparisons={found.comparisons} />
      </Folded>
    </Screen>
  );
}

/** The eNB is already connected. Opens its job on the same connection, unless nothing is left to do. */
function goTo({ id, state, work }: JobRow, address: string | undefined): void {
  const isDone = state === 'receipt' && !work;
  go({ kind: 'job', id, page: isDone ? 'finish' : 'identify', ...(address !== undefined && { address }) });
}
