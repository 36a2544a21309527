import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Fault } from '../../../main/faults/index.ts';
import { faultSentence } from '../../../main/words/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import { hwType, issueCrl, now } from '../../kit/bundle.ts';
import { encodePem } from '../../../main/asn1/index.ts';
import { dates, enbWithDnsName, makeCa, makeCertificate, rsaKey } from '../../kit/pki.ts';
import { cellsOf, csv, LabOffice, type Row } from '../../kit/operator.ts';
import { rootFault } from '../../kit/fault.ts';
import type { Crl } from '../../../main/pki/index.ts';

const office = new LabOffice({ serials: ['LAB0001', 'LAB0002', 'other'] });
const row = office.row('LAB0001');

/** Code, rule and field of the fault of the last row; the rows before it must be without fault. */
async function judgeLast(...rows: readonly Row[]): Promise<string | undefined> {
  const faults = await office.faults(rows);
  for (const fault of faults.slice(0, -1)) assert.equal(fault, undefined);
  const last = faults.at(-1);
  return last && [last.code, last.rule, last.where?.field].filter((part) => part !== undefined).join(' ');
}

function judge(changes: Row): Promise<string | undefined> {
  return judgeLast({ ...row, ...changes });
}

it('A row in which everything is right has no fault', async () => assert.equal(await judge({}), undefined));

