/** A list of rows of one height, some of them opened, of which only those in sight are rendered. */
export interface Rows {
  /** How many there are. */
  readonly total: number;
  /** How many of them are shown, from the top: browsers limit the height of a page. */
  readonly shown: number;
  /** The height of a row, in CSS pixels. 0 before it is measured. */
  readonly height: number;
  /** How much higher an opened row is, by place. */
  readonly opened: ReadonlyMap<number, { readonly more: number }>;
  /**
   * New rows come on top, and change nothing below. A place is then counted from the bottom, so that a row keeps its
   * place. Otherwise a place is counted from the top.
   */
  readonly growsOnTop: boolean;
}

/** Where the user is in a list: at a place, this many pixels below its top. */
export interface Anchor {
  readonly place: number;
  readonly below: number;
}

/** The height of a list that Chromium can show, in CSS pixels. It ends at 33,554,428. */
const greatestHeight = 30_000_000;

/** How many rows of this height a list shows. */
export function shownOf(total: number, height: number): number {
  return height === 0 ? total : Math.min(total, Math.floor(greatestHeight / height));
}

/** How many rows are above the one at a place. */
export function indexOf({ total, growsOnTop }: Rows, place: number): number {
  return growsOnTop ? total - 1 - place : place;
}

/** The place of the row with this many others above it. */
export function placeOf({ total, growsOnTop }: Rows, index: number): number {
  return growsOnTop ? total - 1 - index : index;
}

/** The distance from the top of the list to the top of the row with this many others above it. */
export function topOf(rows: Rows, index: number): number {
  let top = index * rows.height;
  for (const [place, { more }] of rows.opened) {
    const other = indexOf(rows, place);
    if (other >= 0 && other < index) top += more;
  }
  return top;
}

/** The height of the whole list. */
export function heightOf(rows: Rows): number {
  return topOf(rows, rows.shown);
}

/** How many rows are above the one at this distance from the top of the list. */
export function indexAt(rows: Rows, distance: number): number {
  let [low, high] = [0, Math.max(0, rows.shown - 1)];
  // The last row that begins at this distance or above it.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (topOf(rows, middle) <= distance) low = middle;
    else high = middle - 1;
  }
  return low;
}
