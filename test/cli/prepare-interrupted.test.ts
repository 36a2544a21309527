import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { hwType, issueCrl } from '../kit/bundle.ts';
import {
  bundlesIn,
  documentOf,
  siteseal,
  startSiteseal,
  type PrepareDocument,
  type Running,
} from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

const count = 250;
const serials = Array.from({ length: count }, (_, index) => `LAB${1000 + index}`);
const office = new LabOffice({ serials });
makeFolder(office, 'home');
office.writeInventory(serials.map((serial) => office.row(serial)));

interface Way {
  readonly of?: LabOffice;
  readonly shell?: string;
}

function start(out: string, more: readonly string[] = [], { of = office, shell }: Way = {}): Running {
  mkdirSync(of.path(out, 'bundles'), { recursive: true });
  return startSiteseal(
    ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', out, '--json', ...more],
    {
      home: of.home,
      cwd: of.folder,
      env: { SITESEAL_PASSPHRASE: of.passphrase },
      ...(shell !== undefined && { shell }),
    },
  );
}

async function run(out: string, more: readonly string[] = [], way: Way = {}) {
  const ran = await start(out, more, way).done;
  return { ...ran, document: documentOf(ran) as PrepareDocument };
}

/** Starts a run and sends it a signal when so many bundles have appeared; the end of the run. */
async function interrupt(out: string, signal: NodeJS.Signals, at: number, more: readonly string[] = []) {
  const running = start(out, more);
  await Promise.race([bundlesIn(office.path(out, 'bundles'), at), running.done]);
  running.child.kill(signal);
  return running.done;
}

const partsIn = (out: string) =>
  readdirSync(office.path(out, 'bundles')).filter((name) => name.endsWith('.part'));

function assertComplete(out: string): void {
  assert.deepEqual(
    office.bundleNames(out),
    serials.map((serial) => `${serial}.p7m`),
  );
  for (const serial of serials) assert(office.judge(serial, out).accepted, serial);
  assert.equal(office.reportCsv(out).filter(({ state }) => state === 'made').length, count);
}

describe('a run that is killed', () => {
  it('leaves whole bundles only, time after time, and is completed by --resume', async () => {
    const points: number[] = [];
    let there = 0;
    for (let kill = 0; kill < 3; kill++) {
      const point = 1 + randomInt(40);
      points.push(point);
      const { signal, code } = await interrupt('killed', 'SIGKILL', point, kill > 0 ? ['--resume'] : []);
      assert.deepEqual([signal, code], ['SIGKILL', null], `killed after ${points.join(', ')} bundles`);
      const names = office.bundleNames('killed').filter((name) => name.endsWith('.p7m'));
      assert(
        names.length >= there + point && names.length < count,
        `${names.length} after ${points.join(', ')}`,
      );
      there = names.length;
      for (const name of names) assert(office.judge(name.replace('.p7m', ''), 'killed').accepted, name);
    }
    const refused = await run('killed');
    assert.deepEqual([refused.document.fault?.code, refused.code], ['output-not-empty', 3]);
    const kept = office.bundle('LAB1000', 'killed');
    const { document, code } = await run('killed', ['--resume']);
    assert.deepEqual([document.made, document.refused, code], [count, 0, 0]);
    assert.deepEqual(partsIn('killed'), []);
    assert.deepEqual(office.bundle('LAB1000', 'killed'), kept);
    assertComplete('killed');
  });
});

describe('a run that is interrupted (Ctrl-C)', () => {
  it('stops politely: what is made stays and is told, and --resume completes it', async () => {
    const ran = await interrupt('stopped', 'SIGINT', 1 + randomInt(20));
    const { made, refused, rows, fault } = documentOf(ran) as PrepareDocument;
    assert.deepEqual([ran.code, ran.signal, ran.stderr], [3, null, '']);
    assert.deepEqual([fault?.code, refused, rows.length], ['cancelled', 0, count]);
    assert(made > 0 && made < count, String(made));
    assert.deepEqual(
      rows.filter(({ state }) => state === 'made').map(({ serialNumber }) => `${serialNumber}.p7m`),
      office.bundleNames('stopped'),
    );
    assert(rows.every(({ state }) => state === 'made' || state === 'skipped'));
    assert.deepEqual(
      office.reportCsv('stopped').map(({ serial, state }) => [serial, state]),
      rows.map(({ serialNumber, state }) => [serialNumber, state]),
    );
    const { document, code } = await run('stopped', ['--resume']);
    assert.deepEqual([document.made, document.fault, code], [count, undefined, 0]);
    assertComplete('stopped');
  });
});

