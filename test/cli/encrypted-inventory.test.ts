import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { filesWith } from '../kit/canary.ts';
import { siteseal, sitesealJson, type CliOptions, type PrepareDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

const serials = ['LAB0001', 'LAB0002'];
const office = new LabOffice({ serials });
makeFolder(office, 'home');
makeFolder(office, 'registrations');
office.write('passphrase', `${office.passphrase}\n`);
office.write('inventory-passphrase', 'of the preparer\n');
const plain = office.writeInventory(serials.map((serial) => office.row(serial)));

/** The commands of the guide for preparers. */
function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: office.folder, stdio: 'ignore' });
}
openssl(
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '730'],
  ...['-subj', '/CN=Preparer', '-keyout', 'preparer.key', '-out', 'preparer.crt'],
  ...['-passout', 'file:inventory-passphrase'],
);
openssl(
  ...['pkcs12', '-export', '-inkey', 'preparer.key', '-in', 'preparer.crt', '-out', 'preparer.p12'],
  ...['-passin', 'file:inventory-passphrase', '-passout', 'file:passphrase'],
);
openssl(
  ...['cms', '-encrypt', '-aes-256-gcm', '-binary', '-outform', 'DER'],
  ...['-in', 'inventory.csv', '-out', 'inventory.csv.p7m', 'preparer.crt'],
);
rmSync(plain);

const options: CliOptions = { home: office.home, cwd: office.folder, isWarm: true };
const args = (out: string, ...more: readonly string[]) => [
  ...['prepare', 'inventory.csv.p7m', '--profile', 'operator.json', '--out', out],
  ...['--passphrase-file', 'passphrase', ...more],
];
const withKey = ['--inventory-key', 'preparer.key', '--passphrase-file', 'inventory=inventory-passphrase'];

describe('siteseal prepare with an encrypted inventory', () => {
  for (const [name, more] of [
    ['PKCS#8, whose passphrase has its own file', withKey],
    ['PKCS#12, which has the passphrase of the vendors’ keys', ['--inventory-key', 'preparer.p12']],
  ] as const)
    it(`makes the bundles with a key in ${name}`, async () => {
      const out = `out of ${name}`;
      const { document, code } = await sitesealJson(args(out, ...more), options);
      assert.deepEqual([(document as PrepareDocument).made, code], [2, 0]);
      for (const serial of serials)
        assert.equal(
          Buffer.from(office.sealed(serial, out)?.credential?.secret ?? '').toString(),
          `secret of ${serial}`,
        );
    });

  it('takes the passphrase of both keys from the environment', async () => {
    const env = { SITESEAL_PASSPHRASE: office.passphrase };
    const [command = '', ...rest] = args('out of the environment').slice(0, 6);
    const { code } = await siteseal([command, ...rest, '--inventory-key', 'preparer.p12'], {
      ...options,
      env,
    });
    assert.equal(code, 0);
  });

  it('refuses it without a key, with another key, and a key without its passphrase', async () => {
    for (const [more, code, rule] of [
      [[], 'inventory-unreadable', 'inventory-key'],
      [['--inventory-key', 'configuration.key'], 'inventory-unreadable', 'inventory-decryption'],
      [['--inventory-key', 'preparer.key'], 'passphrase-wrong', undefined],
      [['--inventory-key', 'none.key'], 'file-unreadable', undefined],
    ] as const) {
      const ran = await sitesealJson(args('refused', '--dry-run', ...more), options);
      const { fault, ...rest } = ran.document as PrepareDocument;
      assert.deepEqual([fault?.code, fault?.rule], [code, rule]);
      assert.deepEqual(rest, { made: 0, refused: 0, rows: [] });
      assert.equal(ran.code, code === 'file-unreadable' ? 3 : 1);
    }
  });

  it('says in words what to do without a key', async () => {
    const { stderr } = await siteseal(args('refused'), options);
    assert.match(stderr, /^inventory-unreadable: .*expected the key that decrypts this inventory\./m);
    assert.match(stderr, /--inventory-key FILE/);
  });

  it('leaves no secret on the disk', () => {
    const secrets = serials.flatMap((serial) => [`secret of ${serial}`, `ref-${serial}`]);
    assert.deepEqual(filesWith(secrets, [office.folder]), []);
  });
});

describe('siteseal lab registrations', () => {
  it('takes an encrypted inventory too', async () => {
    const out = office.path('registrations', 'registrations.json');
    const rest = ['--profile', 'operator.json', '--out', out, '--passphrase-file', 'passphrase'];
    const registrations = ['lab', 'registrations', 'inventory.csv.p7m', ...rest];
    assert.equal((await siteseal(registrations, options)).code, 1);
    assert(!existsSync(out));
    const { code, stderr } = await siteseal([...registrations, ...withKey], options);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(out, 'utf8').match(/"reference"/g)?.length, serials.length);
  });
});
