import {
  memo,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import type { LogRow } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { count, localTimeToSecond, localTimeWithZone, localZone, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Icon } from '../../components/icons.tsx';
import { Mono } from '../../components/mono.tsx';
import { Facts } from '../../components/screen.tsx';
import { isMeantElsewhere } from '../../components/table-row.tsx';
import styles from './log.module.css';
import type { LogEntries } from './use-log-entries.ts';
import { heightOf, topOf, useWindow, type Anchor, type Rows } from './use-window.ts';

/** The most rows that a list holds: browsers limit the height of a page. */
const mostRows = 250_000;

/** What a screen's actions cover of a list, in rem. */
const actionsHeight = 5.5;

interface LogTableProps {
  readonly entries: LogEntries;
  /** How many there are in words; stays in sight. */
  readonly counted: string;
}

/**
 * The entries of the log, the newest on top. Only what is in sight is rendered, and asked for. The arrow keys, Page Up,
 * Page Down, Home and End move through it, Enter opens an entry.
 */
export function LogTable({ entries, counted }: LogTableProps) {
  const { total, entryAt, want } = entries;
  const list = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const heads = useRef<HTMLDivElement>(null);
  const [height, probe] = useHeight();
  const [opened, setOpened] = useState<ReadonlyMap<number, number>>(new Map());
  const [active, setActive] = useState<number>();
  const focused = useRef<number>(undefined);
  const [kept, keep] = useKept<{ readonly of: string; readonly anchor: Anchor } | null>('log.place', null);
  const least = Math.max(0, total - mostRows);
  const rows: Rows = { total, least, height, opened };
  const cover = () => ({
    top: (bar.current?.offsetHeight ?? 0) + (heads.current?.offsetHeight ?? 0),
    bottom: actionsHeight * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  });
  const sight = useWindow(list, rows, cover, kept?.of === entries.key ? kept.anchor : undefined);
  const [from, to] = [Math.max(least, sight.from), Math.min(total, sight.to)];
  useEffect(() => want(from, to));

  const leave = useRef(() => {});
  leave.current = () => {
    const anchor = sight.anchor();
    keep(anchor ? { of: entries.key, anchor } : null);
  };
  useEffect(() => {
    const onLeave = () => leave.current();
    window.addEventListener('pagehide', onLeave);
    return () => {
      window.removeEventListener('pagehide', onLeave);
      onLeave();
    };
  }, []);

  // Without the focus, the keyboard begins at what is in sight.
  const hasFocus = list.current?.contains(document.activeElement) === true || focused.current !== undefined;
  const start = hasFocus ? active : sight.anchor()?.place;
  const current = Math.min(Math.max(start ?? total - 1, least), total - 1);
  const places = Array.from({ length: Math.max(0, to - from) }, (_, place) => to - 1 - place);
  if (current >= to) places.unshift(current);
  else if (current < from) places.push(current);

  useLayoutEffect(() => {
    if (focused.current === undefined) return;
    sight.reveal(focused.current);
    list.current
      ?.querySelector<HTMLElement>(`[data-place="${focused.current}"]`)
      ?.focus({ preventScroll: true });
    focused.current = undefined;
  });

  const toggle = (place: number) =>
    setOpened((before) => {
      const next = new Map(before);
      if (!next.delete(place)) next.set(place, 0);
      return next;
    });
  const measured = (place: number, more: number) =>
    setOpened((before) =>
      before.has(place) && before.get(place) !== more ? new Map(before).set(place, more) : before,
    );
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { key } = event;
    const isOpen = opened.has(current);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: current - 1,
      ArrowUp: current + 1,
      PageDown: current - sight.pageRows(),
      PageUp: current + sight.pageRows(),
      Home: total - 1,
      End: least,
    };
    const move = moves[key];
    if (move !== undefined) {
      focused.current = Math.min(total - 1, Math.max(least, move));
      setActive(focused.current);
      // Also when it is the same row, which may be out of sight.
      sight.reveal(focused.current);
    } else if (key === 'Enter' || key === ' ' || key === (isOpen ? 'ArrowLeft' : 'ArrowRight'))
      toggle(current);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles['box']}>
      <div ref={probe} className={styles['probe']} aria-hidden="true" />
      <div ref={bar} className={styles['count']}>
        <strong>{counted}</strong>
        <span className={cls('quiet')}>{fill(words.log.zone, { zone: localZone() })}</span>
      </div>
      <div role="treegrid" aria-label={words.log.title} aria-rowcount={total + 1} onKeyDown={onKey}>
        <div ref={heads} role="rowgroup" className={styles['headGroup']}>
          <div role="row" aria-rowindex={1} className={styles['heads']}>
            {columns.map(({ title }) => (
              <span key={title} role="columnheader">
                {title}
              </span>
            ))}
          </div>
        </div>
        <div ref={list} role="rowgroup" className={styles['rows']} style={{ height: heightOf(rows) }}>
          {height > 0 &&
            places.map((place) => (
              <EntryRow
                key={place}
                entry={entryAt(place)}
                place={place}
                rowIndex={total - place + 1}
                top={topOf(rows, place)}
                isActive={place === current}
                isOpen={opened.has(place)}
                activate={setActive}
                toggle={toggle}
                measured={measured}
              />
            ))}
        </div>
      </div>
      {least > 0 && <p className={styles['end']}>{fill(words.log.newestOnly, { count: count(mostRows) })}</p>}
    </div>
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

