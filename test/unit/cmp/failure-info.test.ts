import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureInfo, failureRules } from '../../../main/cmp/failure-info.ts';
import { isRule } from '../../../main/faults/index.ts';
import { locales } from '../../../main/words/index.ts';

test('each of the 27 failure bits has a rule whose words name it, with a cause and what to do', () => {
  assert.equal(failureInfo.length, 27);
  assert.equal(new Set(failureRules).size, 27);
  for (const [name, rule] of failureInfo) {
    assert.ok(isRule(rule));
    assert.ok(locales.en.rules[rule].endsWith(`(${name})`), name);
    assert.ok(Object.hasOwn(locales.en.advice, rule), name);
  }
});

test('the bits have the numbers of RFC 9810', () => {
  for (const [bit, rule] of [
    [0, 'cmp-fail-bad-alg'],
    [3, 'cmp-fail-bad-time'],
    [9, 'cmp-fail-bad-pop'],
    [20, 'cmp-fail-signer-not-trusted'],
    [23, 'cmp-fail-not-authorized'],
    [26, 'cmp-fail-duplicate-cert-req'],
  ] as const)
    assert.equal(failureRules[bit], rule);
});
