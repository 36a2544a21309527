import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRequest, writeToDrive, type DriveEntry, type WriteOutcome } from '../../../main/drive/index.ts';
import { fault, ok, refuse } from '../../../main/faults/index.ts';
import { bundleFor, hwType, makeScene } from '../../kit/bundle.ts';
import { entryFor, fakeSystem, onDrive, type FakeSystem, type FakeSystemOptions } from '../../kit/drive.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const noLinks = process.platform === 'win32' && 'Windows makes no symbolic links for everyone.';
type Place = FakeSystem['place'];

async function write(system: FakeSystem, ...entries: readonly DriveEntry[]) {
  const written = await writeToDrive(system, system.place, entries);
  assert(written.ok, JSON.stringify(written));
  return written.value;
}

const states = (outcomes: readonly WriteOutcome[]) =>
  outcomes.map((one) => (one.state === 'written' ? one.state : (one.fault?.code ?? one.state)));

describe('a drive that is written', () => {
  it('holds bundle and request for each eNB, and nothing else', async () => {
    const system = fakeSystem();
    const { place } = system;
    const entries = [entryFor('LAB0001'), entryFor('LAB0002')];
    const outcomes = await write(system, ...entries);
    assert.deepEqual(states(outcomes), ['written', 'written']);
    assert.deepEqual(readdirSync(onDrive(place)).sort(), ['LAB0001', 'LAB0002']);
    for (const { enb, bundle, request } of entries) {
      assert.deepEqual(readdirSync(onDrive(place, enb.serialNumber)).sort(), ['bundle.p7m', 'request.json']);
      assert.deepEqual(readFileSync(onDrive(place, enb.serialNumber, 'bundle.p7m')), bundle);
      const read = readRequest(readFileSync(onDrive(place, enb.serialNumber, 'request.json')));
      assert.deepEqual(read, { ok: true, value: request });
    }
  });

  it('tells of each eNB as it is done, and stops before the next when it is told to', async () => {
    const system = fakeSystem();
    const { place } = system;
    const stopping = new AbortController();
    const told: string[] = [];
    const entries = [entryFor('LAB0001'), entryFor('LAB0002')];
    const written = await writeToDrive(system, place, entries, {
      signal: stopping.signal,
      onOutcome: ({ state, entry }) => {
        told.push(`${entry.folder} ${state}`);
        stopping.abort();
      },
    });
    assert.deepEqual(told, ['LAB0001 written', 'LAB0002 not-written']);
    assert(written.ok);
    assert.deepEqual(states(written.value), ['written', 'not-written']);
    assert(!existsSync(onDrive(place, 'LAB0002')));
  });

  it('is written again in the place of what was there, whole, after a run that was cut off', async () => {
    const system = fakeSystem();
    const { place } = system;
    await write(system, entryFor('LAB0001'));
    writeFileSync(onDrive(place, 'LAB0001', 'bundle.p7m.part'), 'half');
    const bundle = Buffer.from('short');
    await write(system, entryFor('LAB0001', { bundle }));
    assert.deepEqual(readFileSync(onDrive(place, 'LAB0001', 'bundle.p7m')), bundle);
    assert(!existsSync(onDrive(place, 'LAB0001', 'bundle.p7m.part')));
  });

  it('keeps each receipt of an earlier delivery, aside', async () => {
    const system = fakeSystem();
    const { place } = system;
    const receipts = ['first', 'second', 'second'];
    for (const receipt of receipts) {
      await write(system, entryFor('LAB0001'));
      writeFileSync(onDrive(place, 'LAB0001', 'receipt.p7m'), receipt);
    }
    await write(system, entryFor('LAB0001'));
    const names = ['first', 'second'].map((text) => `receipt-${hash('sha256', text).slice(0, 16)}.p7m`);
    assert.deepEqual(
      readdirSync(onDrive(place, 'LAB0001')).sort(),
      ['bundle.p7m', 'request.json', ...names].sort(),
    );
  });
});

describe('the folder of an eNB', () => {
  const cases = [
    ['two that differ by case alone are marked', ['abc', 'ABC'], [/^abc~[0-9a-f]{8}$/, /^ABC~[0-9a-f]{8}$/]],
    ['a name that Windows reserves is marked', ['con'], [/^con~[0-9a-f]{8}$/]],
    ['a dot at the end, which FAT drops, is not at the end', ['LAB1.'], [/^LAB1\.~[0-9a-f]{8}$/]],
    ['any other name is the serial number', ['LAB1.2'], [/^LAB1\.2$/]],
  ] as const;
  for (const [name, serials, expected] of cases) {
    it(name, async () => {
      const outcomes = await write(fakeSystem(), ...serials.map((serial) => entryFor(serial)));
      for (const [index, pattern] of expected.entries()) assert.match(outcomes[index]!.entry.folder, pattern);
    });
  }

  it('is never that of another eNB that is on the drive already, and its own when it is', async () => {
    const system = fakeSystem();
    const { place } = system;
    const bundle = await bundleFor(makeScene());
    await write(system, entryFor('LAB0001', { bundle }));
    const enb = { hwType: `${hwType}.9`, serialNumber: 'LAB0001' };
    const [other] = await write(system, entryFor('', { enb }));
    assert.match(other!.entry.folder, /^LAB0001~[0-9a-f]{8}$/);
    assert.deepEqual(readFileSync(onDrive(place, 'LAB0001', 'bundle.p7m')), Buffer.from(bundle));
    const alone = fakeSystem();
    await write(alone, entryFor('LAB0001', { bundle }));
    const [again] = await write(alone, entryFor('LAB0001', { bundle }));
    assert.equal(again?.entry.folder, 'LAB0001');
  });
});