describe('what depends on several cells, the profile or the time', () => {
  const cases: readonly (readonly [name: string, changes: Row, fault: string | undefined])[] = [
    ['another PLMN than the profile', { plmn: '24490' }, 'field-invalid plmn-of-profile plmn'],
    ['a vendor that the profile does not name', { vendor: 'Lab' }, 'field-invalid vendor vendor'],
    ['a vendor by a name that every object has', { vendor: 'constructor' }, 'field-invalid vendor vendor'],
    ['no vendor', { vendor: '' }, 'field-invalid vendor vendor'],
    ['DHCP and a gateway', { outer_ip: 'dhcp' }, 'field-invalid gateway-dhcp outer_gateway'],
    ['DHCP without a gateway', { outer_ip: 'dhcp', outer_gateway: '' }, undefined],
    ['an address and no gateway', { outer_gateway: '' }, 'field-invalid gateway outer_gateway'],
    [
      'the own address as the gateway',
      { outer_gateway: '198.51.100.12' },
      'field-invalid gateway outer_gateway',
    ],
    ['a gateway in another subnet', { outer_gateway: '198.51.101.1' }, 'field-invalid gateway outer_gateway'],
    [
      'a gateway of the other family',
      { outer_gateway: '2001:db8::1' },
      'field-invalid gateway outer_gateway',
    ],
    ['IPv6', { outer_ip: '2001:db8::12/64', outer_gateway: '2001:db8::1' }, undefined],
    ['IPv6 and a link-local gateway', { outer_ip: '2001:db8::12/64', outer_gateway: 'fe80::1' }, undefined],
    [
      'an end before the beginning',
      { valid_until: '2026-10-01T00:00:00Z' },
      'field-invalid validity-order valid_until',
    ],
    [
      'an end at the beginning',
      { valid_until: '2026-11-01T00:00:00Z' },
      'field-invalid validity-order valid_until',
    ],
    [
      'an end that has passed',
      { valid_from: '2026-01-01T00:00:00Z', valid_until: '2026-11-15T11:59:59Z' },
      'field-invalid validity-past valid_until',
    ],
    ['an end right now', { valid_until: '2026-11-15T12:00:00Z' }, undefined],
    ['a beginning in the future', { valid_from: '2027-01-01T00:00:00Z' }, undefined],
    ["the signer's own end", { valid_until: '2035-12-31T23:59:59Z' }, undefined],
    [
      "an end after the signer's",
      { valid_until: '2036-01-01T00:00:00Z' },
      'field-invalid validity-signer valid_until',
    ],
  ];
  for (const [name, changes, expected] of cases) {
    it(`${name}: ${expected ?? 'no fault'}`, async () => assert.equal(await judge(changes), expected));
  }

  it('an RA/CA by its address must be behind the initial gateway, unless no initial IPsec is required', async () => {
    const subnets = { 'seg1.backhaul.example': { remoteSubnets: ['192.0.2.0/24'] } };
    office.writeProfile({ securityGateways: subnets });
    assert.equal(await judge({ ra_url: 'http://192.0.2.7/' }), undefined);
    assert.equal(await judge({ ra_url: 'http://[2001:db8::7]/' }), 'field-invalid ra-outside-tunnel ra_url');
    assert.equal(await judge({ ra_url: 'http://198.51.100.7/' }), 'field-invalid ra-outside-tunnel ra_url');
    const spelled = { '2001:db8::a': { remoteSubnets: ['192.0.2.0/24'] } };
    office.writeProfile({ securityGateways: { ...subnets, ...spelled } });
    for (const seg_initial of ['2001:DB8:0::A', 'SEG1.backhaul.example']) {
      assert.equal(await judge({ seg_initial, ra_url: 'http://192.0.2.7/' }), undefined);
      const outside = await judge({ seg_initial, ra_url: 'http://198.51.100.7/' });
      assert.equal(outside, 'field-invalid ra-outside-tunnel ra_url');
    }
    const both = { ...subnets, 'seg3.example': { remoteSubnets: ['198.51.100.0/24'] } };
    office.writeProfile({ securityGateways: both });
    const several = 'seg1.backhaul.example; seg3.example';
    for (const address of ['192.0.2.7', '198.51.100.7'])
      assert.equal(await judge({ seg_initial: several, ra_url: `http://${address}/` }), undefined);
    const outside = await judge({ seg_initial: several, ra_url: 'http://203.0.113.7/' });
    assert.equal(outside, 'field-invalid ra-outside-tunnel ra_url');
    office.writeProfile({ securityGateways: subnets, initialIpsec: { required: false } });
    assert.equal(await judge({ ra_url: 'http://198.51.100.7/' }), undefined);
    office.writeProfile({});
  });

  it('an initial gateway has no default for what is behind it, also where no initial IPsec is required', async () => {
    const rule = 'field-invalid initial-subnets seg_initial';
    for (const required of [true, false]) {
      const securityGateways = { 'seg3.example': { remoteSubnets: ['::/0'] }, 'seg4.example': {} };
      office.writeProfile({ securityGateways, initialIpsec: { required } });
      assert.equal(await judge({ seg_initial: 'seg3.example' }), undefined);
      assert.equal(await judge({ seg_initial: 'seg4.example' }), rule);
      assert.equal(await judge({ seg_initial: 'seg3.example;seg5.example' }), rule);
    }
    office.writeInventory([{ ...row, seg_initial: 'seg3.example; seg5.example' }]);
    const { rows } = await office.report({ dryRun: true });
    assert.equal(rows[0]?.fault?.found, 'seg5.example');
    office.writeProfile({});
  });

  it('no initial gateway is a fault exactly where initial IPsec is required', async () => {
    assert.equal(await judge({ seg_initial: '' }), 'field-invalid initial-gateway seg_initial');
    office.writeProfile({ initialIpsec: { required: false } });
    assert.equal(await judge({ seg_initial: '' }), undefined);
    office.writeProfile({});
  });

  it('a row has at most 32 gateways, of both roles together', async () => {
    const hosts = (count: number) => Array(count).fill('seg1.backhaul.example').join(';');
    assert.equal(await judge({ seg_initial: hosts(2), seg_traffic: hosts(30) }), undefined);
    const tooMany = await judge({ seg_initial: hosts(2), seg_traffic: hosts(31) });
    assert.equal(tooMany, 'field-invalid gateways seg_traffic');
  });

  it('an inner address needs a traffic gateway', async () => {
    assert.equal(await judge({ inner_ip: '192.0.2.1' }), undefined);
    const unused = await judge({ inner_ip: '192.0.2.1', seg_traffic: '' });
    assert.equal(unused, 'field-invalid inner-without-gateway inner_ip');
  });
});

