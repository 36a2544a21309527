import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Fault } from '../../main/faults/index.ts';
import { faultRecord } from '../../main/words/index.ts';
import { systemSurroundings } from '../../main/core/index.ts';
import { now, referenceOperator } from '../kit/bundle.ts';
import { documentOf, siteseal, sitesealJson, type CliOptions, type PrepareDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder, referenceOffice, referenceRows, type Office } from '../kit/operator.ts';

const three = ['LAB0001', 'LAB0002', 'LAB0003'];
const office = new LabOffice({ serials: three });
makeFolder(office, 'home');
office.write('passphrase', `${office.passphrase}\n`);
const good = three.map((serial) => office.row(serial));
office.writeInventory(good);

/** A folder for one run's output, by its own name. */
let outs = 0;
const nextOut = () => `out-${++outs}`;

/** Runs `siteseal prepare` in the folder of an office. */
function prepareArgs(out: string, ...more: readonly string[]): readonly string[] {
  return ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', out, ...more];
}

const withPassphrase = ['--passphrase-file', 'passphrase'];

function options(of: Office, env: CliOptions['env'] = {}): CliOptions {
  return { home: of.home, cwd: of.folder, env, isWarm: true };
}

async function prepare(out: string, ...more: readonly string[]) {
  const ran = await sitesealJson(prepareArgs(out, ...withPassphrase, ...more), options(office));
  return { ...ran, document: ran.document as PrepareDocument };
}

/** The code of the fault that a run as a whole is refused with, and the exit code. */
async function refusal(
  out: string,
  ...more: readonly string[]
): Promise<readonly [string | undefined, number | null]> {
  const { document, code } = await prepare(out, ...more);
  const { fault: _, ...rest } = document;
  assert.deepEqual(rest, { made: 0, refused: 0, rows: [] });
  return [document.fault?.code, code];
}

/** Writes how much memory the process had at most, in KiB, as it ends. */
const tellMemory =
  "--import=data:text/javascript,process.on('exit',()=>process.stderr.write('memory='+process.resourceUsage().maxRSS))";

describe('siteseal prepare with lines of two bytes', () => {
  const [header = ''] = readFileSync(join(office.folder, 'inventory.csv'), 'utf8').split('\n');
  for (const [name, lines, rule] of [
    ['as many rows as there may be, each refused', 1_000_000, undefined],
    ['8 MB of them, which are too many', 4_000_000, 'csv-rows'],
  ] as const) {
    it(`stays under 300 MB: ${name}`, async () => {
      const file = join(office.folder, `lines-${lines}.csv`);
      writeFileSync(file, `${header}\n${'a\n'.repeat(lines)}`);
      const args = ['prepare', file, '--profile', 'operator.json', '--dry-run', ...withPassphrase];
      const ran = await sitesealJson([...args, '--out', nextOut()], {
        ...options(office, { NODE_OPTIONS: tellMemory }),
        isWarm: false,
      });
      const document = ran.document as PrepareDocument;
      assert.equal(document.fault?.rule, rule);
      if (!rule) assert.equal(document.refused, lines);
      const memory = Number(/memory=(\d+)/.exec(ran.stderr)?.[1]);
      assert(memory < 300_000, `${memory} KiB`);
    });
  }
});

