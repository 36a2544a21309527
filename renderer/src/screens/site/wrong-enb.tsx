import { Button } from '@mantine/core';
import type { IdentifiedView, JobView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { Screen } from '../../parts/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { Comparison } from './comparison.tsx';
import styles from './job.module.css';

/** The eNB is not the job's: both serials large, and only the other job or stopping. */
export function WrongEnb({ job, found }: { readonly job: JobView; readonly found: IdentifiedView }) {
  useAnnounced(words.wrongEnb.title);
  const other = useCall('jobs.list', { filter: found.serialNumber, limit: 5 }, { topics: ['jobs'] });
  const match =
    other.state === 'known'
      ? other.value.rows.find(({ serialNumber, id }) => serialNumber === found.serialNumber && id !== job.id)
      : undefined;
  return (
    <Screen
      title={words.wrongEnb.title}
      lead={words.wrongEnb.lead}
      secondary={
        <Button variant="default" onClick={() => go({ kind: 'site' })}>
          {words.wrongEnb.stop}
        </Button>
      }
      primary={
        match && (
          <Button onClick={() => go({ kind: 'job', id: match.id, step: 'connect' })}>
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
      {/* Two hardware types can have the same serial number: then the difference is in here. */}
      <details open={job.serialNumber === found.serialNumber}>
        <summary>{words.wrongEnb.details}</summary>
        <Comparison comparisons={found.comparisons} />
      </details>
    </Screen>
  );
}
