import { useId } from 'react';
import { count } from '../app/words.ts';
import styles from './filter-chips.module.css';

/** One part of a list that can be shown alone. */
export interface FilterChoice<Id extends string> {
  readonly id: Id;
  readonly label: string;
  /** How many rows it has; undefined while unknown. */
  readonly count: number | undefined;
}

interface FilterChipsProps<Id extends string> {
  /** What the choices are about, for a screen reader. */
  readonly label: string;
  readonly choices: readonly FilterChoice<Id>[];
  readonly chosen: Id;
  readonly choose: (id: Id) => void;
}

/** A row of filters with their counts, one of them chosen: All 60, To do 40. The arrow keys move between them. */
export function FilterChips<Id extends string>({ label, choices, chosen, choose }: FilterChipsProps<Id>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={styles['chips']}>
      {choices.map(({ id, label: word, count: amount }) => (
        <label key={id} className={styles['chip']}>
          <input type="radio" name={name} checked={id === chosen} onChange={() => choose(id)} />
          {word} {amount !== undefined && <span className={styles['count']}>{count(amount)}</span>}
        </label>
      ))}
    </div>
  );
}
