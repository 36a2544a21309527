import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { announce } from '../app/announce.tsx';
import { count, fill, words } from '../app/words.ts';
import styles from './data-table.module.css';
import { limit, type List } from './use-list.ts';

interface PagerProps<Sort extends string> {
  readonly list: List<Sort>;
  readonly total: number;
  readonly toTop: () => void;
}

/** Which rows of a long list are shown, and buttons to the others. */
export function Pager<Sort extends string>({ list, total, toTop }: PagerProps<Sort>) {
  const { offset } = list.place;
  useEffect(() => {
    // Rows can disappear while the user is on the last page.
    if (offset > 0 && offset >= total)
      list.move({ offset: Math.max(0, Math.floor((total - 1) / limit) * limit) });
  }, [offset, total, list]);
  if (total <= limit) return null;
  const range = (from: number) =>
    fill(words.table.range, {
      first: count(from + 1),
      last: count(Math.min(from + limit, total)),
      total: count(total),
    });
  const turn = (to: number) => {
    list.move({ offset: to });
    toTop();
    announce(range(to));
  };
  return (
    <div className={styles['pager']}>
      <span>{range(offset)}</span>
      <PageButton isEnd={offset === 0} turn={() => turn(Math.max(0, offset - limit))}>
        {words.table.previous}
      </PageButton>
      <PageButton isEnd={offset + limit >= total} turn={() => turn(offset + limit)}>
        {words.table.next}
      </PageButton>
    </div>
  );
}

/** At the end of the list it does nothing, but it keeps the focus, which a disabled button would lose. */
function PageButton({
  isEnd,
  turn,
  children,
}: {
  readonly isEnd: boolean;
  readonly turn: () => void;
  readonly children: string;
}) {
  return (
    <Button
      variant="default"
      {...(isEnd && { 'aria-disabled': true, 'data-disabled': true })}
      onClick={() => !isEnd && turn()}
    >
      {children}
    </Button>
  );
}