describe('a warning about good rows', () => {
  async function warnings(changes: Row, profile: object = {}) {
    office.writeProfile(profile);
    office.writeInventory([
      { ...row, ...changes },
      { ...office.row('LAB0002'), ...changes },
      { ...row, vlan: '0' },
    ]);
    const report = await office.report({ dryRun: true });
    office.writeProfile({});
    const [first, second, bad] = report.rows;
    assert.deepEqual(first?.warnings, second?.warnings);
    assert.equal(bad?.warnings, undefined);
    assert.deepEqual(
      report.warnings,
      (first?.warnings ?? []).map((one) => ({ ...one, rows: 2 })),
    );
    return (first?.warnings ?? []).map(({ code, from }) => (from ? `${code} ${from}` : code)).join(' ');
  }

  it('says that the RA/CA is outside every traffic gateway, through which the eNB renews', async () => {
    const subnets = { remoteSubnets: ['192.0.2.0/24'] };
    const everywhere = { remoteSubnets: ['0.0.0.0/0'] };
    const profile = {
      securityGateways: {
        'seg1.backhaul.example': everywhere,
        'seg2.backhaul.example': subnets,
        '198.51.100.22': { remoteSubnets: ['198.51.100.0/24'] },
      },
    };
    assert.equal(await warnings({ ra_url: 'http://203.0.113.7/' }, profile), 'ra-outside-traffic');
    assert.equal(await warnings({ ra_url: 'http://198.51.100.7/' }, profile), '');
    assert.equal(await warnings({ ra_url: 'http://ra.example/' }, profile), '');
    assert.equal(await warnings({ ra_url: 'http://203.0.113.7/', seg_traffic: '' }, profile), '');
    assert.equal(await warnings({ ra_url: 'http://203.0.113.7/' }), '');
  });

  it('says that the eNB does not request its IKE identity from the RA/CA', async () => {
    const enrolment = { subject: 'O=Lab,CN=enb', subjectAltNames: ['dns:enb.lab.example', 'ip:2001:db8::1'] };
    for (const ike_identity of ['ENB.lab.example', '2001:DB8:0::1', 'O=lab, CN=enb'.replace(' ', '')])
      assert.equal(await warnings({ ike_identity }, { enrolment }), '', ike_identity);
    for (const ike_identity of ['enb', 'enb2.lab.example', 'CN=enb', 'dns:enb.lab.example'])
      assert.equal(
        await warnings({ ike_identity }, { enrolment }),
        'ike-identity-not-requested',
        ike_identity,
      );
  });

  it('says that a list in the bundle ends first, where the eNBs require current ones', async () => {
    const { root, issuing } = office.vendor;
    const write = (name: string, { der }: Pick<Crl, 'der'>) => office.write(name, der);
    write('root.crl', issueCrl(root, { nextUpdate: new Date('2027-03-01T00:00:00Z') }));
    write('old.crl', issueCrl(issuing, { nextUpdate: new Date('2026-12-01T00:00:00Z') }));
    write('issuing.crl', issueCrl(issuing, { number: 2, nextUpdate: new Date('2026-12-29T00:00:00Z') }));
    const profile = (requireFreshCrl: boolean, crls: readonly string[]) => ({
      requireFreshCrl,
      vendors: { lab: office.vendorMember({ crls }) },
    });
    const all = ['root.crl', 'old.crl', 'issuing.crl'];
    assert.equal(await warnings({}, profile(true, all)), 'list-ends-first 2026-12-29T00:00:00Z');
    assert.equal(await warnings({ valid_until: '2026-12-29T00:00:00Z' }, profile(true, all)), '');
    assert.equal(await warnings({}, profile(true, [])), '');
    assert.equal(await warnings({}, profile(false, all)), '');
  });

  it("says that an eNB's certificate ends first, and from when the first of them does", async () => {
    const own = new LabOffice({ serials: ['LAB0001'] });
    for (const [serialNumber, end] of [
      ['LAB0002', '2027-05-01T00:00:00Z'],
      ['LAB0003', '2027-02-01T00:00:00Z'],
    ] as const)
      own.addEnb({ hwType, serialNumber }, { notAfter: new Date(end) });
    own.writeInventory(['LAB0001', 'LAB0002', 'LAB0003'].map((serial) => own.row(serial)));
    const report = await own.report({ dryRun: true });
    const from = '2027-02-01T00:00:00Z';
    assert.deepEqual(report.warnings, [{ code: 'enb-certificate-ends-first', from, rows: 2 }]);
    assert.equal(report.rows[0]?.warnings, undefined);
  });
});

