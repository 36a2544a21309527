import { useEffect, useReducer, useRef } from 'react';
import type { LogFilter, LogRow, Output } from '../../../../preload/contract/index.ts';
import { useCall, useClient, type Answer } from '../../port/use-call.ts';

/** How many entries one question asks for. */
const pageSize = 100;

/** About how many entries stay in memory. Others are asked for again. */
const mostKept = 20_000;

/** The entries that match a filter, as far as they are known. The first one is at place 0, and places never change. */
export interface LogEntries {
  readonly total: number;
  /** The filter. With another one, places mean other entries. */
  readonly key: string;
  readonly entryAt: (place: number) => LogRow | undefined;
  /** Asks for what is missing from `from` to before `to`, and forgets what was wanted before. */
  readonly want: (from: number, to: number) => void;
}

interface Book {
  readonly key: string;
  readonly filter: LogFilter;
  readonly rows: Map<number, LogRow>;
  total: number;
  newest: Output<'log.list'> | undefined;
  wanted: readonly [from: number, to: number];
  /** The pages that were asked for, each with the total at that time. */
  readonly asked: Map<number, number>;
  isAsking: boolean;
}

function emptyBook(key: string, filter: LogFilter): Book {
  return {
    key,
    filter,
    rows: new Map(),
    total: 0,
    newest: undefined,
    wanted: [0, 0],
    asked: new Map(),
    isAsking: false,
  };
}

/**
 * The entries that match, page by page. The log only grows, so a page is asked for once, and new entries take nothing
 * away: they only come after the last place. One page is asked for at a time, the one that is wanted now.
 *
 * @param version changes when known entries can look different, for example after a name is erased
 */
export function useLogEntries(filter: LogFilter, version: string): Answer<LogEntries> {
  const client = useClient();
  const [, show] = useReducer((turn: number) => turn + 1, 0);
  const newest = useCall(
    'log.list',
    { filter, descending: true, offset: 0, limit: pageSize },
    { topics: ['log'], keep: true },
  );
  const key = JSON.stringify([filter, version]);
  const shared = useRef<Book>(emptyBook(key, filter));
  if (newest.state === 'known' && newest.isOld !== true) {
    if (shared.current.key !== key || newest.value.total < shared.current.total)
      shared.current = emptyBook(key, filter);
    takeNewest(shared.current, newest.value);
  }
  const book = shared.current;

  const ask = (from: Book) => {
    const page = from.isAsking ? undefined : missingPage(from);
    if (page === undefined) return;
    from.isAsking = true;
    from.asked.set(page, from.total);
    const offset = page * pageSize;
    const question = { filter: from.filter, descending: false, offset, limit: pageSize };
    void client.call('log.list', question).then((outcome) => {
      from.isAsking = false;
      // The next change of the log, or the connection that is back, asks for it again.
      if (!outcome.ok) return void from.asked.delete(page);
      outcome.value.rows.forEach((row, place) => from.rows.set(offset + place, row));
      if (shared.current !== from) return;
      forgetFar(from);
      show();
      ask(from);
    });
  };

  useEffect(() => ask(book));
  if (newest.state !== 'known') return newest;
  const value: LogEntries = {
    total: book.total,
    key: JSON.stringify(book.filter),
    entryAt: (place) => book.rows.get(place),
    want: (from, to) => {
      book.wanted = [Math.max(0, from), Math.min(book.total, to)];
      ask(book);
    },
  };
  return { ...newest, value };
}

function takeNewest(book: Book, newest: Output<'log.list'>): void {
  if (book.newest === newest) return;
  book.newest = newest;
  book.total = newest.total;
  newest.rows.forEach((row, place) => book.rows.set(newest.total - 1 - place, row));
}

/** The newest page with an entry that is wanted, missing, and not yet asked for. */
function missingPage({ wanted: [from, to], rows, asked, total }: Book): number | undefined {
  for (let place = to - 1; place >= from; place--) {
    const page = Math.floor(place / pageSize);
    if (!rows.has(place) && asked.get(page) !== total) return page;
  }
  return undefined;
}

function forgetFar({ rows, asked, wanted: [from, to] }: Book): void {
  if (rows.size <= mostKept) return;
  for (const place of rows.keys()) if (place < from - pageSize || place > to + pageSize) rows.delete(place);
  asked.clear();
}
