import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  verifyAfterRemount,
  verifyAfterReplug,
  writeToDrive,
  type Drive,
  type DriveVerdict,
  type Expected,
  type PlacedEntry,
  type ReplugState,
} from '../../../main/drive/index.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import {
  entryFor,
  fakeSystem,
  judgeGood,
  onDrive,
  placedEntries,
  writeAway,
  type FakeSystem,
  type FakeSystemOptions,
} from '../../kit/drive.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const noLinks = process.platform === 'win32' && 'Windows makes no symbolic links for everyone.';

const other: Drive = {
  device: '/dev/sdc1',
  volume: 'AAAA-BBBB',
  name: 'OTHER',
  mountPoint: undefined,
  size: 1,
  free: undefined,
  fault: undefined,
  fileSystem: 'vfat',
};

interface Written {
  readonly system: FakeSystem;
  readonly entries: readonly PlacedEntry[];
  readonly expected: Expected;
}

async function written(options: FakeSystemOptions = {}): Promise<Written> {
  const system = fakeSystem(options);
  const outcomes = await writeToDrive(system, system.place, [entryFor('LAB0001'), entryFor('LAB0002')]);
  assert(outcomes.ok);
  const entries = placedEntries(outcomes.value);
  return { system, entries, expected: { entries, judge: judgeGood } };
}

function states({ kind, entries }: DriveVerdict): readonly string[] {
  return [kind, ...entries.map(({ state }) => state)];
}

