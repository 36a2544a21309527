import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { delivery, type DeliveryPhase } from '../../../preload/contract/steps.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import {
  startEnb,
  startFaultyEnb,
  startTcpPeer,
  trustOf,
  type Behaviour,
  type RunningEnb,
} from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';

const scene = makeScene();
const trust = trustOf(scene);
const bundle = await bundleFor(scene);
const laptop = new Laptop();
after(() => laptop.close());

/** Delivers to the end, and asserts that it is one. */
async function deliverToTheEnd({ transport, enb }: RunningEnb): Promise<void> {
  const report = await laptop.deliver({ bundle, trust, transport });
  assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  assert.deepEqual(laptop.states, delivery.phases);
  assert.deepEqual(enb.acceptedBundle(), Buffer.from(bundle));
}

/** The bundle is there whole, or not at all. */
function assertWhole({ enb }: RunningEnb): void {
  const stored = enb.acceptedBundle();
  if (stored) assert.deepEqual(stored, Buffer.from(bundle));
  assert.equal(enb.describe().lastSequence, stored ? 7 : 0);
}

describe('a connection that drops', () => {
  it('at the state receipt does no harm any more', async () => {
    const enb = await startEnb(scene);
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport },
      { onState: (state) => state === 'receipt' && void enb.close() },
    );
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });

  for (const direction of ['to', 'from'] as const) {
    it(`at any byte ${direction} the eNB leaves a delivery that can be made again, to the end`, async () => {
      const enb = await startEnb(scene);
      const reached = new Set<string>();
      let isWhole = false;
      for (let octets = 0; !isWhole; octets += 311) {
        const relay = await cuttingRelay(enb, direction, octets);
        const report = await laptop.deliver({ bundle, trust, transport: relay.transport });
        await relay.close();
        isWhole = report.state === 'receipt';
        reached.add(report.state);
        assert.equal(report.fault === undefined, isWhole);
        assert.match(report.fault?.code ?? 'none', /^(device-closed|none)$/);
        assert.equal(laptop.log().at(-1)?.facts['fault'], report.fault?.code);
        assertWhole(enb);
      }
      assert(reached.size > 2, [...reached].join());
      await deliverToTheEnd(enb);
      await enb.close();
    });
  }
});

/** A relay to the eNB that drops the connection after this many bytes in one direction. */
function cuttingRelay(enb: RunningEnb, direction: 'to' | 'from', octets: number) {
  return startTcpPeer((near) => {
    const far = connect({ host: '127.0.0.1', port: enb.port });
    const drop = () => {
      near.destroy();
      far.destroy();
    };
    const relay = (source: Socket, target: Socket, limit: number) => {
      let left = limit;
      source.on('data', (part: Buffer) => {
        target.write(part.subarray(0, left));
        left -= part.length;
        if (left < 0) target.end(drop);
      });
      source.on('error', drop).on('close', drop);
    };
    relay(near, far, direction === 'to' ? octets : Infinity);
    relay(far, near, direction === 'from' ? octets : Infinity);
  });
}

describe('a delivery that is cancelled', () => {
  it('while nothing answers says so', async () => {
    const stop = new AbortController();
    const peer = await startTcpPeer((socket) => {
      stop.abort();
      socket.destroy();
    });
    const report = await laptop.deliver({ bundle, trust, transport: peer.transport, signal: stop.signal });
    await peer.close();
    assert.equal(report.fault?.code, 'cancelled');
  });

  it('after the eNB has refused the bundle still says that it has', async () => {
    const enb = await startEnb(scene);
    enb.enb.takeBundle(bundle);
    const stop = new AbortController();
    const onState = (state: DeliveryPhase) => {
      if (state === 'sent') stop.abort();
    };
    const request = { bundle: await bundleFor(scene), trust, transport: enb.transport, signal: stop.signal };
    const report = await laptop.deliver(request, { onState });
    await enb.close();
    assert.deepEqual([report.state, report.fault?.code], ['sent', 'bundle-refused']);
    assert.equal(report.verdict?.accepted, false);
  });

  it('after its end is at its end', async () => {
    const enb = await startEnb(scene);
    const stop = new AbortController();
    const onState = (state: DeliveryPhase) => {
      if (state === 'receipt') stop.abort();
    };
    const report = await laptop.deliver(
      { bundle, trust, transport: enb.transport, signal: stop.signal },
      { onState },
    );
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });
});

describe('an answer that is lost', () => {
  it('though the eNB took the bundle: the same bundle is taken once more', async () => {
    let lost = 0;
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': ({ socket, answer, body }) => {
        enb.enb.takeBundle(body);
        if (++lost > 2) answer();
        else socket.destroy();
      },
    });
    const first = await laptop.deliver({ bundle, trust, transport: enb.transport });
    assert.deepEqual([first.state, first.fault?.code], ['sending', 'device-closed']);
    assert.equal(first.verdict, undefined);
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundle));
    await deliverToTheEnd(enb);
    await enb.close();
  });

  it('to the request for a receipt: the next receipt has a higher number, and numbers are missing', async () => {
    let lost = 0;
    const enb = await startFaultyEnb(scene, {
      'POST /v1/receipt': async ({ socket, answer, body }) => {
        if (++lost > 2) answer();
        else {
          await enb.enb.makeReceipt(JSON.parse(body.toString()) as never);
          socket.destroy();
        }
      },
    });
    const fresh = new Laptop();
    const first = await fresh.deliver({ bundle, trust, transport: enb.transport });
    assert.deepEqual([first.state, first.fault?.code], ['verdict', 'device-closed']);
    assert(first.verdict?.accepted);
    const second = await fresh.deliver({ bundle, trust, transport: enb.transport });
    assert.equal(second.state, 'receipt');
    assert.deepEqual(fresh.receiptFiles(), ['LAB0001-3.receipt.p7m']);
    fresh.close();
    await enb.close();
  });

  it('once is asked for again at once, and the delivery finishes', async () => {
    const isLost = new Set<string>();
    const lose: Behaviour = ({ request, socket, answer }) => {
      const name = `${request.method ?? ''} ${request.url ?? ''}`;
      if (isLost.has(name)) answer();
      else socket.destroy();
      isLost.add(name);
    };
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': lose,
      'GET /v1/bundle': lose,
      'POST /v1/receipt': lose,
    });
    await deliverToTheEnd(enb);
    assert.equal(isLost.size, 3);
    await enb.close();
  });
});
