import { Button, TextInput } from '@mantine/core';
import { Fragment, useEffect, useId, useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { announce } from '../app/announce.tsx';
import { useKept } from '../app/kept.ts';
import { count, counted, fill, words } from '../app/words.ts';
import type { Answer } from '../port/use-call.ts';
import styles from './data-table.module.css';
import { Icon } from './icons.tsx';

/** Which part of a list is shown, and how. The core selects it in its store. */
export interface ListPlace<Sort extends string> {
  readonly filter: string;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly offset: number;
}

const limit = 50;

/** The place of a list, and how to change it. A change returns to the start of the list unless it sets an offset. */
export interface List<Sort extends string> {
  readonly place: ListPlace<Sort>;
  /** The input of a list call. */
  readonly input: ListPlace<Sort> & { readonly limit: number };
  readonly move: (next: Partial<ListPlace<Sort>>) => void;
}

/** The place of a list, kept while the user is elsewhere. */
export function useList<Sort extends string>(name: string, sort: Sort, descending = false): List<Sort> {
  const [place, setPlace] = useKept<ListPlace<Sort>>(name, { filter: '', sort, descending, offset: 0 });
  return {
    place,
    input: { ...place, limit },
    move: (next) => setPlace({ ...place, offset: 0, ...next }),
  };
}

/** A column of a table, and how it shows a row. */
export interface Column<Row, Sort extends string> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** The name by which the core sorts; without it the column cannot be sorted. */
  readonly sort?: Sort;
  readonly isNumber?: true;
}

interface DataTableProps<Row, Sort extends string> {
  readonly caption: string;
  readonly columns: readonly Column<Row, Sort>[];
  readonly rows: readonly Row[];
  readonly total: number;
  readonly list: List<Sort>;
  readonly rowKey: (row: Row) => string | number;
  /** What a click anywhere on the row opens. The row must also have a link to it, for keyboards and screen readers. */
  readonly rowHref?: (row: Row) => string;
  /** What a row hides until it is opened. It is shown below the row, as wide as the table. */
  readonly detail?: (row: Row) => ReactNode;
}

/** A table that the core filters, sorts and pages. Its head stays in sight while the list scrolls. */
export function DataTable<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { caption, columns, rows, total, list, rowKey, rowHref, detail } = props;
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string | number>>(new Set());
  const toggle = (key: string | number) =>
    setOpen((keys) =>
      keys.has(key) ? new Set([...keys].filter((one) => one !== key)) : new Set(keys).add(key),
    );
  return (
    <div className={styles['list']}>
      <div ref={box} className={styles['box']}>
        {/* The roles stay correct where a narrow window shows the rows as blocks. */}
        <table className={styles['table']} role="table" aria-label={caption}>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <HeadCell key={column.title} column={column} list={list} />
              ))}
              {detail && (
                <th role="columnheader">
                  <span className={styles['hidden']}>{words.table.detail}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <TableRow
                key={rowKey(row)}
                columns={columns}
                row={row}
                href={rowHref?.(row)}
                hasDetails={detail !== undefined}
                detail={detail?.(row)}
                isOpen={open.has(rowKey(row))}
                toggle={() => toggle(rowKey(row))}
              />
            ))}
          </tbody>
        </table>
      </div>
      <Pager list={list} total={total} toTop={() => box.current?.scrollIntoView()} />
    </div>
  );
}

