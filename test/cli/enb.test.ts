import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { acceptanceCodes, verifyReceipt } from '../../main/bundle/index.ts';
import { makeEnb } from '../kit/issue-certificate.ts';
import {
  bundleFor,
  configurationFor,
  hwType,
  identity,
  issueCrl,
  labOptions,
  makeScene,
  now,
  otherIdentity,
} from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import {
  pem,
  startEnb,
  startTcpPeer,
  temporaryFolder,
  trustOf,
  writeFactoryFiles,
  type Listening,
  type RunningEnb,
} from '../kit/enb.ts';
import { fault } from '../../main/faults/index.ts';
import { keyIdOf } from '../../main/ike/index.ts';
import { fakeNetwork } from '../kit/path.ts';
import { makeEnroller } from '../kit/enroller.ts';
import { ManualTime } from '../kit/manual-time.ts';
import { encodePem } from '../../main/asn1/index.ts';

const scene = makeScene();
const { vendor } = scene;
const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);
writeFactoryFiles(scene, folder);
const write = (name: string, contents: string | Uint8Array) => {
  writeFileSync(join(folder, name), contents);
};
const bundle = await bundleFor(scene);
write('garbage', 'garbage');
write('LAB0001.p7m', bundle);
write('newer.p7m', await bundleFor(scene, { sequence: 8 }));
write('same-number.p7m', await bundleFor(scene));
write('tampered.p7m', Buffer.from(bundle).fill(bundle[300]! ^ 1, 300, 301));
write('foreign-root.pem', pem(makeScene().vendor.root.certificate));

const where = { home, cwd: folder, isWarm: true };
const at = ({ port }: Pick<Listening, 'port'>, root = 'vendor-root.pem') => [
  ...['--ethernet', `127.0.0.1:${port}`, '--vendor-root', root],
];

interface Document {
  readonly state?: string;
  readonly enb?: object;
  readonly verdict?: { readonly accepted: boolean; readonly checks: readonly { readonly code: string }[] };
  readonly receipt?: string;
  readonly fault?: FaultDocument;
}

async function run(...args: readonly string[]): Promise<{ document: Document; code: number | null }> {
  const { document, code } = await sitesealJson(['enb', ...args], where);
  return { document: document as Document, code };
}

/** The code of the fault with which a command is refused, and its exit code. */
async function refusal(...args: readonly string[]): Promise<readonly [string | undefined, number | null]> {
  const { document, code } = await run(...args);
  return [document.fault?.code, code];
}

function assertReceipt(file: string | undefined, training = scene): void {
  assert(file);
  const receipt = verifyReceipt(readFileSync(file), { ...trustOf(training), enb: identity });
  assert(receipt.ok, JSON.stringify(receipt));
  if (process.platform !== 'win32')
    assert.equal(statSync(file).mode & 0o777, 0o600, 'this user alone may read it');
}

/** A port where nothing listens. */
async function closedPort(): Promise<Pick<Listening, 'port'>> {
  const peer = await startTcpPeer(() => undefined);
  await peer.close();
  return peer;
}