describe('a drive that was unmounted and mounted again', () => {
  it('is verified when it holds what was written, and then ejected', async () => {
    const { system, expected } = await written();
    const verdict = await verifyAfterRemount(system, system.place.drive, expected);
    assert(verdict.ok);
    assert.deepEqual(states(verdict.value), ['verified', 'verified', 'verified']);
    assert.deepEqual(system.calls, ['unmount', 'mount', 'eject']);
  });

  it('is verified by what an earlier run remembers, mounted or not', async () => {
    const { system, expected } = await written();
    await system.unmount(system.place.drive);
    const drives = await system.list();
    assert(drives.ok);
    const verdict = await verifyAfterRemount(system, drives.value[0]!, expected);
    assert(verdict.ok && verdict.value.kind === 'verified');
    assert.deepEqual(system.calls, ['unmount', 'mount', 'eject']);
  });

  const same = (text: string) => text.replaceAll('b', 'c');
  const damages: readonly (readonly [string, string, (path: string, bytes: string) => void, RegExp])[] = [
    ['the bundle is not there', 'bundle.p7m', (path) => rmSync(path), /^no such file$/],
    [
      'the bundle is cut short',
      'bundle.p7m',
      (path, bytes) => writeFileSync(path, bytes.slice(0, 512)),
      /^512 bytes/,
    ],
    [
      'the bundle is all zeros',
      'bundle.p7m',
      (path, bytes) => writeFileSync(path, Buffer.alloc(bytes.length)),
      /SHA/,
    ],
    ['an octet is another', 'bundle.p7m', (path, bytes) => writeFileSync(path, same(bytes)), /SHA-256/],
    ['the request is another', 'request.json', (path) => writeFileSync(path, '{}'), /^2 bytes/],
  ];
  for (const [name, file, damage, found] of damages) {
    it(`is damaged when ${name}; it is said of which eNB, and the drive stays`, async () => {
      const { system, entries, expected } = await written({
        whileUnmounted: () => {
          const folder = { ...system.place, mountPoint: `${system.place.mountPoint}.away` };
          const { bundle } = entries[1]!;
          damage(onDrive(folder, 'LAB0002', file), Buffer.from(bundle).toString());
        },
      });
      const verdict = await verifyAfterRemount(system, system.place.drive, expected);
      assert(verdict.ok);
      assert.deepEqual(states(verdict.value), ['damaged', 'verified', 'damaged']);
      const [, damaged] = verdict.value.entries;
      assert(damaged?.state === 'damaged');
      assert.equal(damaged.entry.enb.serialNumber, 'LAB0002');
      assert.equal(damaged.fault.where?.file, onDrive(system.place, 'LAB0002', file));
      assert.match(damaged.fault.expected ?? '', /^\d+ bytes with SHA-256 [0-9a-f]{64}$/);
      assert.match(damaged.fault.found ?? '', found);
      assert.deepEqual(system.calls, ['unmount', 'mount']);
    });
  }

  it('is damaged when something else than a file is in the place of one', async () => {
    for (const put of [mkdirSync, (path: string) => symlinkSync('request.json', path)]) {
      const { system, expected } = await written({
        whileUnmounted: () => {
          const path = onDrive({ ...system.place, mountPoint: `${system.place.mountPoint}.away` }, 'LAB0001');
          rmSync(`${path}/bundle.p7m`);
          put(`${path}/bundle.p7m`);
        },
      });
      const verdict = await verifyAfterRemount(system, system.place.drive, expected);
      assert(verdict.ok && verdict.value.kind === 'damaged');
      const [damaged] = verdict.value.entries;
      assert.equal(damaged?.state === 'damaged' && damaged.fault.because?.code, 'drive-entry-unfit');
    }
  });

  it(
    'is damaged when the folder of an eNB leads elsewhere, to the same files',
    { skip: noLinks },
    async () => {
      const { system, expected } = await written({
        whileUnmounted: () => {
          const path = onDrive({ ...system.place, mountPoint: `${system.place.mountPoint}.away` }, 'LAB0001');
          const elsewhere = join(temporaryFolder(), 'LAB0001');
          cpSync(path, elsewhere, { recursive: true });
          rmSync(path, { recursive: true });
          symlinkSync(elsewhere, path);
        },
      });
      const verdict = await verifyAfterRemount(system, system.place.drive, expected);
      assert(verdict.ok);
      const [damaged] = verdict.value.entries;
      assert.equal(damaged?.state === 'damaged' && damaged.fault.because?.found, 'symbolic link');
    },
  );

  it('is damaged when it holds more than was written', async () => {
    const { system, entries, expected } = await written({
      whileUnmounted: () => writeAway(system, 'LAB0001/bundle.p7m', `${String(entries[0]!.bundle)}x`),
    });
    const verdict = await verifyAfterRemount(system, system.place.drive, expected);
    assert(verdict.ok && verdict.value.kind === 'damaged');
  });

  it('is damaged when a bundle does not verify, though its bytes are those that were written', async () => {
    const { system, entries } = await written();
    const judge: Expected['judge'] = (_, { serialNumber }) =>
      serialNumber === 'LAB0001' ? refuse('bundle-signature-invalid') : ok(undefined);
    const verdict = await verifyAfterRemount(system, system.place.drive, { entries, judge });
    assert(verdict.ok);
    assert.deepEqual(states(verdict.value), ['damaged', 'damaged', 'verified']);
    const [damaged] = verdict.value.entries;
    assert.equal(damaged?.state === 'damaged' && damaged.fault.because?.code, 'bundle-signature-invalid');
  });

  it('is verified all the same when only its ejection fails', async () => {
    const { system, expected } = await written({
      eject: () => Promise.resolve(refuse('drive-eject-failed', { found: 'no permission' })),
    });
    const verdict = await verifyAfterRemount(system, system.place.drive, expected);
    assert(verdict.ok && verdict.value.kind === 'verified-not-ejected');
    assert.equal(verdict.value.fault.found, 'no permission');
    assert(verdict.value.entries.every(({ state }) => state === 'verified'));
  });
});

