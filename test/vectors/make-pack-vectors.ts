/**
 * Makes docs/test-vectors/pack/ again: `npm exec -- node test/vectors/make-pack-vectors.ts`. Keys and signatures differ each
 * time, and published vectors must stay: run it only when a format has changed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import type { Signer } from '../../main/keys/index.ts';
import {
  fingerprint,
  introductionFormat,
  jobPackFormat,
  makeIntroduction,
  writeZip,
  type IntroductionContents,
  type ZipEntry,
} from '../../main/pack/index.ts';
import type { Certificate } from '../../main/pki/index.ts';
import { bundleFor, makeScene, otherIdentity, labOptions as realOptions, signerOf } from '../kit/bundle.ts';
import { makeOfficeKey, makeOperatorRoot } from '../kit/issue-certificate.ts';
import { entriesOf, manifestOf, streamOf, writeAnyZip } from '../kit/pack.ts';
import { packFolder, packMoment, type PackVector } from './pack-vector.ts';

const labOptions = { ...realOptions, training: true };
const scene = makeScene({ training: true });
const { operatorRoot: root, vendor, configurationKey } = scene;
const office = signerOf(makeOfficeKey(root, 'Lab Operator', labOptions));
const otherRoot = makeOperatorRoot('Lab Operator', labOptions);
const otherOffice = signerOf(makeOfficeKey(otherRoot, 'Lab Operator', labOptions));
const configuration = signerOf(configurationKey, vendor.issuing);

rmSync(packFolder, { recursive: true, force: true });
mkdirSync(packFolder, { recursive: true });
const vectors: PackVector[] = [];
const path = (name: string) => join(packFolder, name);
const write = (name: string, contents: string | Uint8Array) => writeFileSync(path(name), contents);
const writeCertificate = (name: string, { der }: Certificate) => write(name, encodePem('CERTIFICATE', der));
writeCertificate('operator-root.crt', root.certificate);
writeCertificate('vendor-root.crt', vendor.root.certificate);
write('fingerprint.txt', `${fingerprint(root.certificate)}\n`);

const contents: IntroductionContents = {
  version: 3,
  issuedAt: packMoment,
  training: true,
  operator: { name: 'Lab Operator', plmn: '24491' },
  operatorRoots: [root.certificate],
  vendors: [
    { name: 'lab-vendor', roots: [vendor.root.certificate], intermediates: [vendor.issuing.certificate] },
  ],
  witnessKeys: [],
  requireFreshCrl: false,
};

async function introduction(
  vector: PackVector,
  changes: Partial<IntroductionContents> = {},
  signer: Signer = office,
): Promise<void> {
  write(vector.file, await makeIntroduction({ ...contents, ...changes }, signer));
  vectors.push(vector);
}

await introduction({ file: 'introduction.siteseal-operator', shows: `${introductionFormat}, of one vendor` });
await introduction(
  {
    file: 'by-configuration-key.siteseal-operator',
    shows: 'a configuration key has signed it',
    refusal: 'introduction-unusable',
    reason: 'extended-key-usage-insufficient',
  },
  { operatorRoots: [vendor.root.certificate] },
  configuration,
);
await introduction(
  {
    file: 'vendor-not-a-root.siteseal-operator',
    shows: 'it names an intermediate as the root of a vendor',
    refusal: 'introduction-unusable',
    reason: 'introduction-root',
  },
  { vendors: [{ name: 'lab-vendor', roots: [vendor.issuing.certificate], intermediates: [] }] },
);
await introduction(
  {
    file: 'not-for-training.siteseal-operator',
    shows: 'its roots are for training, and it is not',
    refusal: 'introduction-unusable',
    reason: 'introduction-training',
  },
  { training: false },
);

const bundles = [
  await bundleFor(scene, { training: true, bundleId: '6b1f0c1e-3f3d-4e0e-9a52-0d1d2c8f7a01' }),
  await bundleFor(scene, {
    training: true,
    bundleId: '6b1f0c1e-3f3d-4e0e-9a52-0d1d2c8f7a02',
    enb: otherIdentity,
    site: { id: 'S00002', name: 'Mill 2' },
    sealed: undefined,
  }),
];
const manifest = { ...manifestOf(bundles), training: true };
const entries = await entriesOf(manifest, bundles, office);
const [signed, first, second] = entries;
if (!signed || !first || !second) throw new Error('A pack has its manifest and two bundles');

async function pack(vector: PackVector, files: readonly ZipEntry[]): Promise<void> {
  await writeAnyZip(path(vector.file), files);
  vectors.push(vector);
}

await writeZip(path('two.siteseal'), streamOf(entries));
vectors.push({ file: 'two.siteseal', shows: `${jobPackFormat}, with two bundles` });
write('two.manifest.p7m', signed.bytes);
const refused = (file: string, shows: string, refusal: string, reason: string) => ({
  ...{ file: `${file}.siteseal`, shows, refusal, reason },
});
await pack(
  refused(
    'other-root',
    'an office key under another root of the same name',
    'operator-not-introduced',
    'signature-invalid',
  ),
  await entriesOf(manifest, bundles, otherOffice),
);
await pack(
  refused(
    'by-configuration-key',
    'a configuration key has signed it',
    'operator-not-introduced',
    'issuer-unknown',
  ),
  await entriesOf(manifest, bundles, configuration),
);
await pack(
  refused('expired', 'it has expired', 'pack-expired', ''),
  await entriesOf({ ...manifest, expires: '2026-11-15T11:59:59Z' }, bundles, office),
);
await pack(refused('swapped', 'the files of two bundles are swapped', 'pack-unusable', 'pack-entry'), [
  signed,
  { ...first, bytes: second.bytes },
  { ...second, bytes: first.bytes },
]);
const changed = Buffer.from(second.bytes);
changed.writeUInt8(changed.readUInt8(500) ^ 1, 500);
await pack(refused('changed', 'a bit of a bundle has changed', 'pack-damaged', 'pack-digest'), [
  signed,
  first,
  { ...second, bytes: changed },
]);
await pack(refused('twice', 'a file is there twice', 'zip-malformed', 'zip-names-once'), [
  signed,
  first,
  second,
  second,
]);
await pack(refused('unlisted', 'a file is not in the manifest', 'pack-unusable', 'pack-unlisted'), [
  ...[signed, first, second],
  { name: 'bundles/more.p7m', bytes: first.bytes },
]);
await pack(refused('compressed', 'a file is compressed', 'zip-malformed', 'zip-stored'), [
  ...[signed, first],
  { ...second, options: { compress: true } } as ZipEntry,
]);
write('vectors.json', `${JSON.stringify(vectors, undefined, 2)}\n`);
