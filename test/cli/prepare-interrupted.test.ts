import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { hwType, issueCrl } from '../kit/bundle.ts';
import { documentOf, siteseal, type CliOptions, type PrepareDocument, type Ran } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

const count = 200;
const serials = Array.from({ length: count }, (_, index) => `LAB${1000 + index}`);
const office = new LabOffice({ serials });
makeFolder(office, 'home');
office.writeInventory(serials.map((serial) => office.row(serial)));

type Way = Pick<CliOptions, 'shell' | 'interruption' | 'isWarm'> & { readonly of?: LabOffice };

function start(out: string, more: readonly string[], { of = office, ...way }: Way): Promise<Ran> {
  const args = ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', out, '--json', ...more];
  const env = { SITESEAL_PASSPHRASE: of.passphrase };
  return siteseal(args, { home: of.home, cwd: of.folder, env, ...way });
}

async function run(out: string, more: readonly string[] = [], way: Way = {}) {
  const ran = await start(out, more, way);
  return { ...ran, document: documentOf(ran) as PrepareDocument };
}

/** Goes on with a run. */
function resume(out: string, of = office) {
  return run(out, ['--resume'], { of, isWarm: true });
}

function namesIn(out: string): readonly string[] {
  return existsSync(office.path(out, 'bundles')) ? office.bundleNames(out) : [];
}

function readIn(out: string, name: string): Buffer {
  return readFileSync(office.path(out, 'bundles', name));
}

function assertComplete(out: string): void {
  assert.deepEqual(
    office.bundleNames(out),
    serials.map((serial) => `${serial}.p7m`),
  );
  for (const serial of serials) assert(office.judge(serial, out).accepted, serial);
  assert.equal(office.reportCsv(out).filter(({ state }) => state === 'made').length, count);
}

const noShell = process.platform === 'win32' && 'There is no such shell here.';

describe('a run that is killed', () => {
  it('leaves whole bundles only, time after time, and is completed by --resume', async () => {
    const steps: number[] = [];
    let there = 0;
    for (let kill = 0; kill < 3; kill++) {
      // Three steps a bundle: where it dies may be anywhere, but before the end.
      const step = 1 + randomInt(70);
      steps.push(step);
      const told = `killed at the steps ${steps.join(', ')}`;
      const interruption = { signal: 'SIGKILL', step } as const;
      const { signal, code } = await start('killed', kill > 0 ? ['--resume'] : [], { interruption });
      assert.deepEqual([signal, code], ['SIGKILL', null], told);
      const names = namesIn('killed').filter((name) => !name.endsWith('.part'));
      assert(names.length >= there && names.length < count, told);
      for (const name of names) assert(office.judge(name.replace('.p7m', ''), 'killed').accepted, told);
      there = names.length;
    }
    const kept = new Map(namesIn('killed').map((name) => [name, readIn('killed', name)]));
    const { document, code } = await resume('killed');
    assert.deepEqual([document.made, document.refused, code], [count, 0, 0]);
    for (const [name, bytes] of kept) {
      if (!name.endsWith('.part')) assert.deepEqual(readIn('killed', name), bytes);
    }
    assertComplete('killed');
  });

  it('in the middle of a write leaves half a file under no name of a bundle', async () => {
    // The first three steps make run.json; the second of each bundle writes it.
    const { signal } = await start('halved', [], { interruption: { signal: 'SIGKILL', step: 5 } });
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(namesIn('halved'), ['LAB1000.p7m.part']);
    const { document, code } = await run('halved', [], { isWarm: true });
    assert.deepEqual([document.made, code], [count, 0]);
    assertComplete('halved');
  });
});

describe('a run that is interrupted (Ctrl-C)', () => {
  it('stops politely: what is made stays and is told, and --resume completes it', async () => {
    const interruption = { signal: 'SIGINT', step: 4 + randomInt(60) } as const;
    const { document, code, signal, stderr } = await run('stopped', [], { interruption });
    const { made, refused, rows, fault } = document;
    assert.deepEqual([code, signal, stderr], [3, null, '']);
    assert.deepEqual([fault?.code, refused, rows.length], ['cancelled', 0, count]);
    assert(made > 0 && made < count, `${made} made at step ${interruption.step}`);
    assert.deepEqual(
      rows.filter(({ state }) => state === 'made').map(({ serialNumber }) => `${serialNumber}.p7m`),
      namesIn('stopped'),
    );
    assert(rows.every(({ state }) => state === 'made' || state === 'skipped'));
    assert.deepEqual(
      office.reportCsv('stopped').map(({ serial, state }) => [serial, state]),
      rows.map(({ serialNumber, state }) => [serialNumber, state]),
    );
    const resumed = await resume('stopped');
    assert.deepEqual([resumed.document.made, resumed.document.fault, resumed.code], [count, undefined, 0]);
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
      few.withStore((store) => store.enbs.lastSequence(hwType, 'LAB1000').sequence),
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
  const revoked = Array<(typeof small)['configurationKey']>(1000).fill(small.enb('LAB0003'));
  const crls = Array.from({ length: 10 }, (_, index) => {
    const crl = issueCrl(small.vendor.root, { revoked, number: index + 1 });
    return small.write(`${index}.crl`, crl.der);
  });
  small.writeProfile({ vendors: { lab: small.vendorMember({ crls }) } });
  small.writeInventory(['LAB0001', 'LAB0002'].map((serial) => small.row(serial)));

  it('a bundle that does not fit is not there at all', { skip: noShell }, async () => {
    // The largest file that may be written, in units of 1024 octets: writes come out short, then fail.
    const { document, code } = await run('limited', [], { of: small, shell: 'ulimit -f 300; exec "$@"' });
    assert.deepEqual(
      [document.fault?.code, document.fault?.found, document.made, code],
      ['output-unwritable', 'EFBIG', 0, 3],
    );
    assert.deepEqual(small.bundleNames('limited'), []);
    const resumed = await resume('limited', small);
    assert.deepEqual([resumed.document.made, resumed.code], [2, 0]);
    assert(small.bundle('LAB0001', 'limited').length > 300 * 1024);
  });

  it('in mid-run keeps the whole bundles, and --resume completes when there is room', async (t) => {
    const folder = makeFolder(office, 'disk');
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'siteseal-test', folder]);
    if (mounted.status !== 0) {
      t.skip('A file system in memory cannot be mounted here.');
      return;
    }
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
    const { document, code } = await resume('disk');
    assert.deepEqual([document.made, code], [count, 0]);
    assertComplete('disk');
  });

  it('a store that cannot grow is store-unusable, and nothing is made', { skip: noShell }, async () => {
    const { size } = statSync(small.path('home', 'siteseal.db'));
    const shell = `ulimit -f ${Math.floor(size / 1024 / 4)}; exec "$@"`;
    const { document, code } = await run('unstored', [], { of: small, shell });
    assert.deepEqual([document.fault?.code, code], ['store-unusable', 3]);
    assert(!existsSync(small.path('unstored', 'bundles', 'LAB0001.p7m')));
  });
});

describe('a reader that goes away', () => {
  it('is no error of the run', { skip: noShell }, async () => {
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
