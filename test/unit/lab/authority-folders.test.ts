import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { decodePem } from '../../../main/asn1/index.ts';
import { judgeSigner } from '../../../main/bundle/index.ts';
import { makeOperatorFolder, makeVendorFolder } from '../../../main/lab/index.ts';
import {
  exactly,
  isTrainingCertificate,
  parseCertificate,
  parseCrl,
  readEnbIdentity,
  subjectAltNamesOf,
  validateCertificate,
  type Certificate,
} from '../../../main/pki/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const now = new Date('2026-11-29T12:00:00Z');
const hwType = '2.25.67185770713137499404239916306837926263.10';
const enbs = ['LAB0001', 'LAB0002'].map((serialNumber) => ({ hwType, serialNumber }));
const folder = temporaryFolder();
const [vendorFolder, operatorFolder] = [join(folder, 'vendor'), join(folder, 'operator')];

const gateways = ['seg1.example', 'seg2.example'];
const operator = await makeOperatorFolder({
  ...{ folder: operatorFolder, name: 'Lab Operator', gateways, expired: ['seg2.example'], now },
  passphrase: Buffer.from('open sesame'),
});
const key = createPublicKey(readFileSync(join(operatorFolder, 'configuration-public.pem')));
const vendorRequest = {
  ...{ folder: vendorFolder, name: 'Lab Vendor', enbs, revoked: ['LAB0002'], now },
  certified: { key, operator: 'Lab Operator' },
};
const vendor = await makeVendorFolder(vendorRequest);

function certificateIn(where: string, name: string): Certificate {
  const [block] = decodePem(readFileSync(join(where, `${name}.pem`), 'latin1'));
  const parsed = parseCertificate(block?.bytes ?? new Uint8Array());
  assert(parsed.ok, name);
  return parsed.value;
}

function judge(where: string, name: string, [root, issuing]: readonly [string, string], crl?: Uint8Array) {
  const parsed = crl === undefined ? undefined : parseCrl(crl);
  assert(!parsed || parsed.ok);
  const found = validateCertificate({
    target: certificateIn(where, name),
    trustAnchors: [certificateIn(where, root)],
    intermediates: [certificateIn(where, issuing)],
    crls: parsed?.ok ? [parsed.value] : [],
    requireCrl: false,
    clock: exactly(now),
  });
  return found.ok ? 'valid' : found.fault.code;
}

describe('the folder of a vendor', () => {
  const judgeIn = (name: string, crl?: Uint8Array) =>
    judge(vendorFolder, name, ['vendor-root', 'vendor-issuing'], crl);

  it('has what the factory puts into each eNB, for training', () => {
    assert(vendor.ok);
    for (const enb of enbs) {
      const certificate = certificateIn(vendorFolder, enb.serialNumber);
      assert.deepEqual(readEnbIdentity(certificate), { ok: true, value: enb });
      assert(isTrainingCertificate(certificate));
      assert.equal(judgeIn(enb.serialNumber), 'valid');
    }
    assert(isTrainingCertificate(certificateIn(vendorFolder, 'vendor-root')));
  });

  it('has a revocation list that names the revoked eNBs alone', () => {
    const crl = readFileSync(join(vendorFolder, 'vendor.crl'));
    assert.equal(judgeIn('LAB0001', crl), 'valid');
    assert.equal(judgeIn('LAB0002', crl), 'certificate-revoked');
  });

  it("certifies the operator's configuration key for these eNBs", () => {
    const target = certificateIn(vendorFolder, 'configuration');
    const judged = judgeSigner({
      ...{ target, crls: [], clock: exactly(now) },
      trustAnchors: [certificateIn(vendorFolder, 'vendor-root')],
      intermediates: [certificateIn(vendorFolder, 'vendor-issuing')],
    });
    assert.deepEqual([judged.untrusted, judged.unauthorised], [undefined, undefined]);
    assert.deepEqual(judged.authorisation, {
      epoch: 0,
      devices: [
        {
          hwType,
          serials: enbs.map(({ serialNumber }) => ({
            kind: 'exact',
            serial: new Uint8Array(Buffer.from(serialNumber)),
          })),
        },
      ],
    });
    assert(new X509Certificate(target.der).publicKey.equals(key));
  });

  it('keeps what is there, and gains more eNBs', async () => {
    const before = certificateIn(vendorFolder, 'LAB0001').sha256;
    const more = { ...vendorRequest, enbs: [...enbs, { hwType, serialNumber: 'LAB0009' }] };
    assert((await makeVendorFolder(more)).ok);
    assert.equal(certificateIn(vendorFolder, 'LAB0001').sha256, before);
    assert.equal(judgeIn('LAB0009'), 'valid');
  });
});

describe('the folder of an operator', () => {
  const judgeIn = (name: string) => judge(operatorFolder, name, ['operator-root', 'issuing-ca']);

  it('has certificates of the security gateways, in their names, for training', () => {
    assert(operator.ok);
    const certificate = certificateIn(operatorFolder, 'seg1.example');
    assert.equal(judgeIn('seg1.example'), 'valid');
    assert.deepEqual(subjectAltNamesOf(certificate), ['dns:seg1.example']);
    assert(isTrainingCertificate(certificate));
  });

  it('has one that has expired, where one is asked for', () => {
    assert.equal(judgeIn('seg2.example'), 'certificate-expired');
  });

  it('has a configuration key that only its passphrase opens', () => {
    const pem = readFileSync(join(operatorFolder, 'configuration.key'));
    assert(createPrivateKey({ key: pem, passphrase: 'open sesame' }).type === 'private');
    assert.throws(() => createPrivateKey({ key: pem, passphrase: 'another' }));
  });
});
