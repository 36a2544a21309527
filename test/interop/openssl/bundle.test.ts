import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  Bundle,
  judgeBundle,
  makeBundle,
  makeReceipt,
  toVerdict,
  type AcceptanceContext,
  type Configuration,
  type Receipt,
} from '../../../main/bundle/index.ts';
import { makeEnb, type KeyKind, type KeyPair } from '../../kit/issue-certificate.ts';
import { parseCrl, readEnbIdentity, type Certificate } from '../../../main/pki/index.ts';
import {
  answers,
  causeOf,
  clock,
  configurationFor,
  goodAnswers,
  identity,
  issueCrl,
  judge,
  signerOf,
  labOptions,
  makeScene,
  now,
  referenceOperator,
  referencePair,
  sealedMembers,
  sealingFor,
  signingOf,
} from '../../kit/bundle.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
after(() => bench.remove());

const scene = makeScene();
const { vendor, configurationKey } = scene;

/** What a person types to see a bundle's configuration: the pipe of the documentation. */
const verify = (bundle: Uint8Array, root: Certificate) => [
  ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', bench.file(bundle)],
  ...['-CAfile', bench.certificate(root), '-purpose', 'any', '-attime', String(now.getTime() / 1000)],
];
const decrypt = (sealed: Uint8Array, recipient: KeyPair) => [
  ...['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', bench.file(sealed)],
  ...['-recip', bench.certificate(recipient.certificate), '-inkey', bench.key(recipient)],
];

describe('a bundle of ours, to openssl', () => {
  const kinds: readonly KeyKind[] = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072'];
  for (const kind of kinds) {
    it(`is verified, and its sealed part decrypted with a key of kind ${kind}`, async () => {
      const enb = makeEnb(vendor, identity, { ...labOptions, keyKind: kind });
      const enbScene = { ...scene, enb };
      const configuration = configurationFor(enbScene);
      const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
      const signing = signingOf(configurationKey, vendor, crls);
      const bundle = await makeBundle(configuration, sealingFor(enbScene), signing);
      for (const cades of [[], ['-cades']]) {
        const content = bench.make(...verify(bundle, vendor.root.certificate), ...cades);
        const { sealed, ...outer } = JSON.parse(content.toString()) as Configuration;
        assert.deepEqual(outer, configuration);
        const plaintext = bench.make(...decrypt(Buffer.from(sealed!, 'base64'), enb));
        assert.equal(plaintext.toString(), JSON.stringify(sealedMembers(configuration, signing)));
      }
    });
  }

  it('is verified with every kind of signer that there is', async () => {
    for (const keyKind of ['P-384', 'RSA-3072'] as const) {
      const other = makeScene({ keyKind });
      const configuration = configurationFor(other);
      const bundle = await makeBundle(configuration, sealingFor(other), other.signing);
      const content = bench.make(...verify(bundle, other.vendor.root.certificate), '-cades');
      const { sealed: _, ...outer } = JSON.parse(content.toString()) as Configuration;
      assert.deepEqual(outer, configuration);
    }
  });

  it('is refused when the signer is revoked by a CRL that it brings', async () => {
    const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing, { revoked: [configurationKey] })];
    const bundle = await makeBundle(
      configurationFor(scene),
      sealingFor(scene),
      signingOf(configurationKey, vendor, crls),
    );
    const refused = bench.try(...verify(bundle, vendor.root.certificate), '-crl_check');
    assert.notEqual(refused.status, 0);
    assert.match(refused.errors, /certificate revoked/);
    assert.equal(causeOf(judge(bundle, scene), 'signer-revoked'), 'certificate-revoked');
  });

  it('leads to no other root', async () => {
    const bundle = await makeBundle(configurationFor(scene), sealingFor(scene), scene.signing);
    const { root } = makeScene().vendor;
    assert.notEqual(bench.try(...verify(bundle, root.certificate)).status, 0);
  });
});

it('a receipt of ours is verified by openssl', async () => {
  const bundle = await makeBundle(configurationFor(scene), sealingFor(scene), scene.signing);
  const acceptance = judge(bundle, scene);
  const receipt: Receipt = {
    format: 'siteseal-receipt/1',
    receiptNumber: 1,
    bundleSha256: acceptance.bundleSha256,
    enb: identity,
    verdict: toVerdict(acceptance),
    steps: [],
    firmware: 'reference/1',
    clock: { state: 'not-set' },
    training: false,
  };
  const bytes = await makeReceipt(receipt, signerOf(scene.enb, vendor.issuing), now);
  const content = bench.make(...verify(bytes, vendor.root.certificate), '-cades');
  assert.deepEqual(JSON.parse(content.toString()), receipt);
});

