import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import {
  ChangedBundle,
  JobPack,
  jobPackEntries,
  writeZip,
  type JobPackDocument,
  type ZipEntry,
} from '../../../main/pack/index.ts';
import type { Clock } from '../../../main/pki/index.ts';
import { bundleFor, clock, labOptions, makeScene, otherIdentity, signerOf } from '../../kit/bundle.ts';
import { makeOfficeKey, makeOperatorRoot } from '../../kit/issue-certificate.ts';
import { entriesOf, manifestOf, streamOf, writeAnyZip } from '../../kit/pack.ts';

const folder = mkdtempSync(join(tmpdir(), 'siteseal-pack-'));
after(() => rmSync(folder, { recursive: true }));

const scene = makeScene();
const office = signerOf(makeOfficeKey(scene.operatorRoot, 'Lab Operator', labOptions));
const roots = [scene.operatorRoot.certificate];
const first = await bundleFor(scene, { bundleId: randomUUID() });
const second = await bundleFor(scene, { bundleId: randomUUID(), enb: otherIdentity });
const bundles = [first, second];

let files = 0;
const newFile = () => join(folder, `${++files}.siteseal`);

async function packOf(changes: Partial<JobPackDocument> = {}, signer = office): Promise<string> {
  const file = newFile();
  const entries = await entriesOf({ ...manifestOf(bundles), ...changes }, bundles, signer);
  await writeAnyZip(file, entries);
  return file;
}

function refusal(file: string, known = roots, at: Clock = clock): string {
  const opened = JobPack.open(file, () => known, at);
  assert(!opened.ok);
  const { code, rule, because, found } = opened.fault;
  return [code, rule ?? because?.code, found].filter((part) => part !== undefined).join(' ');
}

describe('a job pack', () => {
  it('gives back its bundles', async () => {
    const document = manifestOf(bundles);
    const file = newFile();
    const read = (one: (typeof document.bundles)[number]) => bundles[document.bundles.indexOf(one)];
    await writeZip(file, jobPackEntries(document, office, read));
    const opened = JobPack.open(file, () => roots, clock);
    assert(opened.ok);
    const pack = opened.value;
    assert.equal(pack.document.packId, document.packId);
    assert.equal(pack.root.sha256, scene.operatorRoot.certificate.sha256);
    for (const [index, bundle] of pack.document.bundles.entries()) {
      const bytes = pack.read(bundle);
      assert(bytes.ok);
      assert.deepEqual(Buffer.from(bytes.value), Buffer.from(bundles[index] ?? ''));
    }
    pack.close();
  });
  it('has the same bytes for the same contents', async () => {
    const entries = await entriesOf(manifestOf(bundles), bundles, office);
    const [one, other] = [newFile(), newFile()];
    await writeZip(one, streamOf(entries));
    await writeZip(other, streamOf(entries));
    assert(readFileSync(one).equals(readFileSync(other)));
  });
  it('is not made of a bundle that has changed meanwhile', async () => {
    const file = newFile();
    const entries = jobPackEntries(manifestOf(bundles), office, () => first);
    await assert.rejects(writeZip(file, entries), ChangedBundle);
    assert(!existsSync(file) && !existsSync(`${file}.part`));
  });
});