describe('siteseal enb identify', () => {
  let enb: RunningEnb;
  before(async () => (enb = await startEnb(scene)));
  after(() => enb.close());

  it('says which eNB is connected', async () => {
    const { document, code } = await run('identify', ...at(enb));
    assert.equal(code, 0);
    assert.deepEqual(document, {
      enb: identity,
      identity: enb.enb.describe(),
      certificate: {
        subject: 'O=Lab,OU=eNB,serialNumber=LAB0001,CN=enb-lab0001',
        sha256: scene.enb.certificate.sha256,
      },
    });
  });

  it('says it in words, and then ends', async () => {
    const { stdout, stderr, code } = await siteseal(['enb', 'identify', ...at(enb)], { home, cwd: folder });
    assert.equal(
      stdout,
      `eNB LAB0001 (hardware type ${hwType})\n` +
        '  certificate: O=Lab,OU=eNB,serialNumber=LAB0001,CN=enb-lab0001\n' +
        '  firmware: siteseal-reference-enb/1\n' +
        '  last sequence number: 0 (epoch 0)\n' +
        '  clock: 2026-11-15T12:00:00Z\n',
    );
    assert.deepEqual([stderr, code], ['', 0]);
  });

  it('opens no store', async () => {
    await run('identify', ...at(enb));
    assert(!existsSync(join(home, 'siteseal.db')));
  });

  it('ends with 4 for what is no eNB of the vendor, and nothing else is in the document', async () => {
    const { document, code } = await run('identify', ...at(enb, 'foreign-root.pem'));
    assert.deepEqual([document.fault?.code, code], ['enb-untrusted', 4]);
    assert.deepEqual(document.fault?.where, { address: `127.0.0.1:${enb.port}` });
    assert.deepEqual(Object.keys(document), ['fault']);
    for (const word of ['message', 'cause', 'mendedBy', 'next'] as const) assert(document.fault[word]);
  });

  it('ends with 4 where nothing listens, or something else does', async () => {
    assert.deepEqual(await refusal('identify', ...at(await closedPort())), ['device-unreachable', 4]);
    const peer = await startTcpPeer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n')),
    );
    assert.deepEqual(await refusal('identify', ...at(peer)), ['device-not-tls13', 4]);
    await peer.close();
  });

  it('tells a person what to do, on standard error', async () => {
    const { stdout, stderr, code } = await siteseal(['enb', 'identify', ...at(await closedPort())], where);
    assert.deepEqual([stdout, code], ['', 4]);
    assert.match(
      stderr,
      /^device-unreachable: Siteseal cannot reach the eNB: address 127\.0\.0\.1:\d+; found nothing listens at .*\(ECONNREFUSED\)\.\n/,
    );
    assert.match(stderr, /Check the address and port\. .* Then try again\.\n$/);
  });

  const wrong: readonly (readonly [why: string, args: readonly string[], code: string, exit: number])[] = [
    [
      'an address that is none',
      ['--ethernet', '10.1', '--vendor-root', 'vendor-root.pem'],
      'address-invalid',
      2,
    ],
    ['no address', ['--vendor-root', 'vendor-root.pem'], 'usage-invalid', 2],
    [
      'two ways',
      ['--ethernet', '127.0.0.1', '--usb', '--vendor-root', 'vendor-root.pem'],
      'usage-invalid',
      2,
    ],
    ['no root', ['--ethernet', '127.0.0.1'], 'usage-invalid', 2],
    [
      'a root that is not there',
      ['--ethernet', '127.0.0.1', '--vendor-root', 'none.pem'],
      'file-unreadable',
      3,
    ],
    [
      'a root that is no certificate',
      ['--ethernet', '127.0.0.1', '--vendor-root', 'garbage'],
      'certificate-unreadable',
      1,
    ],
    [
      "an eNB's certificate as the root",
      ['--ethernet', '127.0.0.1', '--vendor-root', 'enb.pem'],
      'not-a-ca',
      1,
    ],
  ];
  for (const [why, args, code, exit] of wrong) {
    it(`ends with ${exit} for ${why}`, async () => {
      assert.deepEqual(await refusal('identify', ...args), [code, exit]);
    });
  }
});

describe('siteseal enb discover', () => {
  it('is told where to look', async () => {
    assert.deepEqual(await refusal('discover'), ['usage-invalid', 2]);
  });

  it('finds no eNB of this name on this computer, or no USB', async () => {
    const way = ['--usb', 'NO-SUCH-ENB', '--vendor-root', 'vendor-root.pem'];
    const [code, exit] = await refusal('identify', ...way);
    assert.match(`${code ?? 'none'} ${exit ?? 'none'}`, /^(usb-device-missing 4|usb-unavailable 3)$/);
  });
});

