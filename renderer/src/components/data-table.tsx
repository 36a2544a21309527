import { useRef, useState, type ReactNode } from 'react';
import { words } from '../app/words.ts';
import { cls } from './classes.ts';
import styles from './data-table.module.css';
import { Pager } from './pager.tsx';
import { TableRow, type Column } from './table-row.tsx';
import type { List } from './use-list.ts';

export { ListFilter } from './list-filter.tsx';
export type { Column } from './table-row.tsx';
export { useList, type List, type ListPlace } from './use-list.ts';

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
                  <span className={cls('hidden')}>{words.table.detail}</span>
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