describe('siteseal prepare', () => {
  it('makes the bundles and says so in one document', async () => {
    const out = nextOut();
    const args = prepareArgs(out, ...withPassphrase);
    const { document, code, stderr } = await sitesealJson(args, { ...options(office), isWarm: false });
    assert.deepEqual(document, {
      made: 3,
      refused: 0,
      rows: three.map((serialNumber, index) => ({
        row: index + 1,
        line: index + 2,
        siteId: `S-${serialNumber}`,
        serialNumber,
        state: 'made',
      })),
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(readdirSync(office.path(out)).sort(), ['bundles', 'report.csv', 'run.json']);
    assert.deepEqual(
      office.bundleNames(out),
      three.map((serial) => `${serial}.p7m`),
    );
    for (const serial of three) assert(office.judge(serial, out).accepted);
  });

  it('warns of what probably fails at a later step, in the document, in words and in the report', async () => {
    const out = nextOut();
    const rows = three.map((serial) => office.row(serial));
    const [first, ...others] = rows;
    assert(first);
    const named = 'named.csv';
    office.writeInventory([{ ...first, ike_identity: 'other.example' }, ...others], {}, named);
    const args = ['prepare', named, '--profile', 'operator.json', '--out', out, ...withPassphrase];
    const { document, code } = await sitesealJson(args, options(office));
    const { warnings, rows: listed } = document as PrepareDocument & { warnings: readonly object[] };
    const [warning] = warnings;
    assert.deepEqual([code, warnings.length], [0, 1]);
    const expected = { code: 'ike-identity-not-requested', rows: 1 };
    assert.partialDeepStrictEqual(warning, expected);
    assert.partialDeepStrictEqual(listed[0], { state: 'made', warnings: [expected.code] });
    assert(!('warnings' in (listed[1] ?? {})));
    const again = await siteseal([...args, '--resume'], options(office));
    assert.match(again.stdout + again.stderr, /^warning: ike-identity-not-requested: In 1 row, /m);
    assert.match(
      readFileSync(office.path(out, 'report.csv'), 'utf8'),
      /"made","","In 1 row, the eNB does not/,
    );
  });

  it('says in words where they are', async () => {
    const out = nextOut();
    const ran = await siteseal(prepareArgs(out, ...withPassphrase), { ...options(office), isWarm: false });
    assert.deepEqual(ran, {
      code: 0,
      signal: null,
      stdout: `3 bundles in ${out}/bundles, 0 of 3 rows refused; see ${out}/report.csv.\n`,
      stderr: '',
    });
  });

  it('makes nothing with a bad row, and names it in the document, in words and in the report', async () => {
    office.writeInventory([...good.slice(0, 2), { ...good[2], mtu: '90000' }]);
    const out = nextOut();
    const { document, code } = await prepare(out);
    const where = { file: office.path('inventory.csv'), row: 3, line: 4, field: 'mtu' };
    const fault: Fault = { code: 'field-invalid', rule: 'mtu', found: '90000', where };
    assert.deepEqual(
      [document.made, document.refused, document.rows.map(({ state }) => state), code],
      [0, 1, ['skipped', 'skipped', 'refused'], 1],
    );
    assert.deepEqual(document.rows[2]?.fault, JSON.parse(JSON.stringify(faultRecord(fault))));
    assert(!('fault' in document) && !('fault' in document.rows[0]!));
    assert.deepEqual(readdirSync(office.path(out)).sort(), ['problems.csv', 'report.csv']);
    assert.match(
      readFileSync(office.path(out, 'problems.csv'), 'utf8'),
      /^"3","4","S-LAB0003","LAB0003","mtu","90000","field-invalid",/m,
    );
    assert.deepEqual(office.reportCsv(out).at(-1), {
      row: '3',
      line: '4',
      site: 'S-LAB0003',
      serial: 'LAB0003',
      state: 'refused',
      fault: 'field-invalid',
    });
    const {
      stdout,
      stderr,
      code: sameCode,
    } = await siteseal(prepareArgs(out, ...withPassphrase), options(office));
    assert.deepEqual([stdout, sameCode], ['', 1]);
    assert.equal(
      stderr,
      `field-invalid: A field contains an invalid value: ${where.file}, row 3, line 4, field mtu; ` +
        'expected a whole number from 576 to 9216; found 90000.\n' +
        `1 of 3 rows refused, so Siteseal made nothing. Fix them (${out}/report.csv), or add --skip-bad.\n`,
    );
    const skipped = await prepare(out, '--skip-bad');
    assert.deepEqual(
      [skipped.document.made, skipped.document.rows.map(({ state }) => state), skipped.code],
      [2, ['made', 'made', 'refused'], 1],
    );
    const dry = await prepare(nextOut(), '--dry-run');
    assert.deepEqual([dry.document, dry.code], [document, 1]);
    office.writeInventory(good);
  });

  it('of a first wave says how many rows are left', async () => {
    const out = nextOut();
    const wave = await siteseal(prepareArgs(out, '--first', '1', ...withPassphrase), options(office));
    assert.deepEqual(
      [wave.code, wave.stdout],
      [
        0,
        `1 bundle in ${out}/bundles, 0 of 3 rows refused; see ${out}/report.csv. 2 rows are left for --resume.\n`,
      ],
    );
    const rest = await prepare(out, '--resume');
    assert.deepEqual([rest.document.made, rest.code], [3, 0]);
    const none = await siteseal(prepareArgs(out, '--first', '0', ...withPassphrase), options(office));
    assert.equal(none.code, 2);
  });

  it('of what changes something shows that before it is signed, and leaves the rest out', async () => {
    const own = new LabOffice({ serials: three });
    makeFolder(own, 'home');
    const run = async (...more: readonly string[]) =>
      siteseal(
        prepareArgs('again', '--only-changed', ...more),
        options(own, { SITESEAL_PASSPHRASE: own.passphrase }),
      );
    own.writeInventory([own.row('LAB0001', { vlan: '' }), own.row('LAB0002')]);
    await own.report({ surroundings: { now: systemSurroundings().now } });
    own.writeInventory(
      three.map((serial) => own.row(serial, { dns: '198.51.100.53' })).with(1, own.row('LAB0002')),
    );
    const shown = await run('--dry-run');
    assert.deepEqual(
      [shown.code, shown.stdout.split('\n')],
      [
        0,
        [
          'LAB0001 (S-LAB0001): backhaul.vlan (none) -> 101, backhaul.dns 198.51.100.53, 2001:db8::53 -> 198.51.100.53',
          '3 rows checked, 0 refused. Nothing was made (--dry-run). 1 row changes nothing.',
          '',
        ],
      ],
    );
    const made = await run('--json');
    const { rows, ...counts } = JSON.parse(made.stdout) as PrepareDocument;
    assert.deepEqual([made.code, counts], [0, { made: 2, refused: 0, changed: 1, unchanged: 1 }]);
    assert.deepEqual(
      rows.map(({ state, differences }) => [state, differences?.length]),
      [
        ['made', 2],
        ['unchanged', undefined],
        ['made', undefined],
      ],
    );
    assert.match(
      (await run('--resume')).stdout,
      /2 bundles in again\/bundles, .* 1 row changes nothing\.\n$/,
    );
  });

  it('that is dry makes nothing', async () => {
    const out = nextOut();
    const { document, code } = await prepare(out, '--dry-run');
    assert.deepEqual([document.made, document.refused, code], [0, 0, 0]);
    assert(document.rows.every(({ state }) => state === 'skipped'));
    assert(!existsSync(office.path(out)));
  });

  it('shows a person twenty bad rows and counts the others', async () => {
    const serials = Array.from({ length: 23 }, (_, index) => `LAB${2000 + index}`);
    office.writeInventory(serials.map((serial) => office.row(serial, { mtu: '1' })));
    const { stderr } = await siteseal(prepareArgs(nextOut(), ...withPassphrase), options(office));
    const lines = stderr.trimEnd().split('\n');
    assert.deepEqual([lines.length, lines[20]], [22, '... and 3 more.']);
    office.writeInventory(good);
  });
});

describe('siteseal prepare, refused as a whole,', () => {
  it('ends with 1 for the data: inventory, profile, key', async () => {
    office.write('inventory.csv', 'no,inventory\n');
    assert.deepEqual(await refusal(nextOut()), ['inventory-unreadable', 1]);
    office.writeInventory(good);
    office.writeProfile({ passphrase: 'x' });
    assert.deepEqual(await refusal(nextOut()), ['profile-invalid', 1]);
    office.writeProfile({});
    office.write('passphrase', 'wrong\n');
    assert.deepEqual(await refusal(nextOut()), ['passphrase-wrong', 1]);
    office.write('passphrase', `${office.passphrase}\n`);
    const { document, code } = await sitesealJson(prepareArgs(nextOut()), options(office));
    assert.deepEqual([(document as PrepareDocument).fault?.code, code], ['passphrase-missing', 1]);
  });

  it('ends with 3 for the surroundings: files and folders', async () => {
    const out = nextOut();
    office.write(out, 'a file');
    assert.deepEqual(await refusal(out), ['output-unwritable', 3]);
    rmSync(office.path(out));
    await office.report({ out: office.path(out) });
    assert.deepEqual(await refusal(out), ['output-not-empty', 3]);
    const missing = prepareArgs(nextOut(), '--passphrase-file', 'missing', '--json');
    const { document, code } = await sitesealJson(missing, options(office));
    const { fault } = document as PrepareDocument;
    assert.deepEqual(
      [fault?.code, fault?.where, code],
      ['file-unreadable', { file: office.path('missing') }, 3],
    );
  });

  it('ends with 3 for the surroundings: a store that is in use, of a later version, or no store', async () => {
    const out = nextOut();
    const holder = { process: process.pid, bootId: systemSurroundings().bootId };
    const work = `prepare ${office.path(out)}`;
    assert(office.withStore((store) => store.leases.take(work, holder, now, () => true)).ok);
    const inUse = await prepare(out);
    assert.deepEqual(
      [inUse.document.fault?.code, inUse.document.fault?.found, inUse.code],
      ['store-in-use', `process ${process.pid}`, 3],
    );
    const database = new Database(join(office.home, 'siteseal.db'));
    database.pragma('user_version = 1000');
    database.close();
    assert.deepEqual(await refusal(nextOut()), ['store-newer', 3]);
    rmSync(office.home, { recursive: true });
    office.write('home', 'a file');
    assert.deepEqual(await refusal(nextOut()), ['store-unusable', 3]);
    rmSync(office.home);
    mkdirSync(office.home);
  });
});

describe('the passphrase', () => {
  const reference = referenceOffice();
  makeFolder(reference, 'home');
  reference.write('inventory.csv', referenceRows([1, 124]));
  reference.write('right', 'field-test\r\nanother line\n');
  reference.write('wrong', 'wrong');

  async function outcome(args: readonly string[], env: CliOptions['env'] = {}): Promise<string> {
    const all = prepareArgs('out', '--dry-run', ...args);
    const { document } = await sitesealJson(all, options(reference, env));
    const { fault, rows } = document as PrepareDocument;
    return fault
      ? `${fault.code} ${String(fault.where?.['file']).replace(/.*-/, '')}`
      : `${rows.length} rows`;
  }

  it("is the first line of a file, for all vendors or for one of them, before the environment's", async () => {
    const file = '--passphrase-file';
    const env = { SITESEAL_PASSPHRASE: 'field-test' };
    assert.equal(await outcome([file, 'right']), '2 rows');
    assert.equal(await outcome([file, 'vendor-b=wrong', file, 'right']), 'passphrase-wrong b.p12');
    assert.equal(await outcome([file, 'vendor-a=right']), 'passphrase-missing b.p12');
    assert.equal(await outcome([], env), '2 rows');
    assert.equal(await outcome([file, 'wrong'], env), 'passphrase-wrong a.p12');
  });
});

describe('the inventory of the reference operator', () => {
  it('with its errors, on the command line: each row by its code, and the good ones made', async () => {
    const reference = referenceOffice();
    makeFolder(reference, 'home');
    const inventory = join(referenceOperator, 'inventory-with-errors.csv');
    const env = { SITESEAL_PASSPHRASE: reference.passphrase };
    const [, , ...rest] = prepareArgs('out', '--skip-bad');
    const { document, code } = await sitesealJson(['prepare', inventory, ...rest], options(reference, env));
    const { made, refused, rows } = document as PrepareDocument;
    assert.deepEqual([made, refused, code], [240, 14, 1]);
    const expected = JSON.parse(readFileSync(join(referenceOperator, 'expected.json'), 'utf8')) as unknown;
    assert.deepEqual(
      rows.map(({ row, siteId, fault }) => ({ row, site_id: siteId, expect: fault?.code ?? 'ok' })),
      expected,
    );
  });
});

describe('no secret', () => {
  const canary = /canary/i;
  const hidden = new LabOffice({ serials: three });
  const secrets = {
    credential_reference: 'CANARY-reference',
    credential_secret: 'CANARY-secret',
    secret_pin: 'CANARY-pin',
  };
  const rows = three.map((serial, index) => ({
    ...hidden.row(serial),
    ...secrets,
    ...(index > 0 && {
      credential_reference: `${secrets.credential_reference}-${serial}`,
      credential_secret: `${secrets.credential_secret}-${serial}`,
    }),
  }));

  /** Everything that the program has left behind, in its data folder and its output. */
  function leftBehind(): readonly (readonly [name: string, bytes: Buffer])[] {
    return [hidden.home, hidden.path('out')].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))] as const),
    );
  }

  makeFolder(hidden, 'home');

  const runs = {
    'that is made': rows,
    'with a field that is invalid': [
      ...rows.slice(1),
      { ...rows[0], mtu: 'CANARY-secret' },
      { ...rows[0], enb_certificate: 'folder/CANARY-reference.pem' },
      { ...rows[0], site_id: 'of CANARY-pin' },
      { ...rows[0], credential_secret: '' },
      { ...rows[0], credential_secret: 'CANARY'.repeat(1000) },
    ],
    // The header is the last row's; in the others the cells stand one column further right.
    'whose cells have slipped': [
      ...rows.slice(1),
      {
        ...rows[0],
        credential_reference: '',
        credential_secret: 'CANARY-reference',
        valid_from: 'CANARY-secret',
      },
      {
        ...rows[0],
        ntp: 'CANARY_reference',
        credential_reference: 'CANARY-secret',
        credential_secret: '2026',
      },
    ],
  };
  for (const [name, inventory] of Object.entries(runs)) {
    it(`of an inventory ${name} is in what is printed, reported, stored or logged`, async () => {
      rmSync(hidden.path('out'), { recursive: true, force: true });
      hidden.writeInventory(inventory);
      const env = { SITESEAL_PASSPHRASE: hidden.passphrase, SITESEAL_DEBUG: '1' };
      const json = await siteseal(prepareArgs('out', '--skip-bad', '--json'), options(hidden, env));
      const words = await siteseal(prepareArgs('out', '--skip-bad', '--resume'), options(hidden, env));
      assert((documentOf(json) as PrepareDocument).made >= 2, json.stdout);
      for (const { stdout, stderr } of [json, words]) {
        assert.doesNotMatch(stdout + stderr, canary);
        assert(!(stdout + stderr).includes(hidden.passphrase));
      }
      const files = leftBehind();
      assert(files.length >= 5);
      for (const [file, bytes] of files) {
        assert.doesNotMatch(bytes.toString('latin1'), canary, file);
        assert(!bytes.includes(hidden.passphrase), file);
      }
    });
  }

  it('of a row that is cut, or lacks a quote, is in what is printed', async () => {
    hidden.writeInventory(rows);
    const text = readFileSync(hidden.path('inventory.csv'), 'utf8').split('\n');
    const [header = '', first = '', second = '', third = ''] = text;
    const cut = [
      first.replace(/,[^,]*$/, ''),
      `${second},x`,
      third.replace('CANARY-secret', '"CANARY-secret'),
    ];
    writeFileSync(hidden.path('inventory.csv'), [header, ...cut, ''].join('\n'));
    const env = { SITESEAL_PASSPHRASE: hidden.passphrase };
    const args = ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', 'other', '--json'];
    const ran = await siteseal(args, options(hidden, env));
    const { rows: faults } = documentOf(ran) as PrepareDocument;
    assert.deepEqual(
      faults.map(({ siteId, serialNumber, fault }) => [siteId, serialNumber, fault?.code, fault?.rule]),
      ['csv-cells', 'csv-cells', 'csv-quotes'].map((rule) => ['', '', 'field-invalid', rule]),
    );
    assert.doesNotMatch(
      ran.stdout + ran.stderr + readFileSync(hidden.path('other', 'report.csv'), 'utf8'),
      canary,
    );
  });
});
