import assert from 'node:assert/strict';
import { createPrivateKey, hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ResultTree, type LogEntry } from '../../../main/audit/index.ts';
import { acceptanceCodes, judgeBundle, Bundle, type Configuration } from '../../../main/bundle/index.ts';
import { Stores } from '../../../main/core/stores.ts';
import { fault, ok } from '../../../main/faults/index.ts';
import type { Signer } from '../../../main/keys/index.ts';
import { readCsv } from '../../../main/office/csv.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import { readEnbIdentity } from '../../../main/pki/index.ts';
import {
  prepare,
  unlockVendor,
  type PrepareProgress,
  type PrepareReport,
  type PrepareRequest,
} from '../../../main/office/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { answers, clock, hwType, issueCrl, now, referenceOperator } from '../../kit/bundle.ts';
import { LabOffice, referenceOffice, surroundingsIn, type Office } from '../../kit/operator.ts';
import { dates, enbWithDnsName, makeCertificate } from '../../kit/pki.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';

const three = ['LAB0001', 'LAB0002', 'LAB0003'];

/** An office with an inventory of rows in which everything is right. */
function officeWith(serials: readonly string[] = three): LabOffice {
  const office = new LabOffice({ serials });
  office.writeInventory(serials.map((serial) => office.row(serial)));
  return office;
}

/** Asks a run to stop once this many bundles are made, or rows checked. */
function stopAfter(phase: PrepareProgress['phase'], count: number) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: (progress: PrepareProgress) => {
      if (progress.phase === phase && progress.done >= count) controller.abort();
    },
  };
}

const states = ({ rows }: PrepareReport) => rows.map(({ state }) => state);

function logOf(office: Office, training = false): readonly LogEntry[] {
  return office.withStore((store) => {
    return logEntries(openLogIn(temporaryFolder(), store, { training }));
  }, training);
}

/** What the log says of the runs that made something. */
const runsIn = (office: Office) =>
  logOf(office).flatMap(({ action, facts }) => (action === 'prepare-run' ? [facts] : []));

/** The root over the results of a run, as anyone can compute it from the report and the bundles. */
function rootFromFiles(office: Office): string {
  const tree = new ResultTree();
  for (const { row, line, site, serial, state, fault } of office.reportCsv())
    tree.add({
      row: Number(row),
      line: Number(line),
      siteId: String(site),
      serialNumber: String(serial),
      state: String(state),
      ...(state === 'made' && {
        bundleSha256: hash('sha256', readFileSync(office.path('out', 'bundles', `${serial}.p7m`))),
      }),
      ...(fault !== '' && { fault: String(fault) }),
    });
  return tree.root();
}

interface Expected {
  readonly row: number;
  readonly site_id: string;
  readonly expect: string;
}

describe('the inventory of the reference operator with errors', () => {
  const office = referenceOffice();
  const inventory = join(referenceOperator, 'inventory-with-errors.csv');
  const expected = JSON.parse(
    readFileSync(join(referenceOperator, 'expected.json'), 'utf8'),
  ) as readonly Expected[];

  it('makes nothing, and gives each bad row the code that is expected of it', async () => {
    const report = await office.report({ inventory, out: office.path('none') });
    assert.deepEqual(
      report.rows.map(({ row, siteId, state, fault }) => ({
        row,
        site_id: siteId,
        state,
        expect: fault?.code ?? 'ok',
      })),
      expected.map((one) => ({ ...one, state: one.expect === 'ok' ? 'skipped' : 'refused' })),
    );
    assert.deepEqual([report.made, report.refused], [0, 14]);
    assert.deepEqual(readdirSync(office.path('none')).sort(), ['problems.csv', 'report.csv']);
    assert.deepEqual(
      office.reportCsv('none').map(({ row, site, state, fault }) => [row, site, state, fault]),
      expected.map(({ row, site_id: site, expect }) =>
        expect === 'ok' ? [String(row), site, 'skipped', ''] : [String(row), site, 'refused', expect],
      ),
    );
  });

  it('makes all 240 good ones when the bad are skipped, and each is accepted by its own eNB', async () => {
    const report = await office.report({ inventory, skipBad: true });
    assert.deepEqual([report.made, report.refused], [240, 14]);
    assert.deepEqual(
      report.rows.map(({ state, fault }) => [state, fault?.code ?? 'ok']),
      expected.map(({ expect }) => [expect === 'ok' ? 'made' : 'refused', expect]),
    );
    const [, ...rows] = [...readCsv(readFileSync(inventory), 0x2c)].map(({ cells }) =>
      cells.map((cell) => Buffer.from(cell).toString()),
    );
    assert.equal(office.bundleNames().length, 240);
    for (const { serialNumber, state, row } of report.rows) {
      if (state !== 'made') continue;
      const cells = rows[row - 1]!;
      const folder = join(referenceOperator, cells[2]!);
      const read = (name: string) => readFileSync(join(folder, name));
      const [certificate] = certificatesOf(read(`enb-certs/${serialNumber}.crt`));
      const identity = readEnbIdentity(certificate!);
      assert(identity.ok);
      const { accepted, checks, sealed } = judgeBundle(new Bundle(office.bundle(serialNumber)), {
        vendorRoots: certificatesOf(read('root.crt')),
        clock,
        enb: { ...identity.value, certificate: certificate! },
        enbKey: createPrivateKey(read(`enb-keys/${serialNumber}.key`)),
        lastSequence: 0,
      });
      assert(accepted, JSON.stringify(checks));
      assert.deepEqual(sealed?.credential, { reference: cells[16], secret: cells[17] });
    }
  });

  function certificatesOf(bytes: Uint8Array) {
    const certificates = parseCertificates(bytes);
    assert(certificates.ok);
    return certificates.value;
  }
});