describe('an IKE identity by DNS name', () => {
  const profile = { initialIpsec: { identity: 'fqdn', required: false } };
  const usage = ['digitalSignature', 'keyAgreement'] as const;
  const enb = { hwType, serialNumber: 'LAB0001' };

  it('needs a DNS name in the certificate, if the row has an initial gateway', async () => {
    office.writeProfile(profile);
    assert.equal(await judge({}), 'field-invalid certificate-dns-name enb_certificate');
    assert.equal(await judge({ seg_initial: '' }), undefined);
    const extensions = [enbWithDnsName(enb, 'enb1.vendor.example')];
    const contents = { keyUsage: usage, ...dates, extensions };
    office.writeCertificate('named.pem', makeCertificate('CN=eNB', contents, office.vendor.issuing));
    assert.equal(await judge({ enb_certificate: 'named.pem' }), undefined);
    office.writeProfile({});
  });

  it('cannot be checked while the certificate is unknown', async () => {
    office.writeProfile({ ...profile, enrolment: { protection: 'vendor-certificate' } });
    const unknown = {
      enb_certificate: '',
      enb_hw_type: hwType,
      credential_reference: '',
      credential_secret: '',
    };
    assert.equal(await judge(unknown), undefined);
    office.writeProfile({});
  });
});

