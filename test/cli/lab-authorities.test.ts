import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

const home = temporaryFolder();
const run = async (args: readonly string[], env = {}) => {
  const { code, document } = await sitesealJson(args, { home, env, isWarm: true });
  return { code, ...(document as { readonly folder?: string; readonly fault?: FaultDocument }) };
};

describe('siteseal lab operator and lab vendor', () => {
  const [operator, vendor] = [join(home, 'operator'), join(home, 'vendor')];

  it('make what bundles, gateways and eNBs need', async () => {
    const made = await run(
      ['lab', 'operator', '--out', operator, '--seg', 'seg1.example', '--expired', 'seg2.example'],
      { SITESEAL_PASSPHRASE: 'open sesame' },
    );
    assert.deepEqual(made, { code: 0, folder: operator });
    const certify = ['--certify', join(operator, 'configuration-public.pem')];
    const second = await run([
      'lab',
      'vendor',
      '--out',
      vendor,
      '--enb',
      'LAB0001',
      '--revoke',
      'LAB0002',
      ...certify,
    ]);
    assert.deepEqual(second, { code: 0, folder: vendor });
    const pairs = (names: readonly string[]) => names.flatMap((name) => [`${name}.key`, `${name}.pem`]);
    assert.deepEqual(readdirSync(operator).toSorted(), [
      ...['configuration-public.pem', 'configuration.key'],
      ...pairs(['issuing-ca']),
      ...['office.key', 'office.pem'],
      ...pairs(['operator-root', 'registration', 'seg1.example', 'seg2.example']),
    ]);
    assert.deepEqual(
      readdirSync(vendor).toSorted(),
      [
        ...pairs(['LAB0001', 'LAB0002']),
        'configuration.pem',
        ...pairs(['vendor-issuing', 'vendor-root']),
        'vendor.crl',
      ].toSorted(),
    );
  });

  for (const [what, args, rule] of [
    ['a gateway that is no host name', ['operator', '--seg', '../seg'], 'host'],
    ['a serial number that is none', ['vendor', '--enb', '../LAB0001'], 'serial-number'],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const out = ['--out', join(home, 'refused')];
      const refused = await run(['lab', ...args, ...out], { SITESEAL_PASSPHRASE: 'open sesame' });
      assert.deepEqual([refused.code, refused.fault?.code, refused.fault?.rule], [2, 'usage-invalid', rule]);
    });
  }

  it('refuse a configuration key without a passphrase, and a public key that is none', async () => {
    const { fault } = await run(['lab', 'operator', '--out', join(home, 'other')]);
    assert.equal(fault?.code, 'passphrase-missing');
    const file = join(operator, 'issuing-ca.key.missing');
    const unreadable = await run(['lab', 'vendor', '--out', vendor, '--certify', file]);
    assert.equal(unreadable.fault?.code, 'file-unreadable');
  });
});
