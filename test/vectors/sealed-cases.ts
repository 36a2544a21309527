import { createHash } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import { outerSha256, signerSpkiSha256, type Configuration } from '../../main/bundle/index.ts';
import { sealAuthEnvelopedData } from '../../main/cms/index.ts';
import type { Certificate } from '../../main/pki/index.ts';
import { configurationFor, credential, signText, type Case, type Signing } from './case.ts';
import { opensslSeal } from './openssl.ts';
import { ascending, at, changed, childrenOf, parseTree, writeTree, type Tree } from './tree.ts';
import { configurationKey, hwType, type World } from './world.ts';

/** The OpenSSL options for encrypting as the format asks. */
export const opensslForm = {
  ec: ['-keyopt', 'ecdh_kdf_md:sha256'],
  rsa: ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
};

/** The plaintext of the sealed part that matches a configuration, with given members. */
export function plaintextFor(
  { configuration: signer }: World,
  configuration: Configuration,
  changes: object = {},
): string {
  const { bundleId, sequence, enb } = configuration;
  return JSON.stringify({
    format: 'siteseal-sealed/1',
    bundleId,
    hwType: enb.hwType,
    serialNumber: enb.serialNumber,
    sequence,
    signerSpkiSha256: signerSpkiSha256(signer.certificate),
    outerSha256: outerSha256(configuration),
    credential,
    ...changes,
  });
}

/** The configuration with these bytes as its sealed part, signed. */
export function signSealed(
  world: World,
  configuration: Configuration,
  sealed: Uint8Array,
  signing?: Signing,
): Promise<Uint8Array> {
  const content = { ...configuration, sealed: Buffer.from(sealed).toString('base64') };
  return signText(world, JSON.stringify(content), signing);
}

/** Positions in the sealed part: ContentInfo, [0], AuthEnvelopedData, and its members. */
const data = [1, 0] as const;
const recipientInfos = [...data, 1] as const;
const gcmParameters = [...data, 2, 1, 1] as const;

