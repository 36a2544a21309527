import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaultView, JobState, JobView } from '../../../../preload/contract/index.ts';
import { hasReached } from '../../../../preload/contract/steps.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { CheckList } from '../../components/check-list.tsx';
import { VerdictSentence } from '../../components/chip.tsx';
import type { Tone } from '../../components/tone.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Serial } from '../../components/mono.tsx';
import { Bar, type BarProps } from '../../components/progress.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import { isAway } from '../../port/client.ts';
import { useAction, useConnection } from '../../port/use-call.ts';
import { attemptOf, barNames, barsOf, leftBehind, type BarState, type Bars } from './job-state.ts';
import { hasAnswer } from './job-pages.ts';
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
  const verdict = verdictOf(job);
  const attempt = attemptOf(job);
  const shownFault = work ? stop.fault : (job.deliveryFault ?? fault);
  useAnnounced(work ? words.delivery.announced[job.state] : verdict.sentence);
  return (
    <Screen
      title={work ? words.delivery.titleRunning : words.delivery.title}
      keepsActions={work !== undefined}
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
          <Button onClick={() => go({ kind: 'job', id: job.id, page: 'finish' })}>
            {words.delivery.finish}
          </Button>
        ) : (
          <SendAgain job={job} sendAgain={sendAgain} />
        )
      }
    >
      {work ? (
        <Target job={job} />
      ) : (
        <VerdictSentence tone={verdict.tone}>{verdict.sentence}</VerdictSentence>
      )}
      {job.receipt?.accepted === true && (work !== undefined || isBrokenAgain(job)) && (
        <Panel title={words.delivery.proven}>
          <p>{provenSentence(job, job.receipt)}</p>
        </Panel>
      )}
      {isLost && <VerdictSentence tone="warn">{words.delivery.lost}</VerdictSentence>}
      {shownFault && <FaultPanel fault={shownFault} />}
      {attempt && <BarList bars={barsOf(attempt, job, isLost)} />}
      {job.verdict && (
        <Panel title={words.delivery[isOf(attempt, 'sent') ? 'checks' : 'checksBefore']}>
          <CheckList checks={job.verdict.checks} />
        </Panel>
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

interface VerdictShown {
  readonly sentence: string;
  readonly tone: Tone;
}

function verdictOf(job: JobView): VerdictShown {
  const values = { serialNumber: job.serialNumber, sequence: job.sequence };
  if (isBrokenAgain(job)) return { tone: 'warn', sentence: words.delivery.brokenAgain };
  if (job.state === 'receipt') return { tone: 'good', sentence: fill(words.delivery.accepted, values) };
  if (job.state === 'refused') return { tone: 'bad', sentence: fill(words.delivery.refused, values) };
  if (hasReached(job.state, 'sent')) return { tone: 'warn', sentence: fill(words.delivery.unproven, values) };
  if (job.state === 'sending') return { tone: 'warn', sentence: fill(words.delivery.unknown, values) };
  return { tone: 'bad', sentence: fill(words.delivery.notSent, values) };
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
  bad: { amount: 1, tone: 'bad' },
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