describe('a bundle', () => {
  it('says what its row and the profile say', async () => {
    const office = officeWith();
    office.writeProfile({
      enrolment: {
        subject: 'O=Lab,CN={serial}',
        subjectAltNames: ['dns:{serial}.enb.example'],
        renewAt: 55,
        dns: ['192.0.2.53'],
      },
      securityGateways: {
        'seg1.backhaul.example': { remoteSubnets: ['0.0.0.0/0'], inner: { method: 'assigned' } },
        '198.51.100.22': {
          identity: 'seg2.example',
          remoteSubnets: ['192.0.2.0/24'],
          proposals: ['aes256-sha256-ecp256'],
          espProposals: ['aes256gcm16'],
        },
      },
      initialIpsec: { proposals: ['aes256-sha384-ecp384'] },
    });
    const inner = { inner_ip: '192.0.2.12; 2001:db8::12', ike_identity: 'LAB0002.enb.example' };
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', inner)]);
    await office.report();
    const root = Buffer.from(office.operatorRoot.certificate.der).toString('base64');
    const { bundleId, sealed, ...configuration } = office.configuration('LAB0002');
    assert.match(bundleId, /^[0-9a-f-]{36}$/);
    assert(sealed !== undefined);
    const expected: Omit<Configuration, 'bundleId'> = {
      format: 'siteseal-configuration/1',
      sequence: 1,
      issuedAt: '2026-11-15T12:00:00Z',
      notBefore: '2026-11-01T00:00:00Z',
      notAfter: '2027-11-01T00:00:00Z',
      training: false,
      enb: {
        hwType,
        serialNumber: 'LAB0002',
        certificateSha256: office.enb('LAB0002').certificate.sha256,
      },
      site: { id: 'S-LAB0002', name: 'Mill of LAB0002' },
      operator: { name: 'Lab Operator', plmn: '24491' },
      operatorRootCertificates: [root],
      enrolment: {
        protocol: 'cmpv2',
        url: 'http://ra.pki.example:8080/pkix/',
        caName: 'C=FI,O=Lab Operator,CN=Lab RA',
        subject: 'O=Lab,CN=LAB0002',
        subjectAltNames: ['dns:LAB0002.enb.example'],
        protection: 'mac',
        renewAt: 55,
        dns: ['192.0.2.53'],
      },
      backhaul: {
        address: { method: 'static', ipv4: '198.51.100.12/24', gateway: '198.51.100.1' },
        vlan: 101,
        mtu: 1400,
        dns: ['198.51.100.53', '2001:db8::53'],
        ntp: ['ntp.backhaul.example'],
        ikeIdentity: 'LAB0002.enb.example',
      },
      securityGateways: [
        {
          role: 'initial',
          address: 'seg1.backhaul.example',
          identity: 'seg1.backhaul.example',
          remoteSubnets: ['0.0.0.0/0'],
          inner: { method: 'assigned' },
        },
        {
          role: 'traffic',
          address: 'seg2.backhaul.example',
          identity: 'seg2.backhaul.example',
          remoteSubnets: ['0.0.0.0/0', '::/0'],
          inner: { method: 'static', addresses: ['192.0.2.12', '2001:db8::12'] },
        },
        {
          role: 'traffic',
          address: '198.51.100.22',
          identity: 'seg2.example',
          remoteSubnets: ['192.0.2.0/24'],
          proposals: ['aes256-sha256-ecp256'],
          espProposals: ['aes256gcm16'],
          inner: { method: 'static', addresses: ['192.0.2.12', '2001:db8::12'] },
        },
      ],
      initialIpsec: {
        required: true,
        proposals: ['aes256-sha384-ecp384'],
        espProposals: ['aes128gcm16', 'aes128-sha256'],
      },
    };
    assert.deepEqual(configuration, expected);
    assert.equal(Object.keys(office.configuration('LAB0002'))[0], 'format');
  });

  it('has several initial gateways in the order of the row, or none', async () => {
    const office = officeWith();
    const behind = { remoteSubnets: ['192.0.2.0/24'] };
    office.writeProfile({
      securityGateways: { 'seg1.backhaul.example': behind, '198.51.100.22': behind },
      initialIpsec: { required: false },
    });
    const both = '198.51.100.22;seg1.backhaul.example';
    office.writeInventory([
      office.row('LAB0001', { seg_initial: both, seg_traffic: '' }),
      office.row('LAB0002', { seg_initial: '' }),
    ]);
    await office.report();
    const gateways = (serial: string) =>
      office.configuration(serial).securityGateways.map(({ role, address }) => `${role} ${address}`);
    assert.deepEqual(gateways('LAB0001'), ['initial 198.51.100.22', 'initial seg1.backhaul.example']);
    assert.deepEqual(gateways('LAB0002'), ['traffic seg2.backhaul.example', 'traffic 198.51.100.22']);
    for (const serial of ['LAB0001', 'LAB0002']) assert(office.judge(serial).accepted);
  });

  it('says how the eNB names itself in step 0.5 only if that is not by its subject', async () => {
    for (const [identity, expected] of [
      ['dn', undefined],
      ['fqdn', 'fqdn'],
    ] as const) {
      const office = officeWith();
      office.writeProfile({ initialIpsec: { identity } });
      const usage = ['digitalSignature', 'keyAgreement'] as const;
      const extensions = [enbWithDnsName({ hwType, serialNumber: 'LAB0001' }, 'enb1.vendor.example')];
      const contents = { keyUsage: usage, ...dates, extensions };
      office.writeCertificate('LAB0001.pem', makeCertificate('CN=eNB', contents, office.vendor.issuing));
      office.writeInventory([office.row('LAB0001')]);
      await office.report();
      assert.equal(office.configuration('LAB0001').initialIpsec.identity, expected);
    }
  });

  it('leaves out what its row leaves out', async () => {
    const office = officeWith();
    const empty = { vlan: '', dns: '', ntp: '', seg_traffic: '' };
    office.writeInventory([
      office.row('LAB0001', { ...empty, outer_ip: 'dhcp', outer_gateway: '' }),
      office.row('LAB0002', { outer_ip: '2001:db8::12/64', outer_gateway: 'fe80::1' }),
    ]);
    await office.report();
    const { backhaul, securityGateways, enrolment } = office.configuration('LAB0001');
    assert.deepEqual(backhaul, { address: { method: 'dhcp' }, mtu: 1400, dns: [], ntp: [] });
    assert.deepEqual(
      securityGateways.map(({ role }) => role),
      ['initial'],
    );
    assert(!('subjectAltNames' in enrolment));
    assert.equal(enrolment.renewAt, 70);
    assert.deepEqual(office.configuration('LAB0002').backhaul.address, {
      method: 'static',
      ipv6: '2001:db8::12/64',
      gateway: 'fe80::1',
    });
    for (const serial of ['LAB0001', 'LAB0002']) assert(office.judge(serial).accepted);
  });

  it('carries the credential and the secret_ columns sealed, byte by byte', async () => {
    const office = officeWith();
    const secret = '. "ä€"\\,\r\n\t\u0000 0x41 YWI= .';
    office.writeInventory([
      office.row('LAB0001', {
        credential_secret: secret,
        secret_snmp: 'p\\w',
        secret_Wifi_2: '',
        secret_Z: '0',
      }),
      office.row('LAB0002', { secret_snmp: '' }),
    ]);
    await office.report();
    const { credential, secrets } = office.sealed('LAB0001')!;
    assert.deepEqual(credential, { reference: 'ref-LAB0001', secret });
    assert.deepEqual({ ...secrets }, { snmp: 'p\\w', Z: '0' });
    assert(!('secrets' in office.sealed('LAB0002')!));
    for (const name of office.bundleNames()) {
      assert(!office.bundle(name.replace('.p7m', '')).includes('ref-LAB'), 'in the clear');
    }
  });

  it('for protection by the vendor certificate has no sealed part where there is nothing to seal', async () => {
    const office = officeWith();
    const none = { protection: 'vendor-certificate', credential_reference: '', credential_secret: '' };
    const unknown = { ...none, enb_certificate: '', enb_hw_type: hwType };
    office.writeInventory([
      office.row('LAB0001', none),
      office.row('LAB0002', unknown),
      office.row('LAB0003', { ...none, secret_pin: '4711' }),
    ]);
    await office.report();
    assert('certificateSha256' in office.configuration('LAB0001').enb);
    assert.deepEqual(office.configuration('LAB0002').enb, { hwType, serialNumber: 'LAB0002' });
    for (const serial of ['LAB0001', 'LAB0002']) {
      assert(!('sealed' in office.configuration(serial)));
      assert.equal(office.configuration(serial).enrolment.protection, 'vendor-certificate');
      assert.equal(office.sealed(serial), undefined);
    }
    const { credential, secrets } = office.sealed('LAB0003')!;
    assert.deepEqual([credential, { ...secrets }], [undefined, { pin: '4711' }]);
  });

  it("takes the vendor's CRLs along, by which the eNB judges the signer", async () => {
    const office = officeWith();
    office.write('issuing.crl', issueCrl(office.vendor.issuing).der);
    office.write('root.crl', issueCrl(office.vendor.root).der);
    office.writeProfile({ vendors: { lab: office.vendorMember({ crls: ['issuing.crl', 'root.crl'] }) } });
    await office.report();
    const acceptance = office.judge('LAB0001');
    assert.deepEqual(answers(acceptance), Object.fromEntries(acceptanceCodes.map((code) => [code, 'true'])));
    assert.equal(acceptance.crls.length, 2);
  });

  it('asks for no name that the serial number makes unusable', async () => {
    const office = officeWith(['LAB0001']);
    const unknown = { enb_certificate: '', enb_hw_type: hwType, protection: 'vendor-certificate' };
    const none = { ...unknown, credential_reference: '', credential_secret: '' };
    const judge = async (enrolment: object) => {
      office.writeProfile({ enrolment });
      const [good, bad] = await office.faults([office.row('LAB0001'), office.row('LAB_2', none)]);
      assert.equal(good, undefined);
      return [bad?.code, bad?.rule, bad?.where?.field];
    };
    assert.deepEqual(await judge({ subjectAltNames: ['uri:urn:x:{serial}', 'dns:{serial}.enb.example'] }), [
      ...['field-invalid', 'subject-alt-name', 'enb_serial'],
    ]);
    // A serialNumber attribute is a PrintableString, which has no underscore.
    assert.deepEqual(await judge({ subject: 'O=Lab,serialNumber={serial}' }), [
      ...['field-invalid', 'distinguished-name', 'enb_serial'],
    ]);
  });

  it('has a distinct name where serial numbers differ in case only', async () => {
    const office = officeWith(['lab1', 'LAB1', 'con']);
    const { made } = await office.report();
    assert.equal(made, 3);
    const names = office.bundleNames();
    assert.deepEqual(
      names.map((name) => name.replace(/~[0-9a-f]{8}\./, '~.')),
      ['LAB1~.p7m', 'con~.p7m', 'lab1~.p7m'],
    );
    const serials = names.map((name) => office.configuration(name.replace('.p7m', '')).enb.serialNumber);
    assert.deepEqual(serials, ['LAB1', 'con', 'lab1']);
  });
});

