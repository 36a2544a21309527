import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useKept } from '../app/kept.ts';
import { count, fill, words } from '../app/words.ts';
import { cls } from './classes.ts';
import styles from './data-table.module.css';
import { follow, TableRow, type Column } from './table-row.tsx';
import type { List } from './use-list.ts';
import type { Pages } from './use-pages.ts';
import { useWindow } from './use-window.ts';
import { heightOf, indexOf, placeOf, shownOf, topOf, type Anchor, type Rows } from './window-rows.ts';

export { ListFilter } from './list-filter.tsx';
export type { Column } from './table-row.tsx';
export { useList, type List, type ListPlace } from './use-list.ts';
export { pageSize, usePages, type Pages } from './use-pages.ts';

/** What a screen's actions cover of a list, in rem. */
const actionsHeight = 5.5;

interface DataTableProps<Row, Sort extends string> {
  /** Under this name, the place of the user in the list is kept. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column<Row, Sort>[];
  readonly pages: Pages<Row>;
  /** How many rows there are, in words. It stays in sight, with what is beside it. */
  readonly counted: string;
  readonly aside?: ReactNode;
  /** Of a list that can be sorted. */
  readonly list?: List<Sort>;
  readonly rowKey: (row: Row) => string | number;
  /**
   * What a click anywhere on the row opens, and Enter. The row must also have a link to it, which Tab skips: the list
   * is one stop.
   */
  readonly rowHref?: (row: Row) => string;
  /** What a row hides until it is opened. It is shown below the row, as wide as the table. */
  readonly detail?: (row: Row) => ReactNode;
  readonly className?: string | undefined;
}

/** An opened row: which one, and the height of its detail. */
interface Opened {
  readonly key: string | number;
  readonly more: number;
}

/** Up to so many rows, a list has no count above it: they are counted at a glance. */
const few = 20;

const noneOpened: ReadonlyMap<number, Opened> = new Map();

/**
 * A table that the core filters and sorts. Only the rows in sight are rendered, and asked for. Its head stays in sight
 * while the screen scrolls. The arrow keys, Page Up, Page Down, Home and End move through it, Enter opens a row.
 */
