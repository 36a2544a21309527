import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { makeConfigurationKey, makeEnb, makeOperatorRoot, makeVendor } from '../../../main/lab/index.ts';
import { authorisationFor, identity, labOptions } from '../../kit/bundle.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
after(() => bench.remove());

const at = String(Date.parse('2026-11-15T12:00:00Z') / 1000);
const authorisation = authorisationFor(['LAB0001']);

for (const keyKind of ['P-256', 'P-384', 'RSA-2048'] as const) {
  describe(`OpenSSL, of the certificates that the lab makes with keys of kind ${keyKind},`, async () => {
    const options = { ...labOptions, keyKind, training: true };
    const vendor = await makeVendor('Lab Vendor', options);
    const stranger = await makeVendor('Lab Vendor', { ...options, keyKind: 'P-256' });
    const enb = await makeEnb(vendor, identity, options);
    const configuration = await makeConfigurationKey(vendor, 'Lab Operator', authorisation, options);
    const operatorRoot = await makeOperatorRoot('Lab Operator', options);
    const root = bench.certificate(vendor.root.certificate);
    const issuing = bench.certificate(vendor.issuing.certificate);
    const verify = (trusted: string, certificate: string) =>
      bench.try(
        'verify',
        '-x509_strict',
        '-attime',
        at,
        '-CAfile',
        trusted,
        '-untrusted',
        issuing,
        certificate,
      );

    it('verifies each, to the letter of RFC 5280, to its own root and to no other', () => {
      for (const { certificate } of [vendor.issuing, enb, configuration]) {
        const file = bench.certificate(certificate);
        const { status, errors } = verify(root, file);
        assert.equal(status, 0, errors);
        assert.notEqual(verify(bench.certificate(stranger.root.certificate), file).status, 0);
      }
      const own = bench.certificate(operatorRoot.certificate);
      const { status, errors } = verify(own, own);
      assert.equal(status, 0, errors);
    });

    it('reads who the eNB is, and what each may do', () => {
      const text = ({ certificate }: typeof enb) =>
        bench.run('x509', '-noout', '-text', '-in', bench.certificate(certificate)).toString();
      assert.match(text(enb), /Subject Alternative Name:\s+othername:/);
      assert.match(text(vendor.issuing), /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
      assert.match(text(vendor.root), /Basic Constraints: critical\s+CA:TRUE\s/);
      assert.match(text(configuration), /Key Usage: critical\s+Digital Signature\s/);
      assert.match(text(configuration), /2\.25\.67185770713137499404239916306837926263\.1:/);
      for (const one of [vendor.root, vendor.issuing, enb, configuration, operatorRoot]) {
        assert.match(text(one), /2\.25\.67185770713137499404239916306837926263\.3:/);
      }
    });
  });
}