describe('the certificate of an eNB', () => {
  const unnamed = { enb_certificate: '' };

  it('is known from an earlier run, and then needs no file', async () => {
    const office = officeWith();
    await office.report({ out: office.path('first') });
    for (const serial of three) rmSync(office.path(`${serial}.pem`));
    office.writeInventory(three.map((serial) => office.row(serial, unnamed)));
    const { made } = await office.report();
    assert.equal(made, 3);
    for (const serial of three) assert(office.sealed(serial)?.credential);
  });

  it('is not that of another hardware type', async () => {
    const office = officeWith();
    await office.report({ out: office.path('first') });
    const faults = await office.faults([
      office.row('LAB0002', { ...unnamed, enb_hw_type: '1.2.3' }),
      office.row('LAB0003', { ...unnamed, enb_hw_type: hwType }),
    ]);
    assert.deepEqual(
      faults.map((fault) => fault?.code),
      ['enb-certificate-missing', undefined],
    );
  });

  it('from an earlier run is judged again', async () => {
    const office = officeWith(['LAB0001']);
    office.addEnb({ hwType, serialNumber: 'LAB0002' }, { notAfter: new Date('2026-12-01T00:00:00Z') });
    office.writeInventory([office.row('LAB0002')]);
    await office.report({ out: office.path('first') });
    office.writeInventory([office.row('LAB0002', unnamed)]);
    const { rows } = await office.report({ surroundings: { now: () => new Date('2026-12-01T00:00:01Z') } });
    assert.equal(rows[0]?.fault?.code, 'enb-certificate-expired');
  });

  it('is replaced by a newer one that a row names', async () => {
    const office = officeWith(['LAB0001']);
    await office.report({ out: office.path('first') });
    office.addEnb({ hwType, serialNumber: 'LAB0001' });
    await office.report({ out: office.path('second') });
    office.writeInventory([office.row('LAB0001', unnamed)]);
    await office.report();
    assert(office.sealed('LAB0001')?.credential);
  });
});

