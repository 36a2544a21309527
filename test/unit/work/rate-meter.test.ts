import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateMeter } from '../../../main/work/rate-meter.ts';

test('the rate is that of the last seconds, and unknown before one has passed', () => {
  const meter = new RateMeter();
  assert.equal(meter.perSecond(), undefined);
  meter.note(0, 16_000);
  meter.note(900, 16_050);
  assert.equal(meter.perSecond(), undefined);
  meter.note(1_000, 16_100);
  assert.equal(meter.perSecond(), 100);
  for (let second = 2; second <= 10; second += 1) meter.note(second * 1_000, 16_100 + (second - 1) * 900);
  assert.equal(meter.perSecond(), 900);
});

test('the rate falls when news is rare', () => {
  const meter = new RateMeter();
  meter.note(0, 0);
  meter.note(1_000, 1_000);
  meter.note(60_000, 1_059);
  assert.equal(meter.perSecond(), 1);
});