interface TableRowProps<Row, Sort extends string> {
  readonly columns: readonly Column<Row, Sort>[];
  readonly row: Row;
  readonly href: string | undefined;
  /** Whether any row of the table has a detail. */
  readonly hasDetails: boolean;
  readonly detail: ReactNode;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

function TableRow<Row, Sort extends string>(props: TableRowProps<Row, Sort>) {
  const { columns, row, href, hasDetails, detail, isOpen, toggle } = props;
  const id = useId();
  const hasDetail = detail !== undefined && detail !== null && detail !== false;
  const act = (event: MouseEvent<HTMLElement>) => {
    if (isMeantElsewhere(event)) return;
    if (href !== undefined) follow(event, href);
    else if (hasDetail) toggle();
  };
  return (
    <Fragment>
      <tr role="row" data-opens={href !== undefined || hasDetail || undefined} onClick={act}>
        {columns.map((column, place) => (
          <td
            key={column.title}
            id={place === 0 ? id : undefined}
            role="cell"
            className={column.isNumber ? styles['number'] : undefined}
            data-title={column.title}
          >
            {column.cell(row)}
          </td>
        ))}
        {hasDetails && (
          <td role="cell" className={styles['toggleCell']}>
            {hasDetail && (
              <button
                type="button"
                id={`${id}toggle`}
                className={styles['toggle']}
                aria-expanded={isOpen}
                aria-labelledby={`${id}toggle ${id}`}
                onClick={toggle}
              >
                {words.table.detail}
                <Icon name="more" />
              </button>
            )}
          </td>
        )}
      </tr>
      {isOpen && hasDetail && (
        <tr role="row">
          <td role="cell" className={styles['detail']} colSpan={columns.length + 1}>
            <div>{detail}</div>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Whether a click on a row is for a control in it, or ends a selection of its text. */
function isMeantElsewhere({ target, currentTarget, defaultPrevented }: MouseEvent<HTMLElement>): boolean {
  if (defaultPrevented) return true;
  if (target instanceof Element && target.closest('a, button, input, select, label, summary')) return true;
  const selection = window.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(currentTarget, true);
}

/** Clicks the link in the row, with the same modifier keys: the browser then does what it does for any link. */
function follow(
  { currentTarget, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent<HTMLElement>,
  href: string,
) {
  currentTarget
    .querySelector(`a[href="${CSS.escape(href)}"]`)
    ?.dispatchEvent(
      new window.MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey, altKey }),
    );
}

function HeadCell<Row, Sort extends string>({
  column: { title, sort, isNumber },
  list: { place, move },
}: {
  readonly column: Column<Row, Sort>;
  readonly list: List<Sort>;
}) {
  const className = isNumber ? styles['number'] : undefined;
  if (sort === undefined) {
    return (
      <th role="columnheader" className={className}>
        {title}
      </th>
    );
  }
  const isSorted = place.sort === sort;
  const order = place.descending ? 'descending' : 'ascending';
  return (
    <th role="columnheader" aria-sort={isSorted ? order : 'none'} className={className}>
      <button
        type="button"
        className={styles['sort']}
        data-sorted={isSorted ? (place.descending ? 'down' : 'up') : undefined}
        onClick={() => move({ sort, descending: isSorted && !place.descending })}
      >
        {title}
      </button>
    </th>
  );
}

interface PagerProps<Sort extends string> {
  readonly list: List<Sort>;
  readonly total: number;
  readonly toTop: () => void;
}

function Pager<Sort extends string>({ list, total, toTop }: PagerProps<Sort>) {
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

interface ListFilterProps<Sort extends string> {
  readonly label: string;
  readonly list: List<Sort>;
  /** The answer that the list shows. */
  readonly answer: Answer<{ readonly total: number }>;
  /** What the screen shows when nothing matches; a screen reader announces it. */
  readonly none: string;
}

/** How long typing pauses before a screen reader announces the number of matches, in milliseconds. */
const pause = 700;

/** The filter of a list, and a button that clears it. The core is asked with every key. */
export function ListFilter<Sort extends string>({ label, list, answer, none }: ListFilterProps<Sort>) {
  const { filter } = list.place;
  const matches = answer.state === 'known' && !answer.isOld ? answer.value.total : undefined;
  const announced = useRef(filter);
  useEffect(() => {
    if (matches === undefined || filter === announced.current) return;
    const timer = setTimeout(() => {
      announced.current = filter;
      if (filter !== '') announce(matches === 0 ? none : counted(words.table.matches, matches));
    }, pause);
    return () => clearTimeout(timer);
  }, [filter, matches, none]);
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
