import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConfiguration, renewAt, values, type Configuration } from '../../../main/bundle/index.ts';
import type { Rule } from '../../../main/faults/index.ts';
import { base64, configurationFor, makeScene } from '../../kit/bundle.ts';

const scene = makeScene();
const good = { ...configurationFor(scene), sealed: 'AAAA' };
const { enrolment, backhaul, securityGateways, initialIpsec } = good;
const [initial, traffic] = securityGateways;
assert(initial && traffic);

type Changes = Partial<Configuration>;
const url = (text: string): Changes => ({ enrolment: { ...enrolment, url: text } });
const renewal = (renewAt: number): Changes => ({ enrolment: { ...enrolment, renewAt } });
const address = (own: object, gateway: string): Changes => ({
  backhaul: { ...backhaul, address: { method: 'static', gateway, ...own } },
});
const withBackhaul = (changes: Partial<Configuration['backhaul']>): Changes => ({
  backhaul: { ...backhaul, ...changes },
});
const withInitial = (changes: Partial<typeof initial>): Changes => ({
  securityGateways: [{ ...initial, ...changes }, traffic],
});

describe('a configuration may have', () => {
  const { sealed: _, ...unsealed } = good;
  const cases: Readonly<Record<string, Configuration>> = {
    'what the tests give it': good,
    'no sealed part with protection by the vendor certificate': {
      ...unsealed,
      enrolment: { ...enrolment, protection: 'vendor-certificate' },
    },
    'an address by DHCP': { ...good, ...withBackhaul({ address: { method: 'dhcp' } }) },
    'an IPv6 address with a gateway in its subnet': {
      ...good,
      ...address({ ipv6: '2001:db8::12/64' }, '2001:db8::1'),
    },
    'an IPv6 address with a link-local gateway': {
      ...good,
      ...address({ ipv6: '2001:db8::12/64' }, 'fe80::1'),
    },
    'no VLAN, name servers or time servers': {
      ...good,
      backhaul: { address: backhaul.address, mtu: 1400, dns: [], ntp: [] },
    },
    'proposals and inner addresses for one gateway': {
      ...good,
      ...withInitial({
        proposals: ['aes256-sha384-ecp384'],
        espProposals: ['aes256gcm16'],
        inner: { method: 'static', addresses: ['192.0.2.12', '2001:db8::12'] },
      }),
    },
    'inner addresses that the gateway assigns': {
      ...good,
      ...withInitial({ inner: { method: 'assigned' } }),
    },
    'an identity and DNS servers for step 0.5': {
      ...good,
      enrolment: { ...enrolment, dns: ['192.0.2.53', '2001:db8::53'] },
      initialIpsec: { ...initialIpsec, identity: 'fqdn' },
    },
    'an RA/CA whose URL begins in capitals': { ...good, ...url('HTTP://ra.pki.example/') },
    'an RA/CA behind its initial gateway': { ...good, ...url('http://192.0.2.9:8080/pkix/') },
    'an RA/CA with https and an IPv6 address behind its initial gateway': {
      ...good,
      ...url('https://[2001:db8:1::9]/'),
      ...withInitial({ remoteSubnets: ['2001:db8:1::/48'] }),
    },
    'an RA/CA anywhere when the initial IPsec is not required': {
      ...good,
      ...url('http://203.0.113.9/'),
      initialIpsec: { ...initialIpsec, required: false },
    },
    'no gateway when the initial IPsec is not required': {
      ...good,
      securityGateways: [],
      initialIpsec: { ...initialIpsec, required: false },
    },
    'alternative names of each form': {
      ...good,
      enrolment: {
        ...enrolment,
        subjectAltNames: [
          'dns:enb.example',
          'ip:198.51.100.12',
          'ip:2001:db8::1',
          'email:a@b.example',
          'uri:urn:x',
        ],
      },
    },
    'a renewal right after the start': { ...good, ...renewal(1) },
    'a renewal near the end': { ...good, ...renewal(95) },
    'an identity for IKE': { ...good, ...withBackhaul({ ikeIdentity: 'enb-1.backhaul.example' }) },
    'names in any script': { ...good, site: { id: 'S1', name: 'Tehdas Ääkkönen 北京' } },
  };
  it('no time of renewal, which means 70 percent', () => {
    const { renewAt: _, ...earlier } = enrolment;
    const configuration = { ...good, enrolment: earlier };
    assert.deepEqual(checkConfiguration(configuration), { ok: true, value: undefined });
    assert.equal(renewAt(configuration), 70);
  });
  for (const [name, configuration] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(checkConfiguration(configuration), { ok: true, value: undefined }));
  }
});

