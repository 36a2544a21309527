import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openedBundles } from '../../../main/api/refused-files.ts';
import { fault, type Fault } from '../../../main/faults/index.ts';

const group = (...faults: readonly Fault[]) =>
  openedBundles({
    added: [],
    known: 0,
    superseded: 0,
    refused: faults.map((one, index) => ({ name: `${index}.p7m`, fault: one })),
  }).refused;

const untrusted = (vendor: string, certificate: string) =>
  fault('vendor-not-trusted', { expected: vendor, where: { certificate } });

suite('refused files', () => {
  test('are one group for one cause, whatever differs from file to file', () => {
    const expired = (found: string) => fault('bundle-expired', { found });
    assert.deepEqual(
      group(expired('2026-10-01T00:00:00Z'), expired('2026-10-02T00:00:00Z')).map(({ count }) => count),
      [2],
    );
  });

  test('are separate groups when the system gives different reasons', () => {
    const unreadable = (found: string) => fault('file-unreadable', { found });
    assert.equal(group(unreadable('EACCES'), unreadable('a symbolic link')).length, 2);
  });

  test('name two vendors of one name by the subjects of their roots', () => {
    const [one, other] = group(untrusted('Acme', 'O=Acme,CN=A'), untrusted('Acme', 'O=Acme,CN=B'));
    assert.notEqual(one?.missingRoot?.vendor, other?.missingRoot?.vendor);
  });

  test('are counted in full and named in part', () => {
    const [all] = group(...Array.from({ length: 100_000 }, () => untrusted('Acme', 'O=Acme')));
    assert.deepEqual([all?.count, all?.names.length], [100_000, 200]);
  });
});
