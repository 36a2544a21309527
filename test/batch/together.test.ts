// The app, `prepare` and `enb write` at work on one store at the same time, as in an office where everybody is in a hurry.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startCore } from '../../main/host/index.ts';
import { hwType, signingOf } from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { CorePort } from '../kit/core-port.ts';
import { startEnb } from '../kit/enb.ts';
import { LabOffice, surroundingsIn } from '../kit/operator.ts';

/** How long they work, in milliseconds; on a slow computer longer, until each has done its work as often as that. */
const [time, longest] = [20_000, 120_000];
const least = 3;

const serials = Array.from({ length: 20 }, (_, index) => `LAB${String(index + 1).padStart(4, '0')}`);
const office = new LabOffice({ serials, training: false });
office.writeInventory(serials.map((serial) => office.row(serial)));
mkdirSync(office.home, { mode: 0o700 });
const env = { SITESEAL_PASSPHRASE: office.passphrase };
const at = { home: office.home, cwd: office.folder, env };

/** The folders that each has made, and the bundles of each that were accepted. */
const byCommand: string[] = [];
const inApp: string[] = [];
const acceptedOf = { command: [] as string[], app: [] as string[] };
const all = [byCommand, inApp, acceptedOf.command, acceptedOf.app];

const began = performance.now();
const isTime = () => {
  const elapsed = performance.now() - began;
  return elapsed < time || (elapsed < longest && all.some(({ length }) => length < least));
};

/** Prepares the inventory again and again on the command line. */
async function prepareAgain(folders: string[]): Promise<void> {
  while (isTime()) {
    const out = `out-${folders.length}`;
    const args = ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', out];
    const { code, document } = await sitesealJson(args, at);
    assert.equal(code, 0, JSON.stringify(document));
    folders.push(out);
  }
}

/** Prepares the inventory again and again in the window. */
async function prepareInApp(folders: string[]): Promise<void> {
  const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(office.home));
  after(() => core.close());
  const port = new CorePort(core);
  const handle = (name: string) => core.registerFile(office.path(name));
  const { id: operatorId } = await port.ask('operators.add', { file: handle('operator.json') });
  const unlocking = { id: operatorId, vendor: 'lab', passphrase: office.passphrase };
  await port.ask('operators.unlock', unlocking);
  const ended = async (id: string) => {
    for (;;) {
      const changed = port.nextChange();
      const run = await port.ask('runs.get', { id });
      if (run.state !== 'checking' && run.state !== 'making') return run;
      await changed;
    }
  };
  while (isTime()) {
    const out = `app-${folders.length}`;
    mkdirSync(office.path(out));
    const { id } = await port.ask('runs.check', { operatorId, inventory: handle('inventory.csv') });
    await ended(id);
    await port.ask('runs.setFolder', { id, folder: handle(out) });
    await port.ask('runs.make', { id, skipBad: false });
    const { state, fault } = await ended(id);
    assert.equal(state, 'done', JSON.stringify(fault));
    folders.push(out);
  }
}

/** Delivers the newest bundle of an eNB again and again. */
async function deliver(folders: readonly string[], serial: string, accepted: string[]): Promise<void> {
  const { vendor, configurationKey, operatorRoot } = office;
  const pair = office.enb(serial);
  const signing = signingOf(configurationKey, vendor);
  const enb = await startEnb({ vendor, configurationKey, operatorRoot, signing, enb: pair });
  while (isTime()) {
    const out = folders.at(-1);
    if (out === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const bundle = join(out, 'bundles', `${serial}.p7m`);
    const way = ['--ethernet', `127.0.0.1:${enb.port}`, '--vendor-root', 'vendor-root.pem'];
    const { code, document } = await sitesealJson(['enb', 'write', bundle, ...way], at);
    const { fault } = document as { readonly fault?: FaultDocument };
    // The other one may have delivered a newer bundle meanwhile.
    assert(code === 0 || fault?.code === 'sequence-rollback', JSON.stringify(document));
    if (code === 0) accepted.push(bundle);
  }
  await enb.close();
}

describe('the app, prepare and enb write on one store', () => {
  it('all do their work', async () => {
    await Promise.all([
      prepareAgain(byCommand),
      prepareInApp(inApp),
      deliver(byCommand, 'LAB0001', acceptedOf.command),
      deliver(inApp, 'LAB0002', acceptedOf.app),
    ]);
    for (const done of all) assert(done.length >= least);
  });

  it('give no sequence number twice', () => {
    const numbers = new Map<string, number[]>(serials.map((serial) => [serial, []]));
    for (const out of [...byCommand, ...inApp])
      for (const name of readdirSync(office.path(out, 'bundles'))) {
        const serial = name.replace('.p7m', '');
        numbers.get(serial)?.push(office.configuration(serial, out).sequence);
      }
    const wanted = Array.from({ length: byCommand.length + inApp.length }, (_, index) => index + 1);
    for (const serial of serials) {
      assert.deepEqual(
        numbers.get(serial)?.sort((a, b) => a - b),
        wanted,
        serial,
      );
      const { sequence } = office.withStore((store) => store.enbs.lastSequence(hwType, serial));
      assert.equal(sequence, wanted.length);
    }
  });

  it('leave a log that verifies', async () => {
    const { code, stdout, stderr } = await siteseal(['audit', 'verify'], at);
    assert.equal(code, 0, stdout + stderr);
  });
});
