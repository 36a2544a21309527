import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { refuse } from '../../../main/faults/index.ts';
import { spawner } from '../../../main/spawn/index.ts';
import type { TestPart } from '../../kit/threads/worker.ts';

const spawn = spawner<TestPart>('worker', join(import.meta.dirname, '../../kit/threads'));

describe('a part', () => {
  it('runs until it is stopped, which is no death', async () => {
    let deaths = 0;
    const part = await spawn({ does: 'run' }, () => deaths++);
    assert(part.ok);
    assert.deepEqual(part.value.info, { does: 'run' });
    await part.value.stop();
    assert.equal(deaths, 0);
  });

  it('answers questions', async () => {
    const part = await spawn({ does: 'run' }, () => assert.fail('it runs'));
    assert(part.ok);
    const answers = await Promise.all([part.value.ask('echo'), part.value.ask('echo')]);
    const answer = { ok: true, value: 'echo of run' };
    assert.deepEqual(answers, [answer, answer]);
    await part.value.stop();
    assert.deepEqual(await part.value.ask('echo'), refuse('internal-error', { found: 'worker' }));
  });

  it('that dies at a question refuses it', async () => {
    const died = Promise.withResolvers<undefined>();
    const part = await spawn({ does: 'run' }, () => died.resolve(undefined));
    assert(part.ok);
    assert.deepEqual(await part.value.ask('die'), refuse('internal-error', { found: 'worker' }));
    await died.promise;
  });

  it('tells where it failed, and nothing of what it had in hands', async (context) => {
    const secret = 'canary that no error may show';
    const told: string[] = [];
    context.mock.method(process.stderr, 'write', (text: string) => told.push(text) > 0);
    const part = await spawn({ does: 'run' }, () => undefined);
    assert(part.ok);
    const answer = await part.value.ask({ secret });
    context.mock.restoreAll();
    assert.deepEqual(answer, refuse('internal-error', { found: 'worker' }));
    assert.match(told.join(''), /threads.worker\.ts/);
    assert(!told.join('').includes('canary'));
  });

  it('refuses with its own fault', async () => {
    const part = await spawn({ does: 'refuse' }, () => assert.fail('it never ran'));
    assert(!part.ok);
    assert.deepEqual(part.fault, { code: 'port-unavailable', found: 'EADDRINUSE' });
  });

  for (const does of ['end', 'throw'] as const) {
    it(`is refused when it ${does}s before it runs`, async () => {
      const part = await spawn({ does }, () => assert.fail('it never ran'));
      assert(!part.ok);
      assert.deepEqual(part.fault, { code: 'internal-error', found: 'worker' });
    });
  }

  it('is reported when it dies later', async () => {
    let died: () => void = () => undefined;
    const death = new Promise<void>((resolve) => (died = resolve));
    const part = await spawn({ does: 'die' }, died);
    assert(part.ok);
    await death;
  });

  it('is refused when its entry file is not there', async () => {
    const missing = spawner<TestPart>('missing', import.meta.dirname);
    assert(!(await missing({ does: 'run' }, () => assert.fail('it never ran'))).ok);
  });
});
