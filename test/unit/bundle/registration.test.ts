import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  makeRegistration,
  openRegistration,
  registrationFormat,
  type NewCredential,
  type RegistrationTrust,
} from '../../../main/bundle/index.ts';
import { openAuthEnvelopedData, parseSignedData } from '../../../main/cms/index.ts';
import type { EnbIdentity } from '../../../main/pki/index.ts';
import { clock, hwType, identity, labOptions, makeScene, signingOf, type Scene } from '../../kit/bundle.ts';
import { flipped } from '../../kit/flips.ts';
import { makeRegistrationKey, makeVendor } from '../../kit/issue-certificate.ts';

const head = {
  registrationId: '6f6e5b0e-93d1-4c0a-a7c1-1d2f1f6b7a10',
  issuedAt: '2026-11-15T12:00:00Z',
  training: labOptions.training,
  raName: 'C=FI,O=Lab Operator,CN=Lab RA',
};
const secret = 'canary "never" shown \\ anywhere';
const scene = makeScene();
const recipient = makeRegistrationKey(scene.operatorRoot, 'Lab Operator', labOptions);

function credentialFor(enb: EnbIdentity, subjectAltNames: readonly string[] = []): NewCredential {
  const credential = { reference: Buffer.from('ref-ü'), secret: Buffer.from(secret) };
  return { enb, subject: `CN=${enb.serialNumber}`, subjectAltNames, credential };
}

function make(
  credentials = [credentialFor(identity)],
  changes: Partial<typeof head> = {},
  of: Scene = scene,
) {
  const signing = signingOf(of.configurationKey, of.vendor);
  return makeRegistration({ ...head, ...changes }, credentials, recipient.certificate, signing);
}

const trust = (of: Scene = scene): RegistrationTrust => ({
  vendorRoots: [of.vendor.root.certificate],
  intermediates: [],
  clock,
});

function open(bytes: Uint8Array, changes: Partial<RegistrationTrust> = {}, key = recipient.key) {
  const opened = openRegistration(bytes, key, { ...trust(), ...changes });
  assert(!JSON.stringify(opened.ok ? '' : opened.fault).includes('canary'));
  return opened;
}

function refusal(...args: Parameters<typeof open>) {
  const opened = open(...args);
  assert(!opened.ok);
  const { code, rule, found, because } = opened.fault;
  assert.equal(code, 'registration-unusable');
  return [rule ?? because?.code, found].filter((part) => part !== undefined).join(' ');
}

describe('a registration', () => {
  it('says who may enrol with which credential, byte for byte', async () => {
    const opened = open(await make([credentialFor(identity, ['dns:lab0001.example'])]));
    assert(opened.ok, JSON.stringify(opened));
    assert.deepEqual(opened.value, {
      format: registrationFormat,
      ...head,
      credentials: [
        {
          ...{ reference: 'ref-ü', secret, ...identity },
          ...{ subject: 'CN=LAB0001', subjectAltNames: ['dns:lab0001.example'] },
        },
      ],
    });
  });

  it('is opened with the key of the RA/CA only', async () => {
    const other = makeRegistrationKey(scene.operatorRoot, 'Lab Operator', labOptions);
    assert.equal(refusal(await make(), {}, other.key), 'cms-undecryptable');
  });

  it('is refused from a signer that no vendor root here has certified', async () => {
    const vendor = makeVendor('Other Vendor', labOptions);
    assert.equal(refusal(await make(), { vendorRoots: [vendor.root.certificate] }), 'signer-untrusted');
  });

  it('is refused from a signer whose certificate has ended, and from a key that is not for configuration', async () => {
    const late = { now: new Date('2099-01-01T00:00:00Z'), isExact: true };
    assert.equal(refusal(await make(), { clock: late }), 'signer-expired');
    const enb = { ...scene, configurationKey: scene.enb };
    assert.equal(refusal(await make(undefined, {}, enb)), 'signer-not-a-configuration-key');
  });

  it('is refused for an eNB that the signer may not configure', async () => {
    const foreign = credentialFor({ hwType, serialNumber: 'OTHER1' });
    const bytes = await make([credentialFor(identity), foreign]);
    assert.equal(refusal(bytes), `registration-scope OTHER1 (${hwType})`);
  });

  it('is refused if its vendor root is not for training, and it says so', async () => {
    assert.equal(refusal(await make(undefined, { training: true })), 'registration-training');
  });

  it('is refused with any bit changed, cut short, or with no credential', async () => {
    const bytes = await make();
    // The case of the letters in the signer's name, right before its algorithms, changes nothing.
    const end = 8 * (bytes.length - 400);
    for (let bit = 0; bit < end; bit += 41) refusal(flipped(bytes, bit));
    for (let length = 0; length < bytes.length; length += 37) refusal(bytes.subarray(0, length));
    assert.equal(refusal(await make([])), 'json-malformed');
  });

  it('holds no secret outside of what only the RA/CA can read', async () => {
    const bytes = await make();
    assert.equal(Buffer.from(bytes).includes('canary'), false);
    const signed = parseSignedData(bytes);
    assert(signed.ok);
    const inner = openAuthEnvelopedData(signed.value.content, recipient.key, recipient.certificate);
    assert(inner.ok && inner.value.includes('canary'));
  });
});
