import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, describe, it } from 'node:test';
import { makeBundle, verifyReceipt } from '../../../main/bundle/index.ts';
import { openSession, type StreamTransport } from '../../../main/device/index.ts';
import { issue, makeConfigurationKey, makeEnb } from '../../kit/issue-certificate.ts';
import { fetchReceipt, keepReceipt } from '../../../main/site/index.ts';
import { parseCheckpoint } from '../../../main/tlog/index.ts';
import { delivery } from '../../../preload/contract/steps.ts';
import {
  authorisationFor,
  bundleAround,
  bundleFor,
  configurationFor,
  credential,
  hwType,
  identity,
  issueCrl,
  labOptions,
  makeScene,
  otherIdentity,
  sealedMembers,
  sealingFor,
  signingOf,
  subjectOf,
} from '../../kit/bundle.ts';
import { deadlines, startEnb, startFaultyEnb, startTcpPeer, trustOf } from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';
import { rootFault } from '../../kit/fault.ts';

const scene = makeScene();
const { vendor } = scene;
const trust = trustOf(scene);

const laptops: Laptop[] = [];
function newLaptop(): Laptop {
  const laptop = new Laptop();
  laptops.push(laptop);
  return laptop;
}
after(() => {
  for (const laptop of laptops) laptop.close();
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Nothing may be opened. */
const unreachable: StreamTransport = {
  name: 'nowhere',
  open: () => assert.fail('a connection was opened'),
};

describe('a delivery', () => {
  it('sends the bundle, reads it back, and brings the receipt home', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const configuration = configurationFor(scene);
    const bundle = await makeBundle(configuration, sealingFor(scene), scene.signing);
    const report = await laptop.deliver({ bundle, trust, transport: enb.transport });
    await enb.close();

    assert.deepEqual(laptop.states, delivery.phases);
    assert.equal(report.state, 'receipt');
    assert.equal(report.fault, undefined);
    assert.deepEqual(report.enb, identity);
    assert(report.verdict?.accepted);
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundle));

    assert.deepEqual(laptop.receiptFiles(), ['LAB0001-1.receipt.p7m']);
    assert.equal(report.receipt, join(laptop.out, 'LAB0001-1.receipt.p7m'));
    const bytes = readFileSync(report.receipt);
    assert.deepEqual(laptop.receipts(), [bytes]);
    const receipt = verifyReceipt(bytes, { ...trust, enb: identity, subject: subjectOf(bundle) });
    assert(receipt.ok, JSON.stringify(receipt));
    assert.deepEqual(receipt.value.verdict, report.verdict);
    assert.deepEqual(laptop.open().store.enbs.lastSequence(hwType, 'LAB0001'), { epoch: 0, sequence: 7 });

    const { auditHead } = receipt.value;
    const { log } = laptop.open().store;
    assert.equal(auditHead, log.checkpoints().at(-1)?.checkpoint);
    const sealed = [...log.read(0, parseCheckpoint(auditHead ?? '')?.size ?? 0)].map(({ entry }) => entry);
    assert.match(sealed.at(-1) ?? '', /^{"action":"bundle-sending"/);

    const about = { bundleId: configuration.bundleId, sequence: 7, bundleSha256: sha256(bundle) };
    const subject = { site: 'S00001', serialNumber: 'LAB0001', hwType };
    const certificateSha256 = scene.enb.certificate.sha256;
    const kept = {
      receiptNumber: 1,
      receiptSha256: sha256(bytes),
      bundleSha256: about.bundleSha256,
      accepted: true,
    };
    assert.deepEqual(
      laptop.log().map((entry) => [entry.action, entry.training, entry.subject, entry.facts]),
      [
        ['enb-identified', false, subject, { verdict: 'right', certificateSha256 }],
        ['bundle-sending', false, subject, about],
        ['receipt-kept', false, subject, kept],
        ['bundle-delivery', false, subject, { ...about, state: 'receipt', accepted: true }],
      ],
    );
  });

  it('leaves no secret on the laptop', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    await laptop.deliver({ bundle: await bundleFor(scene), trust, transport: enb.transport });
    await enb.close();
    const files = [laptop.home, laptop.out].flatMap((folder) =>
      readdirSync(folder).map((name) => join(folder, name)),
    );
    assert(files.includes(join(laptop.home, 'siteseal.db')));
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of Object.values(credential)) assert(!bytes.includes(secret), file);
    }
  });

  it('can be made again, and again: the eNB takes the bundle that it has', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    for (let count = 0; count < 3; count++) {
      const report = await laptop.deliver({ bundle, trust, transport: enb.transport });
      assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
    }
    await enb.close();
    assert.equal(laptop.receipts().length, 3);
    assert.equal(laptop.log().filter(({ action }) => action === 'bundle-delivery').length, 3);
    assert.equal(enb.enb.describe().lastSequence, 7);
  });

  it('closes its connection, whether it finishes or not', async () => {
    const enb = await startEnb(scene);
    for (const changes of [{ sequence: 7 }, { enb: otherIdentity }, { sequence: 6 }]) {
      const streams: Duplex[] = [];
      const transport: StreamTransport = {
        name: 'watched',
        open: async (deadline) => {
          const opened = await enb.transport.open(deadline);
          if (opened.ok) streams.push(opened.value);
          return opened;
        },
      };
      await newLaptop().deliver({ bundle: await bundleFor(scene, changes), trust, transport });
      const [stream] = streams;
      assert(stream);
      if (!stream.destroyed) await once(stream, 'close', { signal: AbortSignal.timeout(2_000) });
    }
    await enb.close();
  });

  it('asks for each receipt with a fresh challenge', async () => {
    const challenges = new Set<string>();
    const enb = await startFaultyEnb(scene, {
      'POST /v1/receipt': ({ body, answer }) => {
        challenges.add((JSON.parse(body.toString()) as { readonly challenge: string }).challenge);
        answer();
      },
    });
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    for (let count = 0; count < 3; count++) await laptop.deliver({ bundle, trust, transport: enb.transport });
    await enb.close();
    assert.equal(challenges.size, 3);
  });

  it('of a bundle without a credential needs no certificate of the eNB beforehand', async () => {
    const enb = await startEnb(scene);
    const { enrolment } = configurationFor(scene);
    const configuration = configurationFor(scene, {
      enb: identity,
      enrolment: { ...enrolment, protection: 'vendor-certificate' },
    });
    const bundle = await makeBundle(configuration, undefined, scene.signing);
    const report = await newLaptop().deliver({ bundle, trust, transport: enb.transport });
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });

  it('for training goes into the store for training alone', async () => {
    const training = makeScene({ training: true });
    const enb = await startEnb(training);
    const laptop = newLaptop();
    const bundle = await bundleFor(training, { training: true });
    const report = await laptop.deliver({ bundle, trust: trustOf(training), transport: enb.transport });
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
    assert.deepEqual([laptop.receipts(true).length, laptop.receipts(false).length], [1, 0]);
    const [entry] = laptop.log(true);
    assert.equal(entry?.training, true);
    assert.deepEqual(laptop.log(false), []);
  });

  it('finds the intermediate of an eNB that shows none in the bundle', async () => {
    const enb = await startEnb(scene, { chain: [] });
    const laptop = newLaptop();
    const report = await laptop.deliver({ bundle: await bundleFor(scene), trust, transport: enb.transport });
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });

  it('finds the intermediate of an eNB that shows none among those given', async () => {
    const ca = {
      subject: 'C=SE,O=Lab Vendor,CN=Lab Vendor eNB CA',
      ca: 0,
      keyUsage: ['keyCertSign'],
    } as const;
    const issuing = issue({ ...labOptions, ...ca }, 'P-256', vendor.root);
    const elsewhere = { ...scene, enb: makeEnb({ ...vendor, issuing }, identity, labOptions) };
    const enb = await startEnb(elsewhere, { chain: [] });
    const request = { bundle: await bundleFor(elsewhere), transport: enb.transport };
    const without = await newLaptop().deliver({ ...request, trust });
    assert.deepEqual([without.state, without.fault?.code], ['connected', 'enb-untrusted']);
    const intermediates = [issuing.certificate];
    const report = await newLaptop().deliver({ ...request, trust: { ...trust, intermediates } });
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });
});

