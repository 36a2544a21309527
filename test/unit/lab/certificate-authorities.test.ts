import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import { judgeSigner } from '../../../main/bundle/index.ts';
import {
  makeConfigurationKey,
  makeEnb,
  makeOperatorRoot,
  makeVendor,
  type KeyKind,
  type LabOptions,
} from '../../../main/lab/index.ts';
import {
  checkEnbKey,
  describeKey,
  isTrainingCertificate,
  nameToText,
  plainSpki,
  readAuthorisation,
  readEnbIdentity,
  spkiOf,
  validateCertificate,
} from '../../../main/pki/index.ts';
import { authorisationFor, clock, identity, labOptions } from '../../kit/bundle.ts';

const authorisation = authorisationFor(['LAB0001', 'LAB1000-LAB1999']);

/** Everything that the lab issues. */
async function makeAll(options: LabOptions) {
  const vendor = await makeVendor('Lab Vendor', options);
  return {
    ...vendor,
    enb: await makeEnb(vendor, identity, options),
    configuration: await makeConfigurationKey(vendor, 'Lab Operator', authorisation, options),
    operator: await makeOperatorRoot('Lab Operator', options),
  };
}

function questionOf({ root, issuing }: Awaited<ReturnType<typeof makeAll>>) {
  return {
    trustAnchors: [root.certificate],
    intermediates: [issuing.certificate],
    crls: [],
    requireCrl: false,
    clock,
  };
}

const kinds: readonly (readonly [kind: KeyKind, enb: string, configuration: string])[] = [
  ['P-256', 'EC P-256', 'EC P-256'],
  ['P-384', 'EC P-384', 'EC P-384'],
  ['RSA-2048', 'RSA 2048', 'RSA 3072'],
];
for (const [keyKind, enbKey, configurationKey] of kinds) {
  describe(`the lab with keys of kind ${keyKind}`, async () => {
    const all = await makeAll({ ...labOptions, keyKind });

    it('issues to an eNB what an eNB has', () => {
      const { certificate, key } = all.enb;
      assert.deepEqual(plainSpki(certificate.publicKey), new Uint8Array(spkiOf(key)));
      assert(validateCertificate({ ...questionOf(all), target: certificate }).ok);
      assert.deepEqual(readEnbIdentity(certificate), { ok: true, value: identity });
      assert(checkEnbKey(certificate).ok);
      assert.equal(describeKey(certificate.publicKey), enbKey);
      assert.equal(nameToText(certificate.subject), 'O=Lab,OU=eNB,serialNumber=LAB0001,CN=enb-lab0001');
    });

    it('issues to an operator a key that may configure the named eNBs, and is strong enough for it', () => {
      const { certificate } = all.configuration;
      const {
        untrusted,
        expired,
        revoked,
        unauthorised,
        authorisation: read,
      } = judgeSigner({
        ...questionOf(all),
        target: certificate,
      });
      assert.deepEqual(
        [untrusted, expired, revoked, unauthorised],
        [undefined, undefined, undefined, undefined],
      );
      assert.deepEqual(read, authorisation);
      assert.equal(describeKey(certificate.publicKey), configurationKey);
    });

    it('gives no eNB and no CA the right to configure', () => {
      for (const { certificate } of [all.enb, all.issuing, all.root]) {
        assert.deepEqual(readAuthorisation(certificate), { ok: true, value: undefined });
      }
    });

    it('makes each certificate for the dates that it is given', () => {
      for (const { certificate } of Object.values(all)) {
        assert.deepEqual(certificate.notBefore, labOptions.notBefore);
        assert.deepEqual(certificate.notAfter, labOptions.notAfter);
      }
    });
  });
}

describe('the mark of training', () => {
  for (const training of [true, false]) {
    it(`is in ${training ? 'every' : 'no'} certificate of a lab ${training ? 'for training' : 'that is not'}`, async () => {
      for (const { certificate } of Object.values(await makeAll({ ...labOptions, training }))) {
        assert.equal(isTrainingCertificate(certificate), training);
        assert.equal(certificate.extensions.get(oids.training)?.critical, training ? false : undefined);
      }
    });
  }
});

describe('two labs of the same name', () => {
  it('do not believe each other', async () => {
    const [one, other] = [await makeAll(labOptions), await makeAll(labOptions)];
    for (const { certificate } of [other.enb, other.configuration, other.issuing]) {
      assert(!validateCertificate({ ...questionOf(one), target: certificate }).ok);
    }
  });
});
