import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  differencesOf,
  issuedContent,
  type Configuration,
  type IssuedWith,
} from '../../../main/bundle/index.ts';
import { configurationFor, makeScene } from '../../kit/bundle.ts';

const configuration = configurationFor(makeScene());
const signer = { sha256: 'aa' };
const issuedWith: IssuedWith = { signer, freshCrls: [], sealed: [] };

function changes(after: Partial<Configuration>, more: Partial<IssuedWith> = {}) {
  const later = issuedContent({ ...configuration, ...after }, { ...issuedWith, ...more });
  return differencesOf(issuedContent(configuration, issuedWith), later);
}

describe('the differences of two bundles', () => {
  it('are none where only their numbers and their sealed parts differ', () => {
    const numbers = { bundleId: 'other', sequence: 9, issuedAt: '2027-01-01T00:00:00Z', sealed: 'AAAA' };
    assert.deepEqual(changes(numbers), []);
  });

  it('tell lists apart whose texts are equal', () => {
    const { backhaul } = configuration;
    const one = issuedContent({ ...configuration, backhaul: { ...backhaul, dns: ['a, b'] } }, issuedWith);
    const two = issuedContent({ ...configuration, backhaul: { ...backhaul, dns: ['a', 'b'] } }, issuedWith);
    assert.deepEqual(differencesOf(one, two), [{ field: 'backhaul.dns', before: 'a, b', after: 'a, b' }]);
  });

  it('have the ends of the lists that must be fresh', () => {
    const freshCrls = [{ nextUpdate: new Date('2026-12-01T00:00:00Z') }];
    assert.deepEqual(changes({}, { freshCrls }), [
      { field: 'signer.listsUntil', after: '2026-12-01T00:00:00Z' },
    ]);
  });

  it('have a gateway that is new, value by value', () => {
    const { securityGateways } = configuration;
    const gateway = { role: 'traffic', address: 'a', identity: 'b', remoteSubnets: ['c', 'd'] } as const;
    const fields = changes({
      securityGateways: [...securityGateways, { ...gateway, remoteSubnets: ['c', 'd'] }],
    });
    const place = `securityGateways[${securityGateways.length}]`;
    assert.deepEqual(fields, [
      { field: `${place}.role`, after: 'traffic' },
      { field: `${place}.address`, after: 'a' },
      { field: `${place}.identity`, after: 'b' },
      { field: `${place}.remoteSubnets`, after: 'c, d' },
    ]);
  });
});
