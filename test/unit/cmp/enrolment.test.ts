import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  caCertificates,
  confirmCertificate,
  currentCrls,
  requestCertificate,
  revokeCertificate,
  type Credentials,
} from '../../../main/cmp/index.ts';
import { nameToText, plainSpki, spkiOf } from '../../../main/pki/index.ts';
import { start } from '../../kit/cmp-start.ts';
import {
  credential,
  enrol,
  operatorCa,
  operatorRoot,
  orderOf,
  otherSubject,
  peerOf,
  reference,
  secret,
  vendorCredential,
  withCertificate,
} from '../../kit/cmp.ts';

const otherOrder = () => orderOf({ subject: otherSubject, subjectAltNames: [] });

describe('enrolment', () => {
  const ways: readonly (readonly [string, Credentials, () => ReturnType<typeof orderOf>])[] = [
    ['a credential by PBM', credential, () => orderOf()],
    [
      'a credential by PBMAC1',
      { kind: 'mac', reference, secret, algorithm: 'pbmac1', iterations: 1_000 },
      () => orderOf(),
    ],
    ['the vendor certificate', vendorCredential, otherOrder],
  ];
  for (const [how, credentials, makeOrder] of ways) {
    it(`gives a certificate for the key of the request to ${how}`, async () => {
      const ca = await start();
      const phases: string[] = [];
      const peer = peerOf(ca, { onPhase: (phase) => phases.push(phase) });
      const order = makeOrder();
      const { certificate, chain } = await enrol(peer, credentials, order);
      assert.deepEqual(plainSpki(certificate.publicKey), new Uint8Array(spkiOf(order.key)));
      assert.equal(nameToText(certificate.subject), nameToText(order.subject));
      assert.deepEqual(
        chain.map(({ subject }) => nameToText(subject)),
        [operatorCa, operatorRoot].map((one) => nameToText(one.certificate.subject)),
      );
      assert.deepEqual(phases, ['requested', 'issued', 'confirming']);
      assert.equal(ca.journal.isConfirmed(certificate.sha256), true);
    });
  }

  it('is repeated with the same key for the same certificate, before and after the confirmation', async () => {
    const ca = await start();
    const order = orderOf();
    const first = await requestCertificate(peerOf(ca), credential, order);
    assert(first.ok);
    const again = await enrol(peerOf(ca), credential, order);
    const later = await enrol(peerOf(ca), credential, order);
    assert.equal(again.certificate.sha256, first.value.certificate.sha256);
    assert.equal(later.certificate.sha256, first.value.certificate.sha256);
  });

  it('refuses the credential for another key, as an incident', async () => {
    const ca = await start();
    await enrol(peerOf(ca));
    const stolen = await requestCertificate(peerOf(ca), credential, orderOf());
    assert(!stolen.ok);
    assert.equal(stolen.fault.code, 'credential-bound-elsewhere');
  });

  it('gives an eNB that was reset another certificate for a new key, by its vendor certificate', async () => {
    const ca = await start();
    const [first, second] = [otherOrder(), otherOrder()];
    const before = await enrol(peerOf(ca), vendorCredential, first);
    const after = await enrol(peerOf(ca), vendorCredential, second);
    assert.notEqual(after.certificate.sha256, before.certificate.sha256);
    const again = await enrol(peerOf(ca), vendorCredential, second);
    assert.equal(again.certificate.sha256, after.certificate.sha256);
  });

  it('takes a confirmation twice', async () => {
    const ca = await start();
    const issued = await enrol(peerOf(ca));
    const again = await confirmCertificate(peerOf(ca), credential, issued);
    assert(again.ok, JSON.stringify(again));
  });

  it('polls while the RA/CA has not decided', async () => {
    const ca = await start({ polls: 2 });
    const waits: number[] = [];
    const phases: string[] = [];
    const peer = peerOf(ca, {
      pause: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
      onPhase: (phase) => phases.push(phase),
    });
    await enrol(peer);
    assert.deepEqual(waits, [1_000, 1_000]);
    assert.deepEqual(phases, ['requested', 'waiting', 'issued', 'confirming']);
  });

  it('gives up when its patience ends', async () => {
    const ca = await start({ polls: 100 });
    const late = await requestCertificate(peerOf(ca, { patience: 3_000 }), credential, orderOf());
    assert(!late.ok);
    assert.equal(late.fault.code, 'cmp-waiting');
  });
});

describe('renewal', () => {
  it('gives a certificate for a new key, signed for by the old certificate', async () => {
    const ca = await start();
    const order = orderOf();
    const old = await enrol(peerOf(ca), credential, order);
    const renewal = orderOf({ kind: 'kur' });
    const renewed = await enrol(peerOf(ca), withCertificate(order.key, old), renewal);
    assert.notEqual(renewed.certificate.sha256, old.certificate.sha256);
    assert.deepEqual(plainSpki(renewed.certificate.publicKey), new Uint8Array(spkiOf(renewal.key)));
    const twice = await requestCertificate(
      peerOf(ca),
      withCertificate(order.key, old),
      orderOf({ kind: 'kur' }),
    );
    assert(!twice.ok);
    assert.deepEqual([twice.fault.code, twice.fault.rule], ['cmp-refused', 'cmp-fail-cert-revoked']);
  });
});

describe('revocation', () => {
  it('puts the certificate on the list of the CA', async () => {
    const ca = await start();
    const order = orderOf();
    const issued = await enrol(peerOf(ca), credential, order);
    const own = withCertificate(order.key, issued);
    assert.deepEqual(await revokeCertificate(peerOf(ca), own, 1), { ok: true, value: undefined });
    const crls = await currentCrls(peerOf(ca), operatorCa.certificate);
    assert(crls.ok, JSON.stringify(crls));
    assert.deepEqual([...(crls.value[0]?.revoked ?? [])], [issued.certificate.serialNumber]);
    const again = await revokeCertificate(peerOf(ca), own, 1);
    assert(!again.ok);
    assert.equal(again.fault.rule, 'cmp-fail-cert-revoked');
  });
});

describe('questions', () => {
  it('are answered to everybody, signed', async () => {
    const ca = await start();
    const certificates = await caCertificates(peerOf(ca));
    assert(certificates.ok, JSON.stringify(certificates));
    assert.deepEqual(
      certificates.value.map(({ sha256 }) => sha256),
      [operatorCa, operatorRoot].map((one) => one.certificate.sha256),
    );
  });
});