/** Bundles whose sealed part is not of the only valid form, or not for this eNB. */
export async function* sealedFormCases(world: World): AsyncGenerator<Case> {
  const { LAB0001, LAB0002 } = world.enbs;
  const configuration = configurationFor(world);
  const rsaConfiguration = configurationFor(world, {}, 'LAB0002');
  const plaintext = plaintextFor(world, configuration);
  const rsaPlaintext = plaintextFor(world, rsaConfiguration);
  const good = sealAuthEnvelopedData(Buffer.from(plaintext), LAB0001.certificate);
  const refused = async (name: string, shows: string, sealed: Uint8Array): Promise<Case> => ({
    name,
    shows,
    bundle: await signSealed(world, configuration, sealed),
    fails: ['sealed-undecryptable'],
  });
  const forRsa = async (name: string, shows: string, sealed: Uint8Array): Promise<Case> => ({
    ...(await refused(name, shows, sealed)),
    bundle: await signSealed(world, rsaConfiguration, sealed),
    context: { enb: { certificate: 'keys/LAB0002.crt' }, enbKey: 'keys/LAB0002.key' },
  });
  const edited = (name: string, shows: string, change: (tree: Tree) => void) =>
    refused(name, shows, changed(good, change));
  const byOpenssl = (recipient: Certificate, text: string, cipher: string, ...options: readonly string[]) =>
    opensslSeal(text, recipient, cipher, options);

  yield edited('tag-of-4-octets', 'the authentication tag cut to 4 octets, and said to be so', (tree) => {
    const members = childrenOf(tree, ...data);
    const { tag, contents } = at(tree, ...data, 3);
    members[3] = { tag, contents: contents.subarray(0, 4) };
    childrenOf(tree, ...gcmParameters)[1] = parseTree(der.integer(4));
  });
  yield edited('tag-length-not-said', 'ICVlen absent, which means 12 octets', (tree) => {
    childrenOf(tree, ...gcmParameters).pop();
  });
  yield edited('ciphertext-changed', 'one bit of the tag is another', (tree) => {
    const { tag, contents } = at(tree, ...data, 3);
    const octets = Uint8Array.from(contents);
    octets[0] = (octets[0] ?? 0) ^ 1;
    childrenOf(tree, ...data)[3] = { tag, contents: octets };
  });
  yield edited('sealed-version', 'AuthEnvelopedData of version 1', (tree) => {
    childrenOf(tree, ...data)[0] = parseTree(der.integer(1));
  });
  yield edited('two-recipients', 'a second recipient', (tree) => {
    const other = sealAuthEnvelopedData(Buffer.from(plaintext), LAB0001.certificate);
    const both = [tree, parseTree(other)].map((one) => writeTree(at(one, ...recipientInfos, 0)));
    childrenOf(tree, ...recipientInfos).splice(0, 1, ...ascending(both));
  });
  yield edited('unauthenticated-attribute', 'an unauthenticated attribute', (tree) => {
    const attribute = der.sequence(der.oid(oids.signingTime), der.setOf([der.time(new Date(0))]));
    childrenOf(tree, ...data).push(parseTree(der.element(0xa2, attribute)));
  });
  yield edited('wrap-parameters', 'id-aes256-wrap with NULL parameters', (tree) => {
    const algorithm = at(tree, ...recipientInfos, 0, 2, 1);
    algorithm.children?.push(parseTree(der.null));
  });
  yield edited('sealed-ber', 'BER: an indefinite length in the sealed part', (tree) => {
    at(tree, ...data).lengthForm = 'indefinite';
  });
  yield refused(
    'sealed-to-another-enb',
    'encrypted to LAB0002',
    sealAuthEnvelopedData(Buffer.from(plaintext), LAB0002.certificate),
  );
  yield refused(
    'kdf-sha-1',
    'X9.63 KDF with SHA-1 (openssl cms -encrypt without ecdh_kdf_md)',
    byOpenssl(LAB0001.certificate, plaintext, 'aes-256-gcm'),
  );
  yield refused(
    'aes-128-gcm',
    'AES-128-GCM',
    byOpenssl(LAB0001.certificate, plaintext, 'aes-128-gcm', ...opensslForm.ec),
  );
  yield refused(
    'enveloped-data',
    'EnvelopedData with AES-256-CBC, which authenticates nothing',
    byOpenssl(LAB0001.certificate, plaintext, 'aes-256-cbc', ...opensslForm.ec),
  );
  yield refused(
    'named-by-key-identifier',
    'the recipient named by its key identifier',
    byOpenssl(LAB0001.certificate, plaintext, 'aes-256-gcm', '-keyid', ...opensslForm.ec),
  );
  yield forRsa(
    'rsa-pkcs1',
    'RSA with PKCS#1 v1.5 padding',
    byOpenssl(LAB0002.certificate, rsaPlaintext, 'aes-256-gcm'),
  );
  yield forRsa(
    'oaep-sha-1',
    'RSA-OAEP with SHA-1, the default',
    byOpenssl(LAB0002.certificate, rsaPlaintext, 'aes-256-gcm', '-keyopt', 'rsa_padding_mode:oaep'),
  );
  const seal = (text: string) => sealAuthEnvelopedData(Buffer.from(text), LAB0001.certificate);
  yield refused('plaintext-not-json', 'the plaintext is not JSON', seal('enb-00001:a secret'));
  yield refused(
    'plaintext-duplicate-name',
    'a name twice in the plaintext',
    seal(plaintext.replace('"sequence":7', '"sequence":7,"sequence":7')),
  );
  yield refused(
    'plaintext-unknown-member',
    'a member in the plaintext that the format has not',
    seal(plaintextFor(world, configuration, { note: 'hello' })),
  );
}

