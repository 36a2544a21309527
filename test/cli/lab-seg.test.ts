import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { toSeconds } from '../../main/pki/index.ts';
import { makeScene, now } from '../kit/bundle.ts';
import { documentOf, sitesealJson, startSiteseal, type FaultDocument, type Running } from '../kit/cli.ts';
import { pem, temporaryFolder } from '../kit/enb.ts';

const folder = temporaryFolder();
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const [operator, vendor] = [inFolder('operator'), inFolder('vendor')];
const options = { home: inFolder('home'), cwd: folder, env: { SITESEAL_PASSPHRASE: 'open sesame' } };
const address = { seg: '127.0.0.11', ra: '127.0.0.20' };
const raName = 'C=FI,O=Lab Operator,CN=Lab RA';
const serialNumber = 'LAB0001';
const secret = '00112233445566778899aabbccddeeff';
const day = 24 * 3_600_000;

const run = async (...args: readonly string[]) => {
  const ran = await sitesealJson(args, { ...options, isWarm: true });
  const document = ran.document as {
    readonly fault?: FaultDocument;
    readonly steps?: readonly { readonly step: string; readonly state: string; readonly fault?: unknown }[];
  };
  return { code: ran.code, ...document };
};
const good = async (...args: readonly string[]) => {
  const ran = await run(...args);
  assert.equal(ran.code, 0, JSON.stringify(ran));
  return ran;
};

const running: Running[] = [];

/** Starts a command that runs until it is stopped. The result is the document that it prints. */
async function start(...args: readonly string[]) {
  const started = startSiteseal([...args, '--json'], { ...options, env: {} });
  running.push(started);
  assert(started.child.stdout);
  const first = once(started.child.stdout, 'data');
  const failed = started.done.then((ran) => assert.fail(JSON.stringify(ran)));
  failed.catch(() => undefined); // It ends at the end of the tests, too.
  const [line] = (await Promise.race([first, failed])) as [string];
  return { ...started, document: JSON.parse(line) as Readonly<Record<string, unknown>> };
}

const gateway = [
  ...['--certificate', join(operator, 'seg1.example.pem'), '--key', join(operator, 'seg1.example.key')],
  ...['--chain', join(operator, 'issuing-ca.pem'), '--identity', 'seg1.example'],
  ...['--trust', join(vendor, 'vendor-root.pem'), '--subnet', `${address.ra}/32`, '--listen', address.seg],
];
const standIn = ['--stand-in', ...gateway, '--pool', '10.99.1.0/24'];

/** The inventory of one eNB, whose RA/CA listens on this port. */
function writeInventory(raPort: number): string {
  const row = {
    ...{ site_id: serialNumber, site_name: 'Lab', vendor: 'lab-vendor', enb_serial: serialNumber },
    ...{ enb_certificate: join(vendor, `${serialNumber}.pem`), plmn: '00101' },
    ...{ ra_url: `http://${address.ra}:${raPort}/pkix/`, ra_name: `"${raName}"` },
    ...{ seg_initial: address.seg, seg_traffic: address.seg, outer_ip: '198.51.100.2/24' },
    ...{ outer_gateway: '198.51.100.1', vlan: '', mtu: '1400', dns: '192.0.2.53', ntp: '192.0.2.53' },
    ...{ credential_reference: 'enb-1', credential_secret: secret },
    ...{ valid_from: toSeconds(new Date(now.getTime() - day)) },
    ...{ valid_until: toSeconds(new Date(now.getTime() + 90 * day)) },
  };
  const file = inFolder('inventory.csv');
  writeFileSync(file, `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`);
  return file;
}

function writeProfile(): string {
  const certificates = [join(vendor, 'configuration.pem')];
  const file = inFolder('operator.json');
  const profile = {
    ...{ name: 'Lab Operator', plmn: '00101', initialIpsec: { required: true } },
    operatorRootCertificates: [join(operator, 'operator-root.pem')],
    securityGateways: { [address.seg]: { identity: 'seg1.example', remoteSubnets: [`${address.ra}/32`] } },
    vendors: {
      'lab-vendor': {
        rootCertificates: [join(vendor, 'vendor-root.pem')],
        intermediates: [join(vendor, 'vendor-issuing.pem')],
        configurationKey: { pkcs8: join(operator, 'configuration.key'), certificates },
      },
    },
  };
  writeFileSync(file, JSON.stringify(profile));
  return file;
}

before(async () => {
  await good('lab', 'operator', '--out', operator, '--seg', 'seg1.example');
  const certify = ['--certify', join(operator, 'configuration-public.pem')];
  await good('lab', 'vendor', '--out', vendor, '--enb', serialNumber, ...certify);
});

