import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nameToText, type Certificate } from '../../main/pki/index.ts';
import { issueCrl, referenceOperator } from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

interface Verdict {
  readonly valid: boolean;
  readonly revocationChecked?: boolean;
  readonly path?: readonly object[];
  readonly fault?: FaultDocument;
}

const office = new LabOffice();
const { root, issuing } = office.vendor;
const where = { home: makeFolder(office, 'home'), cwd: office.folder, isWarm: true };
office.write('LAB0001.der', office.enb('LAB0001').certificate.der);
office.writeCertificate('chain.pem', office.enb('LAB0001'), issuing);
office.write('issuing.crl', issueCrl(issuing, { revoked: [office.enb('LAB0002')] }).der);
office.write('root.crl', issueCrl(root).der);
office.write('old.crl', issueCrl(issuing, { nextUpdate: new Date('2026-11-01T00:00:00Z') }).der);
office.write('garbage', 'garbage');

const trust = ['--trust', 'vendor-root.pem', '--untrusted', 'vendor-issuing.pem'];
const crls = ['--crl', 'issuing.crl', '--crl', 'root.crl'];

/** The code of the fault, and of what lies beneath where there is something; or `valid`, or `valid, unchecked`. */
async function verify(file: string, ...more: readonly string[]): Promise<string> {
  const { document, code } = await sitesealJson(['certificate', 'verify', file, ...more], where);
  const { valid, revocationChecked, path, fault } = document as Verdict;
  if (valid) {
    assert.deepEqual([Object.keys(document as object), code], [['valid', 'revocationChecked', 'path'], 0]);
    return revocationChecked ? 'valid' : 'valid, unchecked';
  }
  assert.deepEqual([Object.keys(document as object), path], [['valid', 'fault'], undefined]);
  assert.equal(code, fault?.code === 'file-unreadable' ? 3 : 1);
  const rule = fault?.rule === undefined ? '' : ` ${fault.rule}`;
  return `${fault?.code}${rule}${fault?.because ? ` because ${fault.because.code}` : ''}`;
}

describe('siteseal certificate verify', () => {
  it('shows the path of a valid certificate, from the root', async () => {
    const { document, code, stderr } = await sitesealJson(
      ['certificate', 'verify', 'LAB0001.pem', ...trust],
      where,
    );
    const summary = (certificate: Certificate) => ({
      subject: nameToText(certificate.subject),
      issuer: nameToText(certificate.issuer),
      serialNumber: certificate.serialNumber,
      notBefore: certificate.notBefore.toISOString().replace('.000Z', 'Z'),
      notAfter: certificate.notAfter.toISOString().replace('.000Z', 'Z'),
      sha256: certificate.sha256,
    });
    assert.deepEqual(document, {
      valid: true,
      revocationChecked: false,
      path: [root, issuing, office.enb('LAB0001')].map(({ certificate }) => summary(certificate)),
    });
    assert.deepEqual([code, stderr], [0, '']);
    const words = await siteseal(['certificate', 'verify', 'LAB0001.pem', ...trust], {
      ...where,
      isWarm: false,
    });
    assert.match(
      words.stdout,
      /^The certificate is valid\.\nRevocation was not checked\. .*\n {2}C=SE,O=Lab Vendor,CN=Lab Vendor Root CA\n/,
    );
  });

  it('reads PEM and DER, and takes further certificates of the file for its path', async () => {
    assert.equal(await verify('LAB0001.der', ...trust), 'valid, unchecked');
    assert.equal(await verify('chain.pem', '--trust', 'vendor-root.pem'), 'valid, unchecked');
    assert.equal(await verify('LAB0001.pem', '--trust', 'vendor-root.pem'), 'issuer-unknown');
  });

  it('judges as of the time that is given', async () => {
    assert.equal(
      await verify('LAB0001.pem', ...trust, '--at', '2025-12-31T23:59:59Z'),
      'certificate-not-yet-valid',
    );
    assert.equal(
      await verify('LAB0001.pem', ...trust, '--at', '2036-01-01T00:00:00Z'),
      'certificate-expired',
    );
  });

  it('looks into CRLs where they are given, and asks for them with --require-crl', async () => {
    assert.equal(await verify('LAB0001.pem', ...trust, '--require-crl'), 'crl-missing');
    assert.equal(await verify('LAB0001.pem', ...trust, ...crls, '--require-crl'), 'valid');
    assert.equal(await verify('LAB0001.pem', ...trust, ...crls), 'valid');
    assert.equal(await verify('LAB0001.pem', ...trust, '--crl', 'issuing.crl'), 'valid, unchecked');
    assert.equal(await verify('LAB0002.pem', ...trust, ...crls), 'certificate-revoked');
    assert.equal(await verify('LAB0001.pem', ...trust, '--crl', 'old.crl'), 'crl-unusable crl-expired');
  });

  it('judges the purpose', async () => {
    assert.equal(await verify('LAB0001.pem', ...trust, '--purpose', 'enb'), 'valid, unchecked');
    assert.equal(
      await verify('configuration.pem', ...trust, '--purpose', 'configuration'),
      'valid, unchecked',
    );
    assert.equal(
      await verify('configuration.pem', ...trust, '--purpose', 'enb'),
      'enb-identity-missing hardware-module-one',
    );
    assert.match(
      await verify('LAB0001.pem', ...trust, '--purpose', 'configuration'),
      /^signer-not-a-configuration-key configuration-eku/,
    );
  });

  it('judges the configuration certificates of the reference operator', async () => {
    for (const vendor of ['vendor-a', 'vendor-b']) {
      const its = (name: string) => join(referenceOperator, vendor, name);
      const chain = ['--trust', its('root.crt'), '--untrusted', its('sub.crt'), '--purpose', 'configuration'];
      const judge = (name: string) =>
        verify(join(referenceOperator, 'operator', `config-${name}${vendor}.crt`), ...chain);
      assert.equal(await judge(''), 'valid, unchecked');
      assert.equal(await judge('expired-'), 'certificate-expired');
      assert.equal(await judge('unscoped-'), 'signer-not-a-configuration-key configuration-authorisation');
    }
  });

  it('trusts no certificate that is not a CA', async () => {
    assert.equal(await verify('LAB0001.pem', '--trust', 'LAB0001.pem'), 'not-a-ca');
  });

  it('tells a file that is not there from one that holds no certificate', async () => {
    assert.equal(await verify('not-there', ...trust), 'file-unreadable');
    assert.equal(await verify('LAB0001.pem', '--trust', 'not-there'), 'file-unreadable');
    assert.match(await verify('garbage', ...trust), /^certificate-unreadable/);
    assert.match(await verify('LAB0001.pem', '--trust', 'garbage'), /^certificate-unreadable/);
  });
});
