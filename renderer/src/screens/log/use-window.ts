import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** A list of rows of one height, some of them opened, of which only those in sight are rendered. */
export interface Rows {
  /** How many there are, counted from place 0. */
  readonly total: number;
  /** The oldest place that is shown. */
  readonly least: number;
  /** The height of a row, in CSS pixels. 0 before it is measured. */
  readonly height: number;
  /** How much higher an opened row is, by place. */
  readonly opened: ReadonlyMap<number, number>;
}

/** Where the user is in a list: at a place, this many pixels below its top. Undefined at the start of the list. */
export interface Anchor {
  readonly place: number;
  readonly below: number;
}

/** Rows that are rendered beyond the visible ones, on either side. */
const overscan = 8;

/**
 * The row at a place is shown upside down: the newest, which has the last place, is on top. Returns the distance from
 * the top of the list to the top of that row.
 */
export function topOf({ total, height, opened }: Rows, place: number): number {
  let top = (total - 1 - place) * height;
  for (const [other, more] of opened) if (other > place && other < total) top += more;
  return top;
}

/** The height of the whole list. */
export function heightOf(rows: Rows): number {
  return topOf(rows, rows.least - 1);
}

/** The place of the row at this distance from the top of the list. */
export function placeAt(rows: Rows, distance: number): number {
  let [low, high] = [rows.least, Math.max(rows.least, rows.total - 1)];
  // The lowest place whose row begins at this distance or above it.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (topOf(rows, middle) <= distance) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Sight {
  readonly from: number;
  readonly to: number;
}

/** What the list can do, and which places are in sight: from `from` to before `to`. */
export interface ListWindow extends Sight {
  /** Scrolls no further than needed to bring a row into sight. */
  readonly reveal: (place: number) => void;
  /** How many rows fit into the window. */
  readonly pageRows: () => number;
  /** Where the user is now. */
  readonly anchor: () => Anchor | undefined;
}

/**
 * Follows the scrolling of the screen around a list. What is in sight stays where it is when rows are added above it,
 * when rows are opened or closed, and when anything above the list changes its height.
 *
 * @param list the element that is as high as all rows
 * @param cover the heights that the head of the list and the actions of the screen cover, in CSS pixels
 * @param first where the user was before
 */
export function useWindow(
  list: RefObject<HTMLElement | null>,
  rows: Rows,
  cover: () => { readonly top: number; readonly bottom: number },
  first: Anchor | undefined,
): ListWindow {
  const [sight, setSight] = useState<Sight>({ from: rows.total, to: rows.total });
  const latest = useRef(rows);
  latest.current = rows;
  const held = useRef<{ anchor: Anchor | undefined; scrollTop: number | undefined }>({
    anchor: first,
    scrollTop: undefined,
  });

  const measure = useCallback(() => {
    const element = list.current;
    const scroller = element?.closest('main');
    if (!element || !scroller) return undefined;
    const start =
      element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    return { scroller, start };
  }, [list]);

  const look = useCallback(() => {
    const place = measure();
    const { current } = latest;
    if (!place || current.height === 0) return;
    const { scroller, start } = place;
    const distance = scroller.scrollTop - start;
    const top = placeAt(current, distance);
    held.current = {
      anchor: distance > 0 ? { place: top, below: distance - topOf(current, top) } : undefined,
      scrollTop: scroller.scrollTop,
    };
    const bottom = placeAt(current, distance + scroller.clientHeight);
    const next = {
      from: Math.max(current.least, bottom - overscan),
      to: Math.min(current.total, top + 1 + overscan),
    };
    setSight((now) => (now.from === next.from && now.to === next.to ? now : next));
  }, [measure]);

  // What is in sight goes back to where it was, unless the user has scrolled since.
  const settle = useCallback(() => {
    const place = measure();
    const { current } = latest;
    if (!place || current.height === 0) return;
    const { scroller, start } = place;
    const { anchor, scrollTop } = held.current;
    if (anchor && (scrollTop === undefined || Math.abs(scroller.scrollTop - scrollTop) < 1)) {
      const wanted = start + topOf(current, anchor.place) + anchor.below;
      if (Math.abs(wanted - scroller.scrollTop) >= 1) scroller.scrollTop = wanted;
    }
    look();
  }, [measure, look]);

  useLayoutEffect(settle);
  useEffect(() => {
    const scroller = list.current?.closest('main');
    if (!scroller) return;
    scroller.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(settle);
    observer.observe(scroller);
    if (scroller.firstElementChild) observer.observe(scroller.firstElementChild);
    return () => {
      scroller.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [list, look, settle]);

  return {
    ...sight,
    reveal: (place) => {
      const at = measure();
      if (!at) return;
      const { scroller, start } = at;
      const { top, bottom } = cover();
      const from = start + topOf(rows, place);
      const least = from + rows.height + bottom - scroller.clientHeight;
      if (scroller.scrollTop > from - top) scroller.scrollTop = from - top;
      else if (scroller.scrollTop < least) scroller.scrollTop = least;
    },
    pageRows: () => {
      const { top, bottom } = cover();
      const height = (measure()?.scroller.clientHeight ?? 0) - top - bottom;
      return Math.max(1, Math.floor(height / Math.max(1, rows.height)));
    },
    anchor: () => held.current.anchor,
  };
}
