import { memo, useLayoutEffect, useRef, type CSSProperties, type MouseEvent, type ReactNode } from 'react';
import { words } from '../app/words.ts';
import { cls } from './classes.ts';
import styles from './data-table.module.css';
import { Icon } from './icons.tsx';

/** A column of a table, and how it shows a row. */
export interface Column<Row, Sort extends string> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** The name by which the core sorts; without it the column cannot be sorted. */
  readonly sort?: Sort;
  readonly isNumber?: true;
  /** The track of a CSS grid, of any kind that does not depend on the content. Without it, an equal share. */
  readonly width?: string;
  /** How many lines it has where the columns are below each other. Without it, one. */
  readonly lines?: number;
}

interface TableRowProps<Row, Sort extends string> {
  readonly columns: readonly Column<Row, Sort>[];
  /** Undefined until the core has answered. */
  readonly row: Row | undefined;
  readonly rowKey: string | number | undefined;
  readonly place: number;
  /** How many rows are above it. */
  readonly index: number;
  readonly top: number;
  readonly href: string | undefined;
  readonly isActive: boolean;
  /** Undefined if the table has no details. */
  readonly isOpen: boolean | undefined;
  readonly detail: ReactNode;
  readonly activate: (place: number) => void;
  readonly toggle: (place: number, rowKey: string | number) => void;
  readonly measured: (place: number, more: number) => void;
}

/** A row, and below it its detail while that is open. */
export const TableRow = memo(Row) as typeof Row;

function Row<Of, Sort extends string>(props: TableRowProps<Of, Sort>) {
  const { columns, row, rowKey, place, index, top, href, isActive, isOpen, detail } = props;
  const { activate, toggle, measured } = props;
  const below = useRef<HTMLDivElement>(null);
  const hasDetail = Boolean(detail);
  useLayoutEffect(() => {
    const element = below.current;
    if (!element) return;
    const measure = () => measured(place, element.offsetHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasDetail, place, measured]);
  const act = (event: MouseEvent<HTMLElement>) => {
    if (isMeantElsewhere(event)) return;
    if (href !== undefined) follow(event.currentTarget, href, event);
    else if (isOpen !== undefined && rowKey !== undefined) toggle(place, rowKey);
  };
  return (
    <div
      className={styles['entry']}
      style={{ transform: `translateY(${top}px)` }}
      data-open={isOpen || undefined}
      onFocus={() => activate(place)}
    >
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-level={isOpen === undefined ? undefined : 1}
        aria-expanded={isOpen}
        aria-busy={row === undefined || undefined}
        tabIndex={isActive ? 0 : -1}
        data-place={place}
        className={styles['row']}
        onClick={act}
      >
        {row === undefined ? (
          <span role="gridcell" className={cls('quiet')}>
            {words.frame.asking}
          </span>
        ) : (
          columns.map(({ title, cell, isNumber, lines = 1 }) => (
            <span
              key={title}
              role="gridcell"
              className={cls(styles['cell'], isNumber && styles['number'])}
              style={{ '--lines': lines } as CSSProperties}
              data-title={title}
            >
              {cell(row)}
            </span>
          ))
        )}
        {isOpen !== undefined && (
          <span className={styles['fold']} aria-hidden="true">
            <span>{words.table.detail}</span>
            <Icon name="more" />
          </span>
        )}
      </div>
      {hasDetail && (
        <div ref={below} role="row" aria-level={2} data-detail>
          <div role="gridcell" className={styles['detail']}>
            {detail}
          </div>
        </div>
      )}
    </div>
  );
}

/** Whether a click on a row is for a control in it, or ends a selection of its text. */
function isMeantElsewhere({ target, currentTarget, defaultPrevented }: MouseEvent<HTMLElement>): boolean {
  if (defaultPrevented) return true;
  if (target instanceof Element && target.closest('a, button, input, select, label, summary')) return true;
  const selection = window.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(currentTarget, true);
}

type Modifiers = Pick<globalThis.MouseEvent, 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/**
 * Clicks the link in the row, with the same modifier keys: the browser then does what it does for any link. Returns
 * whether there is one.
 */
export function follow(row: HTMLElement, href: string, modifiers?: Modifiers): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey } = modifiers ?? {};
  const link = row.querySelector(`a[href="${CSS.escape(href)}"]`);
  const click = { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey, altKey } as MouseEventInit;
  link?.dispatchEvent(new window.MouseEvent('click', click));
  return link !== null;
}