describe('siteseal enb write', () => {
  it('delivers a bundle and saves the receipt where it is told, made if need be', async () => {
    const enb = await startEnb(scene);
    const args = ['write', 'LAB0001.p7m', ...at(enb), '--out', 'a/receipts'];
    const { document, code } = await run(...args);
    assert.equal(code, 0);
    const { state, enb: who, verdict, receipt, ...others } = document;
    assert.deepEqual([state, who, others], ['receipt', identity, {}]);
    assert.equal(verdict?.accepted, true);
    assert.deepEqual(
      verdict.checks.map((check) => check.code),
      acceptanceCodes,
    );
    assert.equal(receipt, join(folder, 'a', 'receipts', 'LAB0001-1.receipt.p7m'));
    assertReceipt(receipt);
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundle));

    const again = await run(...args);
    assert.deepEqual([again.code, again.document.state], [0, 'receipt']);
    assert.deepEqual(readdirSync(join(folder, 'a', 'receipts')), [
      'LAB0001-1.receipt.p7m',
      'LAB0001-2.receipt.p7m',
    ]);
    await enb.close();
  });

  it('says so in words, and then ends; the receipt is in the data folder', async () => {
    const enb = await startEnb(scene);
    const args = ['enb', 'write', 'LAB0001.p7m', ...at(enb)];
    const { stdout, stderr, code } = await siteseal(args, { home, cwd: folder });
    await enb.close();
    const receipt = join(home, 'receipts', 'LAB0001-1.receipt.p7m');
    assert.equal(stdout, `eNB LAB0001 accepted the bundle.\nReceipt: ${receipt}\n`);
    assert.deepEqual([stderr, code], ['', 0]);
    assertReceipt(receipt);
  });

  it('of training puts the receipt under training', async () => {
    const training = makeScene({ training: true });
    const enb = await startEnb(training);
    write('training.p7m', await bundleFor(training, { training: true }));
    write('training-root.pem', pem(training.vendor.root.certificate));
    const { document, code } = await run('write', 'training.p7m', ...at(enb, 'training-root.pem'));
    await enb.close();
    assert.equal(code, 0);
    assert.equal(document.receipt, join(home, 'training', 'receipts', 'LAB0001-1.receipt.p7m'));
    assertReceipt(document.receipt, training);
  });

  it('sends nothing to another eNB, and ends with 4', async () => {
    const enb = await startEnb(scene, makeEnb(vendor, otherIdentity, labOptions));
    const { document, code } = await run('write', 'LAB0001.p7m', ...at(enb));
    await enb.close();
    assert.equal(code, 4);
    const { fault, ...others } = document;
    assert.deepEqual(others, { state: 'connected', enb: otherIdentity });
    assert.equal(fault?.code, 'enb-mismatch');
    assert.match(fault.expected ?? '', /^LAB0001 /);
    assert.match(fault.found ?? '', /^LAB0002 /);
    assert.equal(await enb.enb.makeReceipt({ challenge: 'A'.repeat(43) + '=' }), undefined);
  });

  it('does not even connect for a bundle that is not good, and ends with 1', async () => {
    const nobody = await closedPort();
    assert.deepEqual(await refusal('write', 'tampered.p7m', ...at(nobody)), ['bundle-signature-invalid', 1]);
    assert.deepEqual(await refusal('write', 'enb.pem', ...at(nobody)), ['bundle-malformed', 1]);
    assert.deepEqual(await refusal('write', 'LAB0001.p7m', ...at(nobody, 'foreign-root.pem')), [
      'signer-untrusted',
      1,
    ]);
    assert.deepEqual(await refusal('write', 'LAB0001.p7m', ...at(nobody)), ['device-unreachable', 4]);
    assert.deepEqual(await refusal('write', 'none.p7m', ...at(nobody)), ['file-unreadable', 3]);
    assert.deepEqual(await refusal('write', ...at(nobody)), ['usage-invalid', 2]);
  });

  it('ends with 1 when the eNB refuses the bundle, with its verdict and the receipt that proves it', async () => {
    const enb = await startEnb(scene);
    enb.enb.takeBundle(bundle);
    const args = ['write', 'same-number.p7m', ...at(enb), '--out', 'refused'];
    const { document, code } = await run(...args);
    assert.equal(code, 1);
    assert.deepEqual([document.state, document.fault?.code], ['sent', 'bundle-refused']);
    assert.equal(document.fault?.found, 'sequence-rollback');
    assert.equal(document.verdict?.accepted, false);
    assertReceipt(document.receipt);
    const words = await siteseal(['enb', ...args], where);
    await enb.close();
    assert.equal(words.stdout, '');
    assert.match(
      words.stderr,
      /^ NOT {2}.*\(sequence-rollback\)\nReceipt: .*\nReached: .*\nbundle-refused: /,
    );
  });

  it('ends with 1 for an old bundle, and sends nothing', async () => {
    const enb = await startEnb(scene);
    enb.enb.takeBundle(readFileSync(join(folder, 'newer.p7m')));
    const { document, code } = await run('write', 'LAB0001.p7m', ...at(enb));
    await enb.close();
    assert.deepEqual([code, document.state, document.fault?.code], [1, 'identified', 'sequence-rollback']);
    assert.equal(document.verdict, undefined);
  });

  it('ends with 3 when the receipt cannot be written, though the eNB has the bundle', async () => {
    const enb = await startEnb(scene);
    const { document, code } = await run('write', 'LAB0001.p7m', ...at(enb), '--out', 'enb.pem');
    await enb.close();
    assert.deepEqual([code, document.state, document.fault?.code], [3, 'verdict', 'output-unwritable']);
    assert.deepEqual(document.fault?.where, { file: join(folder, 'enb.pem') });
    assert.equal(document.verdict?.accepted, true);
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundle));
  });

  it('keeps nothing in a folder that is used for something else, and sends nothing', async () => {
    const enb = await startEnb(scene);
    const used = temporaryFolder();
    writeFileSync(join(used, 'letter.txt'), 'dear');
    const args = ['enb', 'write', 'LAB0001.p7m', ...at(enb)];
    const { code, stderr } = await siteseal(args, { home: used, cwd: folder });
    await enb.close();
    assert.equal(code, 3);
    assert.match(stderr, /store-unusable: Siteseal cannot use its data folder: .*letter\.txt/);
    assert.deepEqual(readdirSync(used), ['letter.txt']);
    assert.equal(enb.enb.acceptedBundle(), undefined);
  });

  it('takes further certificates and CRLs', async () => {
    write('revoking.crl', encodePem('X509 CRL', issueCrl(vendor.issuing, { revoked: [scene.enb] }).der));
    const enb = await startEnb(scene, { chain: [] });
    const identify = ['identify', ...at(enb)];
    assert.deepEqual(await refusal(...identify), ['enb-untrusted', 4]);
    assert.deepEqual(await refusal(...identify, '--untrusted', 'vendor-issuing.pem'), [undefined, 0]);
    const revoking = ['--untrusted', 'vendor-issuing.pem', '--crl', 'revoking.crl'];
    const { document, code } = await run(...identify, ...revoking);
    await enb.close();
    assert.deepEqual([document.fault?.because?.code, code], ['certificate-revoked', 4]);
  });
});

