import assert from 'node:assert/strict';
import { readFileSync, truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import { unlockInventoryWith } from '../../../main/core/index.ts';
import { ok, refuse, type Fault } from '../../../main/faults/index.ts';
import type { UnlockInventory } from '../../../main/office/index.ts';
import { openInventory } from '../../../main/office/inventory.ts';
import { faultLines } from '../../../main/words/index.ts';
import { authorisationFor, hwType } from '../../kit/bundle.ts';
import { filesWith } from '../../kit/canary.ts';
import { encryptedByOpenssl } from '../../kit/encrypted.ts';
import { flipped } from '../../kit/flips.ts';
import { makeConfigurationKey } from '../../kit/issue-certificate.ts';
import { LabOffice, type PrepareChanges, type Row } from '../../kit/operator.ts';

const serials = ['LAB0001', 'LAB0002', 'LAB0003'];
const office = new LabOffice({ serials });
const preparer = makeConfigurationKey(office.vendor, 'Preparer', authorisationFor(serials), office.options);
const rows = serials.map((serial) => office.row(serial));
const unlockInventory = () => Promise.resolve(ok(preparer.key));
const notAsked: UnlockInventory = () => assert.fail('No key is asked for.');

/** Writes the rows in plain and encrypted, and gives the request for the latter. */
function encrypt(rows: readonly Row[], options?: readonly string[]): PrepareChanges {
  const plain = readFileSync(office.writeInventory(rows));
  const inventory = office.write('inventory.csv.p7m', encryptedByOpenssl(preparer, plain, options));
  return { inventory, unlockInventory };
}

/** The rule by which a file is refused, and that it shows nothing of a secret. */
async function refusal(file: Uint8Array, changes: PrepareChanges = {}): Promise<string | undefined> {
  const inventory = office.write('refused.p7m', file);
  const fault = await office.refusal({ inventory, out: office.path('refused'), unlockInventory, ...changes });
  assert.equal(fault.code, 'inventory-unreadable');
  assert.equal(fault.where?.file, inventory);
  assertSecretless(fault);
  return fault.rule;
}

function assertSecretless(fault: Fault): void {
  assert.doesNotMatch(`${JSON.stringify(fault)} ${faultLines(fault).join(' ')}`, /secret of|ref-LAB/);
}

/** What is in the bundle of an eNB apart from its number and its time. */
function contentOf(serial: string, out: string) {
  const {
    bundleId: _,
    sequence: __,
    issuedAt: ___,
    sealed: ____,
    ...content
  } = office.configuration(serial, out);
  return { ...content, secret: secretOf(serial, out) };
}

function secretOf(serial: string, out: string): string {
  return Buffer.from(office.sealed(serial, out)?.credential?.secret ?? '').toString();
}

describe('an encrypted inventory', () => {
  for (const [name, options] of [
    ['in DER', ['-aes-256-gcm']],
    ['as a stream', ['-aes-128-gcm', '-stream']],
    ['in PEM', ['-aes-256-gcm', '-outform', 'PEM']],
  ] as const)
    it(`${name} makes the bundles that the plain one makes`, async () => {
      const [plain, encrypted] = [`plain ${name}`, `encrypted ${name}`];
      const request = encrypt(rows, options);
      await office.report({ out: office.path(plain) });
      const report = await office.report({ ...request, out: office.path(encrypted) });
      assert.equal(report.made, serials.length);
      for (const serial of serials)
        assert.deepEqual(contentOf(serial, encrypted), contentOf(serial, plain), serial);
    });

  it('is read by several threads', async () => {
    const others = Array.from({ length: 2_000 }, (_, index) =>
      office.row(`LAB${index + 1_000}`, {
        protection: 'vendor-certificate',
        enb_certificate: '',
        enb_hw_type: hwType,
        credential_reference: '',
        credential_secret: '',
      }),
    );
    const out = office.path('threads');
    const request = { ...encrypt([...rows, ...others]), out, workers: 2, first: serials.length };
    const { made, refused } = await office.report(request);
    assert.deepEqual([made, refused], [serials.length, 0]);
    for (const serial of serials) assert.deepEqual(secretOf(serial, 'threads'), `secret of ${serial}`);
  });

  it('is continued, and not with another encryption of the same rows', async () => {
    const request = { ...encrypt(rows), out: office.path('continued') };
    assert.equal((await office.report({ ...request, first: 1 })).made, 1);
    assert.equal((await office.report({ ...request, resume: true })).made, serials.length);
    encrypt(rows);
    assert.equal((await office.refusal({ ...request, resume: true })).code, 'inventory-changed');
  });

  it('has its problems listed and corrected', async () => {
    const [first, ...others] = rows;
    const request = { ...encrypt([{ ...first!, mtu: '1' }, ...others]), out: office.path('corrected') };
    assert.deepEqual([(await office.report(request)).made, (await office.report(request)).refused], [0, 1]);
    const problems = readFileSync(office.path('corrected', 'problems.csv'), 'utf8');
    const corrections = office.write('corrections.csv', problems.replace('"mtu","1"', '"mtu","1300"'));
    assert.equal((await office.report({ ...request, corrections })).made, serials.length);
    assert.equal(office.configuration('LAB0001', 'corrected').backhaul.mtu, 1300);
  });

  it('is only checked by a dry run, and leaves no secret on the disk', async () => {
    const own = new LabOffice({ serials });
    const csv = readFileSync(
      own.writeInventory(
        serials.map((serial) => own.row(serial)),
        {},
        'x.csv',
      ),
    );
    const inventory = own.write('x.csv', encryptedByOpenssl(preparer, csv));
    const request = { inventory, unlockInventory };
    assert.deepEqual([(await own.report({ ...request, dryRun: true })).total], [serials.length]);
    assert.equal((await own.report(request)).made, serials.length);
    const secrets = serials.flatMap((serial) => [`secret of ${serial}`, `ref-${serial}`]);
    assert.deepEqual(filesWith(secrets, [own.folder]), []);
  });
});

describe('an inventory is refused', () => {
  const csv = readFileSync(office.writeInventory(rows, {}, 'rows.csv'));
  const file = encryptedByOpenssl(preparer, csv);

  it('that is encrypted, without a key', async () => {
    const inventory = office.write('inventory.csv.p7m', file);
    const fault = await office.refusal({ inventory });
    assert.deepEqual(fault, {
      code: 'inventory-unreadable',
      rule: 'inventory-key',
      where: { file: inventory },
    });
    assert.match(faultLines(fault).join('\n'), /siteseal prepare INVENTORY --inventory-key FILE/);
    assert(!openInventory(inventory).ok);
  });

  it('that is plain, with a key, which is not asked for', async () => {
    assert.equal(await refusal(csv, { unlockInventory: notAsked }), 'inventory-not-encrypted');
  });

  it('that is encrypted in CBC mode, before the key is asked for, and with the command that does it right', async () => {
    const inventory = office.write('cbc.p7m', encryptedByOpenssl(preparer, csv, ['-aes-256-cbc']));
    const fault = await office.refusal({ inventory, unlockInventory: notAsked });
    assert.deepEqual(fault, {
      code: 'inventory-unreadable',
      rule: 'inventory-encryption',
      where: { file: inventory },
      because: {
        code: 'der-unexpected',
        rule: 'cms-not-auth-enveloped-data',
        where: { offset: 15 },
      },
    });
    assert.match(faultLines(fault).join('\n'), /openssl cms -encrypt -aes-256-gcm -binary -outform DER/);
  });

  it('that is cut, before the key is asked for', async () => {
    const cut = file.subarray(0, file.length - 20);
    assert.equal(await refusal(cut, { unlockInventory: notAsked }), 'inventory-encryption');
  });

  it('whose ciphertext or tag is changed, or whose key is another', async () => {
    for (const bit of [8 * 1_000, 8 * file.length - 1])
      assert.equal(await refusal(flipped(file, bit)), 'inventory-decryption');
    const other = () => Promise.resolve(ok(office.configurationKey.key));
    assert.equal(await refusal(file, { unlockInventory: other }), 'inventory-decryption');
  });

  it('whose plaintext is no inventory', async () => {
    assert.equal(await refusal(encryptedByOpenssl(preparer, 'not an inventory\n')), 'csv-no-header');
    assert.equal(await refusal(encryptedByOpenssl(preparer, file)), 'csv-utf8');
  });

  it('of more than 256 MiB, before the key is asked for', async () => {
    const inventory = office.write('large.p7m', file);
    truncateSync(inventory, 256 * 1024 * 1024 + 1);
    const { code, rule } = await office.refusal({ inventory, unlockInventory: notAsked });
    assert.deepEqual([code, rule], ['file-too-large', 'inventory-size']);
  });

  it('whose key does not open, for the reason of the key', async () => {
    const inventory = office.write('inventory.csv.p7m', file);
    const keyFile = office.write('preparer.key', office.encrypted(preparer));
    const withPassphrase = (passphrase: string | undefined) =>
      unlockInventoryWith(keyFile, () =>
        Promise.resolve(ok(passphrase === undefined ? undefined : Buffer.from(passphrase))),
      );
    for (const [passphrase, code] of [
      ['wrong', 'passphrase-wrong'],
      [undefined, 'passphrase-missing'],
    ] as const)
      assert.deepEqual(await office.refusal({ inventory, unlockInventory: withPassphrase(passphrase) }), {
        code,
        where: { file: keyFile },
      });
    const missing = unlockInventoryWith(office.path('none'), () => assert.fail());
    assert.equal((await office.refusal({ inventory, unlockInventory: missing })).code, 'file-unreadable');
    const stopped = unlockInventoryWith(keyFile, () => Promise.resolve(refuse('cancelled')));
    assert.equal((await office.refusal({ inventory, unlockInventory: stopped })).code, 'cancelled');
    const right = await office.report({
      inventory,
      unlockInventory: withPassphrase(office.passphrase),
      dryRun: true,
    });
    assert.equal(right.refused, 0);
  });
});