describe('the sequence number of an eNB', () => {
  it('rises with every bundle for that eNB, separately for each eNB', async () => {
    const office = officeWith();
    for (const [out, serials] of Object.entries({ a: three, b: ['LAB0002'], c: three })) {
      office.writeInventory(serials.map((serial) => office.row(serial)));
      await office.report({ out: office.path(out) });
    }
    const sequences = (serial: string, ...outs: readonly string[]) =>
      outs.map((out) => office.configuration(serial, out).sequence);
    assert.deepEqual(sequences('LAB0001', 'a', 'c'), [1, 2]);
    assert.deepEqual(sequences('LAB0002', 'a', 'b', 'c'), [1, 2, 3]);
    assert.deepEqual(sequences('LAB0003', 'a', 'c'), [1, 2]);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0002').sequence),
      3,
    );
  });

  it('stays while nothing is made', async () => {
    const office = officeWith();
    await office.report({ dryRun: true });
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { mtu: '1' })]);
    await office.report();
    await office.report({ skipBad: true });
    assert.equal(office.configuration('LAB0001').sequence, 1);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0002').sequence),
      0,
    );
  });

  it('is never given out twice, also when two runs are at work at once', async () => {
    const office = officeWith();
    const outs = Array.from({ length: 5 }, (_, index) => `out-${index}`);
    await Promise.all(outs.map((out) => office.report({ out: office.path(out) })));
    for (const serial of three) {
      const sequences = outs.map((out) => office.configuration(serial, out).sequence);
      assert.deepEqual(sequences.sort(), [1, 2, 3, 4, 5]);
    }
  });
});

