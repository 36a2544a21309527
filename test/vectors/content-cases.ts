import { maximumSequence, type AcceptanceCode, type Configuration } from '../../main/bundle/index.ts';
import { authorisation, configurationKey, type World } from './world.ts';
import { configurationFor, openConfiguration, sealedBundle, signText, type Case } from './case.ts';

/** Bundles with a valid and permitted signature, whose content is not the JSON that the format asks for. */
export async function* jsonCases(world: World): AsyncGenerator<Case> {
  const configuration = openConfiguration(world);
  const text = JSON.stringify(configuration);
  const refused = async (name: string, shows: string, content: string | Uint8Array): Promise<Case> => ({
    name,
    shows,
    bundle: await signText(world, content),
    fails: ['bundle-malformed'],
  });
  const replaced = (name: string, shows: string, from: string, to: string): Promise<Case> => {
    if (!text.includes(from)) throw new Error(`${name}: nothing to replace`);
    return refused(name, shows, text.replace(from, to));
  };

  yield replaced('duplicate-name', 'a name twice in an object', '"vlan":101', '"vlan":101,"vlan":102');
  yield replaced('unknown-member', 'a member that the format has not', '"vlan":101', '"vlan":101,"qos":1');
  yield replaced('member-null', 'an optional member that is null', '"vlan":101', '"vlan":null');
  yield replaced('member-missing', 'a member that must be there is not', '"mtu":1400,', '');
  yield refused(
    'format-not-first',
    'another member comes before "format"',
    `{"training":true,${text.slice(1).replace(',"training":true', '')}`,
  );
  yield replaced(
    'another-format',
    'a format of a later version',
    'siteseal-configuration/1',
    'siteseal-configuration/2',
  );
  const { certificateSha256 = '' } = configuration.enb;
  yield replaced(
    'digest-upper-case',
    'a digest in upper case',
    certificateSha256,
    certificateSha256.toUpperCase(),
  );
  yield replaced(
    'uuid-upper-case',
    'a UUID in upper case',
    configuration.bundleId,
    configuration.bundleId.toUpperCase(),
  );
  yield replaced('time-with-fraction', 'a time with a fraction of a second', '09:30:00Z', '09:30:00.000Z');
  yield replaced('time-with-offset', 'a time that is not in UTC', '09:30:00Z', '09:30:00+00:00');
  yield replaced('time-not-in-calendar', 'the thirtieth of February', '2026-11-10T', '2026-02-30T');
  yield replaced('sequence-zero', 'sequence number 0', '"sequence":7', '"sequence":0');
  yield replaced(
    'sequence-too-large',
    'a sequence number of 2^53',
    '"sequence":7',
    `"sequence":${2n ** 53n}`,
  );
  yield replaced('sequence-as-text', 'a sequence number as a string', '"sequence":7', '"sequence":"7"');
  yield replaced('serial-number-path', 'a serial number that would be a path', '"LAB0001"', '"../LAB0001"');
  yield replaced('oid-leading-zero', 'an OID with a leading zero in an arc', '.32473.', '.032473.');
  yield refused(
    'initial-identity',
    'an identity of step 0.5 of another kind',
    JSON.stringify({ ...configuration, initialIpsec: { ...configuration.initialIpsec, identity: 'ip' } }),
  );
  yield refused(
    'inner-without-addresses',
    'inner addresses that are static, and none of them',
    JSON.stringify({
      ...configuration,
      securityGateways: configuration.securityGateways.map((gateway) => ({
        ...gateway,
        inner: { method: 'static', addresses: [] },
      })),
    }),
  );
  yield refused(
    'base64-without-padding',
    'base64 without its padding',
    JSON.stringify({ ...configuration, sealed: 'AA' }),
  );
  yield refused(
    'base64-on-two-lines',
    'base64 with a line feed in it',
    JSON.stringify({ ...configuration, sealed: 'AAAA\nAAAA' }),
  );
  yield refused('byte-order-mark', 'a byte order mark', `\ufeff${text}`);
  yield replaced('lone-surrogate', 'half a surrogate pair', 'Training site 1', 'Training \\ud800 site');
  yield refused(
    'not-utf-8',
    'an octet that is not UTF-8',
    Buffer.from(text.replace('site 1', 'site \xff'), 'latin1'),
  );
  yield refused('text-after', 'text after the value', `${text}{}`);
  yield refused('number-form', 'a number with a leading zero', text.replace('"vlan":101', '"vlan":0101'));
}

