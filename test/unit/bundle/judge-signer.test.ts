import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { judgeSigner, makeBundle } from '../../../main/bundle/index.ts';
import {
  encodeExtension,
  issue,
  makeVendor,
  type CertificateContents,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import type { VendorConfigurationAuthorisation } from '../../../main/pki/index.ts';
import {
  answers,
  authorisationFor,
  bundleFor,
  causeOf,
  clock,
  configurationFor,
  goodAnswers,
  hwType,
  judge,
  signerOf,
  labOptions,
  makeScene,
  prevented,
  referencePair,
  sealingFor,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { vendor } = scene;

const leaf: CertificateContents = {
  subject: 'O=Lab Operator,CN=Lab Operator configuration',
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [oids.configurationSigning],
  authorisation: authorisationFor(['LAB0001']),
  ...labOptions,
};
const ca: CertificateContents = {
  subject: 'C=SE,O=Lab Vendor,CN=Lab Vendor Operators CA',
  ca: 0,
  keyUsage: ['keyCertSign', 'cRLSign'],
  ...labOptions,
};

/** What is answered of a bundle by this signer, whose certificates lead to the vendor root. */
async function judgeBy(signer: KeyPair, ...chain: readonly KeyPair[]) {
  const intermediates = chain.map(({ certificate }) => certificate);
  const signing = { signer: signerOf(signer), intermediates, crls: [] };
  return judge(await makeBundle(configurationFor(scene), sealingFor(scene), signing), scene);
}

const without = (name: keyof CertificateContents): CertificateContents => {
  const { [name]: _, ...others } = leaf;
  return others as CertificateContents;
};
const authorisationExtension = (value: Uint8Array) =>
  encodeExtension(oids.vendorConfigurationAuthorisation, false, value);

/** The extension A.1 with these parts, right or wrong. */
function rawAuthorisation(version: number, ...devices: readonly Uint8Array[]): Uint8Array {
  return der.sequence(der.integer(version), der.sequence(...devices));
}
/** The extension A.1 with an epoch, for the eNB of the scene. */
const epochAuthorisation = (version: number, epoch: number) =>
  der.sequence(der.integer(version), der.integer(epoch), der.sequence(deviceScope(exact('LAB0001'))));
const deviceScope = (...serials: readonly Uint8Array[]) =>
  der.sequence(der.oid(hwType), der.sequence(...serials));
const exact = (text: string) => der.element(0x80, Buffer.from(text));
const range = (low: string, high: string) =>
  der.element(0xa1, der.octetString(Buffer.from(low)), der.octetString(Buffer.from(high)));

describe('a configuration key is one', () => {
  const taken: Readonly<Record<string, CertificateContents>> = {
    'with the extended key usage and the authorisation': leaf,
    'with other extended key usages as well': {
      ...leaf,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2', oids.configurationSigning],
    },
    'without a key usage': without('keyUsage'),
    'with the authorisation as others may encode it': {
      ...without('authorisation'),
      extensions: [authorisationExtension(rawAuthorisation(1, deviceScope(exact('LAB0001'))))],
    },
    'with the authorisation critical': {
      ...without('authorisation'),
      extensions: [
        encodeExtension(
          oids.vendorConfigurationAuthorisation,
          true,
          rawAuthorisation(1, deviceScope(exact('LAB0001'))),
        ),
      ],
    },
  };
  for (const [name, contents] of Object.entries(taken)) {
    it(name, async () => {
      const acceptance = await judgeBy(issue(contents, 'P-256', vendor.issuing), vendor.issuing);
      assert.deepEqual(answers(acceptance), goodAnswers);
    });
  }
});

describe('a key is no configuration key', () => {
  const refused: Readonly<Record<string, readonly [cause: string, CertificateContents]>> = {
    'without the extended key usage': ['extended-key-usage-insufficient', without('extendedKeyUsage')],
    'with another extended key usage': [
      'extended-key-usage-insufficient',
      { ...leaf, extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'] },
    ],
    'with any extended key usage': [
      'extended-key-usage-insufficient',
      { ...leaf, extendedKeyUsage: [oids.anyExtendedKeyUsage] },
    ],
    'without the authorisation': ['configuration-authorisation', without('authorisation')],
    'without either': ['extended-key-usage-insufficient', { subject: 'CN=neither', ...labOptions }],
    'with a key usage that does not let it sign': [
      'key-usage-insufficient',
      { ...leaf, keyUsage: ['keyAgreement'] },
    ],
    ...Object.fromEntries(
      Object.entries({
        'an authorisation of version 3': [
          'authorisation-version',
          rawAuthorisation(3, deviceScope(exact('LAB0001'))),
        ],
        'an authorisation of version 2 without an epoch': [
          'der-tag',
          rawAuthorisation(2, deviceScope(exact('LAB0001'))),
        ],
        'an authorisation of epoch 0': ['authorisation-epoch-range', epochAuthorisation(2, 0)],
        'an authorisation of an epoch beyond the last': [
          'authorisation-epoch-range',
          epochAuthorisation(2, 2 ** 31),
        ],
        'an authorisation of version 1 with an epoch': ['der-tag', epochAuthorisation(1, 1)],
        'an authorisation for no device': ['authorisation-empty', rawAuthorisation(1)],
        'an authorisation for no serial number': [
          'authorisation-empty',
          rawAuthorisation(1, deviceScope(exact('LAB0001')), deviceScope()),
        ],
        'a range whose ends differ in length': [
          'authorisation-range',
          rawAuthorisation(1, deviceScope(exact('LAB0001'), range('LAB999', 'LAB1000'))),
        ],
        'a range whose ends are the wrong way round': [
          'authorisation-range',
          rawAuthorisation(1, deviceScope(exact('LAB0001'), range('LAB1000', 'LAB0999'))),
        ],
        'an authorisation with more than the format has': [
          'der-trailing',
          der.sequence(der.integer(1), der.sequence(deviceScope(exact('LAB0001'))), der.null),
        ],
        'an authorisation that is BER': ['der-indefinite', Uint8Array.of(0x30, 0x80, 0, 0)],
        'an authorisation that is NULL': ['der-tag', der.null],
      } as const).map(([name, [cause, value]]) => [
        `with ${name}`,
        [cause, { ...without('authorisation'), extensions: [authorisationExtension(value)] }] as const,
      ]),
    ),
  };
  for (const [name, [cause, contents]] of Object.entries(refused)) {
    it(name, async () => {
      const acceptance = await judgeBy(issue(contents, 'P-256', vendor.issuing), vendor.issuing);
      assert.deepEqual(answers(acceptance), {
        ...goodAnswers,
        'signer-not-a-configuration-key': 'false',
        ...prevented('signer-superseded', 'signer-not-a-configuration-key'),
      });
      assert.equal(causeOf(acceptance, 'signer-not-a-configuration-key'), cause);
    });
  }

  it('when a CA above it is for other purposes only', async () => {
    const other = issue({ ...ca, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, 'P-256', vendor.root);
    const acceptance = await judgeBy(issue(leaf, 'P-256', other), other);
    assert.equal(causeOf(acceptance, 'signer-not-a-configuration-key'), 'extended-key-usage-insufficient');
  });

  it('when its RSA key has 2048 bits', async () => {
    const short = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');
    const acceptance = await judgeBy(short);
    assert.equal(causeOf(acceptance, 'bundle-signature-invalid'), 'cms-key');
  });
});

describe('the scope of a configuration key', () => {
  const cases: Readonly<Record<string, readonly [serials: readonly string[], isInScope: boolean]>> = {
    'is the serial numbers that it names': [['LAB0001'], true],
    'is one of several': [['LAB0000', 'LAB0002', 'LAB0001'], true],
    'is a range with the serial number at its low end': [['LAB0001-LAB0009'], true],
    'is a range with the serial number at its high end': [['LAB0000-LAB0001'], true],
    'is not a range that ends before': [['LAB0000-LAB0000'], false],
    'is not a range that begins after': [['LAB0002-LAB9999'], false],
    'is not the shorter serial numbers of a range': [['LAB00000-LAB99999'], false],
    'is not the longer serial numbers of a range': [['LAB000-LAB999'], false],
    'is not the same in small letters': [['lab0001'], false],
    'is not what it begins with': [['LAB'], false],
    'is compared as octets and not as numbers': [['LAB+000-LAB~999'], true],
  };
  for (const [name, [serials, isInScope]] of Object.entries(cases)) {
    it(name, async () => {
      const authorisation = authorisationFor(serials);
      const signer = issue({ ...leaf, authorisation }, 'P-256', vendor.issuing);
      assert.equal(answers(await judgeBy(signer, vendor.issuing))['enb-out-of-scope'], String(isInScope));
    });
  }

  it('is for the type of device that it names', async () => {
    const authorisation = authorisationFor(['LAB0001'], '1.3.6.1.4.1.32473.7');
    const signer = issue({ ...leaf, authorisation }, 'P-256', vendor.issuing);
    assert.equal(answers(await judgeBy(signer, vendor.issuing))['enb-out-of-scope'], 'false');
  });
});

describe('a CA that is authorised itself', () => {
  const other = '1.3.6.1.4.1.32473.8.1';
  const both: VendorConfigurationAuthorisation = {
    epoch: 0,
    devices: [...authorisationFor(['LAB0000-LAB0999']).devices, ...authorisationFor(['X1'], other).devices],
  };
  const cases: Readonly<
    Record<
      string,
      readonly [ca: VendorConfigurationAuthorisation | undefined, leaf: readonly string[], boolean]
    >
  > = {
    'without an authorisation does not restrict': [undefined, ['LAB0001'], true],
    'may name the same': [authorisationFor(['LAB0001']), ['LAB0001'], true],
    'may name more': [authorisationFor(['LAB0001', 'LAB0002']), ['LAB0001'], true],
    'may name the range in which its own lie': [authorisationFor(['LAB0000-LAB9999']), ['LAB0001'], true],
    'may name a range in which the other range lies': [
      authorisationFor(['LAB0000-LAB9999']),
      ['LAB0001-LAB0002'],
      true,
    ],
    'may name the same range': [authorisationFor(['LAB0001-LAB0002']), ['LAB0001-LAB0002'], true],
    'may name other devices as well': [both, ['LAB0001'], true],
    'may not name others': [authorisationFor(['LAB0002']), ['LAB0001'], false],
    'may not name less than its own do, even when this eNB is in both': [
      authorisationFor(['LAB0001']),
      ['LAB0001', 'LAB0002'],
      false,
    ],
    'may not name a range that ends too early': [
      authorisationFor(['LAB0000-LAB0001']),
      ['LAB0001-LAB0002'],
      false,
    ],
    'may not name a range that begins too late': [
      authorisationFor(['LAB0001-LAB0009']),
      ['LAB0000-LAB0001'],
      false,
    ],
    'may not name another type of device': [authorisationFor(['LAB0001'], other), ['LAB0001'], false],
  };
  for (const [name, [above, below, isContained]] of Object.entries(cases)) {
    it(name, async () => {
      const issuer = issue({ ...ca, ...(above && { authorisation: above }) }, 'P-256', vendor.root);
      const signer = issue({ ...leaf, authorisation: authorisationFor(below) }, 'P-256', issuer);
      const acceptance = await judgeBy(signer, issuer);
      assert.equal(acceptance.accepted, isContained);
      assert.equal(
        causeOf(acceptance, 'signer-not-a-configuration-key'),
        isContained ? undefined : 'authorisation-contained',
      );
    });
  }

  it('and is the root restricts as well', async () => {
    const root = issue(
      { ...ca, subject: 'CN=root', ca: true, authorisation: authorisationFor(['LAB0002']) },
      'P-256',
    );
    const signer = issue(leaf, 'P-256', root);
    const bundle = await makeBundle(configurationFor(scene), sealingFor(scene), {
      signer: signerOf(signer),
      intermediates: [],
      crls: [],
    });
    const acceptance = judge(bundle, scene, { vendorRoots: [root.certificate] });
    assert.equal(causeOf(acceptance, 'signer-not-a-configuration-key'), 'authorisation-contained');
  });

  it('restricts through a CA below that is not', async () => {
    const upper = issue({ ...ca, ca: 1, authorisation: authorisationFor(['LAB0002']) }, 'P-256', vendor.root);
    const lower = issue({ ...ca, subject: 'CN=lower' }, 'P-256', upper);
    const acceptance = await judgeBy(issue(leaf, 'P-256', lower), lower, upper);
    assert.equal(causeOf(acceptance, 'signer-not-a-configuration-key'), 'authorisation-contained');
  });

  it('with an authorisation that is malformed spoils the whole path', async () => {
    const issuer = issue({ ...ca, extensions: [authorisationExtension(der.null)] }, 'P-256', vendor.root);
    const acceptance = await judgeBy(issue(leaf, 'P-256', issuer), issuer);
    assert.equal(causeOf(acceptance, 'signer-not-a-configuration-key'), 'der-tag');
  });
});

describe('the path of a signer', () => {
  it('may not be longer than the CAs allow', async () => {
    const below = issue({ ...ca, subject: 'CN=below' }, 'P-256', vendor.issuing);
    const acceptance = await judgeBy(issue(leaf, 'P-256', below), below, vendor.issuing);
    assert.equal(causeOf(acceptance, 'signer-untrusted'), 'path-length-exceeded');
  });

  it('may not lead through an eNB', async () => {
    const acceptance = await judgeBy(issue(leaf, 'P-256', scene.enb), scene.enb, vendor.issuing);
    assert.equal(causeOf(acceptance, 'signer-untrusted'), 'not-a-ca');
  });

  it('may not have a critical extension that nobody knows', async () => {
    const extensions = [encodeExtension('1.2.3.4', true, der.null)];
    const acceptance = await judgeBy(issue({ ...leaf, extensions }, 'P-256', vendor.issuing), vendor.issuing);
    assert.equal(causeOf(acceptance, 'signer-untrusted'), 'critical-extension-unknown');
  });

  it('may start at any of several roots', async () => {
    const { root } = makeVendor('Another Vendor', labOptions);
    const vendorRoots = [root.certificate, vendor.root.certificate];
    assert.equal(judge(await bundleFor(scene), scene, { vendorRoots }).accepted, true);
  });
});

describe('a signer is judged before it signs', () => {
  const question = {
    trustAnchors: [vendor.root.certificate],
    intermediates: [vendor.issuing.certificate],
    crls: [],
    clock,
  };

  it('with its path and authorisation when nothing is wrong', () => {
    const judgement = judgeSigner({ ...question, target: scene.configurationKey.certificate });
    assert.equal(judgement.path?.length, 3);
    assert.equal(judgement.authorisation?.devices.length, 1);
    const { untrusted, expired, revoked, unauthorised } = judgement;
    assert.deepEqual([untrusted, expired, revoked, unauthorised], Array(4).fill(undefined));
  });

  it('and has neither when it is not trusted', () => {
    const judgement = judgeSigner({
      ...question,
      trustAnchors: [],
      target: scene.configurationKey.certificate,
    });
    assert.equal(judgement.untrusted?.code, 'signer-untrusted');
    assert.equal(judgement.path, undefined);
    assert.equal(judgement.authorisation, undefined);
  });
});
