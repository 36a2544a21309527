import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { JobView, ReportView } from '../../../../preload/contract/index.ts';
import { nextStep, type StartableStep } from '../../../../preload/contract/steps.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { CheckList, checksSummary } from '../../components/check-list.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import type { Tone } from '../../components/tone.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { enbAddress } from './job-pages.ts';
import { LaterSteps } from './later-steps.tsx';
import { FoldedHead } from './head-on-paper.tsx';
import { ReportFacts } from './report-facts.tsx';
import { useSaveReceipt } from './save-receipt.ts';
import {
  progressLine,
  shortName,
  situationOf,
  situationTones,
  stateWords,
  type Situation,
} from './step-state.ts';
import type { JobContext } from './use-job-facts.ts';

/** The result of the job, the eNB's next steps, the report, and the next job. */
export function FinishPage({ context: { facts } }: { readonly context: JobContext }) {
  const { job, address } = facts;
  return job.state === 'receipt' ? (
    <Accepted job={job} address={enbAddress(address)} />
  ) : (
    <Refused job={job} />
  );
}

function Refused({ job }: { readonly job: JobView }) {
  const { title, lead } = words.finish.refused;
  const { serialNumber, sequence } = job;
  return (
    <Ended job={job} title={fill(title, { serialNumber, sequence: count(sequence) })} lead={lead} tone="bad">
      {job.deliveryFault && <FaultPanel fault={job.deliveryFault} />}
    </Ended>
  );
}

/** The most useful action of each situation. `none`: the step that runs needs nothing but time. */
const primaries: Readonly<Record<Situation, 'look' | 'start' | 'again' | 'next' | 'none'>> = {
  unseen: 'look',
  waiting: 'start',
  blocked: 'start',
  starting: 'none',
  running: 'none',
  gone: 'look',
  failed: 'again',
  failedElsewhere: 'again',
  tunnel: 'start',
  enrolled: 'start',
  complete: 'next',
  inService: 'next',
};

interface AcceptedProps {
  readonly job: JobView;
  /** The connection to the eNB, if it is known. */
  readonly address: string | undefined;
}

/** The eNB has its configuration. Whether the installer can leave depends on its steps. */
function Accepted({ job, address }: AcceptedProps) {
  const { id, steps, serialNumber } = job;
  const { list, needsTunnel, work } = steps;
  const follow = useAction('jobs.follow');
  const stop = useAction('work.stop');
  const { kind, step } = situationOf(steps);
  const next = nextStep(list, needsTunnel);
  const about = step?.step ?? next;
  const values = {
    serialNumber,
    sequence: count(job.sequence),
    step: about ? shortName(about) : '',
    fixer: step?.fault?.mendedBy ?? '',
  };
  const title = fill(words.steps.situations[kind].title, values);
  useAnnounced(kind === 'running' && step ? stateWords(step) : title);

  const run = (start?: StartableStep) => {
    if (address === undefined) go({ kind: 'job', id, page: 'connect' });
    else if (start === 'initial-ipsec') go({ kind: 'job', id, page: 'step-05', address });
    else void follow.run({ id, address, ...(start && { start }) });
  };
  const primary = work ? 'none' : primaries[kind];
  // Without a connection, every action but the next job starts with one.
  const isAction = primary === 'start' || primary === 'look' || primary === 'again';
  const started = address !== undefined && isAction && primary !== 'look' ? next : undefined;
  const isLook = isAction && started === undefined;
  const lookWord =
    address === undefined
      ? words.job.toConnect
      : steps.reportedAt === undefined
        ? words.steps.lookNow
        : words.steps.look;
  const fault = steps.fault ?? follow.fault ?? stop.fault;
  return (
    <Ended
      job={job}
      title={title}
      lead={`${progressLine(steps)} ${fill(words.steps.situations[kind].lead, values)}`}
      tone={situationTones[kind]}
      primary={
        isAction && (
          <Button loading={follow.isBusy} onClick={() => run(started)}>
            {started ? words.steps[primary === 'again' ? 'again' : 'start'][started] : lookWord}
          </Button>
        )
      }
      isNext={primary === 'next'}
    >
      {fault && !work && <FaultPanel fault={fault} />}
      <LaterSteps
        steps={steps}
        look={isLook ? undefined : { word: lookWord, run: () => run() }}
        stop={() => work && void stop.run({ id: work.id })}
      />
    </Ended>
  );
}

interface EndedProps {
  readonly job: JobView;
  readonly title: string;
  readonly lead: string;
  readonly tone: Tone;
  /** What to do about this eNB. */
  readonly primary?: ReactNode;
  /** Nothing is left to do here, so that the next job is the primary action. */
  readonly isNext?: boolean;
  readonly children: ReactNode;
}

/** A job with the eNB's answer: the result, the proof, and the way on. */
function Ended({ job, title, lead, tone, primary, isNext = true, children }: EndedProps) {
  const report = useCall('jobs.report', { id: job.id }, { topics: ['jobs'] });
  const next = (
    <Button {...(!isNext && { variant: 'default' })} onClick={() => go({ kind: 'site' })}>
      {words.finish.next}
    </Button>
  );
  return (
    <Screen
      title={title}
      lead={lead}
      tone={tone}
      secondary={!isNext && next}
      primary={isNext ? next : primary}
    >
      {children}
      <Loaded answer={report}>{(value) => <Summary report={value} />}</Loaded>
    </Screen>
  );
}

/** The few facts that matter on site; everything else is folded. */
function Summary({ report }: { readonly report: ReportView }) {
  const { job } = report;
  const { receipt, verdict, siteId, siteName } = job;
  const saving = useSaveReceipt(job.id);
  return (
    <Panel
      title={words.finish.proof}
      aside={
        <div className={cls('row')}>
          <Button variant="default" onClick={() => go({ kind: 'report', id: job.id })}>
            {words.finish.report}
          </Button>
          {receipt && (
            <Button variant="default" loading={saving.isBusy} onClick={saving.save}>
              {words.finish.saveReceipt}
            </Button>
          )}
        </div>
      }
    >
      {saving.fault && <FaultPanel fault={saving.fault} />}
      <Facts
        facts={[
          [words.report.site, fill(words.jobs.siteLink, { siteId, siteName })],
          [words.report.operator, job.operator],
          [words.finish.proven, receipt && localTime(receipt.receivedAt)],
        ]}
      />
      {verdict && (
        <Folded title={checksSummary(verdict.checks)} isOpen={!verdict.accepted}>
          <CheckList checks={verdict.checks} />
        </Folded>
      )}
      <Folded title={words.finish.details}>
        <ReportFacts report={report} />
      </Folded>
      <FoldedHead />
    </Panel>
  );
}