describe("an eNB's certificate", () => {
  /** A certificate for LAB0001 in which one thing is wrong, by the file that it is in. */
  function write(changes: Parameters<typeof makeCertificate>[1], issuer = office.vendor.issuing): Row {
    const usage = ['digitalSignature', 'keyAgreement'] as const;
    const enb = { hwType, serialNumber: 'LAB0001' };
    const pair = makeCertificate('CN=eNB', { keyUsage: usage, enb, ...dates, ...changes }, issuer);
    office.writeCertificate('made.pem', pair);
    return { enb_certificate: 'made.pem' };
  }

  const cases: readonly (readonly [name: string, changes: () => Row, fault: string])[] = [
    ['that is not there', () => ({ enb_certificate: 'not/there.pem' }), 'missing'],
    ['that is garbage', () => ({ enb_certificate: 'operator.json' }), 'unreadable'],
    [
      'that is empty',
      () => {
        office.write('empty.pem', '');
        return { enb_certificate: 'empty.pem' };
      },
      'unreadable',
    ],
    [
      'that is cut off',
      () => {
        office.write('cut.der', office.enb('LAB0001').certificate.der.slice(0, -1));
        return { enb_certificate: 'cut.der' };
      },
      'unreadable',
    ],
    ['that is a private key', () => ({ enb_certificate: 'configuration.key' }), 'unreadable'],
    [
      'that is a folder',
      () => {
        mkdirSync(office.path('folder.pem'), { recursive: true });
        return { enb_certificate: 'folder.pem' };
      },
      'unreadable',
    ],
    ['with a name that no file can have', () => ({ enb_certificate: 'a\u0000b' }), 'unreadable'],
    ['with a name that is too long', () => ({ enb_certificate: 'x'.repeat(5000) }), 'unreadable'],
    [
      'that is larger than any certificate',
      () => {
        const { der } = office.enb('LAB0001').certificate;
        office.write('large.pem', encodePem('CERTIFICATE', der) + '\n'.repeat(64 * 1024));
        return { enb_certificate: 'large.pem' };
      },
      'unreadable',
    ],
    ['of an unknown CA', () => write({}, makeCa('CN=Rogue')), 'untrusted'],
    [
      "of an unknown CA with the vendor's name",
      () => write({}, makeCa('C=SE,O=Lab Vendor,CN=Lab Vendor Issuing CA')),
      'untrusted',
    ],
    [
      'with a critical extension that nobody knows',
      () => write({ extensions: [encodeExtension('1.2.3.4', true, Buffer.of(5, 0))] }),
      'untrusted',
    ],
    ['that has expired', () => write({ notAfter: new Date(now.getTime() - 1000) }), 'expired'],
    ['that is not valid yet', () => write({ notBefore: new Date(now.getTime() + 1000) }), 'expired'],
    [
      'with a short RSA key',
      () => write({ key: rsaKey(1024), keyUsage: ['digitalSignature', 'keyEncipherment'] }),
      'weak',
    ],
    ['of a key that cannot decrypt', () => write({ keyUsage: ['digitalSignature'] }), 'weak'],
    ['of a key that cannot sign', () => write({ keyUsage: ['keyAgreement'] }), 'weak'],
  ];
  for (const [name, changes, kind] of cases) {
    it(`${name} is enb-certificate-${kind}`, async () => {
      assert.equal(await judge(changes()), `enb-certificate-${kind} enb_certificate`);
    });
  }

  it('is found in its file, wherever it stands', async () => {
    const [own, other] = [office.enb('LAB0001'), office.enb('LAB0002')];
    const { root, issuing } = office.vendor;
    for (const pairs of [
      [root, issuing, own],
      [root, other, own],
      [own, root],
    ]) {
      office.writeCertificate('several.pem', ...pairs);
      assert.equal(await judge({ enb_certificate: 'several.pem' }), undefined);
    }
    office.writeCertificate('several.pem', root, other);
    assert.equal(await judge({ enb_certificate: 'several.pem' }), 'enb-serial-mismatch enb_certificate');
  });

  it('of someone else is refused as that, however weak its key', async () => {
    const changes = write({ keyUsage: ['digitalSignature'] });
    assert.equal(await judge({ ...changes, enb_serial: 'LAB0002' }), 'enb-serial-mismatch enb_certificate');
    assert.equal(await judge(changes), 'enb-certificate-weak enb_certificate');
    office.writeCertificate('root.pem', office.vendor.root);
    const root = await judge({ enb_certificate: 'root.pem' });
    assert.equal(root, 'enb-identity-missing hardware-module-one enb_certificate');
  });

  it('of another eNB is enb-serial-mismatch, and of none enb-identity-missing', async () => {
    assert.equal(await judge({ enb_serial: 'LAB0002' }), 'enb-serial-mismatch enb_certificate');
    assert.equal(await judge({ enb_serial: 'lab0001' }), 'enb-serial-mismatch enb_certificate');
    office.writeCertificate(
      'nobody.pem',
      makeCertificate(
        'CN=LAB0001',
        { keyUsage: ['digitalSignature', 'keyAgreement'] },
        office.vendor.issuing,
      ),
    );
    assert.equal(
      await judge({ enb_certificate: 'nobody.pem' }),
      'enb-identity-missing hardware-module-one enb_certificate',
    );
    assert.equal(await judge({ enb_hw_type: '1.2.3' }), 'enb-serial-mismatch enb_hw_type');
    assert.equal(await judge({ enb_hw_type: hwType }), undefined);
  });

  it('of an eNB that the configuration key may not configure is enb-out-of-scope', async () => {
    office.addEnb({ hwType, serialNumber: 'XYZ1' });
    assert.equal(await judgeLast(office.row('XYZ1')), 'enb-out-of-scope');
    office.addEnb({ hwType: '1.2.3.4', serialNumber: 'LAB0003' });
    assert.equal(await judgeLast(office.row('LAB0003')), 'enb-out-of-scope');
  });

  it('is found by its path relative to the inventory, in PEM or DER, before others in the file', async () => {
    const { der } = office.enb('LAB0001').certificate;
    mkdirSync(office.path('certificates'), { recursive: true });
    office.write('certificates/one.der', der);
    office.writeCertificate('certificates/chain.pem', office.enb('LAB0001'), office.vendor.issuing);
    for (const name of ['one.der', 'chain.pem', '../LAB0001.pem']) {
      assert.equal(await judge({ enb_certificate: `certificates/${name}` }), undefined);
    }
    assert.equal(await judge({ enb_certificate: office.path('certificates', 'one.der') }), undefined);
  });

  it('that is revoked is enb-certificate-untrusted, for that reason', async () => {
    const { issuing, root } = office.vendor;
    office.write('issuing.crl', issueCrl(issuing, { revoked: [office.enb('LAB0002')] }).der);
    office.write('root.crl', issueCrl(root).der);
    office.writeProfile({ vendors: { lab: office.vendorMember({ crls: ['issuing.crl', 'root.crl'] }) } });
    const [good, revoked] = await office.faults([row, office.row('LAB0002')]);
    assert.equal(good, undefined);
    assert.deepEqual(
      [revoked?.code, rootFault(revoked!).code],
      ['enb-certificate-untrusted', 'certificate-revoked'],
    );
    office.writeProfile({});
  });
});