describe('a run', () => {
  it('with a bad row makes nothing and leaves nothing but the report', async () => {
    const office = officeWith();
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { mtu: '1' })]);
    const report = await office.report();
    assert.deepEqual([report.made, report.refused, states(report)], [0, 1, ['skipped', 'refused']]);
    assert.deepEqual(readdirSync(office.path('out')).sort(), ['problems.csv', 'report.csv']);
    assert.deepEqual(runsIn(office), []);
  });

  it('with a bad row makes the others when it is to skip it', async () => {
    const office = officeWith();
    office.writeInventory([
      office.row('LAB0001'),
      office.row('LAB0002', { mtu: '1' }),
      office.row('LAB0003'),
    ]);
    const report = await office.report({ skipBad: true });
    assert.deepEqual([report.made, report.refused, states(report)], [2, 1, ['made', 'refused', 'made']]);
    assert.deepEqual(office.bundleNames(), ['LAB0001.p7m', 'LAB0003.p7m']);
    assert.deepEqual(
      office.reportCsv().map(({ serial, state, fault }) => [serial, state, fault]),
      [
        ['LAB0001', 'made', ''],
        ['LAB0002', 'refused', 'field-invalid'],
        ['LAB0003', 'made', ''],
      ],
    );
  });

  it('that is dry makes nothing at all, and needs no empty folder', async () => {
    const office = officeWith();
    const report = await office.report({ dryRun: true });
    assert.deepEqual([report.made, report.refused, states(report)], [0, 0, Array(3).fill('skipped')]);
    assert(!existsSync(office.path('out')));
    assert.deepEqual(runsIn(office), []);
    await office.report();
    await office.report({ dryRun: true });
  });

  it('shows the site and serial number of a good row, whatever its credential is', async () => {
    const office = officeWith();
    office.writeInventory([
      office.row('LAB0001', {
        credential_reference: 'LAB0001',
        site_id: 'S-1',
        credential_secret: 'S-1 and more',
      }),
    ]);
    const { rows } = await office.report();
    const contents = {
      siteName: 'Mill of LAB0001',
      vendor: 'lab',
      outerIp: '198.51.100.12/24',
      vlan: '101',
      validUntil: '2027-11-01T00:00:00Z',
    };
    assert.deepEqual(rows, [
      { row: 1, line: 2, siteId: 'S-1', serialNumber: 'LAB0001', state: 'made', contents },
    ]);
  });

  it('tells its progress: all rows checked, then all bundles made', async () => {
    const office = officeWith();
    const told: PrepareProgress[] = [];
    await office.report({ onProgress: (progress) => told.push(progress) });
    assert.deepEqual(
      told.findLast(({ phase }) => phase === 'checking'),
      { phase: 'checking', done: 3, total: 3, refused: 0 },
    );
    assert.deepEqual(told.at(-1), { phase: 'making', done: 3, total: 3, refused: 0 });
    for (const phase of ['checking', 'making'] as const) {
      const done = told.filter((one) => one.phase === phase).map((one) => one.done);
      assert.deepEqual(
        done,
        done.toSorted((a, b) => a - b),
      );
    }
  });

  it('is logged from the key that it unlocks to the one that it locks, with a root over its results', async () => {
    const office = officeWith();
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { mtu: '1', site_id: '=S2' })]);
    await office.report({ skipBad: true });
    const entries = logOf(office);
    const { certificateSha256 } = entries[0]?.facts ?? {};
    const operator = { operator: 'Lab Operator' };
    const key = { ...operator, vendor: 'lab' };
    const profileSha256 = hash('sha256', readFileSync(office.path('operator.json')));
    assert.match(String(certificateSha256), /^[0-9a-f]{64}$/);
    assert.deepEqual(
      entries.map(({ action, subject, facts }) => [action, subject, facts]),
      [
        ['key-unlocked', key, { certificateSha256 }],
        ['run-started', operator, { rows: 2, refused: 1, profileSha256 }],
        ['confirmed', operator, { what: 'skip-bad-rows', rows: 1 }],
        ['key-used', key, { certificateSha256, bundles: 1 }],
        ['prepare-run', operator, { rows: 2, made: 1, refused: 1, results: rootFromFiles(office) }],
        ['key-locked', key, { certificateSha256, reason: 'ended' }],
      ],
    );
  });

  it('whose key does not unlock logs why, and nothing of the passphrase', async () => {
    const office = officeWith();
    const passphraseFor = () => Promise.resolve(ok(Buffer.from('wrong passphrase')));
    const report = await office.prepare({ passphraseFor });
    assert(!report.ok);
    assert.deepEqual(
      logOf(office).map(({ action, facts }) => [action, facts]),
      [['key-unlock-failed', { fault: 'passphrase-wrong' }]],
    );
  });

  it('for training has a separate store and log, and marks what it makes', async () => {
    const office = new LabOffice({ training: true });
    office.writeInventory([office.row('LAB0001')]);
    await office.report();
    assert.equal(office.configuration('LAB0001').training, true);
    assert(office.judge('LAB0001').accepted);
    assert.deepEqual([...new Set(logOf(office, true).map(({ training }) => training))], [true]);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0001').sequence, true),
      1,
    );
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0001').sequence),
      0,
    );
  });

  it('whose inventory or profile is not there is refused as that', async () => {
    const office = officeWith();
    for (const name of ['inventory.csv', 'operator.json']) {
      rmSync(office.path(name));
      const fault = await office.refusal();
      assert.deepEqual([fault.code, fault.where?.file], ['file-unreadable', office.path(name)]);
    }
  });
});

