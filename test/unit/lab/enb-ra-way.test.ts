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
const never = new AbortController().signal;
const atAddress = { url: 'http://192.0.2.7:8080/pkix/' };
const atName = { url: 'http://ra.pki.example/pkix/', dns };

describe('a request to the RA/CA', () => {
  it('goes through the tunnel if its address is behind it', async () => {
    for (const isTunnelRequired of [true, false]) {
      const tunnel = tunnelWith();
      const place = await placeOfRa(atAddress, { tunnel, isTunnelRequired }, never);
      assert.deepEqual(place, { ok: true, value: { tunnel, address: '192.0.2.7' } });
    }
  });

  it('goes to the address of its name that is behind the tunnel, as the servers behind the tunnel say', async () => {
    const tunnel = tunnelWith({ 'ra.pki.example': ['203.0.113.7', '192.0.2.9'] });
    const place = await placeOfRa(atName, { tunnel, isTunnelRequired: true }, never);
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
      const refused = await placeOfRa(where, { tunnel: tunnelWith(names), isTunnelRequired: true }, never);
      assert.deepEqual(refused, { ok: false, fault: { code: 'ra-outside-tunnel', found } });
      const outside = await placeOfRa(where, { tunnel: tunnelWith(names), isTunnelRequired: false }, never);
      assert.deepEqual(outside, { ok: true, value: 'outside' });
    });
  }

  it('is refused through a tunnel that carries no traffic', async () => {
    const place = await placeOfRa(
      atAddress,
      { tunnel: tunnelWith({}, false), isTunnelRequired: true },
      never,
    );
    assert.equal(place.ok, false);
  });

  it('is refused without the required tunnel, before any name is looked up', async () => {
    const place = await placeOfRa(atName, { isTunnelRequired: true }, never);
    assert.deepEqual(place, { ok: false, fault: { code: 'ra-outside-tunnel', found: 'ra.pki.example' } });
  });

  it('is refused if no server answers for its name', async () => {
    const tunnel = tunnelWith();
    tunnel.resolve = () => Promise.reject(Object.assign(new Error(), { code: 'ETIMEOUT' }));
    const place = await placeOfRa(atName, { tunnel, isTunnelRequired: true }, never);
    assert.deepEqual(place, {
      ok: false,
      fault: { code: 'ra-outside-tunnel', found: 'ra.pki.example (ETIMEOUT)' },
    });
  });

  it('asks only servers of DNS that are behind the tunnel', async () => {
    const tunnel = tunnelWith({ 'ra.pki.example': ['192.0.2.9'] });
    const mixed = { ...atName, dns: ['203.0.113.53', ...dns, '2001:db8::53'] };
    assert.equal((await placeOfRa(mixed, { tunnel, isTunnelRequired: true }, never)).ok, true);
    assert.deepEqual(tunnel.asked, [dns]);
    const outside = { ...atName, dns: ['203.0.113.53'] };
    assert.deepEqual(await placeOfRa(outside, { tunnel, isTunnelRequired: true }, never), {
      ok: false,
      fault: { code: 'ra-outside-tunnel', found: 'ra.pki.example' },
    });
    assert.deepEqual(tunnel.asked, [dns]);
  });

  it('goes to an address of a family that the eNB has inside, and that is what it seems', async () => {
    const gateways = [{ ...gateway, remoteSubnets: ['0.0.0.0/0', '::/0'], proposals: [], espProposals: [] }];
    const names = { 'ra.pki.example': ['2001:db8::7', '::ffff:192.0.2.8', '192.0.2.9'] };
    const order = { ...tunnelWith().order, gateways };
    for (const [inner, address] of [
      [['10.30.0.1'], '192.0.2.9'],
      [['fd00::1'], '2001:db8::7'],
    ] as const) {
      const tunnel = new TestTunnel(order, true);
      tunnel.names = names;
      tunnel.innerAddresses = inner;
      const place = await placeOfRa(
        { ...atName, dns: [...inner] },
        { tunnel, isTunnelRequired: true },
        never,
      );
      assert.deepEqual(place, { ok: true, value: { tunnel, address } });
      const mapped = { url: 'http://[::ffff:192.0.2.8]/' };
      assert.equal((await placeOfRa(mapped, { tunnel, isTunnelRequired: true }, never)).ok, false);
    }
  });

  it('does not wait for a server of DNS once it is not wanted any more', async () => {
    const tunnel = tunnelWith();
    tunnel.resolve = () => new Promise(() => undefined);
    const ending = new AbortController();
    const place = placeOfRa(atName, { tunnel, isTunnelRequired: true }, ending.signal);
    ending.abort();
    assert.deepEqual(await place, { ok: false, fault: { code: 'cancelled' } });
  });
});
