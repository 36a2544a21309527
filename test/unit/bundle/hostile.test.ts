import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { signData } from '../../../main/cms/index.ts';
import { issue, type CertificateContents, type KeyPair } from '../../kit/issue-certificate.ts';
import { parseCertificate } from '../../../main/pki/index.ts';
import {
  bundleFor,
  answers,
  configurationFor,
  issueCrl,
  judge,
  signerOf,
  labOptions,
  makeScene,
  now,
  signContent,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { vendor, configurationKey } = scene;

/** As much as a bundle may carry of certificates, beside the signer's, and of CRLs. */
const most = 15;
const ca: Omit<CertificateContents, 'subject'> = {
  ca: true,
  keyUsage: ['keyCertSign', 'cRLSign'],
  ...labOptions,
};
const rootName = 'C=SE,O=Lab Vendor,CN=Lab Vendor Root CA';
const issuingName = 'C=SE,O=Lab Vendor,CN=Lab Vendor Issuing CA';

const many = <Item>(make: (index: number) => Item) => Array.from({ length: most }, (_, index) => make(index));
const certificatesOf = (pairs: readonly KeyPair[]) => pairs.map(({ certificate }) => certificate);
const signed = (signer: KeyPair, pairs: readonly KeyPair[], crls: ReturnType<typeof issueCrl>[]) =>
  signData(Buffer.from('{}'), signerOf(signer), now, certificatesOf(pairs), crls);

/** A certificate with arbitrary bytes as its key, and no valid signature. */
function certificateWithKey(spki: Uint8Array): KeyPair {
  const template = configurationKey.certificate;
  const tbs = Buffer.from(template.tbs);
  const inner = tbs.subarray(2 + ((tbs[1] ?? 0) & 0x7f));
  const at = inner.indexOf(template.publicKey.spki);
  const rest = inner.subarray(at + template.publicKey.spki.length);
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const body = der.sequence(inner.subarray(0, at), spki, rest);
  const parsed = parseCertificate(der.sequence(body, algorithm, der.bitString(new Uint8Array(70))));
  assert(parsed.ok);
  return { key: configurationKey.key, certificate: parsed.value };
}

describe('a bundle that is made to cost much is refused before long', () => {
  const cases: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
    'with a stranger’s CAs and CRLs, all by the name of the vendor root': () => {
      const strangers = many(() => issue({ subject: rootName, ...ca }, 'P-256'));
      const signer = issue({ subject: 'CN=x', ...labOptions }, 'P-256', strangers[0]);
      const root = { ...vendor.root, key: signer.key };
      return signed(
        signer,
        strangers,
        many((number) => issueCrl(root, { number })),
      );
    },
    'with a stranger’s CAs that have issued each other': () => {
      const strangers: KeyPair[] = [];
      for (let index = 0; index < most; index++) {
        const issuer = strangers.at(-1);
        strangers.push(issue({ subject: index % 2 ? rootName : issuingName, ...ca }, 'P-256', issuer));
      }
      const signer = issue({ subject: 'CN=x', ...labOptions }, 'P-256', strangers.at(-1));
      return signed(
        signer,
        strangers,
        many((number) => issueCrl(strangers[number]!, { number })),
      );
    },
    'with CAs that the vendor has made of one name, and CRLs that none of them has signed': () => {
      const issuing = many(() => issue({ subject: issuingName, ...ca }, 'P-256', vendor.root));
      const signer = issue({ subject: 'CN=x', ...labOptions }, 'P-256', issuing[0]);
      const forged = { ...vendor.issuing, key: signer.key };
      return signed(
        signer,
        issuing,
        many((number) => issueCrl(forged, { number })),
      );
    },
    'with an object identifier of almost 1 MiB': () =>
      der.sequence(der.element(0x06, Buffer.alloc(1_000_000, 0x81), Uint8Array.of(1))),
    'with 100,000 certificates': () =>
      der.sequence(
        der.oid(oids.signedData),
        der.explicit(
          0,
          der.sequence(
            der.integer(1),
            der.setOf([]),
            der.sequence(der.oid(oids.data), der.explicit(0, der.octetString(new Uint8Array()))),
            der.element(0xa0, Buffer.alloc(200_000, Uint8Array.of(0x30, 0))),
            der.setOf([]),
          ),
        ),
      ),
    'with a signer’s RSA key of 7 million bits': () => {
      const modulus = Buffer.alloc(900_000, 0xff);
      const key = der.sequence(der.unsignedInteger(modulus), der.integer(65_537));
      const spki = der.sequence(der.sequence(der.oid(oids.rsaEncryption), der.null), der.bitString(key));
      const { certificate } = certificateWithKey(spki);
      const algorithm = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
      const sign = () => Promise.resolve(new Uint8Array(100));
      return signData(Buffer.from('{}'), { certificate, chain: [], algorithm, sign }, now, []);
    },
    'with brackets alone': () => signContent('['.repeat(1_000_000), scene.signing),
    'with one text of almost 1 MiB': () =>
      signContent(JSON.stringify({ ...configurationFor(scene), site: 'é'.repeat(500_000) }), scene.signing),
    'with a text of escapes that has no end': () =>
      signContent(`{"format":"siteseal-configuration/1","a":"${'\\\\'.repeat(500_000)}`, scene.signing),
  };
  for (const [name, make] of Object.entries(cases)) {
    it(name, async () => {
      const bundle = await make();
      assert(bundle.length <= 1024 * 1024);
      const before = process.cpuUsage();
      assert.equal(judge(bundle, scene).accepted, false);
      const { user, system } = process.cpuUsage(before);
      assert(user + system < 2_000_000, `${user + system} microseconds`);
    });
  }
});

describe('what was sent to spoil a good bundle', () => {
  it('is skipped when it is certificates of unknown issuers', async () => {
    const stranger = issue({ subject: issuingName, ...ca }, 'P-256');
    const { configurationKey: key } = scene;
    const bundle = await signData(
      Buffer.from(JSON.stringify({ ...configurationFor(scene), enrolment: unprotected() })),
      signerOf(key),
      now,
      [stranger.certificate, vendor.issuing.certificate],
    );
    assert.equal(judge(bundle, scene).accepted, true);
  });

  it('is skipped when it is a CRL in the name of the issuer that the issuer did not sign', async () => {
    const forged = issueCrl({ ...vendor.issuing, key: configurationKey.key });
    const acceptance = judge(
      await bundleFor({ ...scene, signing: { ...scene.signing, crls: [forged] } }),
      scene,
    );
    assert.equal(answers(acceptance)['signer-revoked'], 'not-given');
  });

  function unprotected() {
    return { ...configurationFor(scene).enrolment, protection: 'vendor-certificate' };
  }
});
