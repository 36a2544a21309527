import { Button, TextInput } from '@mantine/core';
import { words } from '../app/words.ts';
import type { Answer } from '../port/use-call.ts';
import styles from './data-table.module.css';
import type { List } from './use-list.ts';
import { useMatchesAnnounced } from './use-matches.ts';

interface ListFilterProps<Sort extends string> {
  readonly label: string;
  readonly list: List<Sort>;
  /** The answer that the list shows. */
  readonly answer: Answer<{ readonly total: number }>;
  /** What the screen shows when nothing matches; a screen reader announces it. */
  readonly none: string;
}

/** The filter of a list, and a button that clears it. The core is asked with every key. */
export function ListFilter<Sort extends string>({ label, list, answer, none }: ListFilterProps<Sort>) {
  const { filter } = list.place;
  useMatchesAnnounced(filter, answer, none);
  return (
    <div className={styles['filter']}>
      <TextInput
        label={label}
        type="search"
        maxLength={200}
        value={filter}
        onChange={(event) => list.move({ filter: event.currentTarget.value })}
      />
      {filter !== '' && (
        <Button variant="default" onClick={() => list.move({ filter: '' })}>
          {words.table.clear}
        </Button>
      )}
    </div>
  );
}