describe('nothing is connected for a bundle that no eNB would take:', async () => {
  const expired = makeConfigurationKey(vendor, 'Lab Operator', authorisationFor(['LAB0001']), {
    ...labOptions,
    notAfter: new Date('2026-11-15T11:59:59Z'),
  });
  const outOfScope = makeConfigurationKey(vendor, 'Lab Operator', authorisationFor(['LAB0002']), labOptions);
  const signedWith = (pair: typeof expired, crls: Parameters<typeof signingOf>[2] = []) =>
    makeBundle(configurationFor(scene), sealingFor(scene), signingOf(pair, vendor, crls));
  const tampered = Buffer.from(await bundleFor(scene));
  tampered[tampered.length - 1]! ^= 1;
  const { backhaul } = configurationFor(scene);
  const revocation = [issueCrl(vendor.issuing, { revoked: [scene.configurationKey] })];
  const bundles: readonly (readonly [code: string, bundle: Uint8Array])[] = [
    ['bundle-malformed', Buffer.from('no bundle')],
    ['bundle-malformed', new Uint8Array()],
    ['bundle-malformed', Buffer.alloc(1024 * 1024 + 1, 0x30)],
    ['bundle-signature-invalid', tampered],
    ['signer-untrusted', await bundleFor(makeScene())],
    ['signer-expired', await signedWith(expired)],
    ['signer-revoked', await signedWith(scene.configurationKey, revocation)],
    ['signer-not-a-configuration-key', await signedWith(scene.enb)],
    ['enb-out-of-scope', await signedWith(outOfScope)],
    ['bundle-not-yet-valid', await bundleFor(scene, { notBefore: '2026-11-15T12:00:01Z' })],
    ['bundle-expired', await bundleFor(scene, { notAfter: '2026-11-15T11:59:59Z' })],
    ['training-mismatch', await bundleFor(scene, { training: true })],
    ['configuration-invalid', await bundleFor(scene, { backhaul: { ...backhaul, mtu: 1 } })],
  ];
  for (const [code, bundle] of bundles) {
    it(code, async () => {
      const laptop = newLaptop();
      const report = await laptop.deliver({ bundle, trust, transport: unreachable });
      assert.deepEqual([report.state, report.fault?.code], ['selected', code]);
      assert.deepEqual(Object.keys(report).sort(), ['fault', 'state']);
      assert.deepEqual(laptop.states, ['selected']);
      assert.deepEqual(laptop.receiptFiles(), []);
    });
  }

  it('store-unusable, when nothing could be kept of it', async () => {
    const report = await newLaptop().deliver(
      { bundle: await bundleFor(scene), trust, transport: unreachable },
      { openStore: () => ({ ok: false, fault: { code: 'store-unusable', found: 'EACCES' } }) },
    );
    assert.deepEqual(report, { state: 'selected', fault: { code: 'store-unusable', found: 'EACCES' } });
  });
});