describe('the output folder', () => {
  it('that holds bundles is left as it is by another run', async () => {
    const office = officeWith();
    await office.report();
    const before = readFileSync(office.path('out', 'report.csv'));
    const modified = statSync(office.path('out', 'bundles', 'LAB0001.p7m')).mtimeMs;
    office.writeInventory([office.row('LAB0001', { mtu: '1' })]);
    for (const skipBad of [false, true]) {
      const fault = await office.refusal({ skipBad });
      assert.deepEqual([fault.code, fault.where?.file], ['output-not-empty', office.path('out')]);
    }
    assert.deepEqual(readFileSync(office.path('out', 'report.csv')), before);
    assert.equal(statSync(office.path('out', 'bundles', 'LAB0001.p7m')).mtimeMs, modified);
  });

  it('keeps whatever else there is in it', async () => {
    const office = officeWith();
    mkdirSync(office.path('out', 'bundles'), { recursive: true });
    for (const name of ['film.part', 'notes.txt', 'bundles/notes.txt', 'bundles/film.part']) {
      writeFileSync(office.path('out', name), 'x');
    }
    await office.report();
    assert.deepEqual(readdirSync(office.path('out')).sort(), [
      'bundles',
      'film.part',
      'notes.txt',
      'report.csv',
      'run.json',
    ]);
    assert.deepEqual(office.bundleNames().length, 5);
  });

  it('that cannot be is output-unwritable', async () => {
    const office = officeWith();
    writeFileSync(office.path('file'), '');
    for (const out of ['file', 'file/out']) {
      assert.equal((await office.refusal({ out: office.path(out) })).code, 'output-unwritable');
    }
  });

  it('that can hold bundles but no report stops the run, which still reports what was made', async () => {
    const office = officeWith();
    mkdirSync(office.path('out', 'report.csv', 'in the way'), { recursive: true });
    const report = await office.report();
    assert.deepEqual([report.made, report.stoppedBy?.code], [3, 'output-unwritable']);
  });

  it('in which writing fails in mid-run keeps what is whole, and the run is logged', async () => {
    const office = officeWith();
    // In the way of the second bundle, made after the folder was cleared of such.
    const part = office.path('out', 'bundles', 'LAB0002.p7m.part');
    const onProgress = ({ phase, done }: PrepareProgress) => {
      if (phase === 'making' && done === 0) mkdirSync(part);
    };
    const report = await office.report({ onProgress });
    assert.deepEqual([report.stoppedBy?.code, report.stoppedBy?.found], ['output-unwritable', 'EISDIR']);
    assert.deepEqual(states(report)[1], 'skipped');
    const made = office.bundleNames().filter((name) => name.endsWith('.p7m')).length;
    const [run] = runsIn(office);
    assert.deepEqual(run, {
      rows: 3,
      made,
      refused: 0,
      results: run?.['results'],
      stoppedBy: 'output-unwritable',
    });
    rmSync(part, { recursive: true });
    assert.equal((await office.report({ resume: true })).made, 3);
  });

  it('that has become unreadable at the end is noted in the report and the log', async () => {
    const office = officeWith();
    const bundles = office.path('out', 'bundles');
    const onProgress = ({ phase, done, total }: PrepareProgress) => {
      if (phase !== 'making' || done < total) return;
      rmSync(bundles, { recursive: true });
      writeFileSync(bundles, 'no folder');
    };
    const { made, stoppedBy } = await office.report({ onProgress });
    assert.deepEqual([made, stoppedBy?.code, stoppedBy?.found], [0, 'output-unwritable', 'ENOTDIR']);
    const [run] = runsIn(office);
    const facts = { rows: 3, made: 0, refused: 0, stoppedBy: 'output-unwritable' };
    assert.deepEqual(run, { ...facts, results: run?.['results'] });
    assert.deepEqual(
      office.reportCsv().map(({ state }) => state),
      ['skipped', 'skipped', 'skipped'],
    );
  });
});

