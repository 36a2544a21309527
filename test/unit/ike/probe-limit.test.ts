import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProbeLimit } from '../../../main/ike/index.ts';

describe('the limit of probes', () => {
  it('keeps two probes of one place 30 seconds apart, and tells how long to wait', () => {
    let now = 1000;
    const limit = new ProbeLimit(() => now);
    assert.equal(limit.take('192.0.2.7').ok, true);
    now += 20_000;
    assert.deepEqual(limit.take('192.0.2.7'), {
      ok: false,
      fault: { code: 'ike-too-soon', found: '10 s', where: { address: '192.0.2.7' } },
    });
    assert.equal(limit.take('192.0.2.8').ok, true);
    now += 10_000;
    assert.equal(limit.take('192.0.2.7').ok, true);
  });

  it('knows a place by any spelling of its address', () => {
    const limit = new ProbeLimit(() => 0);
    for (const [first, same] of [
      ['2001:db8::1', '2001:DB8:0::1'],
      ['192.0.2.7', '::ffff:192.0.2.7'],
      ['::ffff:c000:208', '192.0.2.8'],
    ] as const) {
      assert.equal(limit.take(first).ok, true);
      assert.equal(limit.take(same).ok, false, same);
    }
  });

  it('starts the time with the probe that was made, not with one that was refused', () => {
    let now = 0;
    const limit = new ProbeLimit(() => now);
    for (const [time, expected] of [
      [0, true],
      [29_999, false],
      [30_000, true],
    ] as const) {
      now = time;
      assert.equal(limit.take('192.0.2.7').ok, expected);
    }
  });

  it('remembers so many places and no more, and refuses others until then', () => {
    let now = 0;
    const limit = new ProbeLimit(() => now);
    for (let place = 0; place < 256; place++) assert.equal(limit.take(String(place)).ok, true);
    assert.equal(limit.take('one more').ok, false);
    now = 30_000;
    assert.equal(limit.take('one more').ok, true);
  });
});
