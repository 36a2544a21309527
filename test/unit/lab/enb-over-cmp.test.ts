import assert from 'node:assert/strict';
import { hash, randomInt } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import type { Configuration } from '../../../main/bundle/index.ts';
import { openSession } from '../../../main/device/index.ts';
import {
  cmpEnroller,
  RaCaServer,
  type Listening,
  type ReferenceEnb,
  type ReferenceEnbOptions,
} from '../../../main/lab/index.ts';
import { nameToText, parseCertificate, type Certificate } from '../../../main/pki/index.ts';
import {
  base64,
  bundleFor,
  configurationFor,
  credential,
  makeScene,
  otherIdentity,
} from '../../kit/bundle.ts';
import {
  operatorRoot,
  ra,
  startAuthority,
  subject,
  vendor,
  type Registered,
  type TestAuthority,
} from '../../kit/cmp.ts';
import {
  deadlines,
  makeReferenceEnb,
  startEnbProcess,
  stopProcesses,
  temporaryFolder,
  trustOf,
  writeFactoryFiles,
  type EnbProcess,
} from '../../kit/enb.ts';
import { settled } from '../../kit/enroller.ts';
import { ManualTime } from '../../kit/manual-time.ts';

const scene = makeScene({ vendor });
const subjectAltNames = ['dns:enb1.example'];
const byCredential: Registered = { credential, subject, subjectAltNames };
const byCertificate: Registered = { protection: 'vendor-certificate', subject, subjectAltNames };

/** A bundle for an eNB that enrols with the RA/CA of the tests, at a name that only `connectTo` resolves. */
function bundleOf(changes: Partial<Configuration['enrolment']> = {}, sequence = 7): Promise<Uint8Array> {
  return bundleFor(scene, {
    sequence,
    operatorRootCertificates: [base64(operatorRoot)],
    enrolment: {
      protocol: 'cmpv2',
      url: 'http://ra.pki.example:8080/pkix/',
      caName: nameToText(ra.certificate.subject),
      subject: nameToText(subject),
      subjectAltNames,
      protection: 'mac',
      ...changes,
    },
    initialIpsec: { ...configurationFor(scene).initialIpsec, required: false },
  });
}