/** Delivers to an eNB, which closes; asserts what is logged, and that the requests were these and no others. */
async function deliverTo(
  enb: Awaited<ReturnType<typeof startFaultyEnb>>,
  bundle: Uint8Array,
  requests: readonly string[],
  changes: object = {},
) {
  const laptop = newLaptop();
  const report = await laptop.deliver({ bundle, trust, transport: enb.transport, ...changes });
  await enb.close();
  assert.deepEqual(enb.requests, requests);
  assert.equal(laptop.states.at(-1), report.state);
  const entry = laptop.log().at(-1);
  assert(entry && report.fault);
  const { state, fault, accepted } = entry.facts;
  assert.deepEqual([state, fault, accepted], [report.state, report.fault.code, report.verdict?.accepted]);
  return { ...report, fault: report.fault, laptop };
}

describe('nothing is sent to an eNB that the bundle is not for:', async () => {
  const onlyIdentity = ['GET /v1/identity'];
  const bundle = await bundleFor(scene);

  it('another one of the same vendor', async () => {
    const enb = await startFaultyEnb(scene, {}, makeEnbOf(otherIdentity));
    const { state, fault, enb: found, laptop } = await deliverTo(enb, bundle, onlyIdentity);
    assert.equal(state, 'connected');
    const { verdict, found: other, foundHwType } = laptop.log()[0]?.facts ?? {};
    assert.deepEqual([verdict, other, foundHwType], ['other', 'LAB0002', hwType]);
    assert.deepEqual(fault, {
      code: 'enb-mismatch',
      expected: `LAB0001 (${hwType})`,
      found: `LAB0002 (${hwType})`,
    });
    assert.deepEqual(found, otherIdentity);
  });

  it('one of another type with the same serial number', async () => {
    const enb = await startFaultyEnb(scene, {}, makeEnbOf({ ...identity, hwType: `${hwType}.9` }));
    const { state, fault } = await deliverTo(enb, bundle, onlyIdentity);
    assert.equal(state, 'connected');
    assert.deepEqual(fault, {
      code: 'enb-mismatch',
      expected: `LAB0001 (${hwType})`,
      found: `LAB0001 (${hwType}.9)`,
    });
  });

  it('the right one with another certificate, to which nothing was encrypted', async () => {
    const { state, fault } = await deliverTo(
      await startFaultyEnb(scene, {}, makeEnbOf(identity)),
      bundle,
      onlyIdentity,
    );
    assert.deepEqual(
      [state, fault.code, fault.rule],
      ['identified', 'bundle-for-another-enb', 'another-certificate'],
    );
  });

  it('the right one with another certificate, where the bundle names none', async () => {
    const sealed = await bundleFor(scene, { enb: identity });
    const enb = await startFaultyEnb(scene, {}, makeEnbOf(identity));
    const { state, fault } = await deliverTo(enb, sealed, onlyIdentity);
    assert.deepEqual([state, fault.code], ['identified', 'sealed-undecryptable']);
  });

  it('one that has a newer bundle', async () => {
    const enb = await startFaultyEnb(scene, {});
    enb.enb.takeBundle(await bundleFor(scene, { sequence: 8 }));
    const { state, fault } = await deliverTo(enb, bundle, onlyIdentity);
    assert.deepEqual([state, fault.code, fault.found], ['identified', 'sequence-rollback', '7']);
  });

  it('one for training, though both roots are trusted', async () => {
    const training = makeScene({ training: true });
    const both = { ...trust, vendorRoots: [...trust.vendorRoots, training.vendor.root.certificate] };
    const enb = await startFaultyEnb(training, {});
    const sealed = await makeBundle(
      configurationFor(scene, {
        enb: { ...identity, certificateSha256: training.enb.certificate.sha256 },
      }),
      { ...sealingFor(scene), recipient: training.enb.certificate },
      scene.signing,
    );
    const { state, fault } = await deliverTo(enb, sealed, onlyIdentity, { trust: both });
    assert.deepEqual([state, fault.code], ['identified', 'training-mismatch']);
  });

  it('one whose certificate is revoked by a CRL that came with the bundle', async () => {
    const crls = [issueCrl(vendor.issuing, { revoked: [scene.enb] })];
    const signer = signingOf(scene.configurationKey, vendor, crls);
    const revoking = await makeBundle(configurationFor(scene), sealingFor(scene), signer);
    const { state, fault } = await deliverTo(await startFaultyEnb(scene, {}), revoking, []);
    assert.deepEqual(
      [state, fault.code, rootFault(fault).code],
      ['connected', 'enb-untrusted', 'certificate-revoked'],
    );
  });

  function makeEnbOf(enb: typeof identity) {
    const pair = makeEnb(vendor, enb, labOptions);
    return { ...pair, pair };
  }
});