describe('an eNB', () => {
  it('that is listed twice is duplicate-enb in the later row, which names the earlier', async () => {
    office.writeCertificate('copy.pem', office.enb('LAB0001'));
    const again = office.row('LAB0001', { site_id: 'elsewhere', enb_certificate: 'copy.pem' });
    const faults = await office.faults([row, office.row('LAB0002'), again, again]);
    assert.deepEqual(
      faults.map((fault) => [fault?.code, fault?.found]),
      [
        [undefined, undefined],
        [undefined, undefined],
        ['duplicate-enb', 'row 1'],
        ['duplicate-enb', 'row 1'],
      ],
    );
  });

  it('is another one with another hardware type, or with its serial number in another case', async () => {
    const upper = { hwType, serialNumber: 'OTHER' };
    office.addEnb(upper);
    const rows = [
      office.row('other'),
      office.row('OTHER', {
        protection: 'vendor-certificate',
        ...noCredential,
        enb_certificate: '',
        enb_hw_type: hwType,
      }),
    ];
    const faults = await office.faults(rows);
    assert.deepEqual(
      faults.map((fault) => fault?.code),
      [undefined, 'enb-out-of-scope'],
    );
  });

  it('whose earlier row is bad is no duplicate', async () => {
    const [bad, good] = await office.faults([{ ...row, mtu: '1' }, row]);
    assert.deepEqual([bad?.code, good], ['field-invalid', undefined]);
  });
});

const noCredential: Row = { credential_reference: '', credential_secret: '' };