/** Configurations in the right form that cannot be used. */
export async function* configurationCases(world: World): AsyncGenerator<Case> {
  const good = configurationFor(world);
  const refused = async (name: string, shows: string, changes: Partial<Configuration>): Promise<Case> => ({
    name,
    shows,
    bundle: await sealedBundle(world, { ...good, ...changes }),
    fails: ['configuration-invalid'],
  });
  const backhaul = (changes: Partial<Configuration['backhaul']>) => ({
    backhaul: { ...good.backhaul, ...changes },
  });
  const enrolment = (changes: Partial<Configuration['enrolment']>) => ({
    enrolment: { ...good.enrolment, ...changes },
  });
  const ipv4 = '198.51.100.12/24';

  yield {
    ...(await refused('credential-missing', 'protection by MAC and no sealed part', {})),
    bundle: await signText(world, JSON.stringify(good)),
  };
  yield refused('plmn', 'a PLMN of four digits', { operator: { name: 'Lab Operator', plmn: '0010' } });
  yield refused(
    'url-with-password',
    'a URL with credentials',
    enrolment({ url: 'http://ra:pw@ra.pki.example/' }),
  );
  yield refused(
    'url-scheme',
    'a URL that is neither http nor https',
    enrolment({ url: 'ldap://ra.pki.example/' }),
  );
  yield refused('ca-name', 'a CA name that is not a distinguished name', enrolment({ caName: 'Lab RA' }));
  yield refused(
    'subject-alt-name',
    'an alternative name without its form',
    enrolment({ subjectAltNames: ['enb'] }),
  );
  yield refused('renew-at', 'a renewal in the last 5 percent of the life', enrolment({ renewAt: 96 }));
  yield refused('root-not-a-certificate', 'an operator root that is not a certificate', {
    operatorRootCertificates: [Buffer.from('not a certificate').toString('base64')],
  });
  yield refused('vlan', 'a VLAN above 4094', backhaul({ vlan: 4095 }));
  yield refused('mtu', 'an MTU below 576', backhaul({ mtu: 575 }));
  yield refused('dns', 'a DNS server that is not an address', backhaul({ dns: ['dns.backhaul.example'] }));
  yield refused(
    'two-addresses',
    'a static IPv4 and a static IPv6 address',
    backhaul({ address: { method: 'static', ipv4, ipv6: '2001:db8::12/64', gateway: '198.51.100.1' } }),
  );
  yield refused(
    'gateway-outside',
    'a gateway outside of the subnet',
    backhaul({ address: { method: 'static', ipv4, gateway: '203.0.113.1' } }),
  );
  const gateway = (changes: Partial<Configuration['securityGateways'][number]>) => ({
    securityGateways: good.securityGateways.map((one) => ({ ...one, ...changes })),
  });
  yield refused(
    'enrolment-dns',
    'a DNS server for the enrolment that is not an address',
    enrolment({ dns: ['dns.backhaul.example'] }),
  );
  yield refused(
    'gateway-proposal',
    'a proposal of a gateway in capitals',
    gateway({ proposals: ['AES128-SHA256-ECP256'] }),
  );
  yield refused(
    'gateway-esp-proposal',
    'an ESP proposal of a gateway in capitals',
    gateway({ espProposals: ['AES128GCM16'] }),
  );
  yield refused(
    'inner-not-an-address',
    'an inner address with a prefix',
    gateway({ inner: { method: 'static', addresses: ['192.0.2.112/24'] } }),
  );
  yield refused(
    'inner-of-one-family',
    'two inner addresses of one family',
    gateway({ inner: { method: 'static', addresses: ['192.0.2.112', '192.0.2.113'] } }),
  );
  yield refused(
    'inner-unspecified',
    'an inner address that stands for any address',
    gateway({ inner: { method: 'static', addresses: ['::'] } }),
  );
  yield refused('no-initial-gateway', 'initial IPsec is required and no gateway is for it', {
    securityGateways: good.securityGateways.filter(({ role }) => role !== 'initial'),
  });
  yield refused(
    'ra-outside-tunnel',
    'the RA/CA is at an address outside of the subnets of the initial gateway',
    enrolment({ url: 'http://203.0.113.9/pkix/' }),
  );
}

/** Configurations for another eNB or another time, or older than the eNB's own. */
export async function* targetCases(world: World): AsyncGenerator<Case> {
  const refused = async (
    name: string,
    shows: string,
    fails: readonly AcceptanceCode[],
    changes: Partial<Configuration>,
  ): Promise<Case> => ({
    name,
    shows,
    fails,
    bundle: await sealedBundle(world, configurationFor(world, changes)),
  });
  const { enb } = configurationFor(world);
  const { enb: other } = configurationFor(world, {}, 'LAB0002');

  yield {
    name: 'another-serial-number',
    shows: 'a good bundle of LAB0002, given to LAB0001',
    bundle: await sealedBundle(world, configurationFor(world, {}, 'LAB0002')),
    fails: ['bundle-for-another-enb'],
  };
  yield {
    ...(await refused('another-hardware-type', 'the serial number of another product', [], {})),
    bundle: await signText(
      world,
      JSON.stringify(openConfiguration(world, { enb: { ...enb, hwType: `${enb.hwType}.1` } })),
    ),
    fails: ['enb-out-of-scope', 'bundle-for-another-enb'],
  };
  yield refused(
    'another-certificate',
    'made for another certificate of this eNB',
    ['bundle-for-another-enb'],
    {
      enb: { ...enb, certificateSha256: other.certificateSha256 },
    },
  );
  yield refused('not-yet-valid', 'one second before its beginning', ['bundle-not-yet-valid'], {
    notBefore: '2026-11-15T12:00:01Z',
  });
  yield refused('expired', 'one second after its end', ['bundle-expired'], {
    notAfter: '2026-11-15T11:59:59Z',
  });
  yield {
    ...(await refused(
      'expired-by-lower-bound',
      'expired by the latest trusted time of an eNB without a clock',
      ['bundle-expired'],
      {
        notAfter: '2026-11-15T11:59:59Z',
      },
    )),
    context: { clock: 'lower-bound' },
  };
  yield {
    ...(await refused('sequence-lower', 'sequence number 7 after 8', ['sequence-rollback'], {})),
    context: { lastSequence: 8 },
  };
  yield {
    ...(await refused(
      'sequence-equal',
      'sequence number 7 after another bundle with 7',
      ['sequence-rollback'],
      {},
    )),
    context: { lastSequence: 7, storedContentSha256: '0'.repeat(64) },
  };
  yield {
    name: 'epoch-raised',
    shows: 'epoch 1 after a bundle of epoch 0 with the highest sequence number',
    fails: [],
    bundle: await sealedBundle(world, configurationFor(world, { sequence: 1 }), {
      signer: configurationKey(world.vendor.issuing, { authorisation: { ...authorisation, epoch: 1 } }),
    }),
    context: { lastSequence: maximumSequence },
  };
  yield refused('training-not-said', 'a training path, and "training": false', ['training-mismatch'], {
    training: false,
  });
}