describe('there is no verdict', () => {
  const cases: readonly (readonly [string, FakeSystemOptions, string])[] = [
    [
      'while a program uses the drive',
      { unmount: () => Promise.resolve(refuse('drive-busy', { found: 'less (4711)' })) },
      'drive-busy',
    ],
    [
      'when the drive is still mounted after it was unmounted',
      { unmount: () => Promise.resolve(ok(undefined)) },
      'drive-unmount-failed',
    ],
    [
      'when the drive cannot be mounted again',
      { mount: () => Promise.resolve(refuse('drive-remount-failed')) },
      'drive-remount-failed',
    ],
    [
      'when the drive says that it is mounted again, and is not',
      { mount: () => Promise.resolve(ok(undefined)) },
      'drive-remount-failed',
    ],
    [
      'when the drives cannot be listed',
      { list: () => Promise.resolve(refuse('drives-unlistable')) },
      'drives-unlistable',
    ],
    [
      'when the drive is not among those that are there',
      { list: () => Promise.resolve(ok([other])) },
      'drive-gone',
    ],
  ];
  for (const [name, options, code] of cases) {
    it(name, async () => {
      const { system, expected } = await written(options);
      const verdict = await verifyAfterRemount(system, system.place.drive, expected);
      assert.equal(!verdict.ok && verdict.fault.code, code);
    });
  }
});

describe('a drive that is pulled out and plugged in again', () => {
  /** Verifies by a re-plug; at each look one of the steps is done, and after the last one the person gives up. */
  async function replug({ system, expected }: Written, ...steps: readonly (() => void)[]) {
    const states: ReplugState[] = [];
    const givingUp = new AbortController();
    const remaining = [...steps];
    const verdict = await verifyAfterReplug(system, system.place, expected, {
      onState: (state) => states.push(state),
      pause: () => {
        const step = remaining.shift();
        if (step) step();
        else givingUp.abort();
        return Promise.resolve();
      },
      signal: givingUp.signal,
    });
    return { states, verdict, code: verdict.ok ? verdict.value.kind : verdict.fault.code };
  }

  it('is verified, whether the system or Siteseal mounts it, and then ejected', async () => {
    const scene = await written();
    const { system } = scene;
    const { states: told, code } = await replug(
      scene,
      () => system.pullOut(),
      () => system.plugIn(),
    );
    assert.equal(code, 'verified');
    assert.deepEqual(told, ['waiting-for-unplug', 'waiting-for-plug']);
    assert.deepEqual(system.calls, ['eject']);
  });

  it('is damaged when it holds something else', async () => {
    const scene = await written();
    const { system } = scene;
    const { code } = await replug(
      scene,
      () => {
        system.pullOut();
        writeAway(system, 'LAB0001/bundle.p7m', 'something else');
      },
      () => system.plugIn(),
    );
    assert.equal(code, 'damaged');
  });

  it('is waited for as long as it is plugged in, also when somebody unmounts it', async () => {
    const scene = await written();
    const { system } = scene;
    const { states: told, code } = await replug(scene, () => void system.unmount(system.place.drive));
    assert.equal(code, 'cancelled');
    assert.deepEqual(told, ['waiting-for-unplug']);
    assert.deepEqual(system.calls, ['unmount']);
  });

  it(
    'is not out because a list misses it while it is mounted',
    { skip: process.platform !== 'linux' },
    async () => {
      const scene = await written({ list: () => Promise.resolve(ok([])) });
      const { place } = scene.system;
      const mounted = { ...scene.system, place: { ...place, mountPoint: '/proc' } };
      const { states: told, code } = await replug({ ...scene, system: mounted }, () => undefined);
      assert.equal(code, 'cancelled');
      assert.deepEqual(told, ['waiting-for-unplug']);
    },
  );

  it('is not another drive', async () => {
    const others: Drive[] = [];
    const scene = await written({ others });
    const { states: told, code } = await replug(
      scene,
      () => scene.system.pullOut(),
      () => others.push(other),
    );
    assert.equal(code, 'cancelled');
    assert.deepEqual(told, ['waiting-for-unplug', 'waiting-for-plug']);
    assert.deepEqual(scene.system.calls, []);
  });

  it('is not looked for when the drives cannot be listed', async () => {
    const scene = await written({ list: () => Promise.resolve(refuse('drives-unlistable')) });
    assert.equal((await replug(scene)).code, 'drives-unlistable');
  });
});
