import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { markedEnbFileName, verifyReceipt } from '../../../main/bundle/index.ts';
import {
  collectReceipts,
  writeToDrive,
  type DriveEntry,
  type DriveFolder,
} from '../../../main/drive/index.ts';
import { ok } from '../../../main/faults/index.ts';
import { watchDrive, type DriveEvent, type ReferenceEnb } from '../../../main/lab/index.ts';
import { bundleFor, identity, makeChallenge, makeScene } from '../../kit/bundle.ts';
import { entryFor, fakeSystem, onDrive } from '../../kit/drive.ts';
import {
  makeReferenceEnb,
  startEnbProcess,
  stopProcesses,
  temporaryFolder,
  trustOf,
  writeFactoryFiles,
} from '../../kit/enb.ts';

const scene = makeScene();

/** A stick that is not plugged in, and the folder on which it will be mounted. */
function makeStick() {
  const mountPoint = join(temporaryFolder(), 'stick');
  const away = `${mountPoint}.away`;
  mkdirSync(away);
  const place: DriveFolder = { kind: 'unknown', mountPoint, fileSystem: 'none' };
  return {
    place,
    plugIn: () => renameSync(away, mountPoint),
    pullOut: () => renameSync(mountPoint, away),
    write: async (...entries: readonly DriveEntry[]) => {
      const there: DriveFolder = { ...place, mountPoint: away };
      const system = { ...fakeSystem(), find: () => Promise.resolve(ok(there)) };
      const written = await writeToDrive(system, there, entries);
      assert(written.ok && written.value.every(({ state }) => state === 'written'), JSON.stringify(written));
    },
    receipt: onDrive(place, 'LAB0001', 'receipt.p7m'),
  };
}

/** What the eNB makes of a drive, event by event, until the work is done. */
async function watching(
  enb: ReferenceEnb,
  { mountPoint }: DriveFolder,
  work: (next: () => Promise<DriveEvent>) => Promise<unknown>,
): Promise<readonly DriveEvent[]> {
  const stopping = new AbortController();
  const events: DriveEvent[] = [];
  const waiting: ((event: DriveEvent) => void)[] = [];
  const onEvent = (event: DriveEvent) => {
    events.push(event);
    waiting.shift()?.(event);
  };
  const watched = watchDrive(enb, mountPoint, onEvent, stopping.signal, 1);
  try {
    await work(() => new Promise((resolve) => waiting.push(resolve)));
  } finally {
    stopping.abort();
    await watched;
  }
  return events;
}

function verify(file: string, { bundle, request: { challenge } }: DriveEntry) {
  const receipt = verifyReceipt(readFileSync(file), { ...trustOf(scene), enb: identity, challenge });
  if (receipt.ok) assert.equal(receipt.value.bundleSha256, hash('sha256', bundle));
  return receipt;
}

const good = async (changes: Partial<DriveEntry> = {}) =>
  entryFor('LAB0001', { bundle: await bundleFor(scene), ...changes });