describe('a job pack is refused', () => {
  it('under a root that this computer does not know', async () => {
    const file = await packOf();
    assert.match(refusal(file, []), /^operator-not-introduced/);
    const other = makeOperatorRoot('Lab Operator', labOptions).certificate;
    assert.match(refusal(file, [other]), /^operator-not-introduced/);
  });
  it('if a configuration key has signed it', async () => {
    const { configurationKey, vendor } = scene;
    const file = await packOf({}, signerOf(configurationKey, vendor.issuing));
    assert.equal(refusal(file, [vendor.root.certificate]), 'pack-unusable extended-key-usage-insufficient');
    assert.match(refusal(file), /^operator-not-introduced/);
  });
  it('once it has expired, and not a moment before', async () => {
    const file = await packOf({ expires: '2026-11-15T12:00:00Z' });
    const opened = JobPack.open(file, () => roots, clock);
    assert(opened.ok);
    opened.value.close();
    const later = { now: new Date('2026-11-15T12:00:01Z'), isExact: true };
    assert.equal(refusal(file, roots, later), 'pack-expired 2026-11-15T12:00:00Z');
  });
  it('if it is for training under a real root', async () => {
    assert.equal(refusal(await packOf({ training: true })), 'pack-unusable pack-training');
  });
  it('if it names a bundle twice, or by another name', async () => {
    const manifest = manifestOf(bundles);
    const [one, two] = manifest.bundles;
    assert(one && two);
    const entries = await entriesOf({ ...manifest, bundles: [one, two, one] }, bundles, office);
    const twice = newFile();
    await writeAnyZip(twice, entries.slice(0, 3));
    assert.equal(refusal(twice), `pack-unusable pack-file-once ${one.file}`);
    const file = newFile();
    const outside = { ...one, file: '../evil.p7m' };
    const renamed = await signedManifest({ ...manifest, bundles: [outside] });
    await writeAnyZip(file, [renamed, { name: 'bundles/evil.p7m', bytes: first }]);
    assert.equal(refusal(file), 'pack-unusable pack-file-name ../evil.p7m');
  });

  /** Only the manifest, because the bundles of the document are not there. */
  async function signedManifest(document: Omit<JobPackDocument, 'format'>): Promise<ZipEntry> {
    const entries = jobPackEntries(document, office, () => undefined);
    const first = await entries.next();
    assert(first.done !== true);
    return first.value;
  }

  it('if a file is missing, has another size, or is not in the manifest', async () => {
    const [manifest, one, two] = await entriesOf(manifestOf(bundles), bundles, office);
    assert(manifest && one && two);
    const cases: readonly (readonly [string, readonly ZipEntry[]])[] = [
      [`pack-unusable pack-entry ${two.name}`, [manifest, one]],
      [
        `pack-unusable pack-entry ${two.name}`,
        [manifest, one, { ...two, bytes: Buffer.concat([two.bytes, Buffer.from('x')]) }],
      ],
      [
        'pack-unusable pack-unlisted more.txt',
        [manifest, one, two, { name: 'more.txt', bytes: Buffer.from('') }],
      ],
      ['pack-unusable pack-manifest', [one, two]],
      [`zip-malformed zip-names-once ${one.name}`, [manifest, one, one, two]],
    ];
    for (const [expected, entries] of cases) {
      const file = newFile();
      await writeAnyZip(file, entries);
      assert.equal(refusal(file), expected);
    }
  });
  it('if it is compressed, so that it cannot grow', async () => {
    const [manifest] = await entriesOf(manifestOf(bundles), bundles, office);
    assert(manifest);
    const file = newFile();
    const bomb = { name: 'bundles/x.p7m', bytes: Buffer.alloc(10_000_000), options: { compress: true } };
    await writeAnyZip(file, [manifest, bomb]);
    assert.equal(refusal(file), 'zip-malformed zip-stored bundles/x.p7m');
  });
  it('if its entries overlap', async () => {
    const [manifest, one, two] = await entriesOf(manifestOf(bundles), bundles, office);
    assert(manifest && one && two);
    const file = newFile();
    await writeAnyZip(file, [
      manifest,
      ...Array.from({ length: 5 }, (_, index) => ({ ...one, name: `${index}` })),
    ]);
    const bytes = readFileSync(file);
    // Every entry of the directory claims the size of the whole file.
    let at = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
    for (; at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4, 'latin1')) {
      bytes.writeUInt32LE(bytes.length - 1000, at + 20);
      bytes.writeUInt32LE(bytes.length - 1000, at + 24);
    }
    writeFileSync(file, bytes);
    assert.match(refusal(file), /^zip-malformed zip-overlap/);
  });
  it('with 100,000 entries that nobody has signed for', async () => {
    const [manifest, one, two] = await entriesOf(manifestOf(bundles), bundles, office);
    assert(manifest && one && two);
    const file = newFile();
    const more = Array.from({ length: 100_000 }, (_, index) => ({
      name: `${index}`,
      bytes: Buffer.alloc(0),
    }));
    await writeZip(file, streamOf([manifest, one, two, ...more]));
    assert.equal(refusal(file), 'pack-unusable pack-unlisted 0');
  });
  it('if its directory has more entries than its end says', async () => {
    const [manifest, one, two] = await entriesOf(manifestOf(bundles), bundles, office);
    assert(manifest && one && two);
    const file = newFile();
    await writeAnyZip(file, [manifest, one, two]);
    const bytes = readFileSync(file);
    bytes.writeUInt16LE(2, bytes.length - 12);
    writeFileSync(file, bytes);
    assert.equal(refusal(file), 'zip-malformed');
  });
  it('if its manifest has more certificates than one needs, before they are read', async () => {
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0x30, 0])));
    const data = der.sequence(der.oid(oids.data), der.explicit(0, der.octetString(Buffer.from('{}'))));
    const sha256 = der.sequence(der.oid(oids.sha256));
    const signedData = der.sequence(
      ...[der.integer(1), der.setOf([sha256]), data, der.element(0xa0, many), der.setOf([])],
    );
    const file = newFile();
    const bytes = der.sequence(der.oid(oids.signedData), der.explicit(0, signedData));
    await writeAnyZip(file, [{ name: 'manifest.p7m', bytes }]);
    const opened = JobPack.open(file, () => roots, clock);
    assert(!opened.ok);
    assert.equal(opened.fault.because?.because?.rule, 'cms-too-many');
  });
  it('if it is a named pipe, which would never end', () => {
    const file = newFile();
    assert.equal(spawnSync('mkfifo', [file]).status, 0);
    assert.equal(refusal(file), 'file-unreadable');
  });
  it('if it is cut off anywhere, or something else', async () => {
    const whole = await packOf();
    const size = readFileSync(whole).length;
    for (const length of [0, 1, 100, size >> 1, size - 23, size - 1]) {
      const file = newFile();
      writeFileSync(file, readFileSync(whole));
      truncateSync(file, length);
      assert.match(refusal(file), /^(zip-malformed|pack-unusable)/, String(length));
    }
    assert.match(refusal(join(folder, 'nowhere')), /^file-unreadable ENOENT/);
    assert.match(refusal(folder), /^file-unreadable/);
  });
});

describe('a bundle in a job pack', () => {
  it('is refused by name when it has changed', async () => {
    const entries = await entriesOf(manifestOf(bundles), bundles, office);
    const swapped = entries.map((entry, index) => {
      const bytes = Buffer.from(entry.bytes);
      if (index === 2) bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
      return { ...entry, bytes };
    });
    const file = newFile();
    await writeAnyZip(file, swapped);
    const opened = JobPack.open(file, () => roots, clock);
    assert(opened.ok);
    const [one, two] = opened.value.document.bundles;
    assert(one && two);
    assert(opened.value.read(one).ok);
    const damaged = opened.value.read(two);
    assert(!damaged.ok);
    assert.deepEqual([damaged.fault.rule, damaged.fault.found], ['pack-digest', two.file]);
    opened.value.close();
  });
});
