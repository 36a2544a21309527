import { createHash, sign } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import type { Configuration } from '../../main/bundle/index.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import { configurationKey, type World } from './world.ts';
import { openConfiguration, sealedBundle, configurationFor, signText, type Case } from './case.ts';
import { opensslSign } from './openssl.ts';
import { ascending, at, changed, childrenOf, flipped, parseTree, writeTree, type Tree } from './tree.ts';

/** Positions in a bundle: ContentInfo, [0], SignedData, and its members. */
const signedData = [1, 0] as const;
const digestAlgorithms = [...signedData, 1] as const;
const encapsulated = [...signedData, 2] as const;
const certificates = [...signedData, 3] as const;
const signerInfos = [...signedData, -1] as const;
const signerInfo = [...signerInfos, 0] as const;
const signedAttributes = [...signerInfo, 3] as const;
const signature = [...signerInfo, 5] as const;

const malformed = ['bundle-malformed'] as const;
const invalid = ['bundle-signature-invalid'] as const;

/** Bundles whose envelope is not what the format asks for. */
export async function* envelopeCases(world: World): AsyncGenerator<Case> {
  const good = await sealedBundle(world, configurationFor(world));
  const form = (name: string, shows: string, bundle: Uint8Array): Case => ({
    name,
    shows,
    bundle,
    fails: malformed,
  });
  const edited = (name: string, shows: string, change: (tree: Tree) => void) =>
    form(name, shows, changed(good, change));

  yield form('empty', 'no octet at all', new Uint8Array());
  yield form('cut-short', 'the last octet is missing', good.subarray(0, -1));
  yield form('octet-after', 'an octet after the end', Buffer.concat([good, Buffer.alloc(1)]));
  yield edited('ber-indefinite-length', 'BER: the outermost length is indefinite', (tree) => {
    tree.lengthForm = 'indefinite';
  });
  yield edited('ber-long-length', 'BER: a length in more octets than it needs', (tree) => {
    at(tree, ...signedData).lengthForm = 'long';
  });
  yield edited('ber-octet-string-in-parts', 'BER: the content as a constructed OCTET STRING', (tree) => {
    const [octets] = childrenOf(tree, ...encapsulated, 1);
    if (!octets) throw new Error('No content');
    const [whole, half] = [octets.contents, octets.contents.length >> 1];
    const parts = [whole.subarray(0, half), whole.subarray(half)];
    const children = parts.map((contents) => ({ tag: 0x04, contents }));
    childrenOf(tree, ...encapsulated, 1)[0] = { tag: 0x24, contents: whole, children };
  });
  yield edited('certificates-not-in-order', 'BER: a SET OF whose members do not ascend', (tree) => {
    childrenOf(tree, ...certificates).reverse();
  });
  yield form(
    'signed-attributes-not-in-order',
    'signed attributes in another order than that of DER, and signed so',
    resigned(good, world.configuration, (attributes) => attributes.reverse()),
  );
  yield form(
    'no-signed-attributes',
    'no signed attributes (openssl cms -sign -noattr)',
    signedByOpenssl(world, ['-noattr']),
  );
  yield edited('unsigned-attribute', 'an unsigned attribute', (tree) => {
    const attribute = der.sequence(der.oid(oids.signingTime), der.setOf([der.time(new Date(0))]));
    childrenOf(tree, ...signerInfo).push(parseTree(der.element(0xa1, attribute)));
  });
  yield edited('detached', 'the content is not inside', (tree) => {
    childrenOf(tree, ...encapsulated).pop();
  });
  yield edited('content-type', 'content of another type than id-data', (tree) => {
    childrenOf(tree, ...encapsulated)[0] = parseTree(der.oid(oids.signedData));
  });
  yield edited('two-signers', 'two signer infos, both good', (tree) => {
    const other = parseTree(resigned(good, world.configuration, () => undefined));
    const both = [at(tree, ...signerInfo), at(other, ...signerInfo)].map(writeTree);
    childrenOf(tree, ...signerInfos).splice(0, 1, ...ascending(both));
  });
  yield edited('seventeen-certificates', 'more than 16 certificates', (tree) => {
    const inside = childrenOf(tree, ...certificates);
    const all = Array.from({ length: 17 }, (_, index) => writeTree(inside[index % 2] ?? tree));
    inside.splice(0, inside.length, ...ascending(all));
  });
  yield edited('another-digest-algorithm', 'digestAlgorithms says another than the signer info', (tree) => {
    childrenOf(tree, ...digestAlgorithms)[0] = parseTree(der.sequence(der.oid(oids.sha384)));
  });
  yield edited('version-3', 'version 3 with a signer named by issuer and serial number', (tree) => {
    childrenOf(tree, ...signedData)[0] = parseTree(der.integer(3));
  });
}