export function DataTable<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { name, caption, columns, pages, counted, aside, list, rowKey, rowHref, detail, className } = props;
  const { total, rowAt, want, growsOnTop } = pages;
  const key = JSON.stringify([pages.key, list?.place.turn ?? 0]);
  const body = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const heads = useRef<HTMLDivElement>(null);
  const [height, probe] = useHeight();
  const [shownKey, setShownKey] = useState(key);
  const [opened, setOpened] = useState(noneOpened);
  const [active, setActive] = useState<number>();
  const [kept, keep] = useKept<{ readonly of: string; readonly anchor: Anchor } | null>(
    `${name}.place`,
    null,
  );
  if (shownKey !== key) {
    setShownKey(key);
    setOpened(noneOpened);
    setActive(undefined);
  }
  const rows: Rows = { total, shown: shownOf(total, height), height, opened, growsOnTop };
  const cover = () => ({
    top: stickyHeight(bar.current) + stickyHeight(heads.current),
    bottom: actionsHeight * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  });
  const sight = useWindow(body, rows, cover, key, kept?.of === key ? kept.anchor : undefined);
  const [from, to] = [Math.min(sight.from, rows.shown), Math.min(sight.to, rows.shown)];
  useEffect(() => {
    const ends = [placeOf(rows, from), placeOf(rows, to - 1)];
    if (from < to) want(Math.min(...ends), Math.max(...ends) + 1);
  });
  useKeptOnLeave(() => {
    const anchor = sight.anchor();
    keep(anchor ? { of: key, anchor } : null);
  });

  // A list can change while a row of it is open: the detail does not stay below another row.
  useLayoutEffect(() => {
    const isOther = (place: number, before: string | number) => {
      const row = rowAt(place);
      return place >= total || (row !== undefined && rowKey(row) !== before);
    };
    const same = [...opened].filter(([place, one]) => !isOther(place, one.key));
    if (same.length < opened.size) setOpened(new Map(same));
  });

  const focused = useRef<number>(undefined);
  // Without the focus, the keyboard begins at what is in sight.
  const hasFocus = body.current?.contains(document.activeElement) === true || focused.current !== undefined;
  const anchored = sight.anchor()?.place;
  const start = hasFocus ? active : anchored;
  const current = Math.min(Math.max(start === undefined ? 0 : indexOf(rows, start), 0), rows.shown - 1);
  const indexes = Array.from({ length: to - from }, (_, step) => from + step);
  // The row that has the focus stays, wherever the list is scrolled to.
  if (current < from) indexes.unshift(current);
  else if (current >= to) indexes.push(current);

  useLayoutEffect(() => {
    if (focused.current === undefined) return;
    sight.reveal(focused.current);
    body.current
      ?.querySelector<HTMLElement>(`[data-place="${placeOf(rows, focused.current)}"]`)
      ?.focus({ preventScroll: true });
    focused.current = undefined;
  });

  const toggle = useCallback(
    (place: number, row: string | number) =>
      setOpened((before) => {
        const next = new Map(before);
        if (!next.delete(place)) next.set(place, { key: row, more: 0 });
        return next;
      }),
    [],
  );
  const measured = useCallback(
    (place: number, more: number) =>
      setOpened((before) => {
        const one = before.get(place);
        return one && one.more !== more ? new Map(before).set(place, { ...one, more }) : before;
      }),
    [],
  );
  const move = (index: number) => {
    focused.current = Math.min(rows.shown - 1, Math.max(0, index));
    setActive(placeOf(rows, focused.current));
    // Also when it is the same row, which may be out of sight.
    sight.reveal(focused.current);
  };
  const onKey = (event: KeyboardEvent) => {
    const { key: pressed, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!(target instanceof HTMLElement) || target.closest('[data-detail]')) return;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + sight.pageRows(),
      PageUp: current - sight.pageRows(),
      Home: 0,
      End: rows.shown - 1,
    };
    const to = moves[pressed];
    if (to !== undefined) move(to);
    else if (!open(pressed, target)) return;
    event.preventDefault();
  };
  /** Opens or closes the row that has the focus, if the key does that. */
  const open = (pressed: string, target: HTMLElement): boolean => {
    const place = placeOf(rows, current);
    const row = rowAt(place);
    if (row === undefined || !target.matches('[data-place]')) return false;
    if (rowHref) return pressed === 'Enter' && follow(target, rowHref(row));
    if (!detail || !['Enter', ' ', opened.has(place) ? 'ArrowLeft' : 'ArrowRight'].includes(pressed))
      return false;
    toggle(place, rowKey(row));
    return true;
  };
  const layout = {
    '--columns': columns.map(({ width = 'minmax(0, 1fr)' }) => width).join(' '),
    '--lines': columns.reduce((sum, { lines = 1 }) => sum + lines, 0),
  } as CSSProperties;
  return (
    <div className={styles['box']}>
      <div
        className={cls(styles['list'], className)}
        style={layout}
        data-folds={detail !== undefined || undefined}
      >
        <div ref={probe} className={styles['probe']} aria-hidden="true" />
        {(total > few || aside !== undefined) && (
          <div ref={bar} className={styles['count']}>
            <strong>{counted}</strong>
            {aside}
          </div>
        )}
        <div role={detail ? 'treegrid' : 'grid'} aria-label={caption} aria-rowcount={total + 1}>
          <div ref={heads} role="rowgroup" className={styles['headGroup']}>
            <div role="row" aria-rowindex={1} className={styles['heads']}>
              {columns.map((column) => (
                <HeadCell key={column.title} column={column} list={list} />
              ))}
            </div>
          </div>
          <div
            ref={body}
            role="rowgroup"
            className={styles['rows']}
            // Without the line below the last row, where the box has its own.
            style={{ height: heightOf(rows) - 1 }}
            onKeyDown={onKey}
          >
            {height > 0 &&
              indexes.map((index) => {
                const place = placeOf(rows, index);
                const row = rowAt(place);
                const isOpen = opened.has(place);
                return (
                  <TableRow
                    key={place}
                    columns={columns}
                    row={row}
                    rowKey={row && rowKey(row)}
                    place={place}
                    index={index}
                    top={topOf(rows, index)}
                    href={row && rowHref?.(row)}
                    isActive={index === current}
                    isOpen={detail && isOpen}
                    detail={isOpen && row !== undefined && detail?.(row)}
                    activate={setActive}
                    toggle={toggle}
                    measured={measured}
                  />
                );
              })}
          </div>
        </div>
        {rows.shown < total && (
          <p className={styles['end']}>{fill(words.table.firstOnly, { count: count(rows.shown) })}</p>
        )}
      </div>
    </div>
  );
}

function HeadCell<Row, Sort extends string>({
  column: { title, sort, isNumber },
  list,
}: {
  readonly column: Column<Row, Sort>;
  readonly list: List<Sort> | undefined;
}) {
  const className = isNumber ? styles['number'] : undefined;
  if (sort === undefined || !list) {
    return (
      <span role="columnheader" className={className}>
        {title}
      </span>
    );
  }
  const { place, move } = list;
  const isSorted = place.sort === sort;
  const order = place.descending ? 'descending' : 'ascending';
  return (
    <span role="columnheader" aria-sort={isSorted ? order : 'none'} className={className}>
      <button
        type="button"
        className={styles['sort']}
        data-sorted={isSorted ? (place.descending ? 'down' : 'up') : undefined}
        onClick={() => move({ sort, descending: isSorted && !place.descending })}
      >
        {title}
      </button>
    </span>
  );
}

/** The height of a row, which the style sheet decides, and the element that has it. */
function useHeight() {
  const probe = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const element = probe.current;
    if (!element) return;
    const measure = () => setHeight(element.offsetHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [height, probe] as const;
}

/** What an element covers of the list below it while the screen scrolls. */
function stickyHeight(element: HTMLElement | null): number {
  return element && getComputedStyle(element).position === 'sticky' ? element.offsetHeight : 0;
}

/** Calls back when the user goes elsewhere, or the window closes. */
function useKeptOnLeave(keep: () => void): void {
  const latest = useRef(keep);
  latest.current = keep;
  useEffect(() => {
    const leave = () => latest.current();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
}
