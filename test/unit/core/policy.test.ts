import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { modeSetting } from '../../../main/api/context.ts';
import { permit, readPolicy, withoutPolicy, type Policy } from '../../../main/core/policy.ts';
import {
  collectReceiptsAt,
  connectionTo,
  createCore,
  discoverEnbs,
  listDrives,
  listUsb,
  mountVolume,
  verifyDriveAt,
  writeFilesToDrive,
  type Core,
  type Surroundings,
} from '../../../main/core/index.ts';
import { ok, refuse, type Fault, type Result } from '../../../main/faults/index.ts';
import { runDemo } from '../../../main/training/index.ts';
import { startCore } from '../../../main/host/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const format = 'siteseal-policy/1';
const me = process.getuid?.();

/** A folder of an administrator, who here is the user of the tests, with a policy. */
function administrator(text: string): { readonly file: string; readonly folder: string } {
  const folder = join(temporaryFolder(), 'siteseal');
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, 'policy.json');
  writeFileSync(file, text, { mode: 0o644 });
  return { file, folder };
}

function read(file: string, owner = me): Result<Policy, 'policy-invalid'> {
  return readPolicy({ file, owner });
}

function faultOf(result: Result<unknown>): Fault {
  assert(!result.ok, JSON.stringify(result));
  return result.fault;
}

describe('the policy of a computer', () => {
  it('allows everything without a file, or without its folder', () => {
    const { folder } = administrator('');
    assert.deepEqual(read(join(folder, 'other.json')), ok(withoutPolicy));
    assert.deepEqual(read(join(folder, 'missing', 'policy.json')), ok(withoutPolicy));
  });

  it('restricts only what it names', () => {
    const everything = { training: true, connections: ['ethernet', 'usb', 'drive'], language: undefined };
    for (const members of [
      {},
      { training: false },
      { connections: ['usb'] },
      { connections: [] },
      { language: 'en' },
    ]) {
      const { file } = administrator(JSON.stringify({ format, ...members }));
      assert.deepEqual(read(file), ok({ file, ...everything, ...members }));
    }
  });

  const wrong: readonly (readonly [text: string, fault: Omit<Fault, 'code'>])[] = [
    ['', { rule: 'json-syntax', where: { line: 1, column: 1 } }],
    ['{"training":false}', { rule: 'json-format', expected: format }],
    ['{"format":"siteseal-policy/2"}', { rule: 'json-format', expected: format, found: 'siteseal-policy/2' }],
    [
      `{"format":"${format}","training":false,"training":true}`,
      { rule: 'json-duplicate-name', where: { line: 1, column: 48 } },
    ],
    [
      `{"format":"${format}","Training":false}`,
      { rule: 'json-unknown-member', where: { field: 'Training' } },
    ],
    [`{"format":"${format}","training":"no"}`, { rule: 'json-type', where: { field: 'training' } }],
    [
      `{"format":"${format}","connections":["usb","wifi"]}`,
      { rule: 'policy-connections', where: { field: 'connections.1' } },
    ],
    [
      `{"format":"${format}","connections":["usb","usb"]}`,
      { rule: 'policy-connections', where: { field: 'connections' } },
    ],
    [`{"format":"${format}","language":"xx"}`, { rule: 'policy-language', where: { field: 'language' } }],
    [' '.repeat(64 * 1024 + 1), { rule: 'policy-size', found: '65537' }],
  ];
  for (const [text, { where, ...facts }] of wrong) {
    it(`is refused as ${text.slice(0, 70).trim() || `${text.length} blanks`}`, () => {
      const { file } = administrator(text);
      assert.deepEqual(faultOf(read(file)), { code: 'policy-invalid', ...facts, where: { file, ...where } });
    });
  }

  it('is refused if it is a link or a folder', () => {
    const { file, folder } = administrator(JSON.stringify({ format }));
    const link = join(folder, 'link.json');
    symlinkSync(file, link);
    mkdirSync(join(folder, 'folder.json'));
    for (const path of [link, join(folder, 'folder.json')])
      assert.equal(faultOf(read(path)).rule, 'policy-file', path);
  });

  it('is refused if its folder is a link', () => {
    const { file, folder } = administrator(JSON.stringify({ format }));
    renameSync(folder, `${folder}-real`);
    symlinkSync(`${folder}-real`, folder);
    assert.equal(faultOf(read(file)).rule, 'policy-file');
  });

  it(
    'is refused if someone other than the administrator could have written it',
    { skip: me === undefined },
    () => {
      const { file, folder } = administrator(JSON.stringify({ format }));
      assert(me !== undefined);
      assert.deepEqual(faultOf(read(file, me + 1)), {
        code: 'policy-invalid',
        rule: 'policy-owner',
        found: `${folder}: user ${me}`,
        where: { file },
      });
      for (const [path, mode, found] of [
        [file, 0o664, 'mode 0664'],
        [file, 0o646, 'mode 0646'],
        [folder, 0o775, 'mode 0775'],
        [folder, 0o1777, 'mode 1777'],
      ] as const) {
        chmodSync(path, mode);
        assert.deepEqual(faultOf(read(file)), {
          code: 'policy-invalid',
          rule: 'policy-owner',
          found: `${path}: ${found}`,
          where: { file },
        });
        chmodSync(path, path === file ? 0o644 : 0o755);
      }
      assert(read(file).ok);
    },
  );
});