describe('what cannot be reached or believed is told, and logged:', async () => {
  const bundle = await bundleFor(scene);
  const peers: readonly (readonly [
    what: string,
    start: () => ReturnType<typeof startTcpPeer>,
    state: string,
    code: string,
  ])[] = [
    [
      'a port where nothing listens',
      async () => {
        const peer = await startTcpPeer(() => undefined);
        await peer.close();
        return { ...peer, close: () => Promise.resolve() };
      },
      'selected',
      'device-unreachable',
    ],
    [
      'a plain HTTP server',
      () =>
        startTcpPeer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      'connected',
      'device-not-tls13',
    ],
    [
      'one that closes',
      () => startTcpPeer((socket) => socket.once('data', () => socket.end())),
      'connected',
      'device-closed',
    ],
    ["another vendor's eNB", () => startEnb(makeScene()), 'connected', 'enb-untrusted'],
  ];
  for (const [what, start, state, code] of peers) {
    it(what, async () => {
      const peer = await start();
      const laptop = newLaptop();
      const report = await laptop.deliver({ bundle, trust, transport: peer.transport });
      await peer.close();
      assert.deepEqual([report.state, report.fault?.code, report.enb], [state, code, undefined]);
      assert.deepEqual(report.fault?.where, { address: `127.0.0.1:${peer.port}` });
      const entry = laptop.log().at(-1);
      assert.deepEqual([entry?.facts['state'], entry?.facts['fault']], [state, code]);
      // Only a device that shows a certificate can be a counterfeit.
      const verdicts = laptop.log().flatMap(({ facts }) => facts['verdict'] ?? []);
      assert.deepEqual(verdicts, code === 'enb-untrusted' ? ['counterfeit'] : []);
      assert.deepEqual(laptop.receipts(), []);
    });
  }
});

