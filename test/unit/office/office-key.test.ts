import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import { readProfile, unlockOffice, type Profile } from '../../../main/office/index.ts';
import { readSigned, signByOffice } from '../../../main/pack/index.ts';
import { exactly, type Clock } from '../../../main/pki/index.ts';
import { clock, now } from '../../kit/bundle.ts';
import { rootFault } from '../../kit/fault.ts';
import {
  issue,
  makeOfficeKey,
  makeOperatorRoot,
  type CertificateContents,
  type KeyKind,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import { LabOffice } from '../../kit/operator.ts';

const office = new LabOffice();
const { operatorRoot, options } = office;
const officeKey = makeOfficeKey(operatorRoot, 'Lab Operator', options);

/** The profile of the office with this key. */
function profileWith(pair: KeyPair, ...chain: readonly KeyPair[]): Profile {
  office.write('office.key', office.encrypted(pair));
  office.writeCertificate('office.pem', pair, ...chain);
  return profile({ officeKey: { pkcs8: 'office.key', certificates: ['office.pem'] } });
}

function profile(changes: object): Profile {
  const read = readProfile(office.writeProfile(changes));
  assert(read.ok, JSON.stringify(read));
  return read.value;
}

function unlock(from: Profile, passphrase = office.passphrase, at: Clock = clock) {
  return unlockOffice(from, Buffer.from(passphrase), at);
}

async function refusal(...args: Parameters<typeof unlock>) {
  const unlocked = await unlock(...args);
  assert(!unlocked.ok);
  const { fault } = unlocked;
  const cause = rootFault(fault);
  return [fault.code, ...(cause === fault ? [] : [cause.code]), fault.where?.file];
}

function issued(changes: Partial<CertificateContents>, kind: KeyKind = 'P-256'): KeyPair {
  const { keyKind: _, ...rest } = options;
  const usual = { subject: 'CN=Office', keyUsage: ['digitalSignature'] } as const;
  return issue({ ...rest, ...usual, extendedKeyUsage: [oids.officeSigning], ...changes }, kind, operatorRoot);
}

describe('the office key of a profile', () => {
  it('signs what a reader with the operator root accepts', async () => {
    const unlocked = await unlock(profileWith(officeKey));
    assert(unlocked.ok, JSON.stringify(unlocked));
    assert.deepEqual(unlocked.value.chain, []);
    const signed = readSigned(await signByOffice(Buffer.from('x'), unlocked.value, now));
    assert(signed.ok);
    assert.equal(signed.value.signer.sha256, officeKey.certificate.sha256);
  });

  it('brings its intermediates, and neither the root nor anything else', async () => {
    const contents = { subject: 'CN=Issuing', ca: 0, keyUsage: ['keyCertSign'] } as const;
    const { keyKind: _, ...rest } = options;
    const issuing = issue({ ...rest, ...contents }, 'P-256', operatorRoot);
    const below = makeOfficeKey(issuing, 'Lab Operator', options);
    const unlocked = await unlock(profileWith(below, operatorRoot, office.enb('LAB0001'), issuing));
    assert(unlocked.ok, JSON.stringify(unlocked));
    assert.deepEqual(
      unlocked.value.chain.map(({ sha256 }) => sha256),
      [issuing.certificate.sha256],
    );
    assert.deepEqual(await refusal(profileWith(below)), ['office-key-unfit', 'issuer-unknown', 'office.key']);
  });

  it('is missing where the profile names none', async () => {
    assert.deepEqual(await refusal(profile({})), ['office-key-missing', undefined]);
  });

  it('does not open with another passphrase, or unencrypted', async () => {
    const key = profileWith(officeKey);
    assert.deepEqual(await refusal(key, 'wrong'), ['passphrase-wrong', 'office.key']);
    office.write('office.key', officeKey.key.export({ format: 'pem', type: 'pkcs8' }));
    const open = profile({ officeKey: { pkcs8: 'office.key', certificates: ['office.pem'] } });
    assert.deepEqual(await refusal(open), ['key-not-encrypted', 'office.key']);
  });

  const other = makeOperatorRoot('Lab Operator', options);
  const unfit: readonly (readonly [string, KeyPair, string])[] = [
    ['of another root', makeOfficeKey(other, 'Lab Operator', options), 'signature-invalid'],
    [
      'for any purpose',
      issued({ extendedKeyUsage: [oids.anyExtendedKeyUsage] }),
      'extended-key-usage-insufficient',
    ],
    ['that is a configuration key', office.configurationKey, 'issuer-unknown'],
    ['that may not sign', issued({ keyUsage: ['keyAgreement'] }), 'key-usage-insufficient'],
    ['that is too short', issued({}, 'RSA-2048'), 'key-unfit'],
  ];
  for (const [what, pair, because] of unfit) {
    it(`is unfit if it is one ${what}`, async () => {
      assert.deepEqual(await refusal(profileWith(pair)), ['office-key-unfit', because, 'office.key']);
    });
  }

  it('is unfit once its certificate has ended', async () => {
    const late = exactly(new Date('2040-01-01T00:00:00Z'));
    const fault = await refusal(profileWith(officeKey), office.passphrase, late);
    assert.deepEqual(fault, ['office-key-unfit', 'certificate-expired', 'office.key']);
  });

  it('is for training exactly if the profile is', async () => {
    const key = profileWith(officeKey);
    assert.deepEqual(await refusal({ ...key, training: true }), ['office-key-unfit', 'office.key']);
  });

  it('is named like a configuration key, and its files are read with the profile', () => {
    const refuse = (member: object) => {
      const read = readProfile(office.writeProfile({ officeKey: member }));
      assert(!read.ok);
      return [read.fault.code, read.fault.where?.field];
    };
    const missing = { pkcs8: 'missing', certificates: ['office.pem'] };
    assert.deepEqual(refuse(missing), ['profile-invalid', 'officeKey.pkcs8']);
    assert.deepEqual(refuse({ pkcs12: 'missing' }), ['profile-invalid', 'officeKey.pkcs12']);
    assert.deepEqual(refuse({ pkcs8: 'office.key' }), ['profile-invalid', 'officeKey']);
  });
});
