import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NetworkSearch } from '../../../main/core/network-search.ts';
import { withoutPolicy, type Policy } from '../../../main/core/policy.ts';
import { ok } from '../../../main/faults/index.ts';
import type { FoundEnb } from '../../../main/device/index.ts';

const found: FoundEnb = { address: '192.0.2.1:8443', host: '192.0.2.1', port: 8443 };

/** A discovery and a timer of which the test sees what is asked of them. */
function makeScene(policy: Policy = withoutPolicy) {
  const calls: string[] = [];
  const scene: { pass: () => void; appear: () => void } = {
    pass: () => assert.fail(),
    appear: () => assert.fail(),
  };
  const search = new NetworkSearch(
    {
      policy: ok(policy),
      discovery: {
        list: () => [found],
        watch: (onChange) => {
          calls.push('watch');
          scene.appear = onChange;
          return () => void calls.push('stop');
        },
      },
      later: (milliseconds, work) => {
        assert.equal(milliseconds, 10_000);
        scene.pass = work;
        return () => void calls.push('wait anew');
      },
    },
    () => void calls.push('changed'),
  );
  return { calls, search, scene };
}

describe('eNBs search', () => {
  it('are searched for from the first question until nobody has asked for ten seconds', () => {
    const { calls, search, scene } = makeScene();
    assert.equal(calls.length, 0);
    assert.deepEqual(search.list(), [found]);
    search.list();
    assert.equal(calls.join(), 'watch,wait anew');
    scene.pass();
    assert.equal(calls.at(-1), 'stop');
    search.list();
    assert.equal(calls.at(-1), 'watch');
  });

  it('are told when they are others', () => {
    const { calls, search, scene } = makeScene();
    search.list();
    scene.appear();
    assert.equal(calls.at(-1), 'changed');
  });

  it('are not searched for where the policy forbids Ethernet', () => {
    const { calls, search } = makeScene({ training: true, connections: ['usb', 'drive'] });
    assert.deepEqual(search.list(), []);
    assert.equal(calls.length, 0);
  });
});
