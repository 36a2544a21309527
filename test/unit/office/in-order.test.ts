import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inOrder } from '../../../main/office/batch/in-order.ts';
import { pack, unpack } from '../../../main/office/batch/packed.ts';

/** Questions that are answered when the test says so. */
class Asked {
  readonly open = new Map<number, () => void>();
  most = 0;

  readonly ask = (item: number): Promise<string> =>
    new Promise((resolve) => {
      this.open.set(item, () => {
        this.open.delete(item);
        resolve(`answer ${item}`);
      });
      this.most = Math.max(this.most, this.open.size);
    });
}

describe('answers in order', () => {
  it('come in the order of the items, in whatever order they are given, and never more are asked than said', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(20),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat()),
        async (count, ahead, picks) => {
          const asked = new Asked();
          const items = Array.from({ length: count }, (_, index) => index);
          const got: (readonly [number, string])[] = [];
          const done = (async () => {
            for await (const one of inOrder(items, ahead, asked.ask)) got.push(one);
          })();
          for (let left = count; left > 0; left--) {
            await new Promise((resolve) => setImmediate(resolve));
            const open = [...asked.open.values()];
            open[Number(picks.next().value) % open.length]?.();
          }
          await done;
          assert.deepEqual(
            got,
            items.map((item) => [item, `answer ${item}`]),
          );
          assert(asked.most <= ahead);
        },
      ),
    ));

  it('of which one fails end once the others are answered, and nobody else hears of it', async () => {
    const ended: number[] = [];
    const ask = async (item: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(item);
      if (item >= 2) throw new Error(`of ${item}`);
    };
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const [item] of inOrder([1, 2, 3], 3, ask)) {
        seen.push(item);
        // The failures are there while nobody waits for them.
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    }, /of 2/);
    assert.deepEqual([seen, ended], [[1], [1, 2, 3]]);
  });

  it('that are not wanted any more are waited for', async () => {
    const asked = new Asked();
    let isEnded = false;
    const done = (async () => {
      for await (const [item] of inOrder([1, 2, 3, 4], 2, asked.ask)) if (item === 1) break;
      isEnded = true;
    })();
    asked.open.get(1)?.();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([isEnded, [...asked.open.keys()]], [false, [2, 3]]);
    for (const answer of asked.open.values()) answer();
    await done;
    assert(isEnded);
  });
});

it('Byte strings are unpacked as they were packed, and an empty one as none', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5 })), (all) => {
      const packed = pack(all);
      for (const [index, one] of all.entries())
        assert.deepEqual(unpack(packed, index), one.length > 0 ? new Uint8Array(one) : undefined);
    }),
  );
});