describe('a bundle that the eNB refuses', () => {
  const all = ['GET /v1/identity', 'PUT /v1/bundle', 'POST /v1/receipt'];

  it('is told with the checks that failed, and the receipt proves it', async () => {
    const configuration = configurationFor(scene);
    const members = { ...sealedMembers(configuration, scene.signing), bundleId: randomUUID() };
    const bundle = await bundleAround(scene, configuration, JSON.stringify(members));
    const enb = await startFaultyEnb(scene, {});
    const report = await deliverTo(enb, bundle, all);
    assert.equal(report.state, 'sent');
    assert.deepEqual(report.fault, { code: 'bundle-refused', found: 'sealed-binding-mismatch' });
    assert.equal(report.verdict?.accepted, false);
    const [bytes] = report.laptop.receipts();
    assert(bytes && report.receipt);
    assert.deepEqual(readFileSync(report.receipt), bytes);
    const receipt = verifyReceipt(bytes, { ...trust, enb: identity, subject: subjectOf(bundle) });
    assert(receipt.ok);
    assert.deepEqual(receipt.value.verdict, report.verdict);
    assert.deepEqual(report.laptop.open().store.enbs.lastSequence(hwType, 'LAB0001'), {
      epoch: 0,
      sequence: 0,
    });
  });

  it('does not displace the one that the eNB has: another with the same sequence number', async () => {
    const enb = await startFaultyEnb(scene, {});
    const first = await bundleFor(scene);
    enb.enb.takeBundle(first);
    const report = await deliverTo(enb, await bundleFor(scene), all);
    assert.deepEqual(report.fault, { code: 'bundle-refused', found: 'sequence-rollback' });
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(first));
  });

  it('is told as refused when the receipt fails too', async () => {
    const enb = await startFaultyEnb(scene, {
      'POST /v1/receipt': ({ socket }) => socket.destroy(),
    });
    enb.enb.takeBundle(await bundleFor(scene));
    const report = await deliverTo(enb, await bundleFor(scene), [...all, 'POST /v1/receipt']);
    assert.deepEqual(
      [report.state, report.fault.code, report.receipt],
      ['sent', 'bundle-refused', undefined],
    );
  });
});

