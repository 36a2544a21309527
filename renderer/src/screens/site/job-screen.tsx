import { useEffect } from 'react';
import type { JobView } from '../../../../preload/contract/index.ts';
import { useContextOf } from '../../app/context-line.ts';
import { hashOf, type Route, type StepId } from '../../app/routes.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { Icon } from '../../parts/icons.tsx';
import { Known, Waiting } from '../../parts/known.tsx';
import { useCall } from '../../port/use-call.ts';
import { CarryStep } from './carry-step.tsx';
import { ChooseDrive } from './choose-drive.tsx';
import { ChooseEnb } from './choose-enb.tsx';
import { ConnectStep } from './connect-step.tsx';
import { DriveStep } from './drive-step.tsx';
import { FinishStep } from './finish-step.tsx';
import { IdentifyStep } from './identify-step.tsx';
import {
  isDone,
  isReachable,
  listedStep,
  listedSteps,
  obstacleOf,
  shownStep,
  type JobFacts,
} from './job-steps.ts';
import { ObstacleScreen } from './obstacles.tsx';
import { SendStep } from './send-step.tsx';
import styles from './job.module.css';
import { useJobFacts, type JobContext } from './use-job-facts.ts';

type JobRoute = Extract<Route, { kind: 'job' }>;

/** A site's job, step by step. */
export function JobScreen({ route }: { readonly route: JobRoute }) {
  const job = useCall('jobs.get', { id: route.id }, { topics: ['jobs'] });
  return <Known asked={job}>{(known) => <Job job={known} route={route} />}</Known>;
}

function Job({ job, route }: { readonly job: JobView; readonly route: JobRoute }) {
  const step = shownStep(job, route.step);
  const way = route.way ?? (listedStep(step) === 'connect' ? undefined : job.way);
  const context = useJobFacts(job, step, way);
  const { siteId, siteName } = job;
  useContextOf(fill(words.job.context, { siteId, siteName }));
  useEffect(() => {
    // What the address bar says is what a reload returns to.
    if (route.step !== step) go({ ...route, step, ...(way !== undefined && { way }) }, true);
  }, [route, step, way]);
  const obstacle = obstacleOf(step, context.facts);
  return (
    <div className={styles['job']}>
      <StepList here={step} facts={context.facts} />
      <div className={styles['step']}>
        {context.isLooking ? (
          <Waiting sentence={words.frame.asking} />
        ) : obstacle ? (
          <ObstacleScreen obstacle={obstacle} context={context} />
        ) : (
          <StepScreen step={step} context={context} />
        )}
      </div>
    </div>
  );
}

function StepScreen({ step, context }: { readonly step: StepId; readonly context: JobContext }) {
  switch (step) {
    case 'connect':
      return <ConnectStep context={context} />;
    case 'ethernet':
    case 'usb':
      return <ChooseEnb kind={step} context={context} />;
    case 'drives':
      return <ChooseDrive context={context} />;
    case 'identify':
      return <IdentifyStep context={context} />;
    case 'step-0':
      return <SendStep context={context} />;
    case 'drive':
      return <DriveStep context={context} />;
    case 'carry':
      return <CarryStep job={context.facts.job} />;
    case 'finish':
      return <FinishStep job={context.facts.job} />;
  }
}

/** The steps beside the screen: which are done, which is shown, which can be gone to. */
function StepList({ here, facts }: { readonly here: StepId; readonly facts: JobFacts }) {
  const { job, way } = facts;
  return (
    <nav className={styles['steps']} aria-label={words.job.steps}>
      <ol>
        {listedSteps(here, job).map((id, place) => {
          const isHere = id === listedStep(here);
          const done = isDone(id, facts);
          const inside = (
            <>
              <span className={styles['number']}>{done ? <Icon name="good" size={16} /> : place + 1}</span>
              <span>{words.steps[id]}</span>
              {done && <span className={styles['hidden']}>{words.job.stepDone}</span>}
            </>
          );
          return (
            <li key={id} data-here={isHere || undefined} data-done={done || undefined}>
              {isReachable(id, facts) || isHere ? (
                <a
                  href={hashOf({
                    kind: 'job',
                    id: job.id,
                    step: id,
                    ...(way !== undefined && { way }),
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
