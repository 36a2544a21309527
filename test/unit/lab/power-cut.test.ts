import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { verifyReceipt } from '../../../main/bundle/index.ts';
import { openSession, type EnbSession } from '../../../main/device/index.ts';
import { EnbStateFile } from '../../../main/lab/enb-state.ts';
import { bundleFor, makeChallenge, makeScene } from '../../kit/bundle.ts';
import {
  deadlines,
  startEnbProcess,
  stopProcesses,
  temporaryFolder,
  trustOf,
  writeFactoryFiles,
  type EnbProcess,
} from '../../kit/enb.ts';

const scene = makeScene();

async function sessionWith({ transport }: EnbProcess): Promise<EnbSession> {
  const session = await openSession(transport, trustOf(scene), deadlines);
  assert(session.ok, JSON.stringify(session));
  return session.value;
}

/** The number of a new receipt, undefined when the eNB did not come to it. */
async function receiptNumber(session: EnbSession): Promise<number | undefined> {
  const challenge = makeChallenge();
  const bytes = await session.getReceipt({ challenge });
  if (!bytes.ok) return undefined;
  const receipt = verifyReceipt(bytes.value, { ...trustOf(scene), challenge });
  assert(receipt.ok, JSON.stringify(receipt));
  return receipt.value.receiptNumber;
}

after(stopProcesses);

describe('an eNB that loses its power', () => {
  const files = writeFactoryFiles(scene, temporaryFolder());
  const home = temporaryFolder();
  const bundles = new Map<number, Uint8Array>();
  let acknowledged = 0;
  let sent = 0;
  let lastReceipt = 0;

  // A bundle and a receipt make three steps each: a part is opened, written, and renamed.
  for (const step of [2, 3, 5, 6, randomInt(7, 60)]) {
    it(`at step ${step} has what it said that it has, nothing half, and no number goes back`, async () => {
      const enb = await startEnbProcess(files, home, { interruption: { signal: 'SIGKILL', step } });
      const session = await sessionWith(enb);
      const { lastSequence } = session.identity;
      assert(lastSequence === acknowledged || lastSequence === sent, `${lastSequence}, not ${acknowledged}`);
      acknowledged = lastSequence;
      const stored = await session.getBundle();
      assert(stored.ok);
      assert.deepEqual(
        stored.value,
        lastSequence === 0 ? undefined : Buffer.from(bundles.get(lastSequence)!),
      );
      for (sent = lastSequence + 1; ; sent++) {
        const bundle = await bundleFor(scene, { sequence: sent });
        bundles.set(sent, bundle);
        const verdict = await session.putBundle(bundle);
        if (!verdict.ok) break;
        assert(verdict.value.accepted, JSON.stringify(verdict));
        acknowledged = sent;
        const number = await receiptNumber(session);
        if (number === undefined) break;
        assert(number > lastReceipt, `${number} after ${lastReceipt}`);
        lastReceipt = number;
      }
      const { signal } = await enb.done;
      assert.equal(signal, 'SIGKILL');
      session.close();
      const state = EnbStateFile.open(files.state);
      assert(state.ok, JSON.stringify(state));
      assert.equal(state.value.get().accepted?.sequence ?? 0, acknowledged);
    });
  }
});

describe('an eNB whose disk is full', { skip: process.platform === 'win32' }, () => {
  it('refuses to take what it cannot keep, and still has the bundle that it took before', async () => {
    const files = writeFactoryFiles(scene, temporaryFolder());
    const home = temporaryFolder();
    const small = await bundleFor(scene, { sequence: 1 });
    const proposals = Array.from({ length: 8 }, () =>
      Array.from({ length: 80 }, () => 'aes128gcm16').join('-'),
    );
    const initialIpsec = { required: true, proposals, espProposals: ['aes128gcm16'] };
    const large = await bundleFor(scene, { sequence: 2, initialIpsec });
    const limited = { shell: 'ulimit -f 12 && exec "$@"' };

    const enb = await startEnbProcess(files, home, limited);
    const session = await sessionWith(enb);
    const taken = await session.putBundle(small);
    assert(taken.ok && taken.value.accepted, JSON.stringify(taken));
    const refused = await session.putBundle(large);
    assert(!refused.ok);
    assert.equal(refused.fault.code, 'device-refused');
    assert.match(refused.fault.found ?? '', /^HTTP 500: /);
    assert.deepEqual(await session.getBundle(), { ok: true, value: Buffer.from(small) });
    assert.equal(await receiptNumber(session), 1);
    session.close();
    enb.child.kill('SIGTERM');
    assert.equal((await enb.done).code, 0);

    const again = await startEnbProcess(files, home);
    const next = await sessionWith(again);
    assert.equal(next.identity.lastSequence, 1);
    const later = await next.putBundle(large);
    assert(later.ok && later.value.accepted, JSON.stringify(later));
    assert.equal(await receiptNumber(next), 2);
    next.close();
    again.child.kill('SIGTERM');
    await again.done;
  });
});
