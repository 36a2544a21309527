import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { clockBeside, clockWithin } from '../../../main/path/index.ts';
import { configurationFor, makeScene, now } from '../../kit/bundle.ts';

const scene = makeScene();
const certificates = [scene.enb.certificate, scene.operatorRoot.certificate];
const configuration = configurationFor(scene);
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);

suite("the eNB's clock beside the laptop's", () => {
  for (const [seconds, outcome, figure] of [
    [0, 'passed', '+0 s'],
    [300, 'passed', '+300 s'],
    [-300, 'passed', '-300 s'],
    [301, 'failed', '+301 s'],
    [-8 * 3600, 'failed', '-28800 s'],
  ] as const) {
    test(`${figure}: ${outcome}`, () => {
      const { fault, ...check } = clockBeside(at(seconds), now);
      assert.deepEqual(check, { check: 'clock', outcome, figure });
      assert.equal(fault?.code, outcome === 'failed' ? 'clock-wrong' : undefined);
    });
  }

  test('is not known before the eNB is connected', () => {
    assert.deepEqual(clockBeside(undefined, now), { check: 'clock', outcome: 'not-possible' });
  });
});

suite("the eNB's clock beside its certificates", () => {
  for (const [title, time, isExact, outcome] of [
    ['within all of them', now, true, 'passed'],
    ['before they start', new Date('2025-12-31T23:59:59Z'), true, 'failed'],
    ['after they end', new Date('2036-01-01T00:00:00Z'), true, 'failed'],
    ['before the bundle was made', new Date('2026-11-10T09:24:00Z'), true, 'failed'],
    ['just before the bundle was made, as clocks differ', new Date('2026-11-10T09:26:00Z'), true, 'passed'],
    ['which is not set', now, false, 'not-possible'],
  ] as const) {
    test(`${title}: ${outcome}`, () => {
      const { outcome: found, fault } = clockWithin({ now: time, isExact }, certificates, configuration);
      assert.equal(found, outcome);
      assert.equal(fault?.code, outcome === 'failed' ? 'clock-wrong' : undefined);
    });
  }
});
