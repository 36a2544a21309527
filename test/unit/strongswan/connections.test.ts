import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  enbConnection,
  identityText,
  segConnection,
  type EnbConnection,
  type SegConnection,
} from '../../../main/strongswan/index.ts';
import { makeIpsecPki, segName } from '../../kit/ipsec-pki.ts';

const { enb, seg, vendor, operator } = makeIpsecPki();
const proposals = { proposals: ['aes128-sha256-ecp256'], espProposals: ['aes128gcm16'] };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const ofEnb: EnbConnection = {
  name: 'initial-1',
  address: '198.51.100.1',
  gatewayIdentity: segName,
  ...enb,
  chain: [vendor.issuing.certificate],
  roots: [operator.root.certificate],
  remoteSubnets: ['10.20.0.0/24'],
  isChildless: false,
  ...proposals,
};

const ofSeg: SegConnection = {
  ...seg,
  chain: [],
  identity: segName,
  addresses: [],
  roots: [vendor.root.certificate, operator.root.certificate],
  subnets: ['10.20.0.0/24'],
  isChildless: false,
  ...proposals,
};

describe('the connection of an eNB', () => {
  it('authenticates by its subject, and accepts only the named gateway below the operator roots', () => {
    const { 'initial-1': connection } = enbConnection(ofEnb) as Record<string, Record<string, unknown>>;
    assert.deepEqual(connection, {
      version: '2',
      encap: 'yes',
      mobike: 'no',
      unique: 'never',
      dpd_delay: '10s',
      remote_addrs: ['198.51.100.1'],
      proposals: ['aes128-sha256-ecp256'],
      keyingtries: '1',
      childless: 'never',
      vips: ['0.0.0.0'],
      local: {
        auth: 'pubkey',
        certs: [enb.certificate.der],
        id: `asn1dn:#${hex(enb.certificate.subject.der)}`,
      },
      remote: { auth: 'pubkey', id: `fqdn:${segName}`, cacerts: [operator.root.certificate.der] },
      children: { 'initial-1': { remote_ts: ['10.20.0.0/24'], esp_proposals: ['aes128gcm16'] } },
    });
  });

  const vips = (changes: Partial<EnbConnection>) =>
    (enbConnection({ ...ofEnb, ...changes }) as Record<string, { readonly vips?: unknown }>)['initial-1']
      ?.vips;

  it('asks for an address of each family that the networks have, or for its own', () => {
    assert.deepEqual(vips({ remoteSubnets: ['2001:db8::/32'] }), ['::']);
    assert.deepEqual(vips({ remoteSubnets: ['2001:db8::/32', '10.0.0.0/8'] }), ['0.0.0.0', '::']);
    assert.deepEqual(vips({ innerAddresses: ['10.30.0.5'] }), ['10.30.0.5']);
  });

  it('asks for no address and no child when it is childless', () => {
    const { 'initial-1': connection } = enbConnection({ ...ofEnb, isChildless: true }) as Record<
      string,
      object
    >;
    assert(connection && !('vips' in connection) && !('children' in connection));
    assert.equal((connection as { childless?: unknown }).childless, 'force');
  });
});

describe('the connection of a gateway', () => {
  it('takes eNBs below its roots, gives them addresses, and lets them in twice', () => {
    const { enbs } = segConnection(ofSeg, ['enbs-4-0']) as { readonly enbs: Record<string, unknown> };
    assert.deepEqual(enbs.pools, ['enbs-4-0']);
    assert.equal(enbs.unique, 'never');
    assert.deepEqual(enbs.remote, {
      auth: 'pubkey',
      cacerts: [vendor.root.certificate.der, operator.root.certificate.der],
    });
    assert.deepEqual(enbs.children, {
      enbs: { local_ts: ['10.20.0.0/24'], esp_proposals: ['aes128gcm16'] },
    });
  });
});

describe('an identity', () => {
  it('always has its kind in front, so that it is never a pattern', () => {
    const texts = {
      'seg1.operator.example': 'fqdn:seg1.operator.example',
      '198.51.100.1': 'ipv4:198.51.100.1',
      '2001:db8::1': 'ipv6:2001:db8::1',
      '%any': `keyid:#${hex(Buffer.from('%any'))}`,
      '*.operator.example': `keyid:#${hex(Buffer.from('*.operator.example'))}`,
      'fqdn:*': `keyid:#${hex(Buffer.from('fqdn:*'))}`,
      'C=FI,CN=*': `keyid:#${hex(Buffer.from('C=FI,CN=*'))}`,
      '': 'keyid:#',
    };
    for (const [identity, text] of Object.entries(texts)) assert.equal(identityText(identity), text);
  });

  it('can be a distinguished name, by its bytes', () => {
    assert.equal(
      identityText('CN=seg'),
      `asn1dn:#${hex(Buffer.from('300e310c300a06035504030c03736567', 'hex'))}`,
    );
  });
});