describe('a credential', () => {
  const vendorCertificate: Row = { protection: 'vendor-certificate' };
  const unknown: Row = { ...vendorCertificate, enb_certificate: '', enb_hw_type: hwType };
  const cases: readonly (readonly [name: string, changes: Row, fault: string | undefined])[] = [
    ['is needed for protection by MAC', noCredential, 'credential-missing credential_reference'],
    ['is needed whole: reference', { credential_reference: '' }, 'credential-missing credential_reference'],
    ['is needed whole: secret', { credential_secret: '' }, 'credential-missing credential_secret'],
    ['is not needed with the vendor certificate', { ...vendorCertificate, ...noCredential }, undefined],
    ['may be there with the vendor certificate', vendorCertificate, undefined],
    [
      'is never half there, also with the vendor certificate',
      { ...vendorCertificate, credential_secret: '' },
      'credential-missing credential_secret',
    ],
    [
      'needs no certificate of the eNB if the row has no credential',
      { ...unknown, ...noCredential },
      undefined,
    ],
    ['is never carried unsealed', unknown, 'enb-certificate-missing certificate-needed enb_certificate'],
    [
      'has company in a further secret, under the same rule',
      { ...unknown, ...noCredential, secret_pin: '0000' },
      'enb-certificate-missing certificate-needed enb_certificate',
    ],
    [
      'is refused in another cell, which would carry it unencrypted',
      { site_name: 'a-secret-of-the-eNB', credential_secret: 'a-secret-of-the-eNB' },
      'field-invalid secret-in-the-open site_name',
    ],
    [
      'is refused in another cell as a further secret, too',
      { site_name: 'päss wörd', secret_pin: 'päss wörd' },
      'field-invalid secret-in-the-open site_name',
    ],
    ['may be a short one that another cell has by chance', { vlan: '101', secret_pin: '101' }, undefined],
    [
      'is not what a spreadsheet made of it',
      { credential_secret: '1.2E+11' },
      'field-invalid changed-by-spreadsheet credential_secret',
    ],
    [
      'has a reference that no spreadsheet changed',
      { credential_reference: '#NAME?' },
      'field-invalid changed-by-spreadsheet credential_reference',
    ],
    [
      'has company that no spreadsheet changed',
      { secret_pin: ' 4711' },
      'field-invalid changed-by-spreadsheet secret_pin',
    ],
    ['has 12 bytes', { credential_secret: 'abcdefghijk' }, 'credential-weak secret-length credential_secret'],
    ['may have 12 bytes', { credential_secret: 'abcdefghijkl' }, undefined],
    [
      'is not one character over and over',
      { credential_secret: 'ä'.repeat(12) },
      'credential-weak secret-repeated credential_secret',
    ],
    ['may differ from that at its end', { credential_secret: `${'ä'.repeat(11)}ü` }, undefined],
    [
      'leads nowhere without the certificate',
      { enb_certificate: '' },
      'enb-certificate-missing enb_certificate',
    ],
    [
      'apart, an eNB without a certificate needs its hardware type',
      { ...unknown, ...noCredential, enb_hw_type: '' },
      'field-invalid hw-type-needed enb_hw_type',
    ],
  ];
  for (const [name, changes, expected] of cases) {
    it(name, async () => assert.equal(await judge(changes), expected));
  }

  const other = office.row('LAB0002');
  for (const name of ['credential_reference', 'credential_secret'] as const) {
    it(`has a ${name} that no earlier row has`, async () => {
      const [, fault] = await office.faults([
        { ...row, [name]: 'of both rows' },
        { ...other, [name]: 'of both rows' },
      ]);
      assert.deepEqual(
        [fault?.code, fault?.found, fault?.where?.field],
        ['credential-reused', 'row 1', name],
      );
    });
  }

  it('may have as its secret what another has as its reference', async () => {
    const crossed = { credential_reference: 'another secret', credential_secret: 'another reference' };
    const straight = { credential_reference: 'another reference', credential_secret: 'another secret' };
    assert.equal(await judgeLast({ ...row, ...straight }, { ...other, ...crossed }), undefined);
  });

  it('may be short, or look changed, where the profile says so', async () => {
    office.writeProfile({ enrolment: { minimumSecretLength: 4, unusualCredentials: true } });
    assert.equal(await judge({ credential_reference: ' ref ', credential_secret: '1E+5' }), undefined);
    assert.equal(
      await judge({ credential_secret: '471' }),
      'credential-weak secret-length credential_secret',
    );
    office.writeProfile({});
  });

  it('is needed or not as the profile says where the row says nothing', async () => {
    office.writeProfile({ enrolment: { protection: 'vendor-certificate' } });
    assert.equal(await judge(noCredential), undefined);
    assert.equal(
      await judge({ ...noCredential, protection: 'mac' }),
      'credential-missing credential_reference',
    );
    office.writeProfile({});
  });
});

