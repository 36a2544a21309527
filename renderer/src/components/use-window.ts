import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { indexAt, indexOf, placeOf, topOf, type Anchor, type Rows } from './window-rows.ts';

/** Rows that are rendered beyond the visible ones, on either side. */
const overscan = 8;

interface Sight {
  readonly from: number;
  readonly to: number;
}

/** What the list can do, and which rows are in sight: those with `from` others above them to before `to`. */
export interface ListWindow extends Sight {
  /** Scrolls no further than needed to bring a row into sight. */
  readonly reveal: (index: number) => void;
  /** How many rows fit into the window. */
  readonly pageRows: () => number;
  /** Where the user is now. Undefined at the start of the list. */
  readonly anchor: () => Anchor | undefined;
}

/**
 * Follows the scrolling of the screen around a list. What is in sight stays where it is when rows are added above it,
 * when rows are opened or closed, and when anything above the list changes its height.
 *
 * @param list the element that is as high as all rows
 * @param cover the heights that the head of the list and the actions of the screen cover, in CSS pixels
 * @param key with another one, the list is another: it is shown from its start
 * @param first where the user was before
 */
export function useWindow(
  list: RefObject<HTMLElement | null>,
  rows: Rows,
  cover: () => { readonly top: number; readonly bottom: number },
  key: string,
  first: Anchor | undefined,
): ListWindow {
  const [sight, setSight] = useState<Sight>({ from: 0, to: 0 });
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
    const top = indexAt(current, distance);
    const anchor = { place: placeOf(current, top), below: distance - topOf(current, top) };
    held.current = { anchor: distance > 0 ? anchor : undefined, scrollTop: scroller.scrollTop };
    const bottom = indexAt(current, distance + scroller.clientHeight);
    const next = {
      from: Math.max(0, top - overscan),
      to: Math.min(current.shown, bottom + 1 + overscan),
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
      const wanted = start + topOf(current, indexOf(current, anchor.place)) + anchor.below;
      if (Math.abs(wanted - scroller.scrollTop) >= 1) scroller.scrollTop = wanted;
    }
    look();
  }, [measure, look]);

  const shownKey = useRef(key);
  useLayoutEffect(() => {
    const place = shownKey.current === key ? undefined : measure();
    shownKey.current = key;
    if (place) {
      held.current = { anchor: undefined, scrollTop: undefined };
      place.scroller.scrollTop = Math.min(place.scroller.scrollTop, place.start);
    }
    settle();
  });
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
    reveal: (index) => {
      const at = measure();
      if (!at) return;
      const { scroller, start } = at;
      const { top, bottom } = cover();
      const from = start + topOf(rows, index);
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