const columns: readonly { readonly title: string; readonly cell: (entry: LogRow) => ReactNode }[] = [
  {
    title: words.log.time,
    cell: ({ time }) => <time title={localTimeWithZone(time)}>{localTimeToSecond(time)}</time>,
  },
  { title: words.log.what, cell: ({ sentence }) => sentence },
  { title: words.log.fields.site, cell: ({ site }) => site },
  {
    title: words.log.fields.serialNumber,
    cell: ({ serialNumber }) => serialNumber && <Mono>{serialNumber}</Mono>,
  },
  {
    title: words.log.person,
    cell: ({ person }) => person ?? <span className={cls('quiet')}>{words.log.erased}</span>,
  },
];

interface EntryRowProps {
  /** Undefined until the core has answered. */
  readonly entry: LogRow | undefined;
  readonly place: number;
  readonly rowIndex: number;
  readonly top: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly activate: (place: number) => void;
  readonly toggle: (place: number) => void;
  readonly measured: (place: number, more: number) => void;
}

/** An entry, and below it its facts while it is open. */
function EntryRow(props: EntryRowProps) {
  const { entry, place, rowIndex, top, isActive, isOpen, activate, toggle, measured } = props;
  const detail = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = detail.current;
    if (!element) return;
    const measure = () => measured(place, element.offsetHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [isOpen && entry !== undefined, place]);
  return (
    <div
      className={styles['entry']}
      style={{ transform: `translateY(${top}px)` }}
      data-open={isOpen || undefined}
    >
      <div
        role="row"
        aria-level={1}
        aria-rowindex={rowIndex}
        aria-expanded={isOpen}
        aria-busy={entry === undefined || undefined}
        tabIndex={isActive ? 0 : -1}
        data-place={place}
        className={styles['row']}
        onFocus={() => activate(place)}
        onClick={(event) => {
          if (!isMeantElsewhere(event)) toggle(place);
        }}
      >
        {entry ? (
          columns.map(({ title, cell }) => (
            <span key={title} role="gridcell" className={styles['cell']}>
              {cell(entry)}
            </span>
          ))
        ) : (
          <span role="gridcell" className={cls('quiet')}>
            {words.frame.asking}
          </span>
        )}
        <span className={styles['fold']} aria-hidden="true">
          <Icon name="more" />
        </span>
      </div>
      {isOpen && entry && (
        <div ref={detail} role="row" aria-level={2}>
          <div role="gridcell" className={styles['detail']}>
            <EntryFacts entry={entry} />
          </div>
        </div>
      )}
    </div>
  );
}

/** Whether it is compared character by character. */
function isDigest(value: string): boolean {
  return /^[0-9a-f]{16,}$/.test(value);
}

/** Everything that an entry says, with labels. */
const EntryFacts = memo(function EntryFacts({ entry }: { readonly entry: LogRow }) {
  const { log } = words;
  const { sequence, sentence, time, kind, person, facts } = entry;
  return (
    <Facts
      facts={[
        [log.what, sentence],
        [log.time, localTimeWithZone(time)],
        [log.person, person ?? log.erased],
        [log.fields.kind, kind && log.kinds[kind]],
        ...facts.map(({ label, value }) => [label, isDigest(value) ? <Mono>{value}</Mono> : value] as const),
        [log.sequence, count(sequence)],
      ]}
    />
  );
});
