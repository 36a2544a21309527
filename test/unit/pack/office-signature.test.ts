import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import { judgeOffice, readSigned, signByOffice } from '../../../main/pack/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';
import { clock, labOptions, now, signerOf } from '../../kit/bundle.ts';
import { flipped } from '../../kit/flips.ts';
import {
  issue,
  makeOfficeKey,
  makeOperatorRoot,
  type CertificateContents,
} from '../../kit/issue-certificate.ts';

const root = makeOperatorRoot('Lab Operator', labOptions);
const office = makeOfficeKey(root, 'Lab Operator', labOptions);

function judge(certificate: Certificate, roots = [root.certificate], at = clock) {
  const judged = judgeOffice(certificate, { roots, intermediates: [], clock: at });
  return judged.ok ? 'ok' : judged.fault.code;
}

describe('the certificate of an office key', () => {
  const { keyKind: _, ...contents } = labOptions;
  const certificate = (changes: Partial<CertificateContents>) =>
    issue({ ...contents, subject: 'CN=Office', keyUsage: ['digitalSignature'], ...changes }, 'P-256', root)
      .certificate;

  it('holds under the operator root', () => assert.equal(judge(office.certificate), 'ok'));
  it('names its purpose itself', () => {
    assert.equal(judge(certificate({ extendedKeyUsage: [oids.officeSigning] })), 'ok');
    for (const extendedKeyUsage of [
      undefined,
      [oids.anyExtendedKeyUsage],
      [oids.configurationSigning],
    ] as const) {
      const other = certificate(extendedKeyUsage ? { extendedKeyUsage } : {});
      assert.equal(judge(other), 'extended-key-usage-insufficient');
    }
  });
  it('may sign', () => {
    const other = certificate({ extendedKeyUsage: [oids.officeSigning], keyUsage: ['keyEncipherment'] });
    assert.equal(judge(other), 'key-usage-insufficient');
  });
  it('is in force, and under this root', () => {
    const later = { now: new Date('2040-01-01T00:00:00Z'), isExact: true };
    assert.equal(judge(office.certificate, [root.certificate], later), 'certificate-expired');
    const other = makeOperatorRoot('Lab Operator', labOptions);
    assert.equal(judge(office.certificate, [other.certificate]), 'signature-invalid');
  });
});

describe('a signature of an office key', () => {
  it('returns what was signed', async () => {
    const signed = readSigned(await signByOffice(Buffer.from('content'), signerOf(office), now));
    assert(signed.ok);
    assert.equal(Buffer.from(signed.value.content).toString(), 'content');
    assert.equal(signed.value.signer.sha256, office.certificate.sha256);
  });
  it('covers every byte of the content', async () => {
    const bytes = await signByOffice(Buffer.from('content'), signerOf(office), now);
    const at = Buffer.from(bytes).indexOf('content');
    for (let offset = 0; offset < 7; offset++) {
      const signed = readSigned(flipped(bytes, 8 * (at + offset) + 7));
      assert(!signed.ok);
      assert.equal(signed.fault.code, 'cms-signature-invalid');
    }
  });
});