describe('siteseal enb receipt', () => {
  it('fetches a receipt about the last bundle', async () => {
    const enb = await startEnb(scene);
    enb.enb.takeBundle(bundle);
    const { document, code } = await run('receipt', ...at(enb), '--out', 'fetched');
    assert.deepEqual(document, { receipt: join(folder, 'fetched', 'LAB0001-1.receipt.p7m') });
    assert.equal(code, 0);
    assertReceipt(document.receipt);
    const words = await siteseal(['enb', 'receipt', ...at(enb), '--out', 'fetched'], { home, cwd: folder });
    await enb.close();
    assert.deepEqual(
      [words.stdout, words.stderr, words.code],
      [`Receipt: ${join(folder, 'fetched', 'LAB0001-2.receipt.p7m')}\n`, '', 0],
    );
  });

  it('ends with 4 when there is nothing to have one about', async () => {
    const enb = await startEnb(scene);
    const { document, code } = await run('receipt', ...at(enb));
    await enb.close();
    assert.deepEqual([document.fault?.code, code], ['device-refused', 4]);
    assert.match(document.fault?.found ?? '', /^HTTP 409: /);
  });
});

describe('siteseal enb status and start-step', async () => {
  const initialIpsec = { ...configurationFor(scene).initialIpsec, required: false };
  const withoutIpsec = await bundleFor(scene, { initialIpsec });
  const enroller = makeEnroller(scene);
  let enb: RunningEnb;
  before(async () => {
    const { later, uptime } = new ManualTime();
    enb = await startEnb(scene, { steps: { enroller, later, uptime } });
  });
  after(() => enb.close());

  interface StepsDocument {
    readonly steps?: readonly { readonly step: string; readonly state: string }[];
    readonly fault?: FaultDocument;
  }
  const call = async (...args: readonly string[]) => {
    const { document, code } = await sitesealJson(['enb', ...args, ...at(enb)], where);
    return { ...(document as StepsDocument), code };
  };
  const stateOf = ({ steps = [] }: StepsDocument) => steps.find(({ step }) => step === 'enrolment')?.state;

  it('refuse a step without a bundle, with its code', async () => {
    const { code, fault } = await call('start-step', 'enrolment');
    assert.deepEqual([code, fault?.code], [4, 'not-provisioned']);
  });

  it('refuse a step that does not exist', async () => {
    const { code } = await siteseal(['enb', 'start-step', 'lunch', ...at(enb)], where);
    assert.equal(code, 2);
  });

  it('fail with the fault of a step that failed while it was followed', async () => {
    enb.enb.takeBundle(withoutIpsec);
    enroller.obstacle = () => fault('cmp-refused', { found: 'No such eNB' });
    const followed = await call('start-step', 'enrolment', '--follow');
    assert.deepEqual([followed.code, followed.fault?.code, stateOf(followed)], [1, 'cmp-refused', 'failed']);
    const status = await call('status');
    assert.deepEqual([status.code, status.fault, stateOf(status)], [0, undefined, 'failed']);
  });

  it('start a step, follow it, and show it', async () => {
    enroller.obstacle = undefined;
    enb.enb.takeBundle(await bundleFor(scene, { initialIpsec, sequence: 8 }));
    const started = await call('start-step', 'enrolment', '--follow');
    assert.deepEqual([started.code, stateOf(started)], [0, 'done']);
    const { stdout } = await siteseal(['enb', 'status', '--follow', ...at(enb)], where);
    assert.match(stdout, /^Step 0\.5, first IPsec: not started\nStep 1, enrolment: done\n/);
  });
});