describe('a fault', () => {
  it('names the file, the row, the line, the field, what was expected and what was found', async () => {
    const [, fault] = await office.faults(
      [
        { ...office.row('LAB0002'), site_name: 'x' },
        { ...row, mtu: '90000' },
      ],
      {
        lineEnd: '\r\n',
      },
    );
    assert.deepEqual(fault, {
      code: 'field-invalid',
      rule: 'mtu',
      found: '90000',
      where: { file: office.path('inventory.csv'), row: 2, line: 3, field: 'mtu' },
    });
    assert.equal(
      faultSentence(fault),
      `A field contains an invalid value: ${office.path('inventory.csv')}, row 2, line 3, field mtu; ` +
        'expected a whole number from 576 to 9216; found 90000.',
    );
  });

  it('cuts what was found to a readable length', async () => {
    const [fault] = await office.faults([{ ...row, site_id: 'x'.repeat(5000) }]);
    assert.equal(fault?.found, `${'x'.repeat(120)}…`);
  });

  // Secrets as operators have them, and such as would pass for host names, numbers and paths.
  for (const secret of [
    'CANARY-secret_7f3a',
    'canary7f3a9b',
    'canary horse battery ä€',
    's3cret.Pass:word-17',
    '90218.774',
    'Tr0ub4dor/&3==',
  ]) {
    it(`never shows ${JSON.stringify(secret)} where cells have slipped`, async () => {
      const whole = { ...row, credential_reference: 'canary-ref_0001', credential_secret: secret };
      const [header = [], cells = []] = cellsOf([
        { ...whole, protection: '', enb_hw_type: '', secret_pin: '4711canary' },
      ]);
      const width = header.length;
      const slipped = header.flatMap((_, at) => [
        // One cell too many, or one too few, and the row still as long as the header.
        [...cells.slice(0, at), '', ...cells.slice(at)].slice(0, width),
        [...cells.slice(0, at), '', '', ...cells.slice(at)].slice(0, width),
        [...cells.slice(0, at), ...cells.slice(at + 1), ''],
        [...cells.slice(0, at), ...cells.slice(at + 2), '', ''],
      ]);
      office.write('inventory.csv', csv([header, ...slipped]));
      const { rows } = await office.report();
      for (const [index, { siteId, serialNumber, fault }] of rows.entries()) {
        const shown = [siteId, serialNumber, JSON.stringify(fault), fault && faultSentence(fault)].join();
        assert.doesNotMatch(shown, /canary/i, JSON.stringify(slipped[index]));
        assert(!shown.includes(secret), JSON.stringify(slipped[index]));
      }
    });
  }

  it('shows nothing that contains the secret, in what was found or in what lies beneath', async () => {
    const credential_secret = 'CANARY';
    const places: readonly Row[] = [
      { site_id: 'x CANARY' },
      { site_name: `${'x'.repeat(250)}CANARY\u0007` },
      { vendor: 'xCANARYx' },
      { enb_serial: 'CANARY x' },
      { enb_certificate: 'certificates/CANARY.pem' },
      { ra_url: 'ftp://CANARY/' },
      { ra_name: 'C=CANARY,' },
      { outer_ip: '198.51.100.CANARY/24' },
      { valid_until: '2027-11-01T00:00:00ZCANARY' },
    ];
    for (const place of places) {
      const [fault] = await office.faults([{ ...row, credential_secret, ...place }]);
      assert(fault, JSON.stringify(place));
      assert.doesNotMatch(JSON.stringify(fault) + faultSentence(fault), /CANARY/);
      assert.equal(fault.where?.field, Object.keys(place)[0]);
    }
  });

  it('cuts no secret in two', async () => {
    const [fault] = await office.faults([
      { ...row, site_name: `${'x'.repeat(115)}CANARY-SECRET\u0007`, credential_secret: 'CANARY-SECRET' },
    ]);
    assert.equal(fault?.found, undefined);
  });

  it('shows nothing of a credential that is too long', async () => {
    const faults: readonly (Fault | undefined)[] = await office.faults([
      { ...row, credential_secret: 'CANARY'.repeat(200) },
    ]);
    assert.doesNotMatch(JSON.stringify(faults), /CANARY/);
  });
});
