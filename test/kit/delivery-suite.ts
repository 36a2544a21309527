/** The tests that every connection to an eNB must pass. The test file of a connection calls this with its set-up. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import type { StreamTransport } from '../../main/device/index.ts';
import type { FaultCode } from '../../main/faults/index.ts';
import { makeEnb, type KeyPair } from './issue-certificate.ts';
import { delivery, type DeliveryPhase } from '../../preload/contract/steps.ts';
import { bundleFor, labOptions, makeScene, otherIdentity, type Scene } from './bundle.ts';
import { makeReferenceEnb, trustOf } from './enb.ts';
import { Laptop } from './laptop.ts';

/** An eNB at the end of a connection. */
export interface RunningWay {
  readonly transport: StreamTransport;
  /** The folder of the eNB's memory. */
  readonly folder: string;
  /** Breaks the connection as it breaks in the field; done when it returns. */
  cut(): void;
  /** Makes it work again. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

export interface Way {
  /** The fault of a delivery whose connection is cut. */
  readonly cutFault: FaultCode;
  /** Starts the eNB with the key and certificate of `pair`. */
  start(scene: Scene, pair: KeyPair): Promise<RunningWay>;
}

export function deliverySuite(name: string, way: Way): void {
  describe(`a delivery ${name}`, async () => {
    const scene = makeScene();
    const trust = trustOf(scene);
    const bundle = await bundleFor(scene);
    const laptop = new Laptop();
    after(() => laptop.close());
    const started: RunningWay[] = [];
    afterEach(() => Promise.all(started.splice(0).map((running) => running.close())));

    async function start(ofScene: Scene, pair: KeyPair): Promise<RunningWay> {
      const running = await way.start(ofScene, pair);
      started.push(running);
      return running;
    }

    /** The bundle in an eNB's memory. */
    const stored = ({ folder }: RunningWay) => makeReferenceEnb(scene, { folder }).acceptedBundle();

    async function deliverToTheEnd(running: RunningWay): Promise<void> {
      const report = await laptop.deliver({ bundle, trust, transport: running.transport });
      assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
      assert.deepEqual(laptop.states, delivery.phases);
      assert.deepEqual(stored(running), Buffer.from(bundle));
    }

    it('comes to its end, and again', async () => {
      const running = await start(scene, scene.enb);
      await deliverToTheEnd(running);
      await deliverToTheEnd(running);
    });

    it('of a bundle for another eNB is refused, and nothing is sent', async () => {
      const running = await start(scene, makeEnb(scene.vendor, otherIdentity, labOptions));
      const report = await laptop.deliver({ bundle, trust, transport: running.transport });
      assert.deepEqual([report.state, report.fault?.code], ['connected', 'enb-mismatch']);
      assert.equal(stored(running), undefined);
    });

    it('to an eNB of another vendor is refused, and nothing is sent', async () => {
      const running = await start(scene, makeScene().enb);
      const report = await laptop.deliver({ bundle, trust, transport: running.transport });
      assert.deepEqual([report.state, report.fault?.code], ['connected', 'enb-untrusted']);
      assert.equal(stored(running), undefined);
    });

    it('that the eNB refuses ends with its receipt, and the bundle that it has stays', async () => {
      const running = await start(scene, scene.enb);
      await deliverToTheEnd(running);
      const request = { bundle: await bundleFor(scene), trust, transport: running.transport };
      const report = await laptop.deliver(request);
      assert.deepEqual([report.state, report.fault?.code], ['sent', 'bundle-refused']);
      assert(report.receipt);
      assert.deepEqual(stored(running), Buffer.from(bundle));
    });

    /** The state that a delivery keeps when it is cut as it reaches a state. */
    const cuts: readonly (readonly [at: DeliveryPhase, left: DeliveryPhase])[] = [
      ['connected', 'connected'],
      ['identified', 'sending'],
      ['sending', 'sending'],
      ['sent', 'sent'],
      ['read-back', 'verdict'],
      ['verdict', 'verdict'],
    ];
    for (const [at, left] of cuts) {
      it(`that is cut at the state ${at} says so, and can be made again, to the end`, async () => {
        const running = await start(scene, scene.enb);
        const onState = (state: DeliveryPhase) => {
          if (state === at) running.cut();
        };
        const report = await laptop.deliver({ bundle, trust, transport: running.transport }, { onState });
        assert.deepEqual([report.state, report.fault?.code], [left, way.cutFault]);
        assert.equal(report.receipt, undefined);
        const { state, fault } = laptop.log().at(-1)?.facts ?? {};
        assert.deepEqual([state, fault], [left, way.cutFault]);
        await running.mend();
        await deliverToTheEnd(running);
      });
    }

    for (const at of ['selected', 'connected', 'identified', 'sending', 'sent', 'read-back'] as const) {
      it(`that is cancelled at the state ${at} says so, and can be made again at once`, async () => {
        const running = await start(scene, scene.enb);
        const stop = new AbortController();
        const onState = (state: DeliveryPhase) => {
          if (state === at) stop.abort();
        };
        const request = { bundle, trust, transport: running.transport, signal: stop.signal };
        const report = await laptop.deliver(request, { onState });
        assert.deepEqual([report.fault?.code, report.receipt], ['cancelled', undefined]);
        assert.equal(laptop.log().at(-1)?.facts['fault'], 'cancelled');
        await deliverToTheEnd(running);
      });
    }
  });
}
