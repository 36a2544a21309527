import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { decodePem, oids } from '../../../../main/asn1/index.ts';
import { openCaMaterial, type CaMaterialOptions } from '../../../../main/lab/ra-ca/ca-material.ts';
import { labCertificates, type GivenCa, type KeyPair } from '../../../../main/lab/index.ts';
import { extension, isTrainingCertificate, nameToText, verifySignature } from '../../../../main/pki/index.ts';
import { temporaryFolder } from '../../../kit/enb.ts';
import { issue, type KeyKind } from '../../../kit/issue-certificate.ts';

const now = new Date('2026-11-29T12:00:00Z');
const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

function open(folder: string, options: Partial<CaMaterialOptions> = {}) {
  return openCaMaterial({ folder, ca: undefined, name: undefined, now, ...options });
}

async function openGood(folder = temporaryFolder(), options: Partial<CaMaterialOptions> = {}) {
  const opened = await open(folder, options);
  assert(opened.ok, JSON.stringify(opened));
  return { folder, ...opened.value };
}

async function faultOf(folder: string, options: Partial<CaMaterialOptions>) {
  const opened = await open(folder, options);
  assert(!opened.ok);
  return opened.fault;
}

const contentsOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));

function makeRoot(training = false, keyKind: KeyKind = 'P-256'): KeyPair {
  return issue(labCertificates.operatorRoot('Given', { keyKind, training, ...dates }), keyKind);
}

function makeCa(root: KeyPair, training = false): KeyPair {
  const options = { keyKind: 'P-256', training, ...dates } as const;
  return issue(labCertificates.operatorIssuing('Given', options), 'P-256', root);
}

const given = ({ key, certificate }: KeyPair, ...above: readonly KeyPair[]): GivenCa => ({
  key,
  certificates: [certificate, ...above.map((one) => one.certificate)],
});