/** The members in order of their names and without white space: RFC 8785, as far as plain ASCII goes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}

describe('a bundle that openssl alone has made', () => {
  const vendors = {
    'vendor-a, with EC keys': {
      vendor: 'vendor-a',
      serialNumber: 'AR1000000',
      encryption: ['-keyopt', 'ecdh_kdf_md:sha256'],
    },
    'vendor-b, with RSA keys': {
      vendor: 'vendor-b',
      serialNumber: 'BN1000000',
      encryption: ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
    },
  } as const;

  for (const [name, { vendor: folder, serialNumber, encryption }] of Object.entries(vendors)) {
    describe(`for ${name}`, () => {
      const path = (file: string) => `${referenceOperator}/${file}`;
      const files = {
        signer: path(`operator/config-${folder}.crt`),
        key: path(`operator/config-${folder}.key`),
        issuing: path(`${folder}/sub.crt`),
        enb: path(`${folder}/enb-certs/${serialNumber}.crt`),
      };
      const root = referencePair(`${folder}/root.crt`, `${folder}/ca-keys/root.key`);
      const enb = referencePair(
        `${folder}/enb-certs/${serialNumber}.crt`,
        `${folder}/enb-keys/${serialNumber}.key`,
      );
      const read = readEnbIdentity(enb.certificate);
      assert(read.ok);
      const enbIdentity = read.value;
      const context: AcceptanceContext = {
        vendorRoots: [root.certificate],
        clock,
        enb: { ...enbIdentity, certificate: enb.certificate },
        enbKey: enb.key,
        lastEpoch: 0,
        lastSequence: 0,
      };

      const sha256 = (octets: string | Uint8Array) =>
        bench.run('dgst', '-sha256', '-r', bench.file(octets)).toString().split(' ')[0]!;
      const configuration = {
        ...configurationFor(scene),
        enb: { ...enbIdentity, certificateSha256: enb.certificate.sha256 },
      };

      /** The content with its sealed part, each digest and each octet of the CMS by openssl. */
      function content(): string {
        const publicKey = bench.run('x509', '-in', files.signer, '-pubkey', '-noout');
        const spki = bench.make('pkey', '-pubin', '-in', bench.file(publicKey), '-outform', 'DER');
        const plaintext = {
          format: 'siteseal-sealed/1',
          bundleId: configuration.bundleId,
          ...enbIdentity,
          sequence: configuration.sequence,
          signerSpkiSha256: sha256(spki),
          outerSha256: sha256(canonical(configuration)),
          credential: { reference: 'enb-00001', secret: 'correct horse battery' },
        };
        const sealed = bench.make(
          ...['cms', '-encrypt', '-binary', '-aes-256-gcm', '-outform', 'DER'],
          ...['-in', bench.file(JSON.stringify(plaintext)), '-recip', files.enb, ...encryption],
        );
        return JSON.stringify({ ...configuration, sealed: sealed.toString('base64') });
      }

      const sign = (...options: readonly string[]) =>
        bench.make(
          ...['cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-in', bench.file(content())],
          ...['-signer', files.signer, '-inkey', files.key, '-certfile', files.issuing, ...options],
        );

      it('is accepted', () => {
        const acceptance = judgeBundle(new Bundle(sign('-cades')), context);
        assert.deepEqual(answers(acceptance), goodAnswers);
        assert.deepEqual(
          { ...acceptance.sealed?.credential },
          {
            reference: 'enb-00001',
            secret: 'correct horse battery',
          },
        );
      });

      it('is refused without -cades, and says why', () => {
        const acceptance = judgeBundle(new Bundle(sign()), context);
        assert.equal(causeOf(acceptance, 'bundle-signature-invalid'), 'cms-signing-certificate');
      });

      it('is refused as BER, and says so', () => {
        for (const option of ['-stream', '-indef']) {
          const acceptance = judgeBundle(new Bundle(sign('-cades', option)), context);
          assert.equal(causeOf(acceptance, 'bundle-malformed'), 'der-indefinite');
        }
      });
    });
  }
});

it('a CRL of the tests is one to openssl too', () => {
  const crl = issueCrl(vendor.issuing, { revoked: [configurationKey] });
  const text = bench.run('crl', '-inform', 'DER', '-in', bench.file(crl.der), '-noout', '-text').toString();
  assert.match(text, new RegExp(configurationKey.certificate.serialNumber, 'i'));
  assert(parseCrl(crl.der).ok);
});
