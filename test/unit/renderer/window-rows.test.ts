import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  heightOf,
  indexAt,
  indexOf,
  placeOf,
  shownOf,
  topOf,
  type Rows,
} from '../../../renderer/src/components/window-rows.ts';

const size = 100_000;

function rowsOf(more: Partial<Rows> = {}): Rows {
  return { total: size, shown: size, height: 64, opened: new Map(), growsOnTop: false, ...more };
}

/** Opened rows, by place, with the heights of their details. */
function opened(...details: readonly (readonly [place: number, more: number])[]): Rows['opened'] {
  return new Map(details.map(([place, more]) => [place, { more }]));
}

describe('the window over a list', () => {
  it('finds at each distance the row that is there', () => {
    const rows = rowsOf();
    for (const [distance, index] of [
      [-100, 0],
      [0, 0],
      [63, 0],
      [64, 1],
      [50_000 * 64 - 1, 49_999],
      [50_000 * 64, 50_000],
      [size * 64 - 1, size - 1],
      [size * 64 + 500, size - 1],
    ] as const)
      assert.equal(indexAt(rows, distance), index, String(distance));
    assert.equal(heightOf(rows), size * 64);
  });

  it('makes room below an opened row, and for no other list', () => {
    const rows = rowsOf({ opened: opened([2, 300], [5, 100], [size + 3, 1000]) });
    assert.deepEqual(
      [2, 3, 5, 6].map((index) => topOf(rows, index)),
      [2 * 64, 3 * 64 + 300, 5 * 64 + 300, 6 * 64 + 400],
    );
    assert.equal(indexAt(rows, 3 * 64 + 299), 2);
    assert.equal(indexAt(rows, 3 * 64 + 300), 3);
    assert.equal(heightOf(rows), size * 64 + 400);
  });

  it('counts places from the bottom where a list grows on top: a row keeps its place', () => {
    const before = rowsOf({ growsOnTop: true, opened: opened([size - 1, 200]) });
    const after = { ...before, total: size + 7, shown: size + 7 };
    assert.equal(indexOf(before, size - 1), 0);
    assert.equal(indexOf(after, size - 1), 7);
    assert.equal(placeOf(after, 7), size - 1);
    assert.equal(topOf(before, 1), 64 + 200);
    assert.equal(topOf(after, 8), 8 * 64 + 200);
    assert.equal(topOf(after, 7), 7 * 64);
  });

  it('has a row even in an empty list, and all rows before their height is known', () => {
    assert.equal(indexAt(rowsOf({ total: 0, shown: 0 }), 500), 0);
    assert.equal(shownOf(size, 0), size);
  });

  it('shows as many rows as a browser has height for, at least 100,000 of a small window', () => {
    assert.equal(shownOf(size, 240), size);
    assert.equal(shownOf(1_000_000, 100), 300_000);
    assert.equal(heightOf(rowsOf({ total: 1_000_000, shown: 300_000, height: 100 })), 30_000_000);
  });
});
