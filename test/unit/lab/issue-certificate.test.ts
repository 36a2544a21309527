/**
 * The product's strict reader reads what @peculiar/x509 makes for the lab. It holds the same as a certificate from the
 * tests' independent builder with the same contents.
 */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import { issue } from '../../../main/lab/issue-certificate.ts';
import { labCertificates, type CertificateContents, type KeyPair } from '../../../main/lab/index.ts';
import { extension, nameToText, validateCertificate, type Certificate } from '../../../main/pki/index.ts';
import { authorisationFor, clock, identity, labOptions } from '../../kit/bundle.ts';
import * as kit from '../../kit/issue-certificate.ts';
import { pathFaults, questionOf } from '../../kit/pki.ts';

const training = { ...labOptions, training: true };
const authorisation = authorisationFor(['LAB0001', 'LAB1000-LAB1999'], undefined, 3);
const { vendorRoot, vendorIssuing, enb, configurationKey, operatorRoot } = labCertificates;

const root = await issue(vendorRoot('Lab Vendor', labOptions));
const issuing = await issue(vendorIssuing('Lab Vendor', labOptions), root);
const stranger = await issue(vendorRoot('Lab Vendor', labOptions));
const rsaRoot = await issue(vendorRoot('RSA Vendor', { ...labOptions, keyKind: 'RSA-2048' }));
const p384Root = await issue(vendorRoot('P-384 Vendor', { ...labOptions, keyKind: 'P-384' }));

const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltName } = oids;
const ca = [basicConstraints, keyUsage];
/** The extensions of each beside the key identifiers, in their order. */
const certificates: Readonly<
  Record<string, readonly [CertificateContents, issuer: KeyPair | undefined, extensions: readonly string[]]>
> = {
  'a vendor root': [vendorRoot('Lab Vendor', labOptions), undefined, ca],
  'an issuing CA': [vendorIssuing('Lab Vendor', labOptions), root, ca],
  'a CA above two others': [{ ...vendorRoot('Lab Vendor', labOptions), ca: 2 }, undefined, ca],
  'an operator root for training': [
    operatorRoot('Lab Operator', training),
    undefined,
    [...ca, oids.training],
  ],
  'an operator with a name that no PrintableString holds': [
    operatorRoot('Tehdas Ä & Söhne', labOptions),
    undefined,
    ca,
  ],
  'a configuration key': [
    configurationKey('Lab Operator', authorisation, labOptions),
    issuing,
    [...ca, extendedKeyUsage, oids.vendorConfigurationAuthorisation],
  ],
  'a configuration key for training': [
    configurationKey('Lab Operator', authorisation, training),
    issuing,
    [...ca, extendedKeyUsage, oids.vendorConfigurationAuthorisation, oids.training],
  ],
  'a certificate beyond 2050': [
    { ...enb(identity, labOptions), notAfter: new Date('2055-12-31T23:59:59.750Z') },
    issuing,
    [...ca, subjectAltName],
  ],
  ...Object.fromEntries(
    (['P-256', 'P-384', 'RSA-2048'] as const).flatMap((keyKind) =>
      Object.entries({ 'P-256': issuing, 'P-384': p384Root, RSA: rsaRoot }).map(([issuerKind, issuer]) => [
        `an eNB with a key of kind ${keyKind} below a CA with one of kind ${issuerKind}`,
        [enb(identity, { ...labOptions, keyKind }), issuer, [...ca, subjectAltName]],
      ]),
    ),
  ),
};

/** What a certificate says, but for its number, its signature, and how its issuer names keys. */
function said({ extensions, ...certificate }: Certificate) {
  const { version, notBefore, notAfter, publicKey, signatureAlgorithm } = certificate;
  return {
    subject: nameToText(certificate.subject),
    issuer: nameToText(certificate.issuer),
    ...{ version, notBefore, notAfter, publicKey, signatureAlgorithm },
    extensions: [...extensions]
      .filter(([oid]) => oid !== oids.subjectKeyIdentifier && oid !== oids.authorityKeyIdentifier)
      .map(([oid, { critical, value }]) => [oid, critical, Buffer.from(value).toString('hex')]),
  };
}

describe('a certificate of the lab', () => {
  for (const [name, [contents, issuer, extensions]] of Object.entries(certificates)) {
    it(`says what it must, and is believed below its root alone: ${name}`, async () => {
      const { key, certificate } = await issue(contents, issuer);
      const expected = said(kit.issueCertificate(contents, key, issuer));
      assert.deepEqual(said(certificate), expected);
      assert.deepEqual(
        expected.extensions.map(([oid]) => oid),
        extensions,
      );
      const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
      assert.deepEqual(Buffer.from(certificate.publicKey.spki), spki);
      const signer = issuer?.certificate ?? certificate;
      assert.deepEqual(certificate.issuer.der, signer.subject.der);
      const keyOfIssuer = extension(certificate, oids.authorityKeyIdentifier);
      assert.deepEqual(keyOfIssuer, extension(signer, oids.subjectKeyIdentifier));
      assert(keyOfIssuer.ok && keyOfIssuer.value !== undefined);
      const intermediates = issuer === issuing ? [issuing] : [];
      const trusted = issuer === issuing ? root : (issuer ?? { key, certificate });
      assert(validateCertificate(questionOf(certificate, [trusted], intermediates, { clock })).ok);
      assert(!validateCertificate(questionOf(certificate, [stranger], intermediates, { clock })).ok);
    });
  }

  it('is not believed below a CA that may have no CA below it', async () => {
    const below = await issue(vendorIssuing('Below', labOptions), issuing);
    const leaf = await issue(enb(identity, labOptions), below);
    assert.deepEqual(pathFaults(questionOf(leaf, [root], [issuing, below], { clock })), [
      'path-length-exceeded',
    ]);
  });

  it('has a number of its own, positive and as short as DER has it', async () => {
    const made = [root, issuing, await issue(enb(identity, labOptions), issuing)];
    const numbers = made.map(({ certificate }) => certificate.serialNumber);
    assert.equal(new Set(numbers).size, numbers.length);
    for (const number of numbers) assert.match(number, /^(00[89a-f]|0[1-9a-f]|[1-7])/);
  });
});
