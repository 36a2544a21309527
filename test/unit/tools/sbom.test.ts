import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Ajv } from 'ajv';
import { root } from '../../../tools/launch/root.js';
import { licenceOf, lockPath, runtimePackages } from '../../../tools/licences.ts';
import { sbom } from '../../../tools/sbom.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly scope?: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly evidence?: { readonly licenses?: readonly unknown[] };
  readonly externalReferences?: readonly { readonly url: string }[];
}

interface Document {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const runtime = { electron: '45.4.1', chromium: '150.0.1.2', node: '24.21.0' };
const bundled = [
  'react',
  'react-dom',
  '@fontsource-variable/atkinson-hyperlegible-next',
  'zod',
  'ws',
  'fontkit',
];
const inside = {
  renderer: bundled.slice(0, 3).map((name) => join(root, 'node_modules', name)),
  core: bundled.slice(3).map((name) => join(root, 'node_modules', name)),
  node_modules: runtimePackages(),
};
const text = sbom(inside, runtime);
const made = JSON.parse(text) as Document;

const schemas = join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
const read = (name: string) => JSON.parse(readFileSync(join(schemas, name), 'utf8')) as object;
const ajv = new Ajv({
  strict: false,
  formats: { uri: true, 'iri-reference': true, 'idn-email': true, 'date-time': true },
});
for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs'])
  ajv.addSchema({
    ...read(`${name}.SNAPSHOT.schema.json`),
    $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`,
  });
const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));

const expected = [...new Set(Object.values(inside).flat())]
  .map(licenceOf)
  .map(({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`);

/** The packages that a document lacks, by name and version. */
function missingIn({ components }: Document): readonly string[] {
  const listed = new Set(components.map(({ purl }) => purl));
  return expected.filter((purl) => !listed.has(purl));
}

/** The components that no path of dependencies leads to. */
function unreachableIn({ metadata, components, dependencies }: Document): readonly string[] {
  const reached = new Set<string>();
  const follow = (ref: string): void => {
    if (reached.has(ref)) return;
    reached.add(ref);
    dependencies.find((one) => one.ref === ref)?.dependsOn?.forEach(follow);
  };
  follow(metadata.component['bom-ref']);
  return components.map((one) => one['bom-ref']).filter((ref) => !reached.has(ref));
}

suite('the list of everything inside (SBOM)', () => {
  test('follows the official schema of CycloneDX 1.6, which refuses a changed one', () => {
    assert.equal(validate(made), true, JSON.stringify(validate.errors));
    const [first, ...others] = made.components;
    for (const changed of [
      { ...made, components: [{ ...first, hashes: [{ alg: 'SHA-512', content: 'none' }] }, ...others] },
      { ...made, components: [{ ...first, licenses: [{ license: { id: 'Free' } }] }, ...others] },
      { ...made, components: [{ ...first, more: 1 }, ...others] },
      { ...made, specVersion: 1.6 },
    ])
      assert.equal(validate(changed), false);
  });

  test('names every package, and lacks one that is taken out', () => {
    assert.deepEqual(missingIn(made), []);
    for (const purl of expected) {
      const without = { ...made, components: made.components.filter((one) => one.purl !== purl) };
      assert.deepEqual(missingIn(without), [purl]);
    }
  });

  test('knows each part by version, licence and hash, and why it is there', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly integrity: string }>>;
    };
    const noHash = made.components.filter(({ hashes }) => hashes === undefined).map(({ name }) => name);
    assert.deepEqual(noHash.sort(), ['chromium', 'electron', 'node']);
    for (const { name, version, purl, licenses } of made.components)
      assert.ok(version !== undefined && purl !== undefined && licenses?.length === 1, name);
    for (const folder of inside.core) {
      const { name } = licenceOf(folder);
      const [hash] = made.components.find((one) => one.name === name)?.hashes ?? [];
      const integrity = `sha512-${Buffer.from(hash!.content, 'hex').toString('base64')}`;
      assert.equal(integrity, lock.packages[lockPath(folder)]?.integrity);
    }
    assert.deepEqual(unreachableIn(made), []);
  });

  test('has the texts of a licence that a package brings, and no empty evidence', () => {
    const withoutText = made.components.filter(({ evidence }) => evidence === undefined);
    assert.ok(withoutText.some(({ name }) => name === 'fontkit'));
    for (const { name, evidence } of made.components)
      if (evidence !== undefined) assert.ok((evidence.licenses?.length ?? 0) > 0, name);
  });

  test('names the runtime, with the archives of the electron package where the version is the same', () => {
    const of = (document: Document, name: string) => document.components.find((one) => one.name === name);
    assert.equal(of(made, 'chromium')?.version, runtime.chromium);
    assert.ok(of(made, 'electron')?.externalReferences?.some(({ url }) => url.endsWith('-linux-x64.zip')));
    const unknown = JSON.parse(sbom(inside, { electron: '1.2.3' })) as Document;
    assert.equal(validate(unknown), true, JSON.stringify(validate.errors));
    assert.equal(of(unknown, 'electron')?.version, '1.2.3');
    assert.equal(of(unknown, 'electron')?.externalReferences, undefined);
    assert.equal(of(unknown, 'chromium')?.version, undefined);
  });

  test('is the same every time', () => {
    assert.equal(sbom(inside, runtime), text);
    assert.doesNotMatch(text, /timestamp|serialNumber/);
  });
});