describe('a reference eNB with a removable drive', () => {
  it('takes what is for it when the drive is plugged in, and answers with the challenge', async () => {
    const stick = makeStick();
    const enb = makeReferenceEnb(scene);
    const entry = await good();
    const others = [entryFor('LAB0002'), entryFor('LAB00010')];
    await stick.write(entry, ...others);
    const events = await watching(enb, stick.place, async (next) => {
      const event = next();
      stick.plugIn();
      await event;
    });
    assert.equal(events.length, 1);
    assert(events[0]?.kind === 'answered' && events[0].verdict.accepted);
    const receipt = verify(stick.receipt, entry);
    assert(receipt.ok, JSON.stringify(receipt));
    assert.equal(receipt.value.auditHead, entry.request.auditHead);
    assert.deepEqual(enb.acceptedBundle(), Buffer.from(entry.bundle));
    const collected = await collectReceipts(stick.place.mountPoint);
    assert(collected.ok);
    assert.deepEqual(
      collected.value.map(({ folder }) => folder),
      ['LAB0001'],
    );
    for (const { enb: other } of others)
      assert(!existsSync(onDrive(stick.place, other.serialNumber, 'receipt.p7m')));
  });

  it('finds its folder with the mark of its identity as well', async () => {
    const stick = makeStick();
    await stick.write(await good(), entryFor('lab0001'));
    stick.plugIn();
    const [event] = await watching(makeReferenceEnb(scene), stick.place, (next) => next());
    assert.match(event?.folder ?? '', /LAB0001~[0-9a-f]{8}$/);
  });

  it('leaves alone what it has answered, also when it is started again', async () => {
    const stick = makeStick();
    const options = { folder: temporaryFolder() };
    await stick.write(await good());
    stick.plugIn();
    await watching(makeReferenceEnb(scene, options), stick.place, (next) => next());
    const first = readFileSync(stick.receipt);
    // It looks into the folder with the mark last: when that is answered the first was looked at.
    const marked = onDrive(stick.place, markedEnbFileName(identity));
    mkdirSync(marked);
    copyFileSync(onDrive(stick.place, 'LAB0001', 'bundle.p7m'), join(marked, 'bundle.p7m'));
    writeFileSync(join(marked, 'request.json'), JSON.stringify({ challenge: makeChallenge() }));
    const events = await watching(makeReferenceEnb(scene, options), stick.place, (next) => next());
    assert.deepEqual(
      events.map(({ folder }) => folder),
      [marked],
    );
    assert.deepEqual(readFileSync(stick.receipt), first);
  });

  it('answers again when it is asked with another challenge', async () => {
    const stick = makeStick();
    const bundle = await bundleFor(scene);
    await stick.write(await good({ bundle }));
    stick.plugIn();
    const again = await good({ bundle });
    const events = await watching(makeReferenceEnb(scene), stick.place, async (next) => {
      await next();
      stick.pullOut();
      await stick.write(again);
      const event = next();
      stick.plugIn();
      await event;
    });
    assert.equal(events.length, 2);
    const receipt = verify(stick.receipt, again);
    assert(receipt.ok && receipt.value.receiptNumber === 2, JSON.stringify(receipt));
  });

  it('does not take a receipt that is not its own for its answer', async () => {
    const stick = makeStick();
    const entry = await good();
    await stick.write(entry);
    stick.plugIn();
    writeFileSync(stick.receipt, 'not a receipt');
    await watching(makeReferenceEnb(scene), stick.place, (next) => next());
    assert(verify(stick.receipt, entry).ok);
  });

  it('says in its receipt that it refuses a bundle', async () => {
    const stick = makeStick();
    const entry = entryFor('LAB0001', { bundle: Buffer.from('no bundle') });
    await stick.write(entry);
    stick.plugIn();
    const [event] = await watching(makeReferenceEnb(scene), stick.place, (next) => next());
    assert(event?.kind === 'answered' && !event.verdict.accepted);
    const receipt = verify(stick.receipt, entry);
    assert(receipt.ok && !receipt.value.verdict.accepted);
  });

  const path = (place: DriveFolder, name: string) => onDrive(place, 'LAB0001', name);
  const hostile: readonly (readonly [string, string, (place: DriveFolder) => void])[] = [
    [
      'a request that cannot be read',
      'drive-request-malformed',
      (place) => writeFileSync(path(place, 'request.json'), '{'),
    ],
    [
      'a bundle larger than any',
      'drive-entry-unfit',
      (place) => writeFileSync(path(place, 'bundle.p7m'), Buffer.alloc(1024 * 1024 + 1)),
    ],
    [
      'a folder in the place of the receipt',
      'drive-entry-unfit',
      (place) => mkdirSync(path(place, 'receipt.p7m')),
    ],
    [
      'a link in the place of the bundle',
      'drive-entry-unfit',
      (place) => {
        rmSync(path(place, 'bundle.p7m'));
        symlinkSync('/dev/zero', path(place, 'bundle.p7m'));
      },
    ],
    [
      'a folder of its own that leads elsewhere',
      'drive-entry-unfit',
      (place) => {
        const elsewhere = temporaryFolder();
        cpSync(onDrive(place, 'LAB0001'), elsewhere, { recursive: true });
        rmSync(onDrive(place, 'LAB0001'), { recursive: true });
        symlinkSync(elsewhere, onDrive(place, 'LAB0001'));
      },
    ],
  ];
  for (const [name, code, prepare] of hostile) {
    it(`says ${code} of ${name}, and goes on`, { skip: process.platform === 'win32' }, async () => {
      const stick = makeStick();
      const enb = makeReferenceEnb(scene);
      await stick.write(await good());
      stick.plugIn();
      prepare(stick.place);
      const events = await watching(enb, stick.place, async (next) => {
        await next();
        rmSync(path(stick.place, 'receipt.p7m'), { recursive: true, force: true });
        stick.pullOut();
        rmSync(join(`${stick.place.mountPoint}.away`, 'siteseal'), { recursive: true });
        await stick.write(await good());
        const event = next();
        stick.plugIn();
        await event;
      });
      assert.deepEqual(
        events.map((event) => (event.kind === 'failed' ? event.fault.code : event.kind)),
        [code, 'answered'],
      );
    });
  }
});

after(stopProcesses);

describe('a reference eNB that loses its power while it answers a drive', () => {
  // Each of three files is opened, written and renamed: the state with the bundle, the state with the receipt's number,
  // and the receipt, of which the writing is not among the steps.
  for (const step of [3, 6, 7, 8]) {
    it(`at step ${step} has no receipt on the drive, and answers when it is back`, async () => {
      const stick = makeStick();
      const entry = await good();
      await stick.write(entry);
      stick.plugIn();
      const files = writeFactoryFiles(scene, temporaryFolder());
      const home = temporaryFolder();
      const drive = ['--drive', stick.place.mountPoint];
      const first = await startEnbProcess(files, home, { interruption: { signal: 'SIGKILL', step } }, drive);
      assert.equal((await first.done).signal, 'SIGKILL');
      assert(!existsSync(stick.receipt));
      const second = await startEnbProcess(files, home, {}, drive);
      assert.equal(await Promise.race([second.done, answered(second.child.stderr)]), 'answered');
      const receipt = verify(stick.receipt, entry);
      assert(receipt.ok && receipt.value.verdict.accepted, JSON.stringify(receipt));
      second.child.kill('SIGTERM');
      assert.equal((await second.done).code, 0);
    });
  }
});

/** When the eNB has told that it answered. */
function answered(stderr: NodeJS.ReadableStream | null): Promise<'answered'> {
  return new Promise((resolve) => {
    let text = '';
    stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Accepted')) resolve('answered');
    });
  });
}
