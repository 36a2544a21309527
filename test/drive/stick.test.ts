import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Bundle, judgeBundle, verifyReceipt } from '../../main/bundle/index.ts';
import {
  collectReceipts,
  createRun,
  driveSystem,
  verifyAfterRemount,
  verifyAfterReplug,
  writeToDrive,
  type DriveEntry,
  type DriveSystem,
  type Expected,
  type PlacedEntry,
  type WriteOutcome,
} from '../../main/drive/index.ts';
import { fault, ok, refused } from '../../main/faults/index.ts';
import { watchDrive } from '../../main/lab/index.ts';
import { bundleFor, clock, identity, makeScene, otherIdentity } from '../kit/bundle.ts';
import { entryFor, placedEntries } from '../kit/drive.ts';
import { makeReferenceEnb, trustOf } from '../kit/enb.ts';
import { asNobody, assertSound, makeImage, readByMtools, Stick } from './kit.ts';
import { canLoop, makeExt4, makeLuks, typeByBlkid, withLoop, withMount } from './loop.ts';

const scene = makeScene();
const linux = driveSystem('linux', createRun(process.env, 10_000));

/** Bundles as the office makes them, for the two eNBs of the scene. */
const entries: readonly DriveEntry[] = await Promise.all(
  [identity, otherIdentity].map(async (enb) =>
    entryFor(enb.serialNumber, { enb, bundle: await bundleFor(scene, { enb }) }),
  ),
);

const judge: Expected['judge'] = (bytes, enb) => {
  const { accepted } = judgeBundle(new Bundle(bytes), {
    vendorRoots: [scene.vendor.root.certificate],
    clock,
    enb,
  });
  return accepted ? ok(undefined) : refused(fault('bundle-refused'));
};

async function write(stick: Stick, what = entries): Promise<readonly WriteOutcome[]> {
  const written = await asNobody(() => writeToDrive(stick.system, stick.place, what));
  assert(written.ok, JSON.stringify(written));
  return written.value;
}

async function writeAll(stick: Stick, what = entries): Promise<readonly PlacedEntry[]> {
  const outcomes = await write(stick, what);
  assert(
    outcomes.every(({ state }) => state === 'written'),
    JSON.stringify(outcomes),
  );
  return placedEntries(outcomes);
}