describe('the keys and certificates of an RA/CA', () => {
  it('survive a crash while the RA gets another name', async () => {
    const { folder } = await openGood();
    const obstacle = join(folder, 'ra.pem.part');
    mkdirSync(join(obstacle, 'in'), { recursive: true });
    const name = 'CN=Another RA';
    assert.equal((await faultOf(folder, { name })).code, 'store-unusable');
    rmSync(obstacle, { recursive: true });
    const { signer } = await openGood(folder, { name });
    assert.equal(nameToText(signer.certificate.subject), name);
  });

  it('are made at first: operator root, CA and RA, for training', async () => {
    const { folder, ca, chain, root, signer } = await openGood();
    assert.deepEqual(chain, [root]);
    assert.deepEqual(signer.chain, [ca.certificate, root]);
    for (const certificate of [root, ca.certificate, signer.certificate])
      assert(isTrainingCertificate(certificate), nameToText(certificate.subject));
    const usages = extension(signer.certificate, oids.extendedKeyUsage);
    assert.deepEqual(usages.ok && usages.value, new Set(['1.3.6.1.5.5.7.3.28']));
    const signature = await signer.sign(Buffer.from('data'));
    const { publicKey } = signer.certificate;
    assert(verifySignature(signer.algorithm, publicKey, Buffer.from('data'), signature));
    const [block] = decodePem(readFileSync(join(folder, 'operator-root.pem'), 'utf8'));
    assert.deepEqual(block?.bytes, root.der);
  });

  it('stay the same at the next start', async () => {
    const first = await openGood();
    const files = contentsOf(first.folder);
    const second = await openGood(first.folder);
    assert.deepEqual(contentsOf(first.folder), files);
    assert.equal(second.root.sha256, first.root.sha256);
    assert.equal(second.signer.certificate.sha256, first.signer.certificate.sha256);
  });

  it('have keys that only their user can read', { skip: process.platform === 'win32' }, async () => {
    const { folder } = await openGood();
    for (const name of ['operator-root.key', 'issuing-ca.key', 'ra.key'])
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  });

  it('are completed after a first start that was interrupted', async () => {
    const { folder, root } = await openGood();
    for (const name of ['issuing-ca.pem', 'ra.key', 'ra.pem']) rmSync(join(folder, name));
    const again = await openGood(folder);
    assert.equal(again.root.sha256, root.sha256);
    assert.deepEqual(again.chain, [root]);
  });

  it('get a new RA of the name that is asked for, and keep it', async () => {
    const { folder, ca } = await openGood();
    const named = await openGood(folder, { name: 'C=FI,O=Operator,CN=RA 1' });
    assert.equal(nameToText(named.signer.certificate.subject), 'C=FI,O=Operator,CN=RA 1');
    assert.equal(named.ca.certificate.sha256, ca.certificate.sha256);
    const later = await openGood(folder);
    assert.equal(later.signer.certificate.sha256, named.signer.certificate.sha256);
    assert.equal((await faultOf(folder, { name: 'RA 1' })).code, 'name-malformed');
  });

  it('get a new RA when the old one has expired', async () => {
    const { folder, signer } = await openGood();
    const later = await openGood(folder, { now: new Date('2037-06-01T00:00:00Z') });
    assert.notEqual(later.signer.certificate.sha256, signer.certificate.sha256);
  });

  it('are refused when the CA has expired', async () => {
    const { folder } = await openGood();
    assert.equal(
      (await faultOf(folder, { now: new Date('2043-01-01T00:00:00Z') })).code,
      'certificate-expired',
    );
  });

  for (const [why, training] of [
    ['real', false],
    ['for training', true],
  ] as const) {
    it(`take a CA that is ${why}, with the chain in any order, and mark the RA alike`, async () => {
      const root = makeRoot(training);
      const ca = makeCa(root, training);
      const opened = await openGood(temporaryFolder(), { ca: given(ca, root) });
      assert.equal(opened.ca.certificate.sha256, ca.certificate.sha256);
      assert.deepEqual(opened.chain, [root.certificate]);
      assert.equal(opened.root.sha256, root.certificate.sha256);
      assert.equal(isTrainingCertificate(opened.signer.certificate), training);
      assert.deepEqual(readdirSync(opened.folder).sort(), ['operator-root.pem', 'ra.key', 'ra.pem']);
    });
  }

  it('take a root that issues itself', async () => {
    const root = makeRoot(false, 'RSA-2048');
    const opened = await openGood(temporaryFolder(), { ca: given(root) });
    assert.deepEqual(opened.chain, []);
    assert.equal(opened.root.sha256, root.certificate.sha256);
    assert.deepEqual(opened.signer.chain, [root.certificate]);
  });

  it('are refused when the given CA cannot issue', async () => {
    const root = makeRoot();
    const ca = makeCa(root);
    const leaf = issue(
      labCertificates.registrationAuthority('CN=RA', { keyKind: 'P-256', training: false, ...dates }),
      'P-256',
      ca,
    );
    const cases: readonly (readonly [GivenCa, code: string])[] = [
      [given(ca), 'issuer-unknown'],
      [given(ca, makeRoot()), 'signature-invalid'],
      [given(leaf, ca, root), 'not-a-ca'],
      [given({ key: root.key, certificate: ca.certificate }, root), 'key-certificate-mismatch'],
    ];
    for (const [one, code] of cases) assert.equal((await faultOf(temporaryFolder(), { ca: one })).code, code);
  });

  it('are refused with another CA than the folder began with, which keeps its files', async () => {
    const { folder } = await openGood();
    const root = readFileSync(join(folder, 'operator-root.pem'));
    const fault = await faultOf(folder, { ca: given(makeRoot()) });
    assert.deepEqual([fault.code, fault.rule], ['store-unusable', 'state-of-another-ca']);
    assert.deepEqual(readFileSync(join(folder, 'operator-root.pem')), root);
    await openGood(folder);
  });

  it('are refused when a file is damaged or missing, which the fault names', async () => {
    for (const [name, contents] of [
      ['operator-root.pem', 'none'],
      ['issuing-ca.key', 'none'],
      ['issuing-ca.key', undefined],
    ] as const) {
      const { folder } = await openGood();
      const file = join(folder, name);
      if (contents === undefined) rmSync(file);
      else writeFileSync(file, contents);
      assert.equal((await faultOf(folder, {})).where?.file, file);
      assert.equal(existsSync(file), contents !== undefined);
    }
  });
});