describe('siteseal enb check-path', () => {
  interface Path {
    readonly places: readonly {
      readonly place: string;
      readonly checks: readonly {
        readonly check: string;
        readonly outcome: string;
        readonly fault?: FaultDocument;
      }[];
    }[];
    readonly fault?: FaultDocument;
  }
  const check = async (...args: readonly string[]) => {
    const { document, code } = await sitesealJson(['enb', 'check-path', ...args], where);
    return { ...(document as Path), code };
  };
  const short = ({ places }: Path, wanted: string) =>
    places.find(({ place }) => place === wanted)?.checks.map((one) => `${one.check} ${one.outcome}`);
  const vendorRoot = ['--vendor-root', 'vendor-root.pem'];

  /** An eNB with a good path, whose clock is this many milliseconds ahead. */
  async function enbOnPath(ahead = 0): Promise<RunningEnb> {
    const { network } = fakeNetwork({
      names: { 'seg1.backhaul.example': ['198.51.100.21'] },
      gateways: {
        '198.51.100.21': { keyIds: [keyIdOf(vendor.root.certificate)] },
        '198.51.100.22': { keyIds: ['00'.repeat(20)] },
      },
    });
    const enb = await startEnb(scene, {
      now: () => new Date(now.getTime() + ahead),
      path: { network, uptime: () => 0 },
    });
    enb.enb.takeBundle(bundle);
    return enb;
  }

  it('has the eNB check its path, and compares the clocks', async () => {
    const enb = await enbOnPath();
    const checked = await check(...at(enb));
    await enb.close();
    assert.equal(checked.code, 0, JSON.stringify(checked));
    assert.deepEqual(short(checked, 'laptop'), ['clock passed']);
    assert.deepEqual(new Set(short(checked, 'enb')?.map((one) => one.split(' ')[1])), new Set(['passed']));
  });

  it('fails with what stands in the way, and has a line for each check', async () => {
    const enb = await enbOnPath(8 * 3600_000);
    const { stdout, stderr, code } = await siteseal(['enb', 'check-path', ...at(enb)], where);
    await enb.close();
    assert.equal(code, 4);
    assert.match(stdout + stderr, /clock-wrong/);
    assert.match(stdout + stderr, /It lists this vendor's root \(seg1\.backhaul\.example\): passed/);
    assert.match(stdout + stderr, /The eNB's clock is right: failed \(\+28\d\d\d s, clock-wrong\)/);
  });

  it('checks the path of a bundle from this computer', async () => {
    const [initial] = configurationFor(scene).securityGateways;
    assert(initial);
    const { initialIpsec } = configurationFor(scene);
    write(
      'nobody.p7m',
      await bundleFor(scene, {
        securityGateways: [{ ...initial, address: '127.0.0.1' }],
        initialIpsec: { ...initialIpsec, required: false },
      }),
    );
    const checked = await check('nobody.p7m', ...vendorRoot);
    assert.deepEqual([checked.code, checked.fault?.code], [4, 'ike-unreachable']);
    assert.deepEqual(short(checked, 'laptop'), [
      'name passed',
      'answer failed',
      'vendor-root skipped',
      'traffic-gateway skipped',
      'port-4500 skipped',
      'sizes skipped',
      'ra-silent skipped',
      'clock not-possible',
    ]);
  });

  it('needs a bundle or an eNB, and an eNB with that bundle', async () => {
    const { fault: usage, code } = await check(...vendorRoot);
    assert.deepEqual([usage?.code, code], ['usage-invalid', 2]);
    const enb = await enbOnPath();
    const other = await check('nobody.p7m', ...at(enb));
    await enb.close();
    assert.deepEqual([other.fault?.code, other.code], ['other-configuration', 4]);
  });
});
