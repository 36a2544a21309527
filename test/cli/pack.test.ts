import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { labOperator, makeLabOperator } from '../../main/training/lab-operator.ts';
import { now } from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

interface PackDocument {
  readonly fault?: FaultDocument;
  readonly fingerprint?: string;
  readonly version?: number;
  readonly isKnown?: boolean;
  readonly bundles?: number;
  readonly added?: number;
  readonly known?: number;
  readonly refused?: number;
  readonly valid?: boolean;
  readonly operators?: readonly { readonly operator: string }[];
  readonly refusals?: readonly { readonly name: string; readonly fault: FaultDocument }[];
}

const folder = temporaryFolder();
const path = (...names: readonly string[]) => join(folder, ...names);
const passphrase = 'open sesame';
writeFileSync(path('passphrase'), `${passphrase}\n`);
const secret = ['--passphrase-file', path('passphrase')];
for (const home of ['office', 'van', 'other']) mkdirSync(path(home));
const runAt =
  (home: string) =>
  async (...args: readonly string[]) => {
    const { code, document } = await sitesealJson(args, { home: path(home), cwd: folder, isWarm: true });
    return { code, ...(document as PackDocument) };
  };
const office = runAt('office');
const van = runAt('van');

const serials = ['LAB0001', 'LAB0002', 'LAB0003'];
const operator = labOperator(path('operator'), serials);
const made = await makeLabOperator(operator, now, passphrase);
assert(made.ok);
const { profile } = operator;
const prepared = await office(
  'prepare',
  operator.inventory,
  '--profile',
  profile,
  '--out',
  path('run'),
  ...secret,
);
assert.equal(prepared.code, 0, JSON.stringify(prepared));

const introduction = path('lab.siteseal-operator');
const pack = path('lab.siteseal');

describe('from the office to the van', () => {
  let fingerprint = '';

  it('the office makes an introduction and a job pack', async () => {
    const created = await office(
      'introduction',
      'create',
      '--profile',
      profile,
      '--out',
      introduction,
      ...secret,
    );
    assert.deepEqual([created.code, created.version], [0, 1]);
    fingerprint = created.fingerprint ?? '';
    assert.match(fingerprint, /^([A-Z2-7]{5}-){4}[A-Z2-7]{5}$/);
    const packed = await office('pack', 'make', path('run'), '--profile', profile, '--out', pack, ...secret);
    assert.deepEqual([packed.code, packed.bundles], [0, serials.length]);
  });

  it('a new laptop knows nobody, and compares a fingerprint', async () => {
    const early = await van('pack', 'open', pack);
    assert.deepEqual([early.code, early.fault?.code], [1, 'operator-not-introduced']);
    const blind = await van('introduction', 'take', introduction);
    assert.deepEqual([blind.code, blind.fault?.code], [1, 'fingerprint-needed']);
    const wrong = await van(
      'introduction',
      'take',
      introduction,
      '--fingerprint',
      fingerprint.replace(/.$/, '7'),
    );
    assert.equal(wrong.fault?.code === 'fingerprint-wrong' || fingerprint.endsWith('7'), true);
    const taken = await van('introduction', 'take', introduction, '--fingerprint', fingerprint.toLowerCase());
    assert.deepEqual([taken.code, taken.isKnown], [0, false]);
    const again = await van('introduction', 'take', introduction);
    assert.deepEqual([again.code, again.isKnown], [0, true]);
    const { operators } = await van('introduction', 'list', '--training');
    assert.deepEqual(
      operators?.map((one) => one.operator),
      ['Lab Operator'],
    );
  });

  it('the laptop opens the pack, and once more without harm', async () => {
    const opened = await van('pack', 'open', pack);
    assert.deepEqual([opened.code, opened.added, opened.known, opened.refused], [0, 3, 0, 0]);
    const again = await van('pack', 'open', pack);
    assert.deepEqual([again.code, again.added, again.known, again.refused], [0, 0, 3, 0]);
  });

  it('a newer introduction needs no fingerprint, an older one is refused', async () => {
    const newer = path('newer.siteseal-operator');
    const created = await office('introduction', 'create', '--profile', profile, '--out', newer, ...secret);
    assert.equal(created.version, 2);
    assert.equal((await van('introduction', 'take', newer)).code, 0);
    const older = await van('introduction', 'take', introduction);
    assert.deepEqual([older.code, older.fault?.code], [1, 'introduction-older']);
    // The way out when an office key was stolen.
    const back = await van('introduction', 'take', introduction, '--fingerprint', fingerprint);
    assert.equal(back.code, 0);
  });

  it('a vendor that is gone is named, and needs consent', async () => {
    const document = JSON.parse(readFileSync(profile, 'utf8')) as { vendors: object };
    const without = path('operator', 'without.json');
    writeFileSync(without, JSON.stringify({ ...document, vendors: {} }));
    const file = path('without.siteseal-operator');
    assert.equal(
      (await office('introduction', 'create', '--profile', without, '--out', file, ...secret)).code,
      0,
    );
    const held = await van('introduction', 'take', file);
    assert.deepEqual([held.code, held.fault?.code], [1, 'vendors-changed']);
    assert.match(held.fault?.found ?? '', /^- /);
    assert.equal((await van('introduction', 'take', file, '--accept-vendors')).code, 0);
    const untrusted = await van('pack', 'open', pack);
    assert.deepEqual([untrusted.code, untrusted.added, untrusted.refused], [1, 0, 3]);
    assert.deepEqual(
      new Set(untrusted.refusals?.map(({ fault }) => fault.code)),
      new Set(['vendor-not-trusted']),
    );
  });

  it('a pack is verified without any store', async () => {
    const roots = [
      ...['--operator-root', path('operator', 'operator-root.pem')],
      ...['--vendor-root', operator.vendorRoot],
    ];
    const verified = await runAt('other')('pack', 'verify', pack, ...roots);
    assert.deepEqual([verified.code, verified.valid, verified.bundles], [0, true, 3]);
    const foreign = await runAt('other')(
      ...['pack', 'verify', pack, '--operator-root', operator.vendorRoot],
      ...['--vendor-root', operator.vendorRoot],
    );
    assert.deepEqual([foreign.code, foreign.fault?.code], [1, 'operator-not-introduced']);
  });
});