async function verify(stick: Stick, placed: readonly PlacedEntry[], system = stick.system) {
  const verdict = await asNobody(() => verifyAfterRemount(system, stick.drive, { entries: placed, judge }));
  assert(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

describe('a FAT stick', () => {
  it('is written and verified by nobody, and other tools find on it what was written', async () => {
    const stick = new Stick(makeImage());
    await stick.mount();
    const placed = await writeAll(stick);
    assert.equal((await verify(stick, placed)).kind, 'verified');
    assertSound(stick.image);
    for (const { enb, bundle } of entries) {
      const read = readByMtools(stick.image, `/siteseal/${enb.serialNumber}/bundle.p7m`);
      assert.deepEqual(read, Buffer.from(bundle));
    }
  });

  it('goes to the eNB and comes back with its receipt', async () => {
    const stick = new Stick(makeImage());
    await stick.mount();
    assert.equal((await verify(stick, await writeAll(stick))).kind, 'verified');
    await stick.mount();
    const enb = makeReferenceEnb(scene);
    const leaving = new AbortController();
    await watchDrive(enb, stick.mountPoint, () => leaving.abort(), leaving.signal, 10);
    await stick.pullOut();
    assertSound(stick.image);
    await stick.mount();
    const receipts = await asNobody(() => collectReceipts(stick.mountPoint));
    assert(receipts.ok && receipts.value.length === 1);
    const [receipt] = receipts.value;
    assert(receipt && 'bytes' in receipt && receipt.folder === identity.serialNumber);
    const [{ bundle, request }] = entries as readonly [DriveEntry];
    const { challenge } = request;
    const question = { ...trustOf(scene), enb: identity, bundleSha256: hash('sha256', bundle), challenge };
    const verified = verifyReceipt(receipt.bytes, question);
    assert(verified.ok && verified.value.verdict.accepted, JSON.stringify(verified));
    await stick.pullOut();
  });

  it('is verified by a re-plug where the operating system cannot tell what it is', async () => {
    const stick = new Stick(makeImage());
    await stick.mount();
    const place = await linux.find(stick.mountPoint);
    assert(place.ok && place.value.kind === 'unknown', JSON.stringify(place));
    assert.equal(place.value.mountPoint, stick.mountPoint);
    const disk = await linux.find('/');
    assert.equal(!disk.ok && disk.fault.code, 'drive-not-removable');
    const { value: unknown } = place;
    const written = await asNobody(() => writeToDrive(linux, unknown, entries));
    assert(written.ok);
    const steps = [
      () => Promise.resolve(),
      () => stick.pullOut(),
      () => Promise.resolve(),
      () => stick.mount(),
    ];
    const givingUp = new AbortController();
    const verdict = await asNobody(() =>
      verifyAfterReplug(
        linux,
        unknown,
        { entries: placedEntries(written.value), judge },
        {
          onState: () => undefined,
          pause: async () => (steps.length > 0 ? steps.shift()?.() : givingUp.abort()),
          signal: givingUp.signal,
        },
      ),
    );
    assert(verdict.ok, JSON.stringify(verdict));
    assert.deepEqual(steps, []);
    assert.equal(verdict.value.kind, 'verified-not-ejected');
    await stick.pullOut();
  });

  it('that is full is refused before anything is written', async () => {
    const stick = new Stick(makeImage(64));
    await stick.mount();
    writeFileSync(join(stick.mountPoint, 'other'), Buffer.alloc(40 * 1024));
    const written = await asNobody(() => writeToDrive(stick.system, stick.place, entries));
    assert.equal(!written.ok && written.fault.code, 'drive-full');
    await stick.pullOut();
    assertSound(stick.image);
  });

  it('that may only be read is refused', async () => {
    const stick = new Stick(makeImage());
    await stick.mount('ro');
    const written = await asNobody(() => writeToDrive(stick.system, stick.place, entries));
    assert.equal(!written.ok && written.fault.code, 'drive-read-only', JSON.stringify(written));
    await stick.pullOut();
  });
});

describe(
  'a drive of this kernel',
  { skip: !canLoop && 'this machine makes no loop devices for this user' },
  () => {
    /** The real lsblk and findmnt, for which this loop device is a stick with what blkid finds on it. */
    function systemWith(device: string, fstype: string): DriveSystem {
      const run = createRun(process.env, 10_000);
      return driveSystem('linux', async (command, args) => {
        const done = await run(command, args);
        if (command !== 'lsblk' || done.kind !== 'done') return done;
        const { blockdevices } = JSON.parse(done.output) as { readonly blockdevices: readonly object[] };
        const stick = blockdevices.find((one) => 'path' in one && one.path === device);
        const output = JSON.stringify({
          blockdevices: [{ ...stick, type: 'disk', rm: true, fstype, uuid: 'A' }],
        });
        return { kind: 'done', output };
      });
    }

    async function faultOn(device: string, image: string): Promise<string | undefined> {
      const drives = await systemWith(device, typeByBlkid(image)).list();
      assert(drives.ok && drives.value.length === 1, JSON.stringify(drives));
      return drives.value[0]?.fault?.code;
    }

    it('with LUKS is encrypted', async () => {
      const image = makeLuks();
      await withLoop(image, [], async (device) =>
        assert.equal(await faultOn(device, image), 'drive-encrypted'),
      );
    });

    it('without a right to write it is read-only', async () => {
      const image = makeExt4();
      await withLoop(image, ['--read-only'], async (device) =>
        assert.equal(await faultOn(device, image), 'drive-read-only'),
      );
    });

    for (const [options, code] of [
      [['rw'], undefined],
      [['ro'], 'drive-read-only-policy'],
      [['rw,errors=remount-ro', 'remount,abort'], 'drive-read-only'],
    ] as const) {
      it(`mounted ${options.join(', then ')} is ${code ?? 'fit'}, and can be written only then`, async () => {
        const image = makeExt4();
        await withLoop(image, [], (device) =>
          withMount(device, options, async (folder) => {
            assert.equal(await faultOn(device, image), code);
            const system = systemWith(device, 'ext4');
            const place = await system.find(folder);
            assert(place.ok && place.value.kind === 'drive', JSON.stringify(place));
            const written = await writeToDrive(system, place.value, entries);
            assert.equal(written.ok ? undefined : written.fault.code, code, JSON.stringify(written));
            const isWritten = () => writeFileSync(join(folder, 'other'), '');
            if (code === undefined) isWritten();
            else assert.throws(isWritten, { code: 'EROFS' });
          }),
        );
      });
    }
  },
);

describe('a stick that acknowledges what it does not store', () => {
  /** Where an honest stick that is written like this one stores the second bundle. */
  async function whereTheLastBundleLies(): Promise<number> {
    const honest = new Stick(makeImage());
    await honest.mount();
    await writeAll(honest);
    await honest.pullOut();
    const at = readFileSync(honest.image).indexOf(Buffer.from(entries[1]!.bundle).subarray(0, 512));
    assert(at > 0);
    return at;
  }

  /** An operating system that only says that it has unmounted and mounted: a build without the remount. */
  function withoutRemount(stick: Stick): DriveSystem {
    let mountPoint: string | undefined = stick.mountPoint;
    const say = (next: string | undefined) => () => {
      mountPoint = next;
      return Promise.resolve(ok(undefined));
    };
    return {
      ...stick.system,
      list: () => Promise.resolve(ok([{ ...stick.drive, mountPoint }])),
      unmount: say(undefined),
      mount: say(stick.mountPoint),
      eject: () => Promise.resolve(ok(undefined)),
    };
  }

  it('looks right as long as it stays mounted, and is damaged after the remount', async () => {
    const stick = new Stick(makeImage(), { lostFrom: await whereTheLastBundleLies() });
    await stick.mount();
    const placed = await writeAll(stick);
    // It would be taken for verified by whoever reads it back at once.
    assert.equal((await verify(stick, placed, withoutRemount(stick))).kind, 'verified');
    const verdict = await verify(stick, placed);
    assert.equal(verdict.kind, 'damaged');
    const states = verdict.entries.map(({ state, entry }) => [entry.folder, state]);
    assert.deepEqual(states, [
      [identity.serialNumber, 'verified'],
      [otherIdentity.serialNumber, 'damaged'],
    ]);
    await stick.pullOut();
  });
});

describe('a stick that is pulled out while it is written', () => {
  it('is gone; what was written before is told, and the rest is not begun', async () => {
    const stick = new Stick(makeImage());
    await stick.mount();
    const many = Array.from({ length: 4 }, (_, index) => entryFor(`LAB100${index}`));
    const written = await asNobody(() =>
      writeToDrive(stick.system, stick.place, many, {
        onOutcome: ({ entry }) => {
          if (entry.folder === 'LAB1001') stick.tearOut();
        },
      }),
    );
    assert(written.ok, JSON.stringify(written));
    assert.deepEqual(
      written.value.map((one) => (one.state === 'written' ? one.state : one.fault?.code)),
      ['written', 'written', 'drive-gone', undefined],
    );
  });

  for (const goneAfter of [1, 5, 10, 20, 40]) {
    it(`after ${goneAfter} writes holds what was said to be written, and is not said to hold more`, async () => {
      const stick = new Stick(makeImage(), { goneAfter });
      await stick.mount();
      const written = await asNobody(() => writeToDrive(stick.system, stick.place, entries));
      const outcomes = written.ok ? written.value : [];
      const failed = written.ok ? outcomes.find(({ state }) => state === 'not-written') : undefined;
      const reason = written.ok ? failed && 'fault' in failed && failed.fault : written.fault;
      // fusefat says EPERM of every error of its drive.
      assert(reason && ['drive-gone', 'drive-unusable'].includes(reason.code), JSON.stringify(written));
      await stick.pullOut();
      const again = new Stick(stick.image);
      await again.mount();
      const expected = entries.map((entry) => ({ ...entry, folder: entry.enb.serialNumber }));
      const verdict = await verify(again, expected);
      assert.equal(verdict.kind, 'damaged');
      for (const [index, { state }] of verdict.entries.entries())
        assert.equal(state, outcomes[index]?.state === 'written' ? 'verified' : 'damaged');
      await again.pullOut();
    });
  }
});