/** Bundles of the right form whose signature is invalid, or not the one that the format asks for. */
export async function* signatureCases(world: World): AsyncGenerator<Case> {
  const good = await sealedBundle(world, configurationFor(world));
  const { issuing } = world.vendor;
  const refused = (name: string, shows: string, bundle: Uint8Array): Case => ({
    name,
    shows,
    bundle,
    fails: invalid,
  });
  const open = JSON.stringify(openConfiguration(world));

  yield refused(
    'content-changed',
    'one bit of the content is another',
    changed(good, (tree) => {
      const octets = at(tree, ...encapsulated, 1, 0);
      childrenOf(tree, ...encapsulated, 1)[0] = { tag: octets.tag, contents: flipped(octets.contents, 200) };
    }),
  );
  yield refused(
    'signature-changed',
    'one bit of the signature is another',
    changed(good, (tree) => {
      const octets = at(tree, ...signature);
      childrenOf(tree, ...signerInfo)[5] = { tag: octets.tag, contents: flipped(octets.contents, -1) };
    }),
  );
  yield refused(
    'message-digest-wrong',
    'the signed messageDigest is not that of the content',
    resigned(good, world.configuration, (attributes) => {
      replaceAttribute(attributes, oids.messageDigest, der.octetString(createHash('sha256').digest()));
    }),
  );
  yield refused(
    'no-signing-certificate',
    'no signingCertificateV2 (openssl cms -sign without -cades)',
    signedByOpenssl(world, []),
  );
  yield refused(
    'signing-certificate-of-another',
    'signingCertificateV2 names the issuing CA',
    resigned(good, world.configuration, (attributes) => {
      const hash = createHash('sha256').update(issuing.certificate.der).digest();
      const essCertIdV2 = der.sequence(der.octetString(hash));
      replaceAttribute(attributes, oids.signingCertificateV2, der.sequence(der.sequence(essCertIdV2)));
    }),
  );
  yield refused(
    'signer-certificate-missing',
    'the certificate of the signer is not inside',
    changed(good, (tree) => {
      const inside = childrenOf(tree, ...certificates);
      const own = Buffer.from(world.configuration.certificate.der);
      inside.splice(0, inside.length, ...inside.filter((one) => !writeTree(one).equals(own)));
    }),
  );
  yield refused(
    'rsa-2048',
    'the signer has an RSA key of 2048 bits',
    await signText(world, open, { signer: configurationKey(issuing, {}, 'RSA-2048') }),
  );
  yield refused(
    'sha-512',
    'signed with ECDSA and SHA-512',
    signedByOpenssl(world, ['-md', 'sha512', '-cades']),
  );
}

/** A bundle that OpenSSL signed. */
export function signedByOpenssl(
  world: World,
  options: readonly string[],
  signer = world.configuration,
  configuration: Configuration = openConfiguration(world),
): Uint8Array {
  const { issuing } = world.vendor;
  return opensslSign(JSON.stringify(configuration), signer, [issuing.certificate], options);
}

/** The bundle with its signed attributes changed, and signed again. */
export function resigned(bundle: Uint8Array, { key }: KeyPair, change: (attributes: Tree[]) => void): Buffer {
  return changed(bundle, (tree) => {
    change(childrenOf(tree, ...signedAttributes));
    const octets = writeTree({ ...at(tree, ...signedAttributes), tag: 0x31 });
    childrenOf(tree, ...signerInfo)[5] = parseTree(der.octetString(sign('sha256', octets, key)));
  });
}

/** Gives an attribute another value, and puts all of them in DER order. */
function replaceAttribute(attributes: Tree[], type: string, value: Uint8Array): void {
  const oid = Buffer.from(der.oid(type));
  const kept = attributes.filter((one) => !writeTree(at(one, 0)).equals(oid)).map(writeTree);
  const all = [...kept, der.sequence(oid, der.setOf([value]))];
  attributes.splice(0, attributes.length, ...ascending(all));
}
