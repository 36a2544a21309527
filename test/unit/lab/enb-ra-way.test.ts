import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOfRa } from '../../../main/lab/enb-ra-way.ts';
import { TestTunnel } from '../../kit/ipsec.ts';
import { configurationFor, makeScene } from '../../kit/bundle.ts';

const [gateway] = configurationFor(makeScene()).securityGateways;
assert(gateway);

/** A tunnel to 192.0.2.0/24, with names behind it. */
function tunnelWith(names: TestTunnel['names'] = {}, carriesTraffic = true): TestTunnel {
  const scene = makeScene();
  const { key, certificate } = scene.enb;
  const gateways = [{ ...gateway!, proposals: [], espProposals: [] }];
  const order = { role: 'initial' as const, gateways, key, certificate, chain: [], roots: [] };
  const tunnel = new TestTunnel(order, carriesTraffic);
  tunnel.names = names;
  return tunnel;
}

const dns = ['192.0.2.53'];
const atAddress = { url: 'http://192.0.2.7:8080/pkix/' };
const atName = { url: 'http://ra.pki.example/pkix/', dns };

describe('a request to the RA/CA', () => {
  it('goes through the tunnel if its address is behind it', async () => {
    for (const isTunnelRequired of [true, false]) {
      const tunnel = tunnelWith();
      const place = await placeOfRa(atAddress, { tunnel, isTunnelRequired });
      assert.deepEqual(place, { ok: true, value: { tunnel, address: '192.0.2.7' } });
    }
  });

  it('goes to the address of its name that is behind the tunnel, as the servers behind the tunnel say', async () => {
    const tunnel = tunnelWith({ 'ra.pki.example': ['203.0.113.7', '192.0.2.9'] });
    const place = await placeOfRa(atName, { tunnel, isTunnelRequired: true });
    assert.deepEqual(place, { ok: true, value: { tunnel, address: '192.0.2.9' } });
  });

  for (const [what, where, names, found] of [
    ['an address elsewhere', { url: 'http://203.0.113.7/' }, {}, '203.0.113.7'],
    [
      'a name that leads elsewhere',
      atName,
      { 'ra.pki.example': ['203.0.113.7'] },
      'ra.pki.example, 203.0.113.7',
    ],
    ['a name without an address', atName, {}, 'ra.pki.example'],
  ] as const) {
    it(`to ${what} is refused if the bundle requires the tunnel, and otherwise goes outside it`, async () => {
      const refused = await placeOfRa(where, { tunnel: tunnelWith(names), isTunnelRequired: true });
      assert.deepEqual(refused, { ok: false, fault: { code: 'ra-outside-tunnel', found } });
      const outside = await placeOfRa(where, { tunnel: tunnelWith(names), isTunnelRequired: false });
      assert.deepEqual(outside, { ok: true, value: 'outside' });
    });
  }

  it('is refused through a tunnel that carries no traffic', async () => {
    const place = await placeOfRa(atAddress, { tunnel: tunnelWith({}, false), isTunnelRequired: true });
    assert.equal(place.ok, false);
  });

  it('is refused without the required tunnel, before any name is looked up', async () => {
    const place = await placeOfRa(atName, { isTunnelRequired: true });
    assert.deepEqual(place, { ok: false, fault: { code: 'ra-outside-tunnel', found: 'ra.pki.example' } });
  });

  it('is refused if no server answers for its name', async () => {
    const tunnel = tunnelWith();
    tunnel.resolve = () => Promise.reject(Object.assign(new Error(), { code: 'ETIMEOUT' }));
    const place = await placeOfRa(atName, { tunnel, isTunnelRequired: true });
    assert.deepEqual(place, {
      ok: false,
      fault: { code: 'ra-outside-tunnel', found: 'ra.pki.example (ETIMEOUT)' },
    });
  });
});
