import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decode, der } from '../../../main/asn1/index.ts';
import { WorkBudget } from '../../../main/keys/encryption-scheme.ts';

/** Whether a file may ask for key derivations of so many iterations. */
function isBorne(...iterations: readonly number[]): boolean {
  const budget = new WorkBudget();
  const bytes = der.sequence(...iterations.map((one) => der.integer(one)));
  return decode(bytes, (reader) => reader.sequenceOf((item) => budget.readIterations(item))).ok;
}

it('The key derivations of a file are bounded, each and together', () => {
  const most = 2_000_000;
  for (const iterations of [[1], [most], [most, most, most, most]]) assert(isBorne(...iterations));
  for (const iterations of [[0], [most + 1], [most, most, most, most, 1]]) assert(!isBorne(...iterations));
});
