import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRequest } from '../../main/drive/index.ts';
import { bundleFor, identity, makeScene, otherIdentity } from '../kit/bundle.ts';
import { sitesealJson, siteseal, type FaultDocument } from '../kit/cli.ts';
import { makeReferenceEnb, temporaryFolder, writeFactoryFiles } from '../kit/enb.ts';

const scene = makeScene();
const isLinux = process.platform === 'linux';

/** A laptop with a stick, as the commands of the operating system tell of it: here they are scripts, and it is a folder. */
class Laptop {
  readonly folder = temporaryFolder();
  readonly home = join(this.folder, 'home');
  readonly out = join(this.folder, 'out');
  readonly mountPoint = join(this.folder, 'SITE42');
  readonly files = writeFactoryFiles(scene, this.folder);
  readonly #bin = join(this.folder, 'bin');

  constructor() {
    for (const folder of [this.home, this.mountPoint, this.#bin]) mkdirSync(folder);
    const disk = { ro: false, vendor: 'Field', model: 'Flash', size: 16e9, hotplug: true, rm: true };
    const none = { label: null, uuid: null, partuuid: null, fstype: null, fsavail: null, mountpoint: null };
    const part = { fstype: 'vfat', uuid: '7066-8977', label: 'SITE42', fsavail: 15e9, mountpoint: 'MOUNT' };
    const listing = JSON.stringify({
      blockdevices: [
        {
          ...{ ...disk, ...none, name: 'sdb', path: '/dev/sdb', type: 'disk' },
          children: [{ ...disk, ...none, ...part, name: 'sdb1', path: '/dev/sdb1', type: 'part' }],
        },
      ],
    });
    const m = `'${this.mountPoint}'`;
    this.#command(
      'lsblk',
      `if [ -d ${m} ]; then m='"${this.mountPoint}"'; else m=null; fi
echo '${listing}' | sed "s|\\"MOUNT\\"|$m|"`,
    );
    const writable = { 'vfs-options': 'rw,relatime', 'fs-options': 'rw' };
    const system = { target: '/', source: '/dev/sda1', fstype: 'ext4', ...writable };
    const mount = { target: this.mountPoint, source: '/dev/sdb1', fstype: 'vfat', ...writable };
    const found = (...filesystems: readonly object[]) => `echo '${JSON.stringify({ filesystems })}'`;
    this.#command(
      'findmnt',
      `case "$*" in
*--target*${this.mountPoint}*) [ -d ${m} ] || exit 1; ${found(mount)};;
*--target*) ${found(system)};;
*) if [ -d ${m} ]; then ${found(system, mount)}; else ${found(system)}; fi;; esac`,
    );
    this.#command(
      'udisksctl',
      `case $1 in
unmount) [ -d ${m} ] || { echo NotMounted >&2; exit 1; }; mv ${m} ${m}.away; cd ${m}.away; ./unmounted 2>/dev/null; exit 0;;
mount) mv ${m}.away ${m};;
power-off) [ ! -e ${m}.away/held ] || { echo 'the drive is held' >&2; exit 1; };;
esac`,
    );
  }

  #command(name: string, text: string): void {
    this.#script(join(this.#bin, name), text);
  }

  #script(file: string, text: string): void {
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  /** Lets the stick do something to itself while it is out. */
  whileOut(text: string): void {
    this.#script(join(this.mountPoint, 'unmounted'), text);
  }

  /** As the desktop mounts a stick that is plugged in. */
  plugIn(): void {
    renameSync(`${this.mountPoint}.away`, this.mountPoint);
  }

  get #options() {
    return { home: this.home, isWarm: true, env: { PATH: `${this.#bin}:${process.env['PATH'] ?? ''}` } };
  }

  run(...args: readonly string[]) {
    return sitesealJson(['enb', ...args], this.#options);
  }

  say(...args: readonly string[]) {
    return siteseal(['enb', ...args], this.#options);
  }

  bundle(name: string, bytes: Uint8Array): string {
    const file = join(this.folder, name);
    writeFileSync(file, bytes);
    return file;
  }

  get drive(): readonly string[] {
    return ['--drive', this.mountPoint, '--vendor-root', this.files.vendorRoot];
  }

  onDrive(...names: readonly string[]): string {
    return join(this.mountPoint, 'siteseal', ...names);
  }
}

interface DriveDocument {
  readonly state?: string;
  readonly ejected?: boolean;
  readonly enbs?: readonly { readonly serialNumber: string; readonly state: string }[];
  readonly receipts?: readonly {
    readonly kind: string;
    readonly file?: string;
    readonly fault?: FaultDocument;
  }[];
  readonly drives?: readonly { readonly name: string; readonly mountPoint?: string }[];
  readonly fault?: FaultDocument;
}

describe(
  'siteseal enb … --drive',
  { skip: !isLinux && 'The commands of the operating system are those of Linux.' },
  () => {
    const other = { hwType: otherIdentity.hwType, serialNumber: otherIdentity.serialNumber };

    it('is refused as store-unusable when the store is damaged in what it says of drives', async () => {
      const laptop = new Laptop();
      const bundle = laptop.bundle('1.p7m', await bundleFor(scene));
      assert.equal((await laptop.run('write', bundle, ...laptop.drive)).code, 0);
      const database = new Database(join(laptop.home, 'siteseal.db'));
      const roots = database
        .prepare<[string], number>('SELECT rootpage FROM sqlite_master WHERE tbl_name = ?')
        .pluck();
      const pages = roots.all('carried');
      const size = Number(database.pragma('page_size', { simple: true }));
      database.close();
      const file = openSync(join(laptop.home, 'siteseal.db'), 'r+');
      for (const page of pages) writeSync(file, Buffer.alloc(size, 0xff), 0, size, (page - 1) * size);
      closeSync(file);
      laptop.plugIn();
      const { document } = await laptop.run('verify', ...laptop.drive);
      const { code, found } = (document as DriveDocument).fault!;
      assert.deepEqual([code, found], ['store-unusable', 'SQLITE_CORRUPT']);
    });

    it('lists the drives that are plugged in', async () => {
      const laptop = new Laptop();
      const { code, document } = await laptop.run('discover', '--drive');
      const { drives } = document as DriveDocument;
      assert.equal(code, 0);
      assert.deepEqual(
        [drives?.length, drives?.[0]?.name, drives?.[0]?.mountPoint],
        [1, 'SITE42, Field Flash', laptop.mountPoint],
      );
      const said = await laptop.say('discover', '--drive');
      assert.equal(said.stdout, `SITE42, Field Flash (/dev/sdb1) at ${laptop.mountPoint}\n`);
    });

    it('writes several bundles, verifies and ejects; the receipt that comes back proves, and is known the second time', async () => {
      const laptop = new Laptop();
      const bytes = await bundleFor(scene);
      const bundles = [
        laptop.bundle('1.p7m', bytes),
        laptop.bundle('2.p7m', await bundleFor(scene, { enb: other })),
      ];
      const { code, document } = await laptop.run('write', ...bundles, ...laptop.drive);
      assert.equal(code, 0, JSON.stringify(document));
      assert.deepEqual(document, {
        state: 'carried',
        ejected: true,
        enbs: [
          { serialNumber: 'LAB0001', state: 'verified' },
          { serialNumber: 'LAB0002', state: 'verified' },
        ],
      });
      laptop.plugIn();
      assert.deepEqual(readFileSync(laptop.onDrive('LAB0001', 'bundle.p7m')), Buffer.from(bytes));
      const request = readRequest(readFileSync(laptop.onDrive('LAB0001', 'request.json')));
      assert(request.ok);
      const enb = makeReferenceEnb(scene);
      enb.takeBundle(bytes);
      writeFileSync(laptop.onDrive('LAB0001', 'receipt.p7m'), (await enb.makeReceipt(request.value))!);
      const proven = await laptop.run('receipt', ...laptop.drive, '--out', laptop.out);
      assert.equal(proven.code, 0, JSON.stringify(proven.document));
      const file = join(laptop.out, 'LAB0001-1.receipt.p7m');
      assert.deepEqual(proven.document, { receipts: [{ kind: 'proven', enb: identity, file, failed: [] }] });
      assert(existsSync(file));
      const known = await laptop.run('receipt', ...laptop.drive);
      assert.deepEqual(
        [known.code, known.document],
        [0, { receipts: [{ kind: 'known', folder: 'LAB0001' }] }],
      );
    });

    it('says that a drive was written and could not be verified, and verifies it later', async () => {
      const laptop = new Laptop();
      const file = laptop.bundle('1.p7m', await bundleFor(scene));
      laptop.whileOut('mv siteseal/LAB0001/bundle.p7m kept; echo zeros > siteseal/LAB0001/bundle.p7m');
      const damaged = await laptop.run('write', file, ...laptop.drive);
      const { state, enbs, fault } = damaged.document as DriveDocument;
      assert.notEqual(damaged.code, 0);
      assert.deepEqual([state, enbs?.[0]?.state], ['written', 'damaged']);
      assert(fault);
      renameSync(join(laptop.mountPoint, 'kept'), laptop.onDrive('LAB0001', 'bundle.p7m'));
      laptop.whileOut('true');
      const verified = await laptop.run('verify', ...laptop.drive);
      assert.deepEqual([verified.code, (verified.document as DriveDocument).state], [0, 'carried']);
    });

    it('says that a verified drive could not be ejected', async () => {
      const laptop = new Laptop();
      writeFileSync(join(laptop.mountPoint, 'held'), '');
      const { code, document } = await laptop.run(
        'write',
        laptop.bundle('1.p7m', await bundleFor(scene)),
        ...laptop.drive,
      );
      const { state, ejected, fault } = document as DriveDocument;
      assert.deepEqual([code, state, ejected, fault?.code], [0, 'verified', false, 'drive-eject-failed']);
    });

    const refusals: readonly (readonly [
      what: string,
      args: (laptop: Laptop) => readonly string[] | Promise<readonly string[]>,
      code: string,
      exit: number,
    ])[] = [
      [
        'to verify a drive on which nothing was written from here',
        ({ drive }) => ['verify', ...drive],
        'drive-nothing-written',
        1,
      ],
      [
        'to write a bundle that its eNB would refuse',
        async (laptop) => [
          'write',
          laptop.bundle('1.p7m', await bundleFor(scene, { notAfter: '2026-11-12T00:00:00Z' })),
          ...laptop.drive,
        ],
        'bundle-expired',
        1,
      ],
      [
        'to write to a disk inside',
        async (laptop) => [
          'write',
          laptop.bundle('1.p7m', await bundleFor(scene)),
          '--drive',
          '/',
          '--vendor-root',
          laptop.files.vendorRoot,
        ],
        'drive-not-removable',
        2,
      ],
      ['two ways at once', ({ drive }) => ['write', 'x', ...drive, '--usb'], 'usage-invalid', 2],
      [
        'to read receipts two ways at once',
        ({ drive }) => ['receipt', ...drive, '--ethernet', '192.0.2.1'],
        'usage-invalid',
        2,
      ],
      ['to discover two kinds at once', () => ['discover', '--drive', '--ethernet'], 'usage-invalid', 2],
      ['to discover nothing at all', () => ['discover'], 'usage-invalid', 2],
    ];
    for (const [what, args, code, exit] of refusals) {
      it(`refuses ${what}`, async () => {
        const laptop = new Laptop();
        const ran = await laptop.run(...(await args(laptop)));
        assert.deepEqual([(ran.document as DriveDocument).fault?.code, ran.code], [code, exit]);
        assert.equal(existsSync(laptop.onDrive()), false);
      });
    }

    it('tells of a receipt that is of no use, and keeps the good ones', async () => {
      const laptop = new Laptop();
      await laptop.run('write', laptop.bundle('1.p7m', await bundleFor(scene)), ...laptop.drive);
      laptop.plugIn();
      writeFileSync(laptop.onDrive('LAB0001', 'receipt.p7m'), 'receipt');
      const { code, document } = await laptop.run('receipt', ...laptop.drive);
      const { receipts, fault } = document as DriveDocument;
      assert.deepEqual(
        [receipts?.length, receipts?.[0]?.kind, fault?.code],
        [1, 'unusable', 'receipt-invalid'],
      );
      assert.equal(code, 1);
    });

    it('finds no receipt where there is none', async () => {
      const laptop = new Laptop();
      const said = await laptop.say('receipt', ...laptop.drive);
      assert.deepEqual([said.code, said.stdout], [0, 'There are no receipts on the drive.\n']);
    });
  },
);
