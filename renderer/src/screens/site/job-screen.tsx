import { useEffect } from 'react';
import type { JobView } from '../../../../preload/contract/index.ts';
import { useContextOf } from '../../app/context-line.ts';
import { hashOf, type Route, type PageId } from '../../app/routes.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Icon } from '../../components/icons.tsx';
import { Loaded, Waiting } from '../../components/loaded.tsx';
import { useCall } from '../../port/use-call.ts';
import { CarryPage } from './carry-page.tsx';
import { ChooseDrive } from './choose-drive.tsx';
import { ChooseEnb } from './choose-enb.tsx';
import { ConnectPage } from './connect-page.tsx';
import { DrivePage } from './drive-page.tsx';
import { FinishPage } from './finish-page.tsx';
import { IdentifyPage } from './identify-page.tsx';
import {
  isDone,
  isReachable,
  listedPage,
  listedPages,
  obstacleOf,
  shownPage,
  type JobFacts,
} from './job-pages.ts';
import { ObstacleScreen } from './obstacles.tsx';
import { PutAway, Superseded } from './put-away.tsx';
import { SendPage } from './send-page.tsx';
import { TunnelPage } from './tunnel-page.tsx';
import styles from './job.module.css';
import { WithTrainingPanel } from './training-panel.tsx';
import { useJobFacts, type JobContext } from './use-job-facts.ts';

type JobRoute = Extract<Route, { kind: 'job' }>;

/** A site's job, page by page. */
export function JobScreen({ route }: { readonly route: JobRoute }) {
  const job = useCall('jobs.get', { id: route.id }, { topics: ['jobs'] });
  return (
    <Loaded answer={job}>
      {(known) => (
        <WithTrainingPanel serialNumber={known.serialNumber}>
          <Job job={known} route={route} />
        </WithTrainingPanel>
      )}
    </Loaded>
  );
}

function Job({ job, route }: { readonly job: JobView; readonly route: JobRoute }) {
  const page = shownPage(job, route.page);
  const address = route.address ?? (listedPage(page) === 'connect' ? undefined : job.address);
  const context = useJobFacts(job, page, address);
  const { siteId, siteName } = job;
  useContextOf(fill(words.job.context, { siteId, siteName }));
  useEffect(() => {
    // A reload returns to what the address bar says.
    if (route.page !== page) go({ ...route, page, ...(address !== undefined && { address }) }, true);
  }, [route, page, address]);
  const obstacle = obstacleOf(page, context.facts);
  return (
    <div className={styles['job']}>
      <div className={styles['aside']}>
        <div>
          <PageList here={page} facts={context.facts} />
          <PutAway job={job} />
        </div>
      </div>
      <div className={styles['page']}>
        {job.newer && <Superseded job={job} newer={job.newer} />}
        {context.isLooking ? (
          <Waiting sentence={words.frame.asking} />
        ) : obstacle ? (
          <ObstacleScreen obstacle={obstacle} context={context} />
        ) : (
          <WizardPage page={page} context={context} />
        )}
      </div>
    </div>
  );
}

function WizardPage({ page, context }: { readonly page: PageId; readonly context: JobContext }) {
  switch (page) {
    case 'connect':
      return <ConnectPage context={context} />;
    case 'ethernet':
    case 'usb':
      return <ChooseEnb kind={page} context={context} />;
    case 'drives':
      return <ChooseDrive context={context} />;
    case 'identify':
      return <IdentifyPage context={context} />;
    case 'step-0':
      return <SendPage context={context} />;
    case 'drive':
      return <DrivePage context={context} />;
    case 'carry':
      return <CarryPage job={context.facts.job} />;
    case 'step-05':
      return <TunnelPage context={context} />;
    case 'finish':
      return <FinishPage context={context} />;
  }
}

/** The pages beside the screen: which are done, which is shown, which can be opened. */
function PageList({ here, facts }: { readonly here: PageId; readonly facts: JobFacts }) {
  const { job, address } = facts;
  return (
    <nav className={styles['pages']} aria-label={words.job.pages}>
      <ol>
        {listedPages(here, job).map((id, place) => {
          const isHere = id === listedPage(here);
          const done = isDone(id, facts, here);
          const inside = (
            <>
              <span className={styles['number']}>{done ? <Icon name="good" size={16} /> : place + 1}</span>
              <span>{words.pages[id]}</span>
              {done && <span className={cls('hidden')}>{words.job.pageDone}</span>}
            </>
          );
          return (
            <li key={id} data-here={isHere || undefined} data-done={done || undefined}>
              {isReachable(id, facts) || isHere ? (
                <a
                  href={hashOf({
                    kind: 'job',
                    id: job.id,
                    page: id,
                    ...(address !== undefined && { address }),
                  })}
                  aria-current={isHere ? 'step' : undefined}
                >
                  {inside}
                </a>
              ) : (
                <span>{inside}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
