import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { values } from '../../../main/bundle/index.ts';

/** Subnets as node's own BlockList has them. */
function isListed(address: string, subnet: string, family: 'ipv4' | 'ipv6'): boolean {
  const [network = '', prefix] = subnet.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, family);
}

describe('an IPv4 address', () => {
  it('is in the subnets in which it is for BlockList, whatever the prefix', () => {
    // Addresses that share all but their last bits, so that a prefix of any length decides.
    const around = fc.tuple(fc.ipV4(), fc.nat({ max: 32 }), fc.nat({ max: 31 }));
    fc.assert(
      fc.property(around, ([network, prefix, bit]) => {
        const octets = network.split('.').map(Number);
        octets[bit >> 3] = (octets[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        for (const address of [network, octets.join('.')]) {
          const subnet = `${network}/${prefix}`;
          assert.equal(values.isInSubnets(address, [subnet]), isListed(address, subnet, 'ipv4'), address);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('subnets', () => {
  const cases: readonly (readonly [address: string, subnets: readonly string[], isIn: boolean])[] = [
    ['198.51.100.7', [], false],
    ['198.51.100.7', ['2001:db8::/32', '198.51.100.0/24'], true],
    ['198.51.100.7', ['::/0'], false],
    ['::ffff:198.51.100.7', ['198.51.100.0/24'], false],
    ['198.51.100.7', ['::ffff:0:0/96'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['198.51.100.7', ['no subnet', '198.51.100.7/33'], false],
  ];
  for (const [address, subnets, isIn] of cases) {
    it(`${subnets.join(', ') || 'that are none'} ${isIn ? 'hold' : 'do not hold'} ${address}`, () =>
      assert.equal(values.isInSubnets(address, subnets), isIn));
  }
});
