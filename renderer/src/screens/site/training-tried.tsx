import type { TrainingView } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Icon } from '../../components/icons.tsx';
import styles from './training.module.css';

type Tried = TrainingView['tried'][number];

const names = words.training.triedNames;

/** The connections of training and a fault, ticked off once the user has tried them. */
export function TriedList({ tried }: Pick<TrainingView, 'tried'>) {
  return (
    <ul className={styles['tried']} aria-label={words.training.tried}>
      {(Object.keys(names) as Tried[]).map((what) => {
        const isDone = tried.includes(what);
        return (
          <li key={what} data-done={isDone || undefined}>
            <span className={styles['mark']}>{isDone && <Icon name="good" size={12} />}</span>
            {names[what]}
            <span className={cls('hidden')}>{isDone ? words.training.done : words.training.notYet}</span>
          </li>
        );
      })}
    </ul>
  );
}
