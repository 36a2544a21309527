/**
 * Every order of up to five events at an eNB: bundles of two epochs, low, high and with times far ahead, with a CRL and
 * without one, a clock that is right, wrong or not there, and an end of the process before or after the write.
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle } from '../../../main/bundle/index.ts';
import { makeConfigurationKey, type KeyPair } from '../../kit/issue-certificate.ts';
import type { EnbState } from '../../../main/lab/enb-state.ts';
import {
  authorisationFor,
  configurationFor,
  hwType,
  issueCrl,
  labOptions,
  makeScene,
  sealingFor,
  signingOf,
} from '../../kit/bundle.ts';
import { makeReferenceEnb, temporaryFolder } from '../../kit/enb.ts';

const scene = makeScene();
const { vendor } = scene;
const signerOf = (epoch: number) =>
  makeConfigurationKey(vendor, 'Lab Operator', authorisationFor(['LAB0001'], hwType, epoch), labOptions);
/** A key that was stolen, the one that replaces it, and the one after that, which nothing may keep out. */
const [stolen, replacing, rescuing] = [signerOf(0), signerOf(1), signerOf(2)];
const revoking = issueCrl(vendor.issuing, { number: 2, revoked: [stolen] });
const silent = issueCrl(vendor.issuing, { number: 1 });
const far = { issuedAt: '9998-01-01T00:00:00Z', notAfter: '9999-01-01T00:00:00Z' };

interface Bundle {
  readonly epoch: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

async function bundle(
  key: KeyPair,
  epoch: number,
  sequence: number,
  changes: object = {},
  crls: Parameters<typeof signingOf>[2] = [],
): Promise<Bundle> {
  const configuration = configurationFor(scene, { sequence, ...changes });
  return {
    epoch,
    sequence,
    bytes: await makeBundle(configuration, sealingFor(scene), signingOf(key, vendor, crls)),
  };
}

const rescue = await bundle(rescuing, 2, 1);
const bundles: Readonly<Record<string, Bundle>> = {
  'stolen 5': await bundle(stolen, 0, 5),
  'stolen, highest sequence, far ahead': await bundle(stolen, 0, Number.MAX_SAFE_INTEGER, far),
  'stolen 6 with the revoking CRL': await bundle(stolen, 0, 6, {}, [revoking]),
  'stolen 7 with an older CRL': await bundle(stolen, 0, 7, {}, [silent]),
  'replacing 1': await bundle(replacing, 1, 1),
  'replacing 2 with the revoking CRL': await bundle(replacing, 1, 2, {}, [revoking]),
  'replacing 2, another one': await bundle(replacing, 1, 2),
};
const clocks: Readonly<Record<string, (() => Date) | undefined>> = {
  right: () => new Date('2026-11-15T12:00:00Z'),
  'set back': () => new Date('1970-01-01T00:00:00Z'),
  none: undefined,
};

interface Node {
  readonly folder: string;
  readonly clock: keyof typeof clocks;
  readonly path: readonly string[];
}

const read = (folder: string): EnbState | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as EnbState;
  } catch {
    return undefined;
  }
};
/** Everything that decides what the eNB does next. Its report about its last bundle does not. */
const keyOfState = (state: EnbState | undefined, clock: string) => {
  const { last: _, receiptNumber: __, ...rest } = state ?? ({} as EnbState);
  return JSON.stringify([clock, rest]);
};

test('no order of five events rolls back, loses what was accepted, or locks an eNB for good', () => {
  const seen = new Set<string>();
  let nodes: Node[] = [{ folder: temporaryFolder(), clock: 'right', path: [] }];
  let judged = 0;
  for (let depth = 0; depth < 5; depth++) {
    const next: Node[] = [];
    for (const node of nodes) {
      const before = read(node.folder);
      for (const clock of Object.keys(clocks)) {
        const key = keyOfState(before, clock);
        if (!seen.has(key)) next.push({ ...node, clock, path: [...node.path, clock] });
        seen.add(key);
      }
      for (const [name, { bytes, epoch, sequence }] of Object.entries(bundles)) {
        const path = [...node.path, name];
        const folder = temporaryFolder();
        cpSync(node.folder, folder, { recursive: true });
        const verdict = makeReferenceEnb(scene, { folder, now: clocks[node.clock] }).takeBundle(bytes);
        judged++;
        // Restarted: an end of the process before the write leaves the state of `node`, and after it this one.
        const enb = makeReferenceEnb(scene, { folder, now: clocks[node.clock] });
        const after = read(folder);
        const [old, now] = [before?.accepted, after?.accepted];
        const rank = (one: typeof old) => [one?.epoch ?? 0, one?.sequence ?? 0] as const;
        const [[oldEpoch, oldSequence], [newEpoch, newSequence]] = [rank(old), rank(now)];
        assert.ok(
          newEpoch > oldEpoch || (newEpoch === oldEpoch && newSequence >= oldSequence),
          `rolled back: ${path.join(' > ')}`,
        );
        if (verdict.accepted) {
          assert.deepEqual([newEpoch, newSequence], [epoch, sequence], path.join(' > '));
          assert.deepEqual(enb.acceptedBundle(), Buffer.from(bytes), `lost: ${path.join(' > ')}`);
        } else assert.deepEqual(now, old, `displaced: ${path.join(' > ')}`);
        if (oldEpoch > epoch) assert.equal(verdict.accepted, false, `superseded: ${path.join(' > ')}`);
        const key = keyOfState(after, node.clock);
        if (seen.has(key)) rmSync(folder, { recursive: true });
        else {
          seen.add(key);
          next.push({ folder, clock: node.clock, path });
        }
      }
    }
    nodes = next;
    // Whatever happened, one bundle of the next epoch is taken, and then no key before it.
    for (const { folder, clock, path } of nodes) {
      const copy = temporaryFolder();
      cpSync(folder, copy, { recursive: true });
      // A clock that is set back before anything is proven is judged by what the certificate of the eNB proves.
      const rescued = makeReferenceEnb(scene, { folder: copy, now: clocks[clock] });
      assert.equal(rescued.takeBundle(rescue.bytes).accepted, true, `locked: ${path.join(' > ')}`);
      for (const { bytes } of Object.values(bundles)) {
        assert.equal(rescued.takeBundle(bytes).accepted, false, `not ended: ${path.join(' > ')}`);
      }
      rmSync(copy, { recursive: true });
    }
  }
  assert.ok(judged > 500, `${judged} bundles were judged`);
});

test('a key that a CRL of a refused bundle has revoked stays revoked without that CRL', () => {
  const enb = makeReferenceEnb(scene);
  assert.equal(enb.takeBundle(bundles['stolen 6 with the revoking CRL']!.bytes).accepted, false);
  assert.equal(enb.takeBundle(bundles['stolen 5']!.bytes).accepted, false);
  assert.equal(enb.takeBundle(bundles['replacing 1']!.bytes).accepted, true);
});