describe('a job pack', () => {
  it('holds what a list names, and names what it lacks', async () => {
    const list = path('list.csv');
    writeFileSync(list, '\uFEFFenb_serial;installer\r\nLAB0002;north\r\n"LAB0003";north\r\n\r\n');
    const some = path('some.siteseal');
    const packed = await office(
      ...['pack', 'make', path('run'), '--profile', profile, '--out', some, '--list', list],
      ...secret,
    );
    assert.deepEqual([packed.code, packed.bundles], [0, 2]);
    writeFileSync(list, 'LAB0002\nLAB9999\n');
    const short = await office(
      ...['pack', 'make', path('run'), '--profile', profile, '--out', some, '--list', list],
      ...secret,
    );
    assert.deepEqual([short.fault?.code, short.fault?.found], ['pack-list-unmatched', 'LAB9999']);
  });

  it('that was damaged on the way leaves no job', async () => {
    const bytes = readFileSync(pack);
    const at = bytes.lastIndexOf('bundles/', bytes.indexOf('PK\u0001\u0002', 0, 'latin1')) + 1000;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    const damaged = path('damaged.siteseal');
    writeFileSync(damaged, bytes);
    const laptop = runAt('other');
    const created = await office(
      'introduction',
      'create',
      '--profile',
      profile,
      '--out',
      path('3'),
      ...secret,
    );
    const { fingerprint = '' } = created;
    assert.equal((await laptop('introduction', 'take', path('3'), '--fingerprint', fingerprint)).code, 0);
    const refused = await laptop('pack', 'open', damaged);
    assert.deepEqual(
      [refused.code, refused.fault?.code, refused.fault?.rule],
      [1, 'pack-damaged', 'pack-digest'],
    );
    const whole = await laptop('pack', 'open', pack);
    assert.deepEqual([whole.code, whole.added, whole.known], [0, 3, 0]);
  });

  it('that other bundles are in is not made', async () => {
    const foreign = path('foreign');
    mkdirSync(foreign);
    copyFileSync(introduction, join(foreign, 'x.p7m'));
    const packed = await office(
      ...['pack', 'make', foreign, '--profile', profile, '--out', path('never.siteseal')],
      ...secret,
    );
    assert.deepEqual([packed.code, packed.fault?.code], [1, 'bundle-malformed']);
  });

  it('says in words what came in, and by cause what did not', async () => {
    const { stdout } = await siteseal(['pack', 'open', pack], {
      home: path('other'),
      cwd: folder,
      isWarm: true,
    });
    assert.match(stdout, /^Opened a job pack of Lab Operator: 0 new, 3 known, 0 refused\./);
    const { stderr: shown } = await siteseal(['pack', 'open', pack], {
      ...{ home: path('van'), cwd: folder, isWarm: true },
    });
    assert.match(shown, /3 bundles: vendor-not-trusted: /);
  });
});
