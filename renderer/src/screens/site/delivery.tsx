import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaultView, JobState, JobView } from '../../../../preload/contract/index.ts';
import { hasReached } from '../../../../preload/contract/steps.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { CheckList, checksSummary } from '../../components/check-list.tsx';
import { VerdictSentence } from '../../components/chip.tsx';
import type { Tone } from '../../components/tone.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Serial } from '../../components/mono.tsx';
import { Bar, type BarProps } from '../../components/progress.tsx';
import { Folded, Panel, Screen } from '../../components/screen.tsx';
import { isAway } from '../../port/client.ts';
import { useAction, useConnection } from '../../port/use-call.ts';
import { attemptOf, barNames, barsOf, leftBehind, type BarState, type Bars } from './job-state.ts';
import { hasAnswer, pageAfterDelivery } from './job-pages.ts';
import styles from './job.module.css';
import { ToJobs } from './obstacles.tsx';

interface DeliveryProps {
  readonly job: JobView;
  /** Of the call that sends, when the job itself reports no fault. */
  readonly fault: FaultView | undefined;
  /** Absent while the target is unknown. */
  readonly sendAgain: (() => void) | undefined;
}

/**
 * A delivery, running or finished: its progress, bar by bar, with the eNB's checks by name and the verdict in a
 * sentence. Separately, it shows what was proven before.
 */
export function Delivery({ job, fault, sendAgain }: DeliveryProps) {
  const { work } = job;
  const stop = useAction('work.stop');
  const isLost = isAway(useConnection()) && work !== undefined;
  const outcome = outcomeOf(job);
  const isGood = work === undefined && outcome.tone === 'good';
  const attempt = attemptOf(job);
  const onward = pageAfterDelivery(job);
  const shownFault = work ? stop.fault : (job.deliveryFault ?? fault);
  useAnnounced(work ? words.delivery.announced[job.state] : outcome.title);
  const checks = job.verdict && <CheckList checks={job.verdict.checks} />;
  return (
    <Screen
      {...(work ? { title: words.delivery.titleRunning } : outcome)}
      secondary={
        work ? (
          <StopButton
            job={job}
            isStopping={stop.isBusy}
            stop={isLost ? undefined : () => void stop.run({ id: work.id })}
          />
        ) : (
          <ToJobs />
        )
      }
      primary={
        work ? undefined : hasAnswer(job) ? (
          <Button onClick={() => go({ kind: 'job', id: job.id, page: onward })}>
            {onward === 'finish' ? words.delivery.finish : words.steps.start['initial-ipsec']}
          </Button>
        ) : (
          <SendAgain job={job} sendAgain={sendAgain} />
        )
      }
    >
      {work && <Target job={job} />}
      {job.receipt?.accepted === true && (work !== undefined || isBrokenAgain(job)) && (
        <Panel title={words.delivery.proven}>
          <p>{provenSentence(job, job.receipt)}</p>
        </Panel>
      )}
      {isLost && <VerdictSentence tone="warn">{words.delivery.lost}</VerdictSentence>}
      {shownFault && <FaultPanel fault={shownFault} />}
      {isGood ? (
        // The bars have nothing left to say.
        <Panel>
          <Folded title={words.delivery.stages}>{attempt && <BarList bars={barsOf(attempt, job)} />}</Folded>
          {job.verdict && <Folded title={checksSummary(job.verdict.checks)}>{checks}</Folded>}
        </Panel>
      ) : (
        <>
          {attempt && <BarList bars={barsOf(attempt, job, isLost)} />}
          {checks && (
            <Panel title={words.delivery[isOf(attempt, 'sent') ? 'checks' : 'checksBefore']}>{checks}</Panel>
          )}
        </>
      )}
    </Screen>
  );
}

/** Whether this delivery was interrupted although the eNB has already proven that it has the configuration. */
function isBrokenAgain({ state, deliveryFault }: JobView): boolean {
  return state === 'receipt' && deliveryFault !== undefined;
}

