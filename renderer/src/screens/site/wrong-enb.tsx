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
  /** Asks whichever eNB is connected now. */
  readonly again: () => void;
}

/**
 * The eNB is not the job's: both serials large, and as choices only the other job, the same connection after the cable
 * was moved, or stopping.
 */
export function WrongEnb({ job, address, found, again }: WrongEnbProps) {
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
        <>
          <Button variant={match && !isDone(match) ? 'default' : 'filled'} onClick={again}>
            {words.wrongEnb.again}
          </Button>
          {match && (
            <Button variant={isDone(match) ? 'default' : 'filled'} onClick={() => goTo(match, address)}>
              {fill(words.wrongEnb.other, { siteId: match.siteId, siteName: match.siteName })}
            </Button>
          )}
        </>
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
function goTo(job: JobRow, address: string | undefined): void {
  const page = isDone(job) ? 'finish' : 'identify';
  go({ kind: 'job', id: job.id, page, ...(address !== undefined && { address }) });
}

function isDone({ state, work }: JobRow): boolean {
  return state === 'receipt' && !work;
}
