import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaultView, JobView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { CheckList } from '../../parts/check-list.tsx';
import { VerdictSentence } from '../../parts/chip.tsx';
import type { Tone } from '../../parts/tone.ts';
import { cls } from '../../parts/classes.ts';
import { FaultPanel } from '../../parts/fault-panel.tsx';
import { Bar, type BarProps } from '../../parts/progress.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { barsOf, hasReached, leftBehind, type BarState, type Bars } from './job-state.ts';

interface DeliveryProps {
  readonly job: JobView;
  /** Of the call that sends, when the job itself does not tell one. */
  readonly fault: FaultView | undefined;
  /** Absent while it is not known where to. */
  readonly sendAgain: (() => void) | undefined;
}

/** A delivery, under way or ended: three bars, the eNB's checks by name, and the verdict in a sentence. */
export function Delivery({ job, fault, sendAgain }: DeliveryProps) {
  const stop = useAction('jobs.stop');
  const verdict = verdictOf(job);
  const shownFault = job.isRunning ? stop.fault : (job.deliveryFault ?? fault);
  useAnnounced(job.isRunning ? words.delivery.announced[job.state] : verdict.sentence);
  const hasAnswer = job.state === 'receipt' || job.state === 'refused';
  return (
    <Screen
      title={job.isRunning ? words.delivery.titleRunning : words.delivery.title}
      keepsActions={job.isRunning}
      secondary={
        job.isRunning ? (
          <StopButton job={job} isStopping={stop.isBusy} stop={() => void stop.run({ id: job.id })} />
        ) : (
          <Button variant="default" onClick={() => go({ kind: 'site' })}>
            {words.job.toJobs}
          </Button>
        )
      }
      primary={
        job.isRunning ? undefined : hasAnswer ? (
          <Button onClick={() => go({ kind: 'job', id: job.id, step: 'finish' })}>
            {words.delivery.finish}
          </Button>
        ) : (
          <SendAgain job={job} sendAgain={sendAgain} />
        )
      }
    >
      {!job.isRunning && <VerdictSentence tone={verdict.tone}>{verdict.sentence}</VerdictSentence>}
      {shownFault && <FaultPanel fault={shownFault} />}
      <BarList bars={barsOf(job)} />
      {job.verdict && (
        <Panel title={words.delivery.checks}>
          <CheckList checks={job.verdict.checks} />
        </Panel>
      )}
    </Screen>
  );
}

interface VerdictShown {
  readonly sentence: string;
  readonly tone: Tone;
}

function verdictOf(job: JobView): VerdictShown {
  const values = { serialNumber: job.serialNumber, sequence: job.sequence };
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
    <Button onClick={() => go({ kind: 'job', id: job.id, step: 'connect' })}>{words.job.toConnect}</Button>
  );
}

/** How far each bar is filled, and with what. */
const looks: Readonly<Record<BarState, Pick<BarProps, 'amount' | 'tone'>>> = {
  waiting: { amount: 0 },
  omitted: { amount: 0 },
  moving: { amount: 'moving' },
  done: { amount: 1, tone: 'done' },
  bad: { amount: 1, tone: 'bad' },
  refused: { amount: 1, tone: 'bad' },
};

function BarList({ bars }: { readonly bars: Bars }) {
  const { sending, readingBack, checks } = words.delivery.bars;
  const rows: readonly (readonly [string, BarState])[] = [
    [sending, bars.sending],
    [readingBack, bars.readingBack],
    [checks, bars.checks],
  ];
  return (
    <ul className={cls('bars')}>
      {rows.map(([label, state]) => (
        <li key={label}>
          <Bar label={label} state={words.delivery.barStates[state]} {...looks[state]} />
        </li>
      ))}
    </ul>
  );
}

interface StopButtonProps {
  readonly job: JobView;
  readonly isStopping: boolean;
  readonly stop: () => void;
}

/** Stopping is possible at any time, and says what it leaves before it is done. */
function StopButton({ job, isStopping, stop }: StopButtonProps) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button variant="default" loading={isStopping} onClick={() => setAsking(true)}>
        {words.delivery.stop}
      </Button>
    );
  }
  return (
    <div className={cls('row')} role="group" aria-label={words.delivery.stop}>
      <span className={cls('wide')}>{leftBehind(job.state)}</span>
      <Button variant="stop" autoFocus onClick={stop} loading={isStopping}>
        {words.delivery.stopNow}
      </Button>
      <Button variant="default" onClick={() => setAsking(false)}>
        {words.delivery.goOn}
      </Button>
    </div>
  );
}