describe('a configuration may not have', () => {
  const leafRoot = base64(scene.enb);
  const cases: Readonly<Record<string, readonly [field: string, Rule, Changes]>> = {
    'an end before its beginning': [
      'notAfter',
      'validity-order',
      { notBefore: '2027-01-01T00:00:00Z', notAfter: '2026-01-01T00:00:00Z' },
    ],
    'an end at its beginning': ['notAfter', 'validity-order', { notAfter: good.notBefore }],
    'an issue after its end': ['issuedAt', 'issued-in-time', { issuedAt: '9999-01-01T00:00:00Z' }],
    'a site identifier with a slash': ['site.id', 'site-id', { site: { id: 'S/1', name: 'Mill' } }],
    'a site name with a line feed': ['site.name', 'label', { site: { id: 'S1', name: 'Mill\n1' } }],
    'a site name of white space': ['site.name', 'label', { site: { id: 'S1', name: ' \t' } }],
    'an operator name of 257 characters': [
      'operator.name',
      'label',
      { operator: { name: 'x'.repeat(257), plmn: '24491' } },
    ],
    'a PLMN of four digits': ['operator.plmn', 'plmn', { operator: { name: 'Lab', plmn: '2449' } }],
    'a PLMN with a hyphen': ['operator.plmn', 'plmn', { operator: { name: 'Lab', plmn: '244-91' } }],
    'an operator root that is no certificate': [
      'operatorRootCertificates',
      'root-certificate',
      { operatorRootCertificates: ['AAAA'] },
    ],
    'an operator root that is no CA': [
      'operatorRootCertificates',
      'root-certificate',
      { operatorRootCertificates: [...good.operatorRootCertificates, leafRoot] },
    ],
    'a relative URL': ['enrolment.url', 'enrolment-url', url('/pkix/')],
    'a URL of another scheme': ['enrolment.url', 'enrolment-url', url('ftp://ra.pki.example/')],
    'a URL with credentials': ['enrolment.url', 'enrolment-url', url('http://user:pass@ra.pki.example/')],
    'a URL with empty credentials': ['enrolment.url', 'enrolment-url', url('http://@ra.pki.example/')],
    'a URL with an empty fragment': ['enrolment.url', 'enrolment-url', url('http://ra.pki.example/#')],
    'a URL with a fragment': ['enrolment.url', 'enrolment-url', url('http://ra.pki.example/#top')],
    'a URL with a space': ['enrolment.url', 'enrolment-url', url('http://ra.pki.example/p kix')],
    'a URL with a host that is none': ['enrolment.url', 'enrolment-url', url('http://ra_1.example/')],
    'a renewal at the start': ['enrolment.renewAt', 'renew-at', renewal(0)],
    'a renewal in the last 5 percent': ['enrolment.renewAt', 'renew-at', renewal(96)],
    'a CA name that is none': [
      'enrolment.caName',
      'distinguished-name',
      { enrolment: { ...enrolment, caName: 'CA' } },
    ],
    'a subject with an unknown attribute': [
      'enrolment.subject',
      'distinguished-name',
      { enrolment: { ...enrolment, subject: 'XY=1' } },
    ],
    'an alternative name without its form': [
      'enrolment.subjectAltNames',
      'subject-alt-name',
      { enrolment: { ...enrolment, subjectAltNames: ['enb.example'] } },
    ],
    'an alternative name that is not of its form': [
      'enrolment.subjectAltNames',
      'subject-alt-name',
      { enrolment: { ...enrolment, subjectAltNames: ['ip:enb.example'] } },
    ],
    'both an IPv4 and an IPv6 address': [
      'backhaul.address',
      'one-address',
      address({ ipv4: '198.51.100.12/24', ipv6: '2001:db8::12/64' }, '198.51.100.1'),
    ],
    'no address with the static method': ['backhaul.address', 'one-address', address({}, '198.51.100.1')],
    'an address without its prefix': [
      'backhaul.address',
      'one-address',
      address({ ipv4: '198.51.100.12' }, '198.51.100.1'),
    ],
    'a prefix of 33': [
      'backhaul.address',
      'one-address',
      address({ ipv4: '198.51.100.12/33' }, '198.51.100.1'),
    ],
    'itself for a gateway, in another spelling': [
      'backhaul.address.gateway',
      'gateway',
      address({ ipv6: '2001:DB8::1/64' }, '2001:db8:0::1'),
    ],
    'a gateway in another subnet': [
      'backhaul.address.gateway',
      'gateway',
      address({ ipv4: '198.51.100.12/24' }, '198.51.101.1'),
    ],
    'a gateway that is the eNB itself': [
      'backhaul.address.gateway',
      'gateway',
      address({ ipv4: '198.51.100.12/24' }, '198.51.100.12'),
    ],
    'a gateway of the other family': [
      'backhaul.address.gateway',
      'gateway',
      address({ ipv4: '198.51.100.12/24' }, 'fe80::1'),
    ],
    'a gateway that is a name': [
      'backhaul.address.gateway',
      'gateway',
      address({ ipv4: '198.51.100.12/24' }, 'gateway.example'),
    ],
    'VLAN 0': ['backhaul.vlan', 'vlan', withBackhaul({ vlan: 0 })],
    'VLAN 4095': ['backhaul.vlan', 'vlan', withBackhaul({ vlan: 4095 })],
    'an MTU of 575': ['backhaul.mtu', 'mtu', withBackhaul({ mtu: 575 })],
    'an MTU of 9217': ['backhaul.mtu', 'mtu', withBackhaul({ mtu: 9217 })],
    'a name server by name': ['backhaul.dns', 'address', withBackhaul({ dns: ['dns.example'] })],
    'a name server with a scope': ['backhaul.dns', 'address', withBackhaul({ dns: ['fe80::1%eth0'] })],
    'a time server that is a broken address': [
      'backhaul.ntp',
      'host',
      withBackhaul({ ntp: ['198.51.100.256'] }),
    ],
    'an identity for IKE of white space': [
      'backhaul.ikeIdentity',
      'label',
      withBackhaul({ ikeIdentity: ' ' }),
    ],
    'a gateway that is no host': ['securityGateways.0.address', 'host', withInitial({ address: 'seg 1' })],
    'a gateway whose identity is white space': [
      'securityGateways.0.identity',
      'label',
      withInitial({ identity: ' ' }),
    ],
    'a subnet without a prefix': [
      'securityGateways.0.remoteSubnets',
      'address-with-prefix',
      withInitial({ remoteSubnets: ['192.0.2.0'] }),
    ],
    'a proposal in capitals for one gateway': [
      'securityGateways.0.proposals',
      'proposal',
      withInitial({ proposals: ['AES128'] }),
    ],
    'an ESP proposal in capitals for one gateway': [
      'securityGateways.0.espProposals',
      'proposal',
      withInitial({ espProposals: ['AES128'] }),
    ],
    'two inner addresses of one family': [
      'securityGateways.0.inner.addresses',
      'inner-addresses',
      withInitial({ inner: { method: 'static', addresses: ['192.0.2.12', '192.0.2.13'] } }),
    ],
    'a DNS server by name for the enrolment': [
      'enrolment.dns',
      'address',
      { enrolment: { ...enrolment, dns: ['dns.example'] } },
    ],
    'a proposal in capitals': [
      'initialIpsec.proposals',
      'proposal',
      { initialIpsec: { ...initialIpsec, proposals: ['AES128'] } },
    ],
    'an ESP proposal with what is no algorithm': [
      'initialIpsec.espProposals',
      'proposal',
      { initialIpsec: { ...initialIpsec, espProposals: ['aes128gcm16!'] } },
    ],
    'no initial gateway when the initial IPsec is required': [
      'securityGateways',
      'initial-gateway',
      { securityGateways: [traffic] },
    ],
    'an RA/CA that is not behind its initial gateway': [
      'enrolment.url',
      'ra-outside-tunnel',
      url('http://203.0.113.9/'),
    ],
    'an RA/CA that is behind the traffic gateway only': [
      'enrolment.url',
      'ra-outside-tunnel',
      url('http://[2001:db8:1::9]/'),
    ],
  };
  for (const [name, [field, rule, changes]] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(checkConfiguration({ ...good, ...changes }), {
        ok: false,
        fault: { code: 'configuration-invalid', rule, where: { field } },
      });
    });
  }

  it('a credential that nothing seals', () => {
    const { sealed: _, ...unsealed } = good;
    const checked = checkConfiguration(unsealed);
    assert(!checked.ok);
    assert.equal(checked.fault.rule, 'credential-not-sealed');
  });
});