describe('a run that was stopped', () => {
  const serials = Array.from({ length: 200 }, (_, index) => `LAB${1000 + index}`);

  it('while it checks has made nothing', async () => {
    const office = officeWith();
    const fault = await office.refusal(stopAfter('checking', 1));
    assert.equal(fault.code, 'cancelled');
    assert(!existsSync(office.path('out')));
  });

  it('while it makes keeps what is made, and continues where it was', async () => {
    const office = officeWith(serials);
    const report = await office.report(stopAfter('making', 1));
    assert.equal(report.stoppedBy?.code, 'cancelled');
    assert(report.made > 0 && report.made <= serials.length);
    assert.deepEqual(
      report.rows.filter(({ state }) => state === 'made').map(({ serialNumber }) => `${serialNumber}.p7m`),
      office.bundleNames(),
    );
    const kept = new Map(
      office.bundleNames().map((name) => [name, readFileSync(office.path('out', 'bundles', name))]),
    );
    const rest = await office.report({ resume: true });
    assert.deepEqual([rest.made, rest.stoppedBy], [200, undefined]);
    for (const [name, bytes] of kept)
      assert.deepEqual(readFileSync(office.path('out', 'bundles', name)), bytes);
    for (const serial of serials) assert(office.judge(serial).accepted, serial);
    assert.deepEqual(
      runsIn(office).map(({ made, stoppedBy }) => [made, stoppedBy]),
      [
        [report.made, 'cancelled'],
        [200, undefined],
      ],
    );
    assert.equal(runsIn(office)[1]?.['results'], rootFromFiles(office));
  });

  it('before its first bundle gives out no sequence number', async () => {
    const office = officeWith();
    const { made, stoppedBy } = await office.report(stopAfter('making', 0));
    assert.deepEqual([made, stoppedBy?.code], [0, 'cancelled']);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0001').sequence),
      0,
    );
  });

  it('counts what is made already when it continues', async () => {
    const office = officeWith(serials);
    const { made } = await office.report(stopAfter('making', 1));
    const told: PrepareProgress[] = [];
    await office.report({ resume: true, onProgress: (progress) => told.push(progress) });
    assert.deepEqual(
      told.find(({ phase }) => phase === 'making'),
      { phase: 'making', done: made, total: serials.length, refused: 0 },
    );
    assert.deepEqual(told.at(-1), {
      phase: 'making',
      done: serials.length,
      total: serials.length,
      refused: 0,
    });
  });

  it('and is complete has nothing left to do', async () => {
    const office = officeWith();
    await office.report();
    const before = three.map((serial) => office.bundle(serial));
    const { made } = await office.report({ resume: true });
    assert.equal(made, 3);
    assert.deepEqual(
      three.map((serial) => office.bundle(serial)),
      before,
    );
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0001').sequence),
      1,
    );
  });

  it("makes again what is cut short, and what is another eNB's", async () => {
    const office = officeWith();
    await office.report();
    const [first, second, third] = three.map((serial) => office.path('out', 'bundles', `${serial}.p7m`));
    const kept = readFileSync(first!);
    writeFileSync(second!, readFileSync(second!).subarray(0, 100));
    writeFileSync(third!, kept);
    assert.equal((await office.report({ resume: true })).made, 3);
    assert.deepEqual(readFileSync(first!), kept);
    const numbers = three.map((serial) => {
      const bundle = new Bundle(office.bundle(serial)).unverified;
      assert(bundle.ok);
      return [bundle.value.configuration.enb.serialNumber, bundle.value.configuration.sequence];
    });
    assert.deepEqual(numbers, [
      ['LAB0001', 1],
      ['LAB0002', 2],
      ['LAB0003', 2],
    ]);
  });

  it('before its first bundle continues as well, with or without `resume`', async () => {
    const office = officeWith();
    mkdirSync(office.path('out', 'bundles'), { recursive: true });
    writeFileSync(office.path('out', 'bundles', 'LAB0001.p7m.part'), 'half');
    assert.equal((await office.report({ resume: true })).made, 3);
    assert.equal(office.bundleNames().length, 3);
  });

  it('does not go on with another inventory or profile', async () => {
    for (const name of ['inventory.csv', 'operator.json']) {
      const office = officeWith();
      await office.report();
      utimesSync(office.path(name), 1, 1);
      const fault = await office.refusal({ resume: true });
      assert.deepEqual([fault.code, fault.where?.file], ['inventory-changed', office.path(name)]);
    }
    const office = officeWith();
    await office.report();
    const inventory = office.writeInventory([office.row('LAB0001')], {}, 'other.csv');
    const fault = await office.refusal({ resume: true, inventory });
    assert.deepEqual([fault.code, fault.rule], ['output-not-empty', 'same-run']);
  });

  it('does not go on where no run is known', async () => {
    const office = officeWith();
    await office.report();
    for (const mark of ['', '{}', '{"format":"siteseal-run/2"}', '{"format":"siteseal-run/2","batch":"x"}']) {
      office.write('out/run.json', mark);
      const fault = await office.refusal({ resume: true });
      assert.deepEqual([fault.code, fault.rule], ['output-not-empty', 'same-run']);
    }
    rmSync(office.path('out', 'run.json'));
    assert.equal((await office.refusal({ resume: true })).rule, 'same-run');
  });

  it('and continues without skipping a bad row reports the existing bundles of the others', async () => {
    const office = officeWith();
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { mtu: '1' })]);
    await office.report({ skipBad: true });
    const report = await office.report({ resume: true });
    assert.deepEqual([report.made, states(report)], [1, ['made', 'refused']]);
  });

  it('can be dry when it continues', async () => {
    const office = officeWith();
    await office.report();
    assert.equal((await office.report({ resume: true, dryRun: true })).refused, 0);
  });
});

describe('two runs', () => {
  it('into one folder: the second is refused while the first is at work, and not after it', async () => {
    const office = officeWith();
    const work = `prepare ${office.path('out')}`;
    const other = { process: process.pid + 1, bootId: 'boot-of-the-tests' };
    const take = () => office.withStore((store) => store.leases.take(work, other, now, () => true));
    assert(take().ok);
    const fault = await office.refusal();
    assert.deepEqual([fault.code, fault.found], ['store-in-use', `process ${process.pid + 1}`]);
    assert(!existsSync(office.path('out')));
    await office.report({ out: office.path('elsewhere') });
    // The one at work has died, or the computer has been restarted.
    await office.report({ surroundings: { isAlive: () => false } });
    await office.report({ out: office.path('a') });
    assert(take().ok, 'a run that has ended holds nothing');
  });
});

