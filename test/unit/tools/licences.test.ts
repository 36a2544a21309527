import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { licencesOf, runtimePackages } from '../../../tools/licences.ts';

const root = join(import.meta.dirname, '../../..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

test('every package that the core needs at run time is listed, with those that it needs in turn', () => {
  const names = licencesOf(runtimePackages()).map(({ name }) => name);
  for (const name of [...Object.keys(dependencies), 'tsyringe', 'asn1js'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(
    names,
    names.toSorted((one, other) => one.localeCompare(other, 'en')),
  );
  for (const tool of ['eslint', 'vite', 'electron', 'typescript']) assert.ok(!names.includes(tool), tool);
});

test('every package states a licence that others may ship, and nearly all bring its text', () => {
  const known = ['MIT', 'Apache-2.0', 'BSD-3-Clause', '0BSD', 'OFL-1.1', 'ISC'];
  const fonts = ['next', 'mono'].map((face) =>
    join(root, 'node_modules/@fontsource-variable', `atkinson-hyperlegible-${face}`),
  );
  const all = licencesOf([...runtimePackages(), ...fonts]);
  for (const { name, version, licence } of all) {
    assert.ok(known.includes(licence), `${name}: ${licence}`);
    assert.match(version, /^\d+\.\d+\.\d+/, name);
  }
  // The text of @node-usb is in the package `usb`, whose native part it is. The others, by one author, only name theirs.
  const without = all
    .filter(({ files }) => files.length === 0)
    .map(({ name }) => name.replace(/^@node-usb\/.*/, '@node-usb'));
  assert.deepEqual(without, ['@node-usb', 'brotli', 'dfa', 'fontkit']);
});

test('a package in two versions is listed twice, and no version twice', () => {
  const all = licencesOf(runtimePackages()).map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual([...new Set(all)], all);
});
