// Step 0 to step 2 and a renewal of the reference eNB, for real: a gateway of strongSwan, and behind it the lab's RA/CA.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeBundle, type StepName } from '../../main/bundle/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { openSession, type EnbSession } from '../../main/device/index.ts';
import { cmpEnroller, registrationsFormat, startStrongswanIpsec } from '../../main/lab/index.ts';
import { parseCertificate, type Certificate } from '../../main/pki/index.ts';
import { startSeg, type Charon } from '../../main/strongswan/index.ts';
import { base64, configurationFor, credential, identity, makeScene, sealingFor } from '../kit/bundle.ts';
import { entry } from '../kit/cli.ts';
import { deadlines, startEnb, temporaryFolder, trustOf, type RunningEnb } from '../kit/enb.ts';
import { settled } from '../kit/enroller.ts';
import { datesNow, segName } from '../kit/ipsec-pki.ts';
import { generalName, makeCertificate, subjectAltName } from '../kit/pki.ts';

assert(process.env['SITESEAL_OWN_NETWORK'], 'Run within test/kit/on-own-network.sh');

// This process is the eNB. The gateway and the RA/CA are in a network of their own at the other end of a cable. Only
// the gateway's address can be reached without a tunnel.
const other = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep infinity'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const inside = ['nsenter', '--net', '--target', String(other.pid)];
const address = { enb: '198.51.100.2', seg: '198.51.100.1', ra: '10.20.0.10' };
const core = '10.20.0.0/24';
const port = 8080;

const home = temporaryFolder();
const scene = makeScene({ training: true, ...datesNow });
const running: ChildProcess[] = [other];
const closing: (() => unknown)[] = [];
let seg: Charon;
let enb: RunningEnb;
let session: EnbSession;

const run = (...[file = '', ...args]: readonly string[]) =>
  execFileSync(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });

function write(name: string, text: string): string {
  writeFileSync(join(home, name), text, { mode: 0o600 });
  return join(home, name);
}

/** The lab's RA/CA as a command. Returns its name and its operator root. */
async function startRaCa(): Promise<{ readonly name: string; readonly root: Certificate }> {
  const subject = 'CN=LAB0001';
  const texts = { reference: credential.reference.toString(), secret: credential.secret.toString() };
  const registrations = [{ ...identity, protection: 'mac', subject, credential: texts }];
  const files = [
    '--registrations',
    write('ra.json', JSON.stringify({ format: registrationsFormat, registrations })),
  ];
  const at = ['--state', join(home, 'ra-ca'), '--host', address.ra, '--port', String(port), '--json'];
  const [program = '', ...args] = [...inside, process.execPath, entry, 'lab', 'ra-ca', ...files, ...at];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  running.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { name, root } = JSON.parse(line.toString()) as { readonly name: string; readonly root: string };
  const certificates = parseCertificates(readFileSync(root));
  assert(certificates.ok && certificates.value[0]);
  return { name, root: certificates.value[0] };
}

/** A gateway that has the vendor root as well as the operator's. */
async function startGateway(operatorRoot: Certificate): Promise<Charon> {
  const extensions = [subjectAltName([generalName.dns(segName)])];
  const own = makeCertificate(
    'O=Lab Operator,CN=seg1',
    { ...datesNow, keyUsage: ['digitalSignature'], extensions },
    scene.operatorRoot,
  );
  const started = await startSeg({
    ...{ folder: join(home, 'seg'), launcher: inside, ...own, chain: [], identity: segName },
    roots: [scene.vendor.root.certificate, operatorRoot],
    ...{
      untrusted: [],
      crls: [],
      subnets: [core],
      pools: ['10.30.0.0/24'],
      addresses: [],
      isChildless: false,
    },
    ...{ proposals: ['aes128-sha256-ecp256'], espProposals: ['aes128gcm16'] },
  });
  assert(started.ok, JSON.stringify(started));
  return started.value;
}

function bundleOf({
  name,
  root,
}: {
  readonly name: string;
  readonly root: Certificate;
}): Promise<Uint8Array> {
  const { enrolment, initialIpsec } = configurationFor(scene);
  const gateway = { address: address.seg, identity: segName, remoteSubnets: [core] };
  const configuration = configurationFor(scene, {
    training: true,
    notBefore: `${datesNow.notBefore.toISOString().slice(0, 19)}Z`,
    notAfter: `${datesNow.notAfter.toISOString().slice(0, 19)}Z`,
    operatorRootCertificates: [base64(scene.operatorRoot), Buffer.from(root.der).toString('base64')],
    enrolment: { ...enrolment, url: `http://${address.ra}:${port}/pkix/`, caName: name },
    securityGateways: [
      { ...gateway, role: 'initial' },
      { ...gateway, role: 'traffic' },
    ],
    initialIpsec: { ...initialIpsec, proposals: ['aes128-sha256-ecp256'] },
  });
  return makeBundle(configuration, sealingFor(scene), scene.signing);
}