interface RunningRa extends TestAuthority {
  readonly connectTo: Readonly<Record<string, string>>;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
after(stopProcesses);

async function startRa(entry: Registered): Promise<RunningRa> {
  const authority = await startAuthority({ entries: [entry] });
  const server: Listening = await new RaCaServer(authority.authority).listen('127.0.0.1', 0);
  closing.push(
    () => authority.close(),
    () => server.close(),
  );
  return { ...authority, connectTo: { 'ra.pki.example:8080': `127.0.0.1:${server.port}` } };
}

function startEnbAt(
  { connectTo }: Pick<RunningRa, 'connectTo'>,
  changes: Partial<ReferenceEnbOptions> = {},
  { later, uptime } = new ManualTime(),
): ReferenceEnb {
  const enb = makeReferenceEnb(scene, {
    ...changes,
    steps: { enroller: cmpEnroller({ connectTo }), later, uptime },
  });
  closing.push(() => enb.close());
  return enb;
}

const step = (enb: ReferenceEnb, name: string) => enb.steps().find((one) => one.step === name);

/** The operator certificate in an eNB's state, and the SHA-256 of its key. */
function operatorOf(folder: string): { readonly certificate: Certificate; readonly key: string } {
  const { operator } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as {
    readonly operator: { readonly certificate: string; readonly key: string };
  };
  const certificate = parseCertificate(Buffer.from(operator.certificate, 'base64'));
  assert(certificate.ok);
  return { certificate: certificate.value, key: operator.key };
}

/** Asserts that an eNB has one key and one certificate, and that the RA/CA knows it as the confirmed one. */
function assertOneCertificate({ journal }: TestAuthority, folder: string): void {
  const { certificate, key } = operatorOf(folder);
  assert.equal(hash('sha256', certificate.publicKey.spki), key);
  const keys = readdirSync(folder).filter((name) => name.endsWith('.key'));
  assert.deepEqual(keys, [`operator-${key}.key`]);
  assert.equal(statSync(join(folder, keys[0] ?? '')).mode & 0o777, 0o600);
  assert.equal(journal.isConfirmed(certificate.sha256), true);
}

describe('the reference eNB over CMP', () => {
  for (const [how, entry] of [
    ['the credential of its bundle', byCredential],
    ['its vendor certificate', byCertificate],
  ] as const) {
    it(`enrols with ${how}, and renews its certificate, even without a clock`, async () => {
      const running = await startRa(entry);
      const changes = { folder: temporaryFolder(), now: undefined };
      const enb = startEnbAt(running, changes);
      enb.takeBundle(await bundleOf({ protection: entry.protection ?? 'mac' }));
      enb.startStep('enrolment');
      await settled(enb);
      assert.equal(step(enb, 'enrolment')?.state, 'done', JSON.stringify(enb.steps()));
      const first = operatorOf(changes.folder);
      assert.equal(nameToText(first.certificate.subject), nameToText(subject));
      assertOneCertificate(running, changes.folder);
      await enb.close();

      const time = new ManualTime();
      const again = startEnbAt(running, changes, time);
      await time.pass(1, () => settled(again));
      assert.equal(step(again, 'renewal')?.state, 'done', JSON.stringify(again.steps()));
      assert.notEqual(operatorOf(changes.folder).key, first.key);
      assertOneCertificate(running, changes.folder);

      // A new bundle with the same credential is no reason for an incident.
      again.takeBundle(await bundleOf({ protection: entry.protection ?? 'mac' }, 8));
      again.startStep('enrolment');
      await settled(again);
      assert.equal(step(again, 'enrolment')?.state, 'done', JSON.stringify(again.steps()));
      assertOneCertificate(running, changes.folder);
    });
  }

  it('says what the RA/CA has said when it refuses', async () => {
    const running = await startRa({
      ...byCredential,
      enb: otherIdentity,
      credential: { ...credential, reference: Buffer.from('other') },
    });
    const enb = startEnbAt(running);
    enb.takeBundle(await bundleOf());
    enb.startStep('enrolment');
    await settled(enb);
    assert.match(step(enb, 'enrolment')?.fault?.code ?? '', /^cmp-/);
  });

  it('reports an RA/CA that cannot be reached', async () => {
    const enb = startEnbAt({ connectTo: { 'ra.pki.example:8080': '127.0.0.1:1' } });
    enb.takeBundle(await bundleOf());
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.fault?.code, 'cmp-unreachable');
  });

  it('is refused as an incident when its credential was used with another key', async () => {
    const running = await startRa(byCredential);
    const first = startEnbAt(running);
    const second = startEnbAt(running);
    for (const enb of [first, second]) {
      enb.takeBundle(await bundleOf());
      enb.startStep('enrolment');
      await settled(enb);
    }
    assert.equal(step(second, 'enrolment')?.fault?.code, 'credential-bound-elsewhere');
  });
});

/** Runs until no step runs, and returns whether the eNB was still there. */
async function runToEnd(enb: EnbProcess, isStarting: boolean): Promise<boolean> {
  const session = await openSession(enb.transport, trustOf(scene), deadlines);
  if (!session.ok) return false;
  if (isStarting) await session.value.startStep('enrolment');
  for (;;) {
    const steps = await session.value.getSteps();
    if (!steps.ok) return false;
    if (steps.value.steps.every(({ state }) => state !== 'running')) break;
    await new Promise(setImmediate);
  }
  session.value.close();
  return true;
}

describe('an eNB that is killed while it enrols', { skip: process.platform === 'win32' }, () => {
  // Begin, key, requested, issued, confirming and done: each is a file that is opened, written and renamed.
  for (const at of [5, 8, 14, 17, randomInt(1, 19)]) {
    it(`at step ${at} of its files ends with exactly one certificate, and the RA/CA agrees`, async () => {
      const running = await startRa(byCredential);
      const files = writeFactoryFiles(scene, temporaryFolder());
      makeReferenceEnb(scene, { folder: files.state }).takeBundle(await bundleOf());
      const home = temporaryFolder();
      const more = Object.entries(running.connectTo).flatMap(([from, to]) => [
        '--connect-to',
        `${from}=${to}`,
      ]);
      const interruption = { signal: 'SIGKILL', step: at } as const;
      const enb = await startEnbProcess(files, home, { interruption }, more);
      await runToEnd(enb, true);
      const { signal } = await enb.done;
      assert.equal(signal, 'SIGKILL');

      const again = await startEnbProcess(files, home, {}, more);
      // What was killed before it was on disk has not begun.
      assert.equal(await runToEnd(again, at <= 3), true);
      again.child.kill('SIGTERM');
      await again.done;
      assertOneCertificate(running, files.state);
    });
  }
});
