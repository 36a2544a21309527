import type { StepState } from '../../../../preload/contract/index.ts';
import { Icon, type IconName } from '../../components/icons.tsx';
import { Bar } from '../../components/progress.tsx';
import styles from './later-steps.module.css';

const icons: Readonly<Record<StepState, IconName>> = {
  waiting: 'waiting',
  running: 'moving',
  done: 'good',
  failed: 'bad',
};

interface StepRowProps {
  readonly state: StepState;
  readonly name: string;
  readonly said: string;
  /** Below the state, in small. */
  readonly more?: string | undefined;
  /** How far it is, while it runs. */
  readonly bar?: number | 'moving' | undefined;
}

/** One line in a list of things that the eNB does: its icon, its name, its state. */
export function StepRow({ state, name, said, more, bar }: StepRowProps) {
  return (
    <li data-state={state}>
      <Icon name={icons[state]} />
      {bar === undefined ? (
        <>
          <span>{name}</span>
          <span className={styles['state']}>
            {said}
            {more && <span className={styles['more']}>{more}</span>}
          </span>
        </>
      ) : (
        <div className={styles['bar']}>
          <Bar label={name} state={said} amount={bar} />
        </div>
      )}
    </li>
  );
}