after(async () => {
  for (const { child } of running) child.kill();
  await Promise.all(running.map(({ done }) => done));
});

describe('siteseal lab seg --stand-in', { skip: process.platform !== 'linux' }, () => {
  it('is a gateway through which an eNB of another process enrols, until it is stopped', async () => {
    const seg = await start('lab', 'seg', ...standIn);
    const { kind, identity, ike } = seg.document;
    assert.deepEqual([kind, identity], ['stand-in', 'seg1.example']);
    assert([[500, 4500], [4500]].some((ports) => JSON.stringify(ports) === JSON.stringify(ike)));
    const second = await run('lab', 'seg', ...standIn);
    assert.deepEqual(
      [second.code, second.fault?.code, second.fault?.found],
      [3, 'port-unavailable', 'EADDRINUSE'],
    );
    assert.deepEqual(second.fault?.where, { address: `${address.seg}:4500` });
    const [profile, registrations] = [writeProfile(), inFolder('registrations.json')];
    const out = ['--profile', profile, '--out'];
    await good('lab', 'registrations', writeInventory(8080), ...out, registrations);
    const { document: ra } = await start(
      ...['lab', 'ra-ca', '--state', inFolder('ra-ca'), '--registrations', registrations, '--name', raName],
      ...['--host', address.ra, '--port', '0', '--ca', join(operator, 'issuing-ca.pem')],
      ...['--ca-key', join(operator, 'issuing-ca.key'), '--chain', join(operator, 'operator-root.pem')],
    );
    await good('prepare', writeInventory(Number(ra['port'])), ...out, inFolder('office'));
    const { document: enb } = await start(
      ...['lab', 'enb', '--identity', join(vendor, `${serialNumber}.pem`), '--state', inFolder('enb')],
      ...['--key', join(vendor, `${serialNumber}.key`), '--chain', join(vendor, 'vendor-issuing.pem')],
      ...['--vendor-root', join(vendor, 'vendor-root.pem'), '--port', '0', '--ipsec', 'stand-in'],
    );
    const at = ['--ethernet', `127.0.0.1:${Number(enb['port'])}`];
    const trust = [
      ...['--vendor-root', join(vendor, 'vendor-root.pem')],
      ...['--untrusted', join(vendor, 'vendor-issuing.pem')],
    ];
    const bundle = inFolder('office', 'bundles', `${serialNumber}.p7m`);
    await good('enb', 'write', bundle, ...at, ...trust, '--out', inFolder('receipts'));
    for (const step of ['initial-ipsec', 'enrolment']) {
      const { steps } = await good('enb', 'start-step', step, ...at, ...trust, '--follow');
      assert.equal(steps?.find((one) => one.step === step)?.state, 'done', JSON.stringify(steps));
    }
    assert.match(readFileSync(inFolder('enb', 'state.json'), 'utf8'), /"operator"/);
    seg.child.kill('SIGTERM');
    const ran = await seg.done;
    assert.deepEqual([ran.code, ran.signal, documentOf(ran)], [0, null, seg.document]);
    assert.match(
      ran.stderr,
      /^The security gateway "seg1\.example" .*\nIt is a stand-in: TLS on TCP port 4500/,
    );
  });

  for (const [what, args, rule] of [
    ['a folder for strongSwan', [...standIn, '--state', 'seg'], 'state-or-stand-in'],
    ['no folder without --stand-in', [...gateway, '--pool', '10.99.1.0/24'], 'state-or-stand-in'],
    ['IKE alone', [...standIn, '--childless'], undefined],
    ['no pool', ['--stand-in', ...gateway], 'stand-in-pool'],
    ['two pools', [...standIn, '--pool', '10.99.2.0/24'], 'stand-in-pool'],
    ['a pool of one address', ['--stand-in', ...gateway, '--pool', '10.99.1.4/32'], 'stand-in-pool'],
    ['a pool of IPv6', ['--stand-in', ...gateway, '--pool', '2001:db8::/64'], 'stand-in-pool'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { code, fault } = await run('lab', 'seg', ...args);
      assert.deepEqual([code, fault?.code, fault?.rule], [2, 'usage-invalid', rule]);
    });
  }

  it('refuses to trust a root of real data', async () => {
    const root = inFolder('real-root.pem');
    writeFileSync(root, pem(makeScene().vendor.root.certificate));
    const { code, fault } = await run('lab', 'seg', ...standIn, '--trust', root);
    assert.deepEqual([code, fault?.code, fault?.rule], [3, 'ike-unavailable', 'stand-in-training']);
  });
});
