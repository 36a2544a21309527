import { Fragment, useId, type MouseEvent, type ReactNode } from 'react';
import { words } from '../app/words.ts';
import styles from './data-table.module.css';
import { Icon } from './icons.tsx';

/** A column of a table, and how it shows a row. */
export interface Column<Row, Sort extends string> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** The name by which the core sorts; without it the column cannot be sorted. */
  readonly sort?: Sort;
  readonly isNumber?: true;
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

/** A row, and below it its detail while that is open. */
export function TableRow<Row, Sort extends string>(props: TableRowProps<Row, Sort>) {
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
export function isMeantElsewhere({
  target,
  currentTarget,
  defaultPrevented,
}: MouseEvent<HTMLElement>): boolean {
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
