import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiryOf } from '../../../main/api/views.ts';

test('a bundle that has expired, or will before the day is over, is marked as that', () => {
  const noon = new Date(2026, 10, 23, 12);
  for (const [end, expiry] of [
    [new Date(2026, 10, 22, 23, 59), 'expired'],
    [new Date(noon.getTime() - 1), 'expired'],
    [noon, 'today'],
    [new Date(2026, 10, 23, 23, 59), 'today'],
    [new Date(2026, 10, 24), undefined],
    [new Date(2026, 11, 23, 12), undefined],
  ] as const) {
    assert.equal(expiryOf(end.toISOString(), noon), expiry, end.toISOString());
  }
});