describe('runs at once', () => {
  const few = new LabOffice({ serials: serials.slice(0, 20) });
  makeFolder(few, 'home');
  few.writeInventory(serials.slice(0, 20).map((serial) => few.row(serial)));

  it('into folders of their own never give out a sequence number twice', async () => {
    const outs = ['a', 'b', 'c'];
    const ended = await Promise.all(outs.map((out) => run(out, [], { of: few })));
    for (const { document, code } of ended) assert.deepEqual([document.made, code], [20, 0]);
    for (const serial of serials.slice(0, 20)) {
      assert.deepEqual(outs.map((out) => few.configuration(serial, out).sequence).sort(), [1, 2, 3]);
    }
    assert.equal(
      few.withStore((store) => store.lastSequence(hwType, 'LAB1000')),
      3,
    );
  });

  it('into one folder are one run: the other is refused', async () => {
    const ended = await Promise.all([run('one', [], { of: few }), run('one', [], { of: few })]);
    const codes = ended.map(({ document, code }) => [document.fault?.code ?? 'made', code].join(' ')).sort();
    assert(codes.includes('made 0'), codes.join());
    assert(codes.includes('store-in-use 3') || codes.includes('output-not-empty 3'), codes.join());
    assert.equal(few.bundleNames('one').length, 20);
    for (const serial of serials.slice(0, 20)) assert(few.judge(serial, 'one').accepted);
  });
});

describe('on a full disk', () => {
  const small = new LabOffice({ serials: ['LAB0001', 'LAB0002', 'LAB0003'] });
  makeFolder(small, 'home');
  // Bundles of a size that no file of the store comes near.
  const revoked = Array<(typeof small)['configurationKey']>(8000).fill(small.enb('LAB0003'));
  small.write('issuing.crl', issueCrl(small.vendor.root, { revoked }).der);
  small.writeProfile({ vendors: { lab: small.vendorMember({ crls: ['issuing.crl'] }) } });
  small.writeInventory(['LAB0001', 'LAB0002'].map((serial) => small.row(serial)));

  it('a bundle that does not fit is not there at all, and the run ends with output-unwritable', async (t) => {
    if (process.platform === 'win32') return void t.skip('There is no ulimit here.');
    // The largest file that may be written, in units of 1024 octets: writes come out short, then fail.
    const { document, code } = await run('limited', [], { of: small, shell: 'ulimit -f 200; exec "$@"' });
    assert.deepEqual(
      [document.fault?.code, document.fault?.found, document.made, code],
      ['output-unwritable', 'EFBIG', 0, 3],
    );
    assert.deepEqual(small.bundleNames('limited'), []);
    const resumed = await run('limited', ['--resume'], { of: small });
    assert.deepEqual([resumed.document.made, resumed.code], [2, 0]);
    assert(small.bundle('LAB0001', 'limited').length > 200 * 1024);
  });

  it('in mid-run keeps the whole bundles, and --resume completes when there is room', async (t) => {
    const folder = makeFolder(office, 'disk');
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'siteseal-test', folder]);
    if (mounted.status !== 0) return void t.skip('A file system in memory cannot be mounted here.');
    after(() => execFileSync('umount', [folder]));
    const full = await run('disk');
    assert.deepEqual(
      [full.document.fault?.code, full.document.fault?.found, full.code],
      ['output-unwritable', 'ENOSPC', 3],
    );
    const names = office.bundleNames('disk');
    assert(names.length > 0 && names.every((name) => name.endsWith('.p7m')), names.join());
    assert.equal(full.document.made, names.length);
    for (const name of names) assert(office.judge(name.replace('.p7m', ''), 'disk').accepted, name);
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    const { document, code } = await run('disk', ['--resume']);
    assert.deepEqual([document.made, code], [count, 0]);
    assertComplete('disk');
  });

  it('a store that cannot grow is store-unusable, and nothing is made', async (t) => {
    if (process.platform === 'win32') return void t.skip('There is no ulimit here.');
    const { size } = { size: readFileSync(small.path('home', 'siteseal.db')).length };
    const shell = `ulimit -f ${Math.floor(size / 1024 / 4)}; exec "$@"`;
    const { document, code } = await run('unstored', [], { of: small, shell });
    assert.deepEqual([document.fault?.code, code], ['store-unusable', 3]);
    assert(!existsSync(small.path('unstored', 'report.csv')));
    assert.deepEqual(small.bundleNames('unstored'), []);
  });
});

describe('a reader that goes away', () => {
  it('is no error of the run', async () => {
    const few = new LabOffice();
    makeFolder(few, 'home');
    few.writeInventory([few.row('LAB0001')]);
    const args = ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', 'out', '--json'];
    const { code, stderr } = await siteseal(args, {
      home: few.home,
      cwd: few.folder,
      env: { SITESEAL_PASSPHRASE: few.passphrase },
      shell: '"$@" | true; exit ${PIPESTATUS[0]}',
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert(few.judge('LAB0001').accepted);
  });
});
