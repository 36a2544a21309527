import { Button, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useKept } from '../app/kept.ts';
import { count, fill, words } from '../app/words.ts';
import { cls } from './classes.ts';

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
}

/** A table that the core filters, sorts and pages. */
export function DataTable<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { caption, columns, rows, total, list, rowKey } = props;
  return (
    <div className={cls('stack')}>
      <div className={cls('tableBox')} tabIndex={0} role="region" aria-label={caption}>
        {/* The roles stay correct where a narrow window shows the rows as blocks. */}
        <table className={cls('table')} role="table">
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <HeadCell key={column.title} column={column} list={list} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={rowKey(row)} role="row">
                {columns.map((column) => (
                  <td
                    key={column.title}
                    role="cell"
                    className={cls(column.isNumber && 'number')}
                    data-title={column.title}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager list={list} total={total} />
    </div>
  );
}

function HeadCell<Row, Sort extends string>({
  column: { title, sort, isNumber },
  list: { place, move },
}: {
  readonly column: Column<Row, Sort>;
  readonly list: List<Sort>;
}) {
  if (sort === undefined) {
    return (
      <th role="columnheader" className={cls(isNumber && 'number')}>
        {title}
      </th>
    );
  }
  const isSorted = place.sort === sort;
  const order = place.descending ? 'descending' : 'ascending';
  return (
    <th role="columnheader" aria-sort={isSorted ? order : 'none'} className={cls(isNumber && 'number')}>
      <button
        type="button"
        className={cls('sort')}
        data-sorted={isSorted ? (place.descending ? 'down' : 'up') : undefined}
        onClick={() => move({ sort, descending: isSorted && !place.descending })}
      >
        {title}
      </button>
    </th>
  );
}

function Pager<Sort extends string>({ list, total }: { readonly list: List<Sort>; readonly total: number }) {
  const { offset } = list.place;
  const last = Math.min(offset + limit, total);
  useEffect(() => {
    // Rows can disappear while the user is on the last page.
    if (offset > 0 && offset >= total)
      list.move({ offset: Math.max(0, Math.floor((total - 1) / limit) * limit) });
  }, [offset, total, list]);
  if (total <= limit) return null;
  const range = { first: count(offset + 1), last: count(last), total: count(total) };
  return (
    <div className={cls('pager')}>
      <span role="status">{fill(words.table.range, range)}</span>
      <Button
        variant="default"
        disabled={offset === 0}
        onClick={() => list.move({ offset: Math.max(0, offset - limit) })}
      >
        {words.table.previous}
      </Button>
      <Button
        variant="default"
        disabled={last >= total}
        onClick={() => list.move({ offset: offset + limit })}
      >
        {words.table.next}
      </Button>
    </div>
  );
}

/** The filter of a list, and a button that clears it. The core is asked when the typing pauses. */
export function ListFilter<Sort extends string>({
  label,
  list,
}: {
  readonly label: string;
  readonly list: List<Sort>;
}) {
  const { filter } = list.place;
  const [text, setText] = useState(filter);
  useEffect(() => {
    // Other code can clear it, to show rows that were added since.
    if (filter === '') setText('');
  }, [filter]);
  useEffect(() => {
    if (text === filter) return;
    const timer = setTimeout(() => list.move({ filter: text }), 250);
    return () => clearTimeout(timer);
  }, [text, list]);
  return (
    <div className={cls('filter')}>
      <TextInput
        label={label}
        type="search"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {filter !== '' && (
        <Button variant="default" onClick={() => list.move({ filter: '' })}>
          {words.table.clear}
        </Button>
      )}
    </div>
  );
}
