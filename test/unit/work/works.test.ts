import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fault, ok, refuse, type Result } from '../../../main/faults/index.ts';
import { Works, type Work } from '../../../main/work/index.ts';

interface Phases {
  readonly delivery: 'sending' | 'reading';
  readonly look: 'looking';
}

/** Works with one that runs until `end` is called. */
function withDelivery() {
  const changes: string[] = [];
  const works = new Works<Phases>((kind, hasEnded) => changes.push(hasEnded ? `${kind} ended` : kind));
  const { promise, resolve: end } = Promise.withResolvers<Result<string>>();
  let delivery: Work<Phases['delivery']> | undefined;
  const done = works.run({ kind: 'delivery', subject: 'a', phase: 'sending', keepsFault: true }, (work) => {
    delivery = work;
    return promise;
  });
  assert(delivery);
  return { works, changes, end, done, delivery };
}

const nothing = () => Promise.resolve(ok(undefined));

describe('a work', () => {
  test('is found by what it works on until it ends, and its end is reported', async () => {
    const { works, changes, end, done, delivery } = withDelivery();
    assert.equal(works.find('delivery', 'a'), delivery);
    assert.equal(works.find('delivery', 'b'), undefined);
    assert.equal(works.find('look', 'a'), undefined);
    end(ok('sent'));
    assert.deepEqual(await done, { ok: true, value: 'sent' });
    assert.equal(works.find('delivery', 'a'), undefined);
    assert.deepEqual(changes, ['delivery', 'delivery ended']);
  });

  test('starts once on each subject, and any number of times without one', async () => {
    const { works, end, done } = withDelivery();
    const again = await works.run({ kind: 'delivery', subject: 'a', phase: 'sending' }, nothing);
    assert.deepEqual(again, { ok: false, fault: fault('work-busy', { found: 'delivery' }) });
    for (const subject of ['b', 'b'])
      assert((await works.run({ kind: 'delivery', subject, phase: 'sending' }, nothing)).ok);
    const looks = [0, 1].map(() => works.run({ kind: 'look', phase: 'looking' }, nothing));
    assert((await Promise.all(looks)).every((look) => look.ok));
    end(ok(''));
    await done;
    assert((await works.run({ kind: 'delivery', subject: 'a', phase: 'sending' }, nothing)).ok);
  });

  test('that throws has ended', async () => {
    const { works, changes } = withDelivery();
    const thrown = works.run({ kind: 'look', subject: 'a', phase: 'looking' }, () => {
      throw new TypeError('a bug');
    });
    await assert.rejects(thrown, TypeError);
    assert.equal(works.find('look', 'a'), undefined);
    assert.equal(changes.at(-1), 'look ended');
  });

  test('reports how far it is, and starts counting again in each phase', () => {
    const { changes, delivery } = withDelivery();
    assert.deepEqual(delivery.progress, { phase: 'sending', done: 0, total: 0 });
    delivery.report({ phase: 'reading', done: 1, total: 2 });
    assert.deepEqual(delivery.progress, { phase: 'reading', done: 1, total: 2 });
    assert.equal(delivery.rate, undefined);
    assert.deepEqual(changes, ['delivery', 'delivery']);
  });

  test('lets others run when it has taken long', async () => {
    const { delivery } = withDelivery();
    let turns = 0;
    const turn = () => {
      turns++;
      setImmediate(turn).unref();
    };
    setImmediate(turn).unref();
    const end = performance.now() + 200;
    let pauses = 0;
    for (; performance.now() < end; pauses++) assert.equal(await delivery.pause(), undefined);
    assert(turns >= 2 && turns < pauses, `${turns} turns in ${pauses} pauses`);
  });
});

describe('the last work on a subject', () => {
  const kept: readonly (readonly [string, Result<string>, boolean])[] = [
    ['that failed leaves its fault', refuse('device-closed'), true],
    ['that was stopped leaves none', refuse('cancelled'), false],
    ['that was done leaves none', ok(''), false],
  ];
  for (const [name, result, isKept] of kept)
    test(name, async () => {
      const { works, end, done } = withDelivery();
      end(result);
      await done;
      assert.deepEqual(works.faultOf('delivery', 'a'), isKept ? fault('device-closed') : undefined);
      const another = { kind: 'delivery', subject: 'a', phase: 'sending' } as const;
      await works.run(another, () => Promise.resolve(refuse('device-garbage')));
      assert.deepEqual(works.faultOf('delivery', 'a'), isKept ? fault('device-closed') : undefined);
      await works.run({ ...another, keepsFault: true }, () => {
        assert.equal(works.faultOf('delivery', 'a'), undefined); // it begins without the one before
        return nothing();
      });
    });
});

describe('works', () => {
  test('are stopped by their id, and others go on', async () => {
    const { works, end, done, delivery } = withDelivery();
    works.stop('another');
    assert.equal(await delivery.pause(), undefined);
    works.stop(delivery.id);
    assert.deepEqual(await delivery.pause(), fault('cancelled'));
    assert(delivery.signal.aborted);
    end(ok(''));
    await done;
    works.stop(delivery.id); // it has ended: nothing happens
  });

  test('are all stopped at once, and waited for', async () => {
    const { works, end, delivery } = withDelivery();
    let hasEnded = false;
    const stopped = works.stopAll().then(() => (hasEnded = true));
    assert(delivery.signal.aborted);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hasEnded, false);
    end(refuse('cancelled'));
    assert.equal(await stopped, true);
    const late = await works.run({ kind: 'look', phase: 'looking' }, nothing);
    assert.deepEqual(late, { ok: false, fault: fault('cancelled') });
  });

  test('that run are named to whoever would take their store away, but for those that only look', async () => {
    const { works, end, done } = withDelivery();
    await works.run({ kind: 'look', phase: 'looking' }, () => {
      const busy = works.refuseIfAnyExcept();
      assert.deepEqual(busy, { ok: false, fault: fault('work-under-way', { found: 'delivery, look' }) });
      const but = works.refuseIfAnyExcept('look');
      assert.deepEqual(but, { ok: false, fault: fault('work-under-way', { found: 'delivery' }) });
      return nothing();
    });
    end(ok(''));
    await done;
    assert.deepEqual(works.refuseIfAnyExcept(), { ok: true, value: undefined });
  });
});