const file = '/etc/siteseal/policy.json';
const unreadable = refuse('policy-invalid', { where: { file }, found: 'EACCES' });
const untouched = () => assert.fail('the policy forbids this');
const trust = { roots: [], untrusted: [], crls: [] };
const atDrive = { drive: '/media/stick', trust };

/** A computer whose devices must not be touched. */
function closed(changes: Partial<Surroundings>): Surroundings {
  return surroundingsIn(temporaryFolder(), {
    usb: { list: untouched, watch: untouched },
    discovery: { watch: untouched, list: untouched },
    drives: { list: untouched, find: untouched, mount: untouched, unmount: untouched, eject: untouched },
    ...changes,
  });
}

/** What each part of a policy forbids. */
const uses = {
  ethernet: [(core: Core) => connectionTo(core, { ethernet: '192.0.2.1', trust }), discoverEnbs],
  usb: [(core: Core) => connectionTo(core, { usb: true, trust }), listUsb],
  drive: [
    listDrives,
    (core: Core) => mountVolume(core, 'volume'),
    (core: Core) => writeFilesToDrive(core, ['bundle.p7m'], atDrive, untouched),
    (core: Core) => verifyDriveAt(core, atDrive, undefined),
    (core: Core) => collectReceiptsAt(core, atDrive, undefined),
  ],
  training: [({ surroundings }: Core) => runDemo(surroundings, untouched)],
} as const;

describe('what the policy forbids', () => {
  for (const [wanted, all] of Object.entries(uses) as [
    keyof typeof uses,
    (typeof uses)[keyof typeof uses],
  ][]) {
    it(`is refused by every use case: ${wanted}`, async () => {
      const policy: Policy = {
        file,
        training: wanted !== 'training',
        connections: withoutPolicy.connections.filter((one) => one !== wanted),
      };
      const field = wanted === 'training' ? 'training' : 'connections';
      const core = createCore(closed({ policy: ok(policy) }));
      const blind = createCore(closed({ policy: unreadable }));
      for (const use of all) {
        assert.deepEqual(faultOf(await use(core)), {
          code: 'forbidden-by-policy',
          ...(wanted !== 'training' && { expected: policy.connections.join(', ') }),
          found: wanted,
          where: { file, field },
        });
        assert.deepEqual(await use(blind), unreadable);
      }
      core.stores.close();
      blind.stores.close();
    });
  }

  it('leaves the rest', () => {
    const policy = ok({ file, training: false, connections: ['usb'] } as const);
    assert(permit({ policy }, 'usb').ok);
    const core = createCore(closed({ policy }));
    const connection = connectionTo(core, { usb: true, trust });
    assert.notEqual(!connection.ok && connection.fault.code, 'forbidden-by-policy');
  });
});

describe('the window under a policy', () => {
  it('leaves training that was chosen earlier, finds nothing, and says what is allowed', async () => {
    const folder = temporaryFolder();
    const options = { shell: 'browser', folders: [] } as const;
    const before = createCore(surroundingsIn(folder));
    const opened = before.stores.open(false);
    assert(opened.ok);
    opened.value.store.settings.set(modeSetting, 'training');
    before.stores.close();

    const policy: Policy = { file, training: false, connections: ['drive'] };
    const drives = { ...surroundingsIn(folder).drives, list: () => Promise.resolve(ok([])) };
    const core = startCore(options, closed({ dataFolder: folder, policy: ok(policy), drives }));
    const page = new CorePort(core);
    const { policy: shown, mode, training } = await page.ask('app.get', {});
    assert.deepEqual({ shown, mode, training }, { shown: policy, mode: null, training: false });
    assert.equal((await page.refusal('app.enter', { mode: 'training' })).code, 'forbidden-by-policy');
    assert.deepEqual(await page.ask('enbs.found', {}), { enbs: [] });
    for (const address of ['192.0.2.1', 'usb:'])
      assert.equal((await page.refusal('jobs.checkAddress', { address })).code, 'forbidden-by-policy');
    assert.deepEqual(await page.ask('drives.list', {}), []);
    await core.close();
  });

  it('allows nothing that the policy could forbid while it cannot be read, and all else', async () => {
    const core = startCore({ shell: 'browser', folders: [] }, closed({ policy: unreadable }));
    const page = new CorePort(core);
    const { policy, mode } = await page.ask('app.enter', { mode: 'office' });
    assert.equal(mode, 'office');
    assert.deepEqual(
      [policy?.training, policy?.connections, policy?.fault?.code],
      [false, [], 'policy-invalid'],
    );
    assert.equal((await page.refusal('drives.list', {})).code, 'policy-invalid');
    assert.equal((await page.refusal('app.enter', { mode: 'training' })).code, 'policy-invalid');
    assert.deepEqual((await page.ask('operators.list', {})).length, 0);
    await page.ask('log.get', {});
    await core.close();
  });
});