describe('when the laptop cannot keep', async () => {
  const bundle = await bundleFor(scene);
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

  it('the file of the receipt, that is told, and the store has it', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      { saveReceipt: () => ({ ok: false, fault: { code: 'output-unwritable', found: 'ENOSPC' } }) },
    );
    await enb.close();
    assert.deepEqual(
      [report.state, report.fault?.code, report.receipt],
      ['verdict', 'output-unwritable', undefined],
    );
    assert.equal(laptop.receipts().length, 1);
    assert.equal(laptop.log().at(-1)?.facts['fault'], 'output-unwritable');
  });

  it('the receipt in its store, that is told, and its file is there', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const { store, log } = laptop.open();
    const fails = () => {
      throw full;
    };
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      {
        openStore: () => ({
          ok: true,
          value: { store: { ...store, receipts: { ...store.receipts, keep: fails } }, log },
        }),
      },
    );
    await enb.close();
    assert.deepEqual(
      [report.state, report.fault],
      ['verdict', { code: 'store-unusable', found: 'SQLITE_FULL' }],
    );
    assert.deepEqual(laptop.receiptFiles(), ['LAB0001-1.receipt.p7m']);
    assert.match(report.receipt ?? '', /LAB0001-1\.receipt\.p7m$/);
    assert.equal(laptop.log().at(-1)?.facts['fault'], 'store-unusable');
  });

  it('anything any more once the eNB has answered, that is told, with where the receipt is', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const { store, log } = laptop.open();
    let isFull = false;
    const unlessFull = <Args extends readonly unknown[], Value>(work: (...args: Args) => Value) => {
      return (...args: Args): Value => {
        if (isFull) throw full;
        return work(...args);
      };
    };
    const filling = {
      ...store,
      transaction: <Value>(work: () => Value): Value => unlessFull(() => store.transaction(work))(),
      leases: { ...store.leases, release: unlessFull((work: string) => store.leases.release(work)) },
    };
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      {
        openStore: () => ({ ok: true, value: { store: filling, log } }),
        onState: (state) => (isFull ||= state === 'verdict'),
      },
    );
    await enb.close();
    assert.deepEqual(
      [report.state, report.fault],
      ['verdict', { code: 'store-unusable', found: 'SQLITE_FULL' }],
    );
    assert.equal(report.verdict?.accepted, true);
    assert.deepEqual(laptop.receiptFiles(), ['LAB0001-1.receipt.p7m']);
    assert.match(report.receipt ?? '', /LAB0001-1\.receipt\.p7m$/);
  });

  it('the entry in its log, that is told though all went well', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const { store, log } = laptop.open();
    const fails = () => {
      throw full;
    };
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      {
        openStore: () => ({
          ok: true,
          value: {
            store,
            log: {
              ...log,
              giveHead: () => log.giveHead(),
              append: (event) => (event.action === 'bundle-delivery' ? fails() : log.append(event)),
            },
          },
        }),
      },
    );
    await enb.close();
    assert.deepEqual(
      [report.state, report.fault],
      ['verdict', { code: 'store-unusable', found: 'SQLITE_FULL' }],
    );
    assert.equal(report.verdict?.accepted, true);
    assert.deepEqual(laptop.receipts(), []);
  });

  it('that it is about to send, it sends nothing', async () => {
    const enb = await startFaultyEnb(scene, {});
    const laptop = newLaptop();
    const { store, log } = laptop.open();
    const fails = () => {
      throw full;
    };
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      {
        openStore: () => ({
          ok: true,
          value: {
            store,
            log: {
              ...log,
              giveHead: () => log.giveHead(),
              append: (event) => (event.action === 'bundle-sending' ? fails() : log.append(event)),
            },
          },
        }),
      },
    );
    await enb.close();
    assert.deepEqual(
      [report.state, report.fault],
      ['identified', { code: 'store-unusable', found: 'SQLITE_FULL' }],
    );
    assert.deepEqual(enb.requests, ['GET /v1/identity']);
  });
});

describe('a receipt by itself', () => {
  it('is about the last bundle that the eNB was given, and is kept', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    enb.enb.takeBundle(await bundleFor(scene));
    const session = await openSession(enb.transport, trust, deadlines);
    assert(session.ok);
    const fetched = await fetchReceipt(session.value, { trust, auditHead: 'head' }, laptop.surroundings);
    session.value.close();
    await enb.close();
    assert(fetched.ok);
    const kept = keepReceipt(fetched.value);
    assert(kept.ok);
    assert.equal(kept.value.receipt.receiptNumber, 1);
    assert.deepEqual(laptop.receipts(), [readFileSync(kept.value.file)]);
  });

  it('is refused by an eNB that was never given one', async () => {
    const enb = await startEnb(scene);
    const session = await openSession(enb.transport, trust, deadlines);
    assert(session.ok);
    const fetched = await fetchReceipt(session.value, { trust, auditHead: 'head' }, newLaptop().surroundings);
    session.value.close();
    await enb.close();
    assert(!fetched.ok);
    assert.deepEqual(fetched.fault, { code: 'device-refused', found: 'HTTP 409: No bundle received yet' });
  });
});
