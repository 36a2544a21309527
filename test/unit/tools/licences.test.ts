import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findPackage, licencesOf, neededBy, runtimePackages } from '../../../tools/licences.ts';

const root = join(import.meta.dirname, '../../..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** The folders of packages that the build bundles, with all that they may import. */
function bundledPackages(): readonly string[] {
  const found = new Set<string>();
  const add = (place: string): void => {
    if (found.has(place)) return;
    found.add(place);
    neededBy(place).forEach(add);
  };
  const names = ['@peculiar/x509', 'commander', 'pdfkit', 'reflect-metadata', 'uqr', 'ws', 'zod'];
  for (const name of names) add(findPackage(name, root)!);
  return [...found];
}

test('every package that is packed beside the programs is listed, with those that it needs in turn', () => {
  const names = licencesOf(runtimePackages()).map(({ name }) => name);
  for (const name of Object.keys(dependencies)) assert.ok(names.includes(name), name);
  assert.ok(names.some((name) => name.startsWith('@node-usb/')));
  assert.deepEqual(
    names,
    names.toSorted((one, other) => one.localeCompare(other, 'en')),
  );
  for (const tool of ['eslint', 'vite', 'electron', 'typescript', 'node-addon-api', 'zod'])
    assert.ok(!names.includes(tool), tool);
});

test('every package states a licence that others may ship, and nearly all bring its text', () => {
  const known = ['MIT', 'Apache-2.0', 'BSD-3-Clause', '0BSD', 'OFL-1.1', 'ISC'];
  const fonts = ['next', 'mono'].map((face) =>
    join(root, 'node_modules/@fontsource-variable', `atkinson-hyperlegible-${face}`),
  );
  const all = licencesOf([...runtimePackages(), ...bundledPackages(), ...fonts]);
  for (const { name, version, licence } of all) {
    assert.ok(known.includes(licence), `${name}: ${licence}`);
    assert.match(version, /^\d+\.\d+\.\d+/, name);
  }
  // The text of @node-usb is in the package `usb`, whose native part it is. What pdfkit needs names its licence only.
  const without = all
    .filter(({ files }) => files.length === 0)
    .map(({ name }) => name.replace(/^@node-usb\/.*/, '@node-usb'));
  assert.deepEqual(without, ['@node-usb', 'brotli', 'dfa', 'fontkit']);
});

test('a package in two versions is listed twice, and no version twice', () => {
  const all = licencesOf(bundledPackages()).map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual([...new Set(all)], all);
});