describe('values', () => {
  const cases: readonly (readonly [keyof typeof values, readonly unknown[], readonly unknown[]])[] = [
    [
      'isAddress',
      ['192.0.2.1', '::', '2001:db8::1', '::ffff:192.0.2.1'],
      ['', '192.0.2', '192.0.2.01', 'fe80::1%1'],
    ],
    [
      'isHostName',
      ['a', 'seg1.backhaul.example', 'a'.repeat(63), '1a.example', 'x.1a', 'xn--bcher-kva.example'],
      ['', '.', 'a.', '-a', 'a-', 'a..b', 'a_b', 'bücher.example', 'a'.repeat(64), '1.2.3', 'a b'],
    ],
    [
      'isAddressWithPrefix',
      ['0.0.0.0/0', '::/0', '192.0.2.1/32', '2001:db8::/128'],
      [
        '192.0.2.1',
        '192.0.2.1/',
        '192.0.2.1/024',
        '192.0.2.1/33',
        '::/129',
        '/24',
        'a/24',
        '192.0.2.1/24/24',
      ],
    ],
    [
      'areInnerAddresses',
      [[], ['192.0.2.1'], ['2001:db8::1', '192.0.2.1']],
      [['192.0.2.1', '192.0.2.1'], ['::1', '::2'], ['a'], ['0.0.0.0'], ['0:0::0'], ['192.0.2.1/32'], ['']],
    ],
    ['isPlmn', ['24491', '310410'], ['2449', '3104100', '2449a', '٢٤٤٩١']],
    ['isVlan', [1, 4094], [0, 4095, 1.5, NaN]],
    ['isRenewAt', [1, 70, 95], [0, -1, 96, 1.5, NaN]],
    ['isMtu', [576, 9216], [575, 9217, 1400.5, NaN]],
    ['isSiteId', ['S1', 'a.b-c_d', 'x'.repeat(64)], ['', '.a', 'a/b', 'a b', 'x'.repeat(65), 'å', 'a\n']],
    ['isLabel', ['x', 'x y', 'x'.repeat(256)], ['', ' ', 'x'.repeat(257), 'a\u0000', 'a\u0085b']],
  ];
  for (const [name, right, wrong] of cases) {
    const predicate = values[name] as (value: unknown) => boolean;
    it(`${name} takes what it should and nothing else`, () => {
      for (const value of right) assert.equal(predicate(value), true, JSON.stringify(value));
      for (const value of wrong) assert.equal(predicate(value), false, JSON.stringify(value));
    });
  }
});