describe('a drive is refused before anything is written', () => {
  it('when it may only be read, or is encrypted', async () => {
    const system = fakeSystem();
    const { place } = system;
    for (const code of ['drive-read-only', 'drive-read-only-policy', 'drive-encrypted'] as const) {
      const drive = { ...place.drive, fault: fault(code) };
      const unfit = { ...system, find: () => Promise.resolve(ok({ ...place, drive })) };
      const written = await writeToDrive(unfit, place, [entryFor('LAB0001')]);
      assert.deepEqual(!written.ok && written.fault, { code, where: { file: place.mountPoint } });
    }
  });

  it('when there is no room for all of it', async () => {
    const system = fakeSystem();
    const { place } = system;
    const tooLarge = { length: Number.MAX_SAFE_INTEGER } as Uint8Array;
    const written = await writeToDrive(system, place, [
      entryFor('LAB0001'),
      entryFor('LAB2', { bundle: tooLarge }),
    ]);
    assert(!written.ok && written.fault.code === 'drive-full');
    assert.match(written.fault.expected ?? '', /^\d+ bytes$/);
    assert.match(written.fault.found ?? '', /^\d+ bytes$/);
    assert.deepEqual(readdirSync(place.mountPoint), []);
  });

  const { place } = fakeSystem();
  const gone: readonly (readonly [string, FakeSystemOptions['find']])[] = [
    ['it has gone', () => Promise.resolve(refuse('drive-gone'))],
    [
      'another is in its place',
      () => Promise.resolve(ok({ ...place, drive: { ...place.drive, volume: 'AAAA-BBBB' } })),
    ],
    [
      'it has left its folder behind on another',
      () => Promise.resolve(ok({ kind: 'unknown', mountPoint: '/', fileSystem: 'fuse' })),
    ],
  ];
  for (const [name, find] of gone) {
    it(`when ${name}`, async () => {
      const system = { ...fakeSystem(find && { find }), place };
      const written = await writeToDrive(system, place, [entryFor('LAB0001')]);
      assert.equal(!written.ok && written.fault.code, 'drive-gone');
      assert.deepEqual(readdirSync(place.mountPoint), []);
    });
  }

  it('when its folder is on a disk', async () => {
    const system = fakeSystem({ find: () => Promise.resolve(refuse('drive-not-removable')) });
    const written = await writeToDrive(system, system.place, [entryFor('LAB0001')]);
    assert.equal(!written.ok && written.fault.code, 'drive-not-removable');
    assert.deepEqual(readdirSync(system.place.mountPoint), []);
  });
});

describe('on a drive that somebody has prepared', () => {
  const outside = temporaryFolder();
  const secret = join(outside, 'secret');
  const cases: readonly (readonly [string, (place: Place) => void])[] = [
    ['a file instead of siteseal/', (place) => writeFileSync(onDrive(place), '')],
    ['siteseal/ is a symbolic link', (place) => symlinkSync(outside, onDrive(place))],
    [
      'the folder of the eNB is a symbolic link',
      (place) => {
        mkdirSync(onDrive(place));
        symlinkSync(outside, onDrive(place, 'LAB0001'));
      },
    ],
    [
      'the bundle is a folder',
      (place) => mkdirSync(onDrive(place, 'LAB0001', 'bundle.p7m'), { recursive: true }),
    ],
    [
      'the request is a symbolic link',
      (place) => {
        mkdirSync(onDrive(place, 'LAB0001'), { recursive: true });
        symlinkSync(secret, onDrive(place, 'LAB0001', 'request.json'));
      },
    ],
    [
      'the receipt is larger than any',
      (place) => {
        mkdirSync(onDrive(place, 'LAB0001'), { recursive: true });
        writeFileSync(onDrive(place, 'LAB0001', 'receipt.p7m'), Buffer.alloc(300 * 1024));
      },
    ],
  ];
  for (const [name, prepare] of cases) {
    it(`nothing is written where ${name}`, { skip: name.includes('link') && noLinks }, async () => {
      writeFileSync(secret, 'secret');
      const system = fakeSystem();
      const { place } = system;
      prepare(place);
      const written = await writeToDrive(system, place, [entryFor('LAB0001'), entryFor('LAB0002')]);
      const found = written.ok ? states(written.value) : [written.fault.code, 'not-written'];
      assert.deepEqual(found, ['drive-entry-unfit', 'not-written']);
      assert.deepEqual(readdirSync(outside), ['secret']);
      assert.equal(readFileSync(secret, 'utf8'), 'secret');
    });
  }

  it('the target of a link does not count as an eNB that is there already', { skip: noLinks }, async () => {
    const system = fakeSystem();
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, 'bundle.p7m'), await bundleFor(makeScene()));
    mkdirSync(onDrive(system.place));
    symlinkSync(elsewhere, onDrive(system.place, 'other'));
    const enb = { hwType: `${hwType}.9`, serialNumber: 'LAB0001' };
    const [outcome] = await write(system, entryFor('', { enb }));
    assert.equal(outcome?.entry.folder, 'LAB0001');
  });

  it('a link with the temporary name leads nowhere', { skip: noLinks }, async () => {
    writeFileSync(secret, 'secret');
    const system = fakeSystem();
    const { place } = system;
    mkdirSync(onDrive(place, 'LAB0001'), { recursive: true });
    symlinkSync(secret, onDrive(place, 'LAB0001', 'bundle.p7m.part'));
    assert.deepEqual(states(await write(system, entryFor('LAB0001'))), ['written']);
    assert.equal(readFileSync(secret, 'utf8'), 'secret');
    rmSync(secret);
  });
});
