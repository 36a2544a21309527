import type { JobView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Mono } from '../../components/mono.tsx';
import { Panel } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';

/** The limit of further jobs that are named. */
const named = 100;

/** The other jobs on the same drive, so that nobody brings it back before it was at all of their eNBs. */
export function AlsoOnDrive({ job: { id, carried } }: { readonly job: JobView }) {
  const jobs = useCall(
    'jobs.list',
    { show: 'under-way', sort: 'siteId', limit: named },
    { topics: ['jobs'], wait: !carried },
  );
  if (!carried || jobs.state !== 'known') return null;
  const others = jobs.value.rows.filter((row) => row.id !== id && row.carried?.volume === carried.volume);
  if (others.length === 0) return null;
  return (
    <Panel title={words.alsoOnDrive.title}>
      <p>{words.alsoOnDrive.lead}</p>
      <ul className={cls('list')}>
        {others.map(({ id: other, serialNumber, siteId, siteName }) => (
          <li key={other}>
            <Mono>{serialNumber}</Mono> {fill(words.job.context, { siteId, siteName })}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
