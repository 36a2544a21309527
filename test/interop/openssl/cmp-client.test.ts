import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import {
  createCore,
  enrol,
  renew,
  revoke,
  type CmpWatcher,
  type CredentialFiles,
} from '../../../main/core/index.ts';
import { ok, type Result } from '../../../main/faults/index.ts';
import { nameToText, type Certificate } from '../../../main/pki/index.ts';
import { identity } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { issueCertificate, makeEnb, makeVendor } from '../../kit/issue-certificate.ts';
import { dates, makeCa, makeCertificate, withSpki } from '../../kit/pki.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
const folder = temporaryFolder();
const mocks: ChildProcess[] = [];
after(() => {
  for (const mock of mocks) mock.kill();
  bench.remove();
});

const root = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA');
const ca = makeCa('C=FI,O=Lab Operator,CN=Lab CA', { ca: 0 }, root);
const ra = makeCertificate('C=FI,O=Lab Operator,CN=Lab RA', { keyUsage: ['digitalSignature'] }, ca);
const vendor = makeVendor('Lab Vendor', { keyKind: 'P-256', training: false, ...dates });
const enb = makeEnb(vendor, identity, { keyKind: 'P-256', training: false, ...dates });

/** OpenSSL's mock server, which answers every request with this certificate. Returns its URL. */
async function startMock(certificate: Certificate, ...more: readonly string[]): Promise<string> {
  const args = ['cmp', '-config', '', '-port', '0', '-rsp_cert', bench.certificate(certificate)];
  const extra = ['-rsp_extracerts', bench.certificate(ca.certificate), ...more];
  const mock = spawn('openssl', [...args, ...extra], { stdio: ['ignore', 'pipe', 'ignore'] });
  mocks.push(mock);
  for await (const line of createInterface(mock.stdout)) {
    const [, port] = /^ACCEPT .*:(\d+) PID/.exec(line) ?? [];
    if (port !== undefined) return `http://127.0.0.1:${port}/pkix/`;
  }
  throw new Error(`openssl ended: ${String(await once(mock, 'close'))}`);
}

const byMac = ['-srv_ref', 'enb-1', '-srv_secret', 'pass:s3cret s3cret'];
const bySignature = [
  ...['-srv_cert', bench.certificate(ra.certificate), '-srv_key', bench.key(ra)],
  ...['-srv_trusted', bench.certificate(vendor.root.certificate)],
  ...['-srv_untrusted', bench.certificate(vendor.issuing.certificate)],
];

const secretFile = bench.file('s3cret s3cret');
const credential: CredentialFiles = { kind: 'mac', reference: 'enb-1', secretFile, algorithm: 'pbm' };
const vendorCertificate: CredentialFiles = {
  kind: 'signature',
  certificate: bench.certificate(enb.certificate),
  key: bench.key(enb),
  chain: [bench.certificate(vendor.issuing.certificate)],
};

const watcher: CmpWatcher = { onPhase: () => undefined, passphraseFor: () => Promise.resolve(ok(undefined)) };
const trust = { roots: [bench.certificate(root.certificate)], untrusted: [], crls: [] };
const raCa = (url: string, allowHmacSha1 = false) => ({
  ...{ url, trust, allowHmacSha1 },
  name: nameToText(ra.certificate.subject),
});
/** Nothing listens there. A first attempt makes the key, for which the certificate of the mock is then issued. */
const nobody = 'http://127.0.0.1:1/pkix/';

function enrolIn(out: string, url: string, credentials: CredentialFiles, allowHmacSha1 = false) {
  const order = { subject: 'CN=LAB0001', subjectAltNames: [], keyType: 'P-256' as const };
  const request = { ...order, credentials, out: join(folder, out), raCa: raCa(url, allowHmacSha1) };
  return enrol(createCore(), request, watcher);
}

const keyIn = (out: string) => createPrivateKey(readFileSync(join(folder, out, 'key.pem')));