describe('a store that cannot be used', () => {
  it('refuses the run before anything is made', async () => {
    const office = officeWith();
    writeFileSync(office.path('home'), '');
    const fault = await office.refusal();
    assert.equal(fault.code, 'store-unusable');
    rmSync(office.path('home'));
    mkdirSync(office.home);
    writeFileSync(
      join(office.home, 'siteseal.db'),
      'this is no database, however long it may be '.repeat(100),
    );
    const garbage = await office.refusal();
    assert.deepEqual([garbage.code, garbage.found], ['store-unusable', 'SQLITE_NOTADB']);
    assert(!existsSync(office.path('out')));
  });
});

/** A run whose signatures come from elsewhere, for example from a key on a token. */
async function runWith(
  office: LabOffice,
  sign: (own: Signer, data: Uint8Array) => Promise<Uint8Array>,
  changes: Partial<PrepareRequest> = {},
  signal = new AbortController().signal,
): Promise<PrepareReport> {
  const stores = new Stores(surroundingsIn(office.home));
  const request = {
    inventory: office.path('inventory.csv'),
    profile: office.path('operator.json'),
    out: office.path('out'),
    ...{ skipBad: false, resume: false, dryRun: false, ...changes },
  };
  const report = await prepare(request, {
    ...stores.surroundings(),
    unlock: async (vendor) => {
      const unlocked = await unlockVendor(vendor, Buffer.from(office.passphrase), clock);
      if (!unlocked.ok) return unlocked;
      const { signer } = unlocked.value.signing;
      const elsewhere = { ...signer, sign: (data: Uint8Array) => sign(signer, data) };
      return ok({ ...unlocked.value, signing: { ...unlocked.value.signing, signer: elsewhere } });
    },
    onProgress: () => undefined,
    signal,
  });
  stores.close();
  assert(report.ok, JSON.stringify(report));
  return report.value;
}

describe('a signer that takes its time', () => {
  async function run(office: LabOffice, signal: AbortSignal, onSign: () => void): Promise<PrepareReport> {
    const sign = async (signer: Signer, data: Uint8Array) => {
      onSign();
      await new Promise((resolve) => setImmediate(resolve));
      return signer.sign(data);
    };
    return runWith(office, sign, {}, signal);
  }

  it('signs one bundle after the other, with all that was sealed in them', async () => {
    const office = officeWith();
    let signed = 0;
    const report = await run(office, new AbortController().signal, () => signed++);
    assert.deepEqual([report.made, report.stoppedBy, signed], [3, undefined, 3]);
    for (const serial of three)
      assert.equal(office.sealed(serial)?.credential?.secret, `secret of ${serial}`);
  });

  it('is not asked for another signature after the run was stopped', async () => {
    const office = officeWith();
    const controller = new AbortController();
    let signed = 0;
    const report = await run(office, controller.signal, () => {
      if (++signed === 2) controller.abort();
    });
    assert.deepEqual([report.made, report.stoppedBy?.code, signed], [2, 'cancelled', 2]);
    assert(office.judge('LAB0002').accepted);
  });
});

describe('a signer that makes an error', () => {
  it('stops the run before the bundle is written, and a resumed run makes it with the same numbers', async () => {
    const office = officeWith();
    let signed = 0;
    const report = await runWith(office, async (signer, data) => {
      const signature = await signer.sign(data);
      if (++signed === 2) signature.set([(signature.at(-1) ?? 0) ^ 1], signature.length - 1);
      return signature;
    });
    // The next bundle is made before the answer about this one is used.
    assert.equal(report.made, 2);
    const { code, because, where } = report.stoppedBy ?? fault('internal-error');
    assert.deepEqual(
      [code, because?.code, where],
      [
        'made-unacceptable',
        'bundle-signature-invalid',
        { file: office.path('inventory.csv'), row: 2, line: 3 },
      ],
    );
    assert.deepEqual(office.bundleNames(), ['LAB0001.p7m', 'LAB0003.p7m']);
    const resumed = await runWith(office, (signer, data) => signer.sign(data), { resume: true });
    assert.deepEqual([resumed.made, resumed.stoppedBy], [3, undefined]);
    for (const serial of three) {
      assert(office.judge(serial).accepted);
      assert.equal(office.configuration(serial).sequence, 1);
    }
  });
});

describe('a bundle for later', () => {
  it('is made although no eNB accepts it yet', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    office.writeInventory([office.row('LAB0001', { valid_from: '2027-06-01T00:00:00Z' })]);
    const report = await office.report();
    assert.deepEqual([report.made, report.stoppedBy], [1, undefined]);
    assert.deepEqual(
      office
        .judge('LAB0001')
        .checks.filter(({ ok: passed }) => passed === false)
        .map(({ code }) => code),
      ['bundle-not-yet-valid'],
    );
  });
});