/** Bundles put together from parts of others. */
export async function* sealedBindingCases(world: World): AsyncGenerator<Case> {
  const { LAB0001 } = world.enbs;
  const configuration = configurationFor(world);
  const refused = (name: string, shows: string, bundle: Uint8Array): Case => ({
    name,
    shows,
    bundle,
    fails: ['sealed-binding-mismatch'],
  });
  const seal = (text: string) => sealAuthEnvelopedData(Buffer.from(text), LAB0001.certificate);
  const sealed = seal(plaintextFor(world, configuration));
  const moved = async (name: string, shows: string, changes: Partial<Configuration>) =>
    refused(name, shows, await signSealed(world, { ...configuration, ...changes }, sealed));
  const enrolment = { ...configuration.enrolment, url: 'http://203.0.113.9/pkix/' };

  yield moved('moved-to-another-bundle', 'the sealed part of another bundle of this eNB', {
    bundleId: '00000000-0000-4000-8000-000000000000',
  });
  yield moved('moved-to-another-sequence', 'the sealed part of an earlier sequence number', {
    sequence: 8,
  });
  yield moved('moved-to-another-address', 'the sealed part under a configuration with another RA/CA', {
    enrolment,
    initialIpsec: { ...configuration.initialIpsec, required: false },
  });
  yield refused(
    'moved-to-another-signer',
    'the sealed part in a bundle that another key signed, one that may configure this eNB as well',
    await signSealed(world, configuration, sealed, { signer: configurationKey(world.vendor.issuing) }),
  );
  const other = { hwType: '1.3.6.1.4.1.32473.7.2' };
  yield refused(
    'sealed-for-another-product',
    'a plaintext that names another hardware type',
    await signSealed(world, configuration, seal(plaintextFor(world, configuration, other))),
  );
  const wrongDigest = createHash('sha256').update(JSON.stringify(configuration)).digest('hex');
  yield refused(
    'outer-not-canonical',
    'outerSha256 over the members in their order, not over the RFC 8785 form',
    await signSealed(
      world,
      configuration,
      seal(plaintextFor(world, configuration, { outerSha256: wrongDigest })),
    ),
  );
  yield {
    name: 'sealed-without-credential',
    shows: 'protection by MAC, and secrets but no credential in the sealed part',
    fails: ['configuration-invalid'],
    bundle: await signSealed(
      world,
      configuration,
      seal(plaintextFor(world, configuration, { credential: undefined, secrets: { NTP: 'a key' } })),
    ),
  };
  yield {
    name: 'sealed-after-expiry',
    shows: 'what has expired is decrypted all the same: both are said',
    fails: ['bundle-expired', 'sealed-binding-mismatch'],
    bundle: await signSealed(world, { ...configuration, notAfter: '2026-11-15T11:59:59Z' }, sealed),
  };
  // The eNB could decrypt the sealed part of the next two. It must not even try.
  const forOther = configurationFor(world, {}, 'LAB0002');
  yield {
    name: 'no-decryption-for-another-enb',
    shows: 'a bundle of LAB0002 with a sealed part for LAB0001: nothing is decrypted',
    bundle: await signSealed(world, forOther, seal(plaintextFor(world, forOther))),
    fails: ['bundle-for-another-enb'],
  };
  yield {
    name: 'no-decryption-out-of-scope',
    shows:
      'the sealed part of a good bundle, under a key that may not configure this eNB: nothing is decrypted',
    bundle: await signSealed(world, configuration, sealed, { signer: strangersKey(world) }),
    fails: ['enb-out-of-scope'],
  };
}

/** A configuration key of an operator that does not own LAB0001. */
function strangersKey({ vendor }: World) {
  const serials = [{ kind: 'exact', serial: Buffer.from('LAB0002') }] as const;
  return configurationKey(vendor.issuing, { authorisation: { epoch: 0, devices: [{ hwType, serials }] } });
}
