import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  makeRegistration,
  openRegistration,
  registrationFormat,
  type NewCredential,
} from '../../../main/bundle/index.ts';
import type { KeyPair } from '../../../main/lab/index.ts';
import { openAuthEnvelopedData, parseSignedData } from '../../../main/cms/index.ts';
import { nameToText, type EnbIdentity } from '../../../main/pki/index.ts';
import { hwType, identity, labOptions, makeScene, signingOf, type Scene } from '../../kit/bundle.ts';
import { flipped } from '../../kit/flips.ts';
import { makeRegistrationKey } from '../../kit/issue-certificate.ts';

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

function open(
  bytes: Uint8Array,
  signers: readonly KeyPair[] = [scene.configurationKey],
  key = recipient.key,
) {
  const opened = openRegistration(
    bytes,
    key,
    signers.map(({ certificate }) => certificate),
  );
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
    assert.equal(refusal(await make(), undefined, other.key), 'cms-undecryptable');
  });

  it('is refused from another operator, whose key the same vendor has certified for the same eNBs', async () => {
    const other = makeScene({ vendor: scene.vendor });
    const signer = nameToText(other.configurationKey.certificate.subject);
    assert.equal(refusal(await make(undefined, {}, other)), `registration-signer ${signer}`);
    assert(open(await make(undefined, {}, other), [scene.configurationKey, other.configurationKey]).ok);
    assert.match(refusal(await make(), []), /^registration-signer /);
  });

  it('is refused from a key that is not for configuration', async () => {
    const enb = { ...scene, configurationKey: scene.enb };
    assert.equal(refusal(await make(undefined, {}, enb), [scene.enb]), 'configuration-authorisation');
  });

  it('is refused for an eNB that the signer may not configure', async () => {
    const foreign = credentialFor({ hwType, serialNumber: 'OTHER1' });
    const bytes = await make([credentialFor(identity), foreign]);
    assert.equal(refusal(bytes), `registration-scope OTHER1 (${hwType})`);
  });

  it('is refused if its signer is not for training, and it says so', async () => {
    assert.equal(refusal(await make(undefined, { training: true })), 'registration-training');
  });

  it('is refused, or says the same, with any bit changed; it is refused cut short, or with no credential', async () => {
    const bytes = await make();
    const whole = open(bytes);
    assert(whole.ok);
    let refused = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit += 41) {
      const opened = open(flipped(bytes, bit));
      // Nobody signs the vendor's certificates beside the signer's, nor the case of the letters in the signer's name.
      if (opened.ok) assert.deepEqual(opened.value, whole.value);
      else refused++;
    }
    assert(refused > (8 * bytes.length) / 41 / 2);
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