function isOf(attempt: JobState | undefined, least: JobState): boolean {
  return attempt !== undefined && hasReached(attempt, least);
}

/** What the receipt proves, whatever the result of a later delivery. */
export function provenSentence(
  { serialNumber, sequence }: JobView,
  { receivedAt }: NonNullable<JobView['receipt']>,
): string {
  const time = localTime(receivedAt);
  return fill(words.delivery.provenSentence, { serialNumber, sequence: count(sequence), time });
}

/** The target eNB, to be read at arm's length. */
function Target({ job: { serialNumber, sequence } }: { readonly job: JobView }) {
  return (
    <p className={styles['target']}>
      {fill(words.delivery.target, { sequence: count(sequence) })}
      <Serial>{serialNumber}</Serial>
    </p>
  );
}

interface Outcome {
  readonly title: string;
  readonly lead: string;
  readonly tone: Tone;
}

const outcomeTones: Readonly<Record<keyof typeof words.delivery.outcomes, Tone>> = {
  accepted: 'good',
  refused: 'bad',
  unproven: 'warn',
  unknown: 'warn',
  notSent: 'bad',
  brokenAgain: 'warn',
};

/** The result of the delivery. */
function outcomeOf(job: JobView): Outcome {
  const kind = outcomeKind(job);
  const { title, lead } = words.delivery.outcomes[kind];
  const values = { serialNumber: job.serialNumber, sequence: count(job.sequence) };
  return { title: fill(title, values), lead: fill(lead, values), tone: outcomeTones[kind] };
}

function outcomeKind(job: JobView): keyof typeof words.delivery.outcomes {
  if (isBrokenAgain(job)) return 'brokenAgain';
  if (job.state === 'receipt') return 'accepted';
  if (job.state === 'refused') return 'refused';
  if (hasReached(job.state, 'sent')) return 'unproven';
  return job.state === 'sending' ? 'unknown' : 'notSent';
}

function SendAgain({ job, sendAgain }: Omit<DeliveryProps, 'fault'>) {
  return sendAgain ? (
    <Button onClick={sendAgain}>{words.delivery.again}</Button>
  ) : (
    <Button onClick={() => go({ kind: 'job', id: job.id, page: 'connect' })}>{words.job.toConnect}</Button>
  );
}

/** How far each bar is filled, and in which tone. */
const looks: Readonly<Record<BarState, Pick<BarProps, 'amount' | 'tone'>>> = {
  waiting: { amount: 0 },
  omitted: { amount: 0 },
  moving: { amount: 'moving' },
  unknown: { amount: 0 },
  done: { amount: 1, tone: 'done' },
  bad: { amount: 0.5, tone: 'bad' },
  refused: { amount: 1, tone: 'bad' },
};

function BarList({ bars }: { readonly bars: Bars }) {
  return (
    <ul className={cls('bars')}>
      {barNames.map((name) => (
        <li key={name}>
          <Bar
            label={words.delivery.bars[name]}
            state={words.delivery.barStates[bars[name]]}
            {...looks[bars[name]]}
          />
        </li>
      ))}
    </ul>
  );
}

interface StopButtonProps {
  readonly job: JobView;
  readonly isStopping: boolean;
  /** Absent while the core cannot be reached. */
  readonly stop: (() => void) | undefined;
}

/** Stopping is possible at any time. Before it stops, it says what state it leaves. */
function StopButton({ job, isStopping, stop }: StopButtonProps) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button
        variant="default"
        loading={isStopping}
        disabled={stop === undefined}
        onClick={() => setAsking(true)}
      >
        {words.delivery.stop}
      </Button>
    );
  }
  return (
    <div className={cls('row')} role="group" aria-label={words.delivery.stop}>
      <span className={cls('wide')}>{leftBehind(job.state)}</span>
      <Button variant="stop" autoFocus onClick={stop} disabled={stop === undefined} loading={isStopping}>
        {words.delivery.stopNow}
      </Button>
      <Button variant="default" onClick={() => setAsking(false)}>
        {words.delivery.goOn}
      </Button>
    </div>
  );
}