async function certificateFor(out: string, credentials: CredentialFiles): Promise<Certificate> {
  assert.equal(codeOf(await enrolIn(out, nobody, credentials)), 'cmp-unreachable');
  const contents = {
    subject: 'CN=LAB0001',
    keyUsage: ['digitalSignature'] as const,
    training: false,
    ...dates,
  };
  return issueCertificate(contents, keyIn(out), ca);
}

const codeOf = (result: Result<unknown>) => (result.ok ? 'done' : result.fault.code);
const storedIn = (out: string) => readFileSync(join(folder, out, 'certificate.pem'), 'utf8');

describe('OpenSSL as the RA/CA', () => {
  it('answers a request by MAC with HMAC-SHA-1, which needs to be allowed', async () => {
    const certificate = await certificateFor('mac', credential);
    const url = await startMock(certificate, ...byMac);
    const refused = await enrolIn('mac', url, credential);
    assert(!refused.ok);
    assert.deepEqual([refused.fault.code, refused.fault.rule], ['cmp-algorithm', 'cmp-mac-sha1']);
    const enrolled = await enrolIn('mac', url, credential, true);
    assert(enrolled.ok, JSON.stringify(enrolled));
    assert.equal(storedIn('mac'), encodePem('CERTIFICATE', certificate.der));
  });

  it('confirms implicitly where it is set to', async () => {
    const certificate = await certificateFor('implicit', credential);
    const url = await startMock(certificate, ...byMac, '-grant_implicitconf');
    const enrolled = await enrolIn('implicit', url, credential, true);
    assert(enrolled.ok, JSON.stringify(enrolled));
  });

  it('has a certificate for another key, which is refused and not kept', async () => {
    await certificateFor('another', credential);
    const url = await startMock(makeCertificate('CN=LAB0001', {}, ca).certificate, ...byMac);
    const refused = await enrolIn('another', url, credential, true);
    assert(!refused.ok);
    assert.deepEqual(
      [refused.fault.code, refused.fault.rule],
      ['cmp-certificate-unfit', 'cmp-certificate-key'],
    );
    assert.throws(() => storedIn('another'));
  });

  it('does not know the secret, and what it says is not authenticated', async () => {
    const certificate = await certificateFor('wrong', credential);
    const url = await startMock(certificate, '-srv_ref', 'enb-1', '-srv_secret', 'pass:another');
    assert.equal(codeOf(await enrolIn('wrong', url, credential, true)), 'cmp-unauthentic');
  });

  it('enrols by the vendor certificate, and renews and revokes what it issued', async () => {
    const certificate = await certificateFor('old', vendorCertificate);
    const enrolled = await enrolIn('old', await startMock(certificate, ...bySignature), vendorCertificate);
    assert(enrolled.ok, JSON.stringify(enrolled));

    const renewWith = (url: string) =>
      renew(createCore(), { raCa: raCa(url), from: join(folder, 'old'), out: join(folder, 'new') }, watcher);
    assert.equal(codeOf(await renewWith(nobody)), 'cmp-unreachable');
    // The mock compares oldCertID with the certificate that it issues, so that both need one serial number.
    const spki = createPublicKey(keyIn('new')).export({ format: 'der', type: 'spki' });
    const renewed = withSpki(certificate, ca, spki);
    const trusted = ['-srv_trusted', bench.certificate(root.certificate, vendor.root.certificate)];
    const url = await startMock(renewed, ...bySignature.slice(0, 4), ...trusted);
    const answered = await renewWith(url);
    assert(answered.ok, JSON.stringify(answered));
    assert.equal(storedIn('new'), encodePem('CERTIFICATE', renewed.der));

    const revoked = await revoke(
      createCore(),
      { raCa: raCa(url), from: join(folder, 'old'), reason: 4 },
      watcher,
    );
    assert(revoked.ok, JSON.stringify(revoked));
  });
});
