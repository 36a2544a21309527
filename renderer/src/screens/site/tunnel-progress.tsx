import { useEffect, useReducer } from 'react';
import type { StepView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useKept } from '../../app/kept.ts';
import { duration, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Panel } from '../../components/screen.tsx';
import steps from './later-steps.module.css';
import { StepRow } from './step-row.tsx';
import { eventWords, milestones, milestoneStates } from './tunnel-state.ts';
import styles from './tunnel.module.css';

/** A tunnel that comes up: the last event in words, how long it takes, and what is reached. */
export function TunnelProgress({ id, step }: { readonly id: string; readonly step: StepView }) {
  const event = eventWords(step.phase);
  useAnnounced(event);
  return (
    <Panel title={words.tunnel.running} aside={<Elapsed id={id} step={step} />}>
      <p className={styles['event']}>{event}</p>
      <Milestones step={step} />
    </Panel>
  );
}

/** Where a tunnel is on its way, where it ended, or where nobody followed it any more. */
export function Milestones({ step, isLost }: { readonly step: StepView; readonly isLost?: boolean }) {
  const states = milestoneStates(step);
  return (
    <ol className={steps['steps']}>
      {milestones.map((name) => (
        <StepRow
          key={name}
          state={states[name]}
          name={words.tunnel.milestones[name]}
          said={words.tunnel.milestoneStates[isLost && states[name] === 'running' ? 'lost' : states[name]]}
        />
      ))}
    </ol>
  );
}

/** How long a step runs, or is waited for, by the laptop's clock: the eNB's can be wrong. Survives a reload. */
function Elapsed({ id, step: { state, startedAt = '' } }: { readonly id: string; readonly step: StepView }) {
  const [seen, keep] = useKept(`tunnel.${id}`, { startedAt: '', at: Date.now() });
  const [, renderAgain] = useReducer((turn: number) => turn + 1, 0);
  const isKnown = seen.startedAt === startedAt;
  useEffect(() => {
    if (!isKnown || startedAt === '') keep({ startedAt, at: Date.now() });
    const timer = setInterval(renderAgain, 1000);
    return () => clearInterval(timer);
  }, [startedAt]);
  const seconds = isKnown ? (Date.now() - seen.at) / 1000 : 0;
  return (
    <span className={cls('quiet')}>
      {fill(words.tunnel.elapsed[state === 'waiting' ? 'waiting' : 'running'], { time: duration(seconds) })}
    </span>
  );
}
