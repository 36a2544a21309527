// The computer sleeps while the core works.
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { startCore, type RunningCore } from '../../../main/host/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { CorePort } from '../../kit/core-port.ts';
import { enbOptions, makeReferenceEnb } from '../../kit/enb.ts';
import { jobCore } from '../../kit/job-core.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';
import { LabOffice, makeFolder, surroundingsIn } from '../../kit/operator.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();
const delivery = { address: 'usb:LAB0001', confirmedSerialNumber: 'LAB0001' };

/** The timers and the time since the start of a computer, in which the test may let it sleep. */
class Computer {
  #uptime = 0;
  #planned: { readonly at: number; readonly work: () => void }[] = [];

  readonly monotonic = () => this.#uptime;
  readonly later = (milliseconds: number, work: () => void) => {
    const planned = { at: this.#uptime + milliseconds, work };
    this.#planned.push(planned);
    return () => void (this.#planned = this.#planned.filter((one) => one !== planned));
  };

  /** Time passes, and the timers wait. */
  pass(milliseconds: number): void {
    this.#uptime += milliseconds;
  }

  /** In sleep the time since the start passes, and timers run only afterwards. */
  sleep(milliseconds: number): void {
    this.pass(milliseconds);
    const due = this.#planned.filter(({ at }) => at <= this.#uptime);
    this.#planned = this.#planned.filter(({ at }) => at > this.#uptime);
    for (const { work } of due) work();
  }
}

/** One fact of each entry of an action, in a data folder that no core uses. */
function factsOf(dataFolder: string, action: string, fact: string): readonly unknown[] {
  const store = openStore(dataFolder);
  assert(store.ok);
  const entries = logEntries(openLogIn(dataFolder, store.value)).filter((entry) => entry.action === action);
  store.value.close();
  return entries.map(({ facts }) => facts[fact]);
}

/** A laptop whose delivery waits for the answer of an eNB. */
async function delivering(
  context: TestContext,
  computer = new Computer(),
  before: (core: RunningCore) => void = () => undefined,
) {
  const usb = new FakeUsbBus();
  const laptop = await jobCore(context, scene, [await bundleFor(scene)], {
    usb,
    monotonic: computer.monotonic,
    later: computer.later,
  });
  before(laptop.core);
  const busy: boolean[] = [];
  laptop.core.onBusy((isBusy) => busy.push(isBusy));
  const reached = Promise.withResolvers<undefined>();
  const device = usb.plugIn(() => reached.resolve(undefined));
  const { id } = laptop.jobs[0]!;
  const sending = laptop.port.ask('jobs.send', { id, ...delivery });
  await reached.promise;
  /** The eNB answers from now on. */
  const answer = () => {
    device.unplug();
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    usb.plugIn((stream) => server.accept(stream));
  };
  return { ...laptop, id, busy, sending, answer };
}

suite('a delivery in sleep', () => {
  test('ends at once with a fault, and can be made again', async (context) => {
    const { core, port, id, busy, sending, answer, dataFolder } = await delivering(context);
    core.sleep();
    const { state, deliveryFault } = await sending;
    assert.deepEqual([state, deliveryFault?.code], ['selected', 'interrupted-by-sleep']);
    assert.deepEqual(busy, [true, false]);
    answer();
    assert.equal((await port.ask('jobs.send', { id, ...delivery })).state, 'receipt');
    await core.close();
    assert.deepEqual(factsOf(dataFolder, 'bundle-delivery', 'fault'), ['interrupted-by-sleep', undefined]);
  });

  test('ends soon after it, if nobody reported the sleep', async (context) => {
    const computer = new Computer();
    const { sending } = await delivering(context, computer);
    computer.sleep(60_000);
    assert.equal((await sending).deliveryFault?.code, 'interrupted-by-sleep');
  });

  test('goes on after short pauses, and after a sleep that was reported before it began', async (context) => {
    const computer = new Computer();
    const { core, port, id, sending } = await delivering(context, computer, (started) => {
      computer.pass(60_000);
      started.sleep();
    });
    for (let passed = 0; passed < 60_000; passed += 15_000) computer.sleep(15_000);
    assert.ok((await port.ask('jobs.get', { id })).work);
    core.sleep();
    await sending;
  });
});

suite('a run in sleep', () => {
  test('stops, and its keys lock; unlocked again, it continues', async () => {
    const serials = Array.from({ length: 100 }, (_, place) => `LAB${1000 + place}`);
    const office = new LabOffice({ serials, training: false });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    makeFolder(office, 'out');
    const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(office.home));
    const port = new CorePort(core);
    const handle = (name: string) => core.registerFile(office.path(name));
    const { id: operatorId } = await port.ask('operators.add', { file: handle('operator.json') });
    const unlock = () =>
      port.ask('operators.unlock', { id: operatorId, vendor: 'lab', passphrase: office.passphrase });
    await unlock();
    const { id } = await port.ask('runs.check', { operatorId, inventory: handle('inventory.csv') });
    const get = () => port.ask('runs.get', { id });
    const until = async (isReached: (run: Awaited<ReturnType<typeof get>>) => boolean) => {
      for (;;) {
        const changed = port.nextChange();
        const run = await get();
        if (isReached(run)) return run;
        await changed;
      }
    };
    await until(({ state }) => state === 'checked');
    await port.ask('runs.setFolder', { id, folder: handle('out') });
    await port.ask('runs.make', { id, skipBad: false });
    await until(({ made }) => made > 0);
    core.sleep();
    const stopped = await until(({ state }) => state === 'stopped');
    assert.equal(stopped.fault?.code, 'interrupted-by-sleep');
    assert.ok(stopped.made < 100);
    const [operator] = await port.ask('operators.list', {});
    assert.equal(operator?.vendors[0]?.state, 'locked');
    await unlock();
    await port.ask('runs.make', { id, skipBad: false });
    const done = await until(({ state }) => state === 'done');
    assert.equal(done.made, 100);
    await core.close();
    assert.deepEqual(factsOf(office.home, 'key-locked', 'reason'), ['sleep', 'ended']);
  });
});
