/** Python reads the ZIP file of a published job pack, and OpenSSL what is signed in it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { writeZip } from '../../../main/pack/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { streamOf } from '../../kit/pack.ts';
import { packFolder } from '../../vectors/pack-vector.ts';

const program = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as pack:
    assert pack.testzip() is None
    print(json.dumps({e.filename: [e.compress_type, hashlib.sha256(pack.read(e)).hexdigest()] for e in pack.infolist()}))
`;

interface Manifest {
  readonly bundles: readonly { readonly file: string; readonly sha256: string }[];
}

it('finds the files of a pack, as the manifest names them', () => {
  const pack = join(packFolder, 'two.siteseal');
  const found = JSON.parse(execFileSync('python3', ['-c', program, pack], { encoding: 'utf8' })) as Record<
    string,
    readonly [number, string]
  >;
  const content = readFileSync(join(packFolder, 'two.manifest.p7m')).toString('latin1');
  const { bundles } = JSON.parse(
    /\{"format".*?"requireFreshCrl":(true|false)\}/.exec(content)?.[0] ?? '',
  ) as Manifest;
  const { 'manifest.p7m': _, ...files } = found;
  assert.deepEqual(files, Object.fromEntries(bundles.map(({ file, sha256 }) => [file, [0, sha256]])));
});

it('reads a pack with so many files that it has the 64-bit form', async () => {
  const file = join(temporaryFolder(), 'many.zip');
  const count = 70_000;
  const entries = Array.from({ length: count }, (_, index) => ({
    name: `bundles/${index}`,
    bytes: Buffer.from(`${index}`),
  }));
  await writeZip(file, streamOf(entries));
  const last = `import sys, zipfile; pack = zipfile.ZipFile(sys.argv[1]); print(len(pack.namelist()), pack.read("bundles/69999").decode())`;
  assert.equal(execFileSync('python3', ['-c', last, file], { encoding: 'utf8' }), '70000 69999\n');
});
