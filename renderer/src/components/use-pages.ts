import { useEffect, useReducer, useRef } from 'react';
import type { Answer } from '../port/use-call.ts';
import type { Outcome } from '../port/client.ts';

/** How many rows of a list one question asks for. */
export const pageSize = 100;

/** About how many rows stay in memory. Others are asked for again. */
const mostKept = 20_000;

/** The rows of a list, as far as they are known. */
export interface Pages<Row> {
  readonly total: number;
  /** What is asked for. With another key, places mean other rows. */
  readonly key: string;
  /** Whether places are counted from the bottom; see `Rows`. */
  readonly growsOnTop: boolean;
  readonly rowAt: (place: number) => Row | undefined;
  /** Asks for what is missing from one place to before another, and forgets what was wanted before. */
  readonly want: (from: number, to: number) => void;
}

interface Part<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

/** A question for a list. */
export interface ListQuestion<Row> {
  /** The question as text. */
  readonly key: string;
  /** Asks for a page: `pageSize` rows from a place on. */
  readonly ask: (offset: number) => Promise<Outcome<Part<Row>>>;
  /**
   * The list only grows, on top, and places are counted from the bottom. A page is then asked for once, unless `version`
   * changes, which says that known rows can look different.
   */
  readonly growsOnTop?: boolean;
  readonly version?: string;
}

/** What is known of a list. */
interface Book<Row> {
  readonly question: ListQuestion<Row>;
  readonly rows: Map<number, Row>;
  total: number;
  /** The answer about the top of the list that was taken last, and how many were taken. */
  first: Part<Row> | undefined;
  turn: number;
  wanted: readonly [from: number, to: number];
  /** The pages that were asked for, each with the turn of that time. */
  readonly asked: Map<number, number>;
  isAsking: boolean;
}

function emptyBook<Row>(question: ListQuestion<Row>): Book<Row> {
  return {
    question,
    rows: new Map(),
    total: 0,
    first: undefined,
    turn: 0,
    wanted: [0, 0],
    asked: new Map(),
    isAsking: false,
  };
}

/**
 * The rows of a list, page by page. One page is asked for at a time, the one that is wanted now. When the list changes,
 * the rows that are known stay until the new ones are there.
 *
 * @param first the answer about the top of the list, which is asked again when the list changes
 */
export function usePages<Row, First extends Part<Row>>(
  first: Answer<First>,
  question: ListQuestion<Row>,
): Answer<First & { readonly pages: Pages<Row> }> {
  const [, show] = useReducer((turn: number) => turn + 1, 0);
  const shared = useRef(emptyBook(question));
  if (first.state === 'known' && first.isOld !== true) {
    const { question: known, total } = shared.current;
    const isOther = known.key !== question.key || known.version !== question.version;
    // A list that only grows, and is shorter, is another list.
    if (isOther || (question.growsOnTop === true && first.value.total < total))
      shared.current = emptyBook(question);
    takeFirst(shared.current, first.value);
  }
  const book = shared.current;

  const ask = (from: Book<Row>) => {
    const page = from.isAsking ? undefined : missingPage(from);
    if (page === undefined) return;
    from.isAsking = true;
    from.asked.set(page, from.turn);
    const offset = page * pageSize;
    void from.question.ask(offset).then((outcome) => {
      from.isAsking = false;
      // The next change of the list, or the connection that is back, asks for it again.
      if (!outcome.ok) return void from.asked.delete(page);
      outcome.value.rows.forEach((row, place) => from.rows.set(offset + place, row));
      if (shared.current !== from) return;
      forgetFar(from);
      show();
      ask(from);
    });
  };

  useEffect(() => ask(book));
  if (first.state !== 'known') return first;
  const pages: Pages<Row> = {
    total: book.total,
    key: book.question.key,
    growsOnTop: book.question.growsOnTop === true,
    rowAt: (place) => book.rows.get(place),
    want: (from, to) => {
      book.wanted = [Math.max(0, from), Math.min(book.total, to)];
      ask(book);
    },
  };
  return { ...first, value: { ...first.value, pages } };
}

function takeFirst<Row>(book: Book<Row>, first: Part<Row>): void {
  if (book.first === first) return;
  book.first = first;
  book.turn += 1;
  book.total = first.total;
  if (book.question.growsOnTop === true) {
    first.rows.forEach((row, index) => book.rows.set(first.total - 1 - index, row));
    return;
  }
  for (const place of book.rows.keys()) if (place >= first.total) book.rows.delete(place);
  first.rows.forEach((row, place) => book.rows.set(place, row));
  book.asked.set(0, book.turn);
}

/** The uppermost page with a row that is wanted, missing or out of date, and not yet asked for. */
function missingPage<Row>({
  question,
  wanted: [from, to],
  rows,
  asked,
  turn,
}: Book<Row>): number | undefined {
  for (let step = 0; step < to - from; step++) {
    const place = question.growsOnTop === true ? to - 1 - step : from + step;
    const page = Math.floor(place / pageSize);
    const isKept = question.growsOnTop === true && rows.has(place);
    if (!isKept && asked.get(page) !== turn) return page;
  }
  return undefined;
}

function forgetFar<Row>({ rows, asked, wanted: [from, to] }: Book<Row>): void {
  if (rows.size <= mostKept) return;
  const isFar = (place: number) => place < from - pageSize || place > to + pageSize;
  for (const place of rows.keys()) if (isFar(place)) rows.delete(place);
  for (const page of asked.keys())
    if (isFar(page * pageSize) || isFar((page + 1) * pageSize - 1)) asked.delete(page);
}
