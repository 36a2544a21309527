import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createPrivateKey } from 'node:crypto';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

interface OfficeDocument {
  readonly key?: string;
  readonly request?: string;
  readonly certificate?: string;
  readonly fingerprint?: string;
  readonly profileMember?: { readonly officeKey: object };
  readonly fault?: FaultDocument;
}

const folder = temporaryFolder();
const path = (...names: readonly string[]) => join(folder, ...names);
const where = { home: path('home'), cwd: folder, isWarm: true };
mkdirSync(where.home);
const passphrase = 'open sesame';
const run = async (...args: readonly string[]) => {
  const { code, document } = await sitesealJson(args, where);
  return { code, ...(document as OfficeDocument) };
};
const secret = ['--passphrase-file', path('passphrase')];
const init = (...args: readonly string[]) =>
  run('office', 'init', '--profile', path('operator.json'), '--out', path('keys'), ...args);
const labOperator = (folder: string, ...args: readonly string[]) =>
  run('lab', 'operator', '--out', path(folder), ...args);

writeFileSync(path('passphrase'), `${passphrase}\n`);
await labOperator('ca', ...secret);
await run('lab', 'vendor', '--out', path('vendor'), '--certify', path('ca', 'configuration-public.pem'));
const profile = {
  name: 'Example, Mobile',
  plmn: '00101',
  operatorRootCertificates: ['ca/operator-root.pem'],
  vendors: {},
};
writeFileSync(path('operator.json'), JSON.stringify(profile));

describe('siteseal office init', () => {
  it('makes an encrypted key, and a request that the CA of the operator answers', async () => {
    const made = await init(...secret);
    const [key, request] = [path('keys', 'office-key.pem'), path('keys', 'office-request.pem')];
    assert.deepEqual(made, { code: 0, key, request });
    const pem = readFileSync(key, 'utf8');
    assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    assert.equal(createPrivateKey({ key: pem, passphrase }).asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.equal(statSync(key).mode & 0o777, 0o600);
    const certified = await labOperator('ca', '--certify', request);
    assert.deepEqual([certified.code, certified.fault], [0, undefined]);
    const taken = await init('--certificate', path('ca', 'office-certificate.pem'));
    assert.equal(taken.code, 0, JSON.stringify(taken));
    assert.equal(taken.certificate, path('keys', 'office.pem'));
    assert.match(taken.fingerprint ?? '', /^[0-9a-f]{64}$/);
    const officeKey = { pkcs8: 'keys/office-key.pem', certificates: ['keys/office.pem'] };
    assert.deepEqual(taken.profileMember, { officeKey });
    const blocks = readFileSync(path('keys', 'office.pem'), 'utf8').match(/BEGIN CERTIFICATE/g);
    assert.equal(blocks?.length, 2);
  });

  it('never replaces a key', async () => {
    const before = readFileSync(path('keys', 'office-key.pem'));
    const again = await init(...secret);
    assert.deepEqual([again.code, again.fault?.code], [2, 'office-key-exists']);
    assert.deepEqual(readFileSync(path('keys', 'office-key.pem')), before);
  });

  it('says in words what to do next', async () => {
    const { stdout } = await siteseal(
      [
        ...['office', 'init', '--profile', 'operator.json', '--out', 'keys'],
        ...['--certificate', 'ca/office-certificate.pem'],
      ],
      where,
    );
    assert.match(
      stdout,
      /"officeKey": \{"pkcs8":"keys\/office-key\.pem","certificates":\["keys\/office\.pem"\]\}/,
    );
  });

  it('logs the new key and its certificate, with the same public key', async () => {
    const { document } = await sitesealJson(['audit', 'show', '--training'], where);
    const { entries } = document as {
      readonly entries: readonly { readonly action: string; readonly facts: Record<string, unknown> }[];
    };
    const about = entries.filter(({ action }) => action.startsWith('office-key-'));
    assert.deepEqual(about.map(({ action }) => action).slice(0, 2), [
      'office-key-made',
      'office-key-certified',
    ]);
    assert.equal(new Set(about.map(({ facts }) => facts['keySha256'])).size, 1);
  });

  it('takes no certificate of another key, and none that is not for an office', async () => {
    const other = await init('--certificate', path('ca', 'office.pem'));
    assert.deepEqual([other.code, other.fault?.code], [1, 'key-certificate-mismatch']);
    await labOperator('other', ...secret);
    await labOperator('other', '--certify', path('keys', 'office-request.pem'));
    const before = readFileSync(path('keys', 'office.pem'));
    const strange = await init('--certificate', path('other', 'office-certificate.pem'));
    assert.deepEqual([strange.code, strange.fault?.code], [1, 'office-key-unfit']);
    assert.deepEqual(readFileSync(path('keys', 'office.pem')), before);
  });

  it('takes no certificate with a request that was changed, or without a key', async () => {
    const changedFolder = path('changed');
    mkdirSync(changedFolder);
    const at = (...args: readonly string[]) =>
      run('office', 'init', '--profile', path('operator.json'), '--out', changedFolder, ...args);
    const certificate = ['--certificate', path('ca', 'office-certificate.pem')];
    assert.equal((await at(...certificate)).fault?.code, 'file-unreadable');
    writeFileSync(join(changedFolder, 'office-key.pem'), readFileSync(path('keys', 'office-key.pem')));
    const request = readFileSync(path('keys', 'office-request.pem'), 'utf8');
    const changed = request.replace(
      /[A-Za-z0-9+/]{6}==?\n-----END|[A-Za-z0-9+/]{6}\n-----END/,
      'AAAAAA\n-----END',
    );
    writeFileSync(join(changedFolder, 'office-request.pem'), changed);
    assert.equal((await at(...certificate)).fault?.code, 'request-unreadable');
    rmSync(changedFolder, { recursive: true });
  });

  it('needs a passphrase that is not short, and a name that is one', async () => {
    const at = (...args: readonly string[]) =>
      run('office', 'init', '--profile', path('operator.json'), '--out', path('none'), ...args);
    assert.equal((await at()).fault?.code, 'passphrase-missing');
    writeFileSync(path('short'), '1234567');
    assert.equal((await at('--passphrase-file', path('short'))).fault?.code, 'passphrase-weak');
    assert.equal((await at(...secret, '--name', 'Office')).fault?.code, 'name-malformed');
    assert.equal((await at(...secret, '--name', 'O=X,CN=Y')).code, 0);
  });

  it('is asked for an office key, or the CA of the lab does not certify it', async () => {
    const refused = await labOperator('ca', '--certify', path('ca', 'office.pem'));
    assert.deepEqual([refused.code, refused.fault?.code], [1, 'request-unreadable']);
  });
});
