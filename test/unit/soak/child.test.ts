/** The processes of the soak: killed at any moment, they must neither end the run nor take an order with them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { Child } from '../../soak/child.ts';
import { temporaryFolder } from '../../kit/enb.ts';

type Order = { readonly mark?: string };

/** A process that answers each order with its number, then makes the file that the order names. */
function answering(): Child<Order> {
  const script = join(temporaryFolder(), 'answers.mjs');
  writeFileSync(
    script,
    `import { writeFileSync, writeSync } from 'node:fs';
    process.on('message', ({ mark }) => {
      writeSync(1, JSON.stringify({ kind: 'done', value: process.pid }) + '\\n');
      if (mark) writeFileSync(mark, '');
    });`,
  );
  return new Child(script, [], process.env);
}

/** Returns when the condition holds; no event of this process is handled meanwhile. */
function blockUntil(condition: () => boolean): void {
  while (!condition());
}

/** Whether a process of ours has ended: its first thread is a zombie, and no other keeps its files open. */
function isDead(pid: number): boolean {
  const isZombie = /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return isZombie && readdirSync(`/proc/${pid}/task`).length === 1;
}

it(
  'an order to a process that was killed meanwhile ends without an answer, and the next starts another',
  { skip: process.platform !== 'linux' && 'that a process is dead is read from /proc' },
  async () => {
    const child = answering();
    const first = Number(await child.ask({}));
    process.kill(first, 'SIGKILL');
    blockUntil(() => isDead(first));
    assert.equal(await child.ask({}), undefined);
    assert.equal(child.kills, 1);
    const second = Number(await child.ask({}));
    assert(second > 0 && second !== first);
    await child.stop();
  },
);

it('a process that is killed just as it answers is gone when the answer is returned', async () => {
  const child = answering();
  const first = await child.ask({});
  const mark = join(temporaryFolder(), 'answered');
  const asked = child.ask({ mark }, 1);
  const killTime = performance.now() + 2;
  blockUntil(() => existsSync(mark) && performance.now() > killTime);
  assert.equal(await asked, first);
  assert.equal(child.kills, 1);
  assert.notEqual(await child.ask({}), first);
  await child.stop();
});