before(async () => {
  await once(other.stdout, 'data');
  run('ip', 'link', 'add', 'see0', 'type', 'veth', 'peer', 'name', 'ses0', 'netns', String(other.pid));
  run('ip', 'address', 'add', `${address.enb}/30`, 'dev', 'see0');
  run('ip', 'link', 'set', 'see0', 'up');
  for (const [text, device] of [
    [`${address.seg}/30`, 'ses0'],
    [`${address.ra}/32`, 'lo'],
  ] as const) {
    run(...inside, 'ip', 'address', 'add', text, 'dev', device);
    run(...inside, 'ip', 'link', 'set', device, 'up');
  }
  const ra = await startRaCa();
  seg = await startGateway(ra.root);
  closing.push(() => seg.stop());
  const ipsec = await startStrongswanIpsec({ folder: join(home, 'ipsec') });
  assert(ipsec.ok, JSON.stringify(ipsec));
  const later = (milliseconds: number, work: () => void) => {
    const timer = setTimeout(work, Math.min(milliseconds, 2 ** 31 - 1)).unref();
    return () => clearTimeout(timer);
  };
  enb = await startEnb(scene, {
    now: () => new Date(),
    steps: { enroller: cmpEnroller(), ipsec: ipsec.value, later, uptime: () => performance.now() },
  });
  closing.push(() => enb.close());
  const opened = await openSession(
    enb.transport,
    trustOf(scene, { clock: { now: new Date(), isExact: true } }),
    deadlines,
  );
  assert(opened.ok, JSON.stringify(opened));
  session = opened.value;
  closing.push(() => session.close());
  const verdict = await session.putBundle(await bundleOf(ra));
  assert(verdict.ok && verdict.value.accepted, JSON.stringify(verdict));
});

after(async () => {
  for (const close of closing.reverse()) await close();
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a step, waits for its end, and returns how it ended. */
async function make(step: StepName): Promise<string | undefined> {
  const started = await session.startStep(step);
  if (!started.ok) return started.fault.code;
  await settled(enb.enb);
  const steps = await session.getSteps();
  assert(steps.ok);
  const made = steps.value.steps.find((one) => one.step === step);
  return made?.fault ? JSON.stringify(made.fault) : made?.state;
}

/** Who the gateway has a tunnel with. */
async function peersOfGateway(): Promise<readonly string[]> {
  const vici = await seg.connect();
  const peers: string[] = [];
  await vici.stream('list-sas', 'list-sa', {}, (message) => {
    for (const { 'remote-id': id } of Object.values(
      message as Record<string, { readonly 'remote-id': string }>,
    ))
      peers.push(id);
  });
  vici.close();
  return peers;
}

function operatorCertificate(): Certificate {
  const { operator } = JSON.parse(readFileSync(join(enb.folder, 'state.json'), 'utf8')) as {
    readonly operator: { readonly certificate: string };
  };
  const certificate = parseCertificate(Buffer.from(operator.certificate, 'base64'));
  assert(certificate.ok);
  return certificate.value;
}

describe('an eNB, a gateway of strongSwan and the RA/CA behind it', () => {
  let first: Certificate;

  it('make step 0.5 with the vendor certificate, without which there is no step 1', async () => {
    assert.equal(await make('enrolment'), 'ra-outside-tunnel');
    assert.equal(await make('initial-ipsec'), 'done');
    assert.deepEqual(await peersOfGateway(), ['O=Lab, OU=eNB, serialNumber=LAB0001, CN=enb-lab0001']);
  });

  it('make step 1 through that tunnel, with the credential', async () => {
    assert.equal(await make('enrolment'), 'done');
    first = operatorCertificate();
  });

  it('make step 2 with the operator certificate', async () => {
    assert.equal(await make('backhaul-ipsec'), 'done');
    assert.deepEqual(await peersOfGateway(), ['CN=LAB0001']);
  });

  it('renew the certificate through the tunnel of step 2', async () => {
    assert.equal(await make('renewal'), 'done');
    assert.notEqual(operatorCertificate().sha256, first.sha256);
    assert.deepEqual(await peersOfGateway(), ['CN=LAB0001']);
  });
});
