import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assertNever,
  catalogue,
  exitCodes,
  fault,
  ok,
  prependWhere,
  refuse,
  refused,
} from '../../../main/faults/index.ts';

describe('the catalogue', () => {
  test('has codes in lower case with hyphens, as scripts and logs keep them', () => {
    for (const code of Object.keys(catalogue)) assert.match(code, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  test('gives every code a category, and every category a distinct exit code', () => {
    for (const [code, category] of Object.entries(catalogue)) assert.ok(category in exitCodes, code);
    assert.deepEqual(exitCodes, { data: 1, usage: 2, environment: 3, device: 4 });
  });
});

describe('a fault as a value', () => {
  test('carries its code and the facts that are known, and nothing else', () => {
    assert.deepEqual(fault('field-invalid'), { code: 'field-invalid' });
    assert.deepEqual(fault('field-invalid', { found: '0', where: { row: 3 } }), {
      code: 'field-invalid',
      found: '0',
      where: { row: 3 },
    });
  });

  test('is refused or passed on in a result', () => {
    const one = fault('key-weak');
    assert.deepEqual(ok(7), { ok: true, value: 7 });
    assert.deepEqual(refused(one), { ok: false, fault: one });
    assert.deepEqual(refuse('key-weak'), { ok: false, fault: one });
  });

  test('keeps what it knew about where when more is said', () => {
    const one = fault('field-invalid', { where: { field: 'vlan', row: 3 } });
    assert.deepEqual(prependWhere(one, { file: 'a.csv', row: 9 }).where, {
      file: 'a.csv',
      field: 'vlan',
      row: 3,
    });
    assert.deepEqual(prependWhere(fault('field-invalid'), { line: 4 }).where, { line: 4 });
    assert.deepEqual(one.where, { field: 'vlan', row: 3 });
  });

  test('a forgotten case of a switch is a bug, and thrown as one', () => {
    assert.throws(() => assertNever({ kind: 'new' } as never), /Unhandled case: \{"kind":"new"\}/);
  });
});
