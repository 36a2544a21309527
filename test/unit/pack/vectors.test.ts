/** docs/test-vectors/pack/: what Siteseal finds in each vector is what is published. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCertificates } from '../../../main/cms/index.ts';
import type { Fault, Result } from '../../../main/faults/index.ts';
import { fingerprint, JobPack, openIntroduction } from '../../../main/pack/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';
import { packFolder, packMoment, type PackVector } from '../../vectors/pack-vector.ts';

const read = (name: string) => readFileSync(join(packFolder, name));
const vectors = JSON.parse(read('vectors.json').toString()) as readonly PackVector[];
const clock = { now: new Date(packMoment), isExact: true };

function rootOf(name: string): Certificate {
  const certificates = parseCertificates(read(name));
  assert(certificates.ok && certificates.value[0]);
  return certificates.value[0];
}

const root = rootOf('operator-root.crt');

function judge(file: string): Result<unknown> {
  if (file.endsWith('-operator')) {
    const opened = openIntroduction(read(file), [root], clock);
    // A reader asks its user to compare the fingerprint of another root.
    assert(!opened.ok || opened.value.isPinned);
    return opened;
  }
  const pack = JobPack.open(join(packFolder, file), () => [root], clock);
  if (!pack.ok) return pack;
  const damaged = pack.value.document.bundles.map((one) => pack.value.read(one)).find((one) => !one.ok);
  pack.value.close();
  return damaged ?? pack;
}

function reasonOf({ rule, because }: Fault): string {
  return rule ?? because?.code ?? '';
}

describe('docs/test-vectors/pack', () => {
  for (const { file, shows, refusal, reason } of vectors)
    it(`${file}: ${shows}`, () => {
      const judged = judge(file);
      const found = judged.ok ? undefined : { refusal: judged.fault.code, reason: reasonOf(judged.fault) };
      assert.deepEqual(found, refusal === undefined ? undefined : { refusal, reason });
    });
  it('has the fingerprint of its root', () =>
    assert.equal(read('fingerprint.txt').toString(), `${fingerprint(root)}\n`));
  it('lists all its packs and introductions', () => {
    const files = readdirSync(packFolder).filter((name) => /\.siteseal(-operator)?$/.test(name));
    assert.deepEqual(new Set(files), new Set(vectors.map(({ file }) => file)));
  });
});
