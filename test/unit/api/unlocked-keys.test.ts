import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { words } from '../../../main/words/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';
import { LabOffice, surroundingsIn } from '../../kit/operator.ts';

const office = new LabOffice({ training: false });
const minute = 60_000;

/** A clock that the test moves; what is to be done later is done when its time comes, unless the computer sleeps. */
class Clock {
  #now = Date.parse('2026-11-23T12:00:00Z');
  readonly #later = new Set<{ readonly at: number; readonly work: () => void }>();

  readonly now = () => new Date(this.#now);
  readonly later = (milliseconds: number, work: () => void) => {
    const planned = { at: this.#now + milliseconds, work };
    this.#later.add(planned);
    return () => void this.#later.delete(planned);
  };

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const planned of this.#later) {
      if (planned.at > this.#now) continue;
      this.#later.delete(planned);
      planned.work();
    }
  }

  sleep(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

let homes = 0;

/** A core with the lab's operator, whose key was just unlocked. */
async function unlocked() {
  const clock = new Clock();
  const home = office.path(`home-${++homes}`);
  const core = startCore(
    { shell: 'browser', folders: [] },
    surroundingsIn(home, { now: clock.now, later: clock.later }),
  );
  after(() => core.close());
  const port = new CorePort(core);
  const { id } = await port.ask('operators.add', { file: core.registerFile(office.path('operator.json')) });
  await port.ask('operators.unlock', { id, vendor: 'lab', passphrase: office.passphrase });
  const key = async () => {
    const [operator] = await port.ask('operators.list', {});
    const [vendor] = operator?.vendors ?? [];
    return [vendor?.state, vendor?.unlockedUntil];
  };
  /** Checks the inventory, which takes the key; waits until the core says that it is done. */
  const check = async () => {
    office.writeInventory([office.row('LAB0001')]);
    const inventory = core.registerFile(office.path('inventory.csv'));
    const run = await port.ask('runs.check', { operatorId: id, inventory });
    for (;;) {
      const change = port.nextChange();
      if ((await port.ask('runs.get', { id: run.id })).state !== 'checking') return;
      await change;
    }
  };
  return { clock, core, home, port, id, key, check };
}

suite('an unlocked configuration key', () => {
  test('says until when it stays unlocked', async () => {
    const { key } = await unlocked();
    assert.deepEqual(await key(), ['unlocked', '2026-11-23T12:15:00.000Z']);
  });

  test('says that it ends soon, and then that it has ended', async () => {
    const { clock, port, id } = await unlocked();
    const expiryAt = async (time: string) => {
      clock.sleep(Date.parse(time) - clock.now().getTime());
      const [operator] = await port.ask('operators.list', {});
      return operator?.vendors[0]?.expiry;
    };
    const unlock = () => port.ask('operators.unlock', { id, vendor: 'lab', passphrase: office.passphrase });
    assert.equal(await expiryAt('2026-11-23T12:01:00Z'), undefined);
    await expiryAt('2035-12-01T23:59:50Z'); // locked
    assert.equal((await unlock()).vendors[0]?.expiry, undefined);
    assert.equal(await expiryAt('2035-12-02T00:00:00Z'), 'soon');
    await expiryAt('2035-12-31T23:50:00Z');
    assert.equal((await unlock()).vendors[0]?.expiry, 'soon');
    assert.equal(await expiryAt('2036-01-01T00:00:00Z'), 'expired');
  });

  test('locks itself after 15 minutes without use, and the page is told', async () => {
    const { clock, port, key } = await unlocked();
    clock.pass(15 * minute - 1);
    assert.equal((await key())[0], 'unlocked');
    port.changed.length = 0;
    clock.pass(1);
    assert.deepEqual(port.changed, ['operators', 'log']);
    assert.deepEqual(await key(), ['locked', undefined]);
  });

  test('stays unlocked for 15 minutes from its last use; being looked at is none', async () => {
    const { clock, key, check } = await unlocked();
    clock.pass(10 * minute);
    await key();
    await check();
    assert.deepEqual(await key(), ['unlocked', '2026-11-23T12:25:00.000Z']);
    clock.pass(10 * minute);
    assert.equal((await key())[0], 'unlocked');
    clock.pass(5 * minute);
    assert.equal((await key())[0], 'locked');
  });

  test('is locked when the computer wakes up after that time, before any timer has run', async () => {
    const { clock, key } = await unlocked();
    clock.sleep(15 * minute);
    assert.deepEqual(await key(), ['locked', undefined]);
  });

  test('is locked on demand, and can be unlocked for as long again', async () => {
    const { clock, port, id, key } = await unlocked();
    await port.ask('operators.lock', { id });
    assert.deepEqual(await key(), ['locked', undefined]);
    clock.pass(10 * minute);
    await port.ask('operators.unlock', { id, vendor: 'lab', passphrase: office.passphrase });
    clock.pass(10 * minute);
    assert.deepEqual(await key(), ['unlocked', '2026-11-23T12:25:00.000Z']);
  });

  test('is logged with its profile: unlocked, not unlocked, and locked by whom', async () => {
    const { clock, port, id } = await unlocked();
    const wrong = { id, vendor: 'lab', passphrase: 'wrong passphrase' };
    assert.equal((await port.refusal('operators.unlock', wrong)).code, 'passphrase-wrong');
    await port.ask('operators.lock', { id });
    for (const passed of [15 * minute, 0]) {
      await port.ask('operators.unlock', { id, vendor: 'lab', passphrase: office.passphrase });
      clock.pass(passed);
    }
    await port.ask('operators.remove', { id });
    const { rows } = await port.ask('log.list', { descending: false });
    const said = rows.filter(({ kind }) => kind !== 'log').map(({ sentence }) => sentence);
    const key = 'configuration key for lab of Lab Operator';
    assert.deepEqual(said, [
      'The user added the profile of Lab Operator.',
      `The user unlocked the ${key}.`,
      `The ${key} was not unlocked. ${words.faults['passphrase-wrong'].meaning}`,
      `The user locked the ${key}.`,
      `The user unlocked the ${key}.`,
      `The ${key} locked, because it was not used for a while.`,
      `The user unlocked the ${key}.`,
      `The user locked the ${key}.`,
      'The user removed the profile of Lab Operator.',
    ]);
  });

  test('is locked, and logged as that, at the end', async () => {
    const { core, home } = await unlocked();
    await core.close();
    const store = openStore(home);
    assert(store.ok);
    const locked = logEntries(openLogIn(home, store.value)).at(-1);
    store.value.close();
    assert.deepEqual([locked?.action, locked?.facts['reason']], ['key-locked', 'ended']);
  });
});
