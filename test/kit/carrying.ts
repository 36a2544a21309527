/** The common fixtures for bundles on removable drives: laptops, a drive, and what an eNB leaves on it. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { Bundle } from '../../main/bundle/index.ts';
import { createCore, type Core } from '../../main/core/index.ts';
import type { ReceiptRequest } from '../../main/device/index.ts';
import { ok } from '../../main/faults/index.ts';
import { carry, collect, type CarryItem } from '../../main/site/index.ts';
import { bundleFor, identity, makeScene, otherIdentity } from './bundle.ts';
import { onDrive, type FakeSystem } from './drive.ts';
import { makeReferenceEnb, trustOf } from './enb.ts';
import { Laptop } from './laptop.ts';
import { surroundingsIn } from './operator.ts';

export const scene = makeScene();
export const trust = trustOf(scene);
const laptops: Laptop[] = [];
process.once('exit', () => laptops.forEach((laptop) => laptop.close()));

export function newLaptop(): Laptop {
  const laptop = new Laptop();
  laptops.push(laptop);
  return laptop;
}

export const bundle = await bundleFor(scene);
export const otherEnb = { hwType: otherIdentity.hwType, serialNumber: otherIdentity.serialNumber };
export const otherBundle = await bundleFor(scene, { enb: otherEnb });
export const sha256 = (bytes: Uint8Array) => hash('sha256', bytes);

export function itemsOf(...bundles: readonly Uint8Array[]): readonly CarryItem[] {
  return bundles.map((one) => ({ bundle: new Bundle(one), trust }));
}

/** What a laptop keeps, in the store with its log. */
export function keeping(laptop: Laptop) {
  return {
    ...laptop.surroundings,
    openStore: (training: boolean) => ok(laptop.open(training)),
  };
}

/** Writes to the drive of a system from a laptop. */
export function write(
  laptop: Laptop,
  system: FakeSystem,
  bundles: readonly Uint8Array[],
  options: Parameters<typeof carry>[3] = {},
) {
  return carry(system.place, itemsOf(...bundles), { ...keeping(laptop), drives: system }, options);
}

export async function written(laptop: Laptop, system: FakeSystem, ...bundles: readonly Uint8Array[]) {
  const outcomes = await write(laptop, system, bundles);
  assert(outcomes.ok, JSON.stringify(outcomes));
  return outcomes.value;
}

/** The core of a laptop with the drives of a system, over the laptop's store. */
export function coreOf(laptop: Laptop, system: FakeSystem): Core {
  const surroundings = surroundingsIn(laptop.home, { drives: system, pause: () => Promise.resolve() });
  return createCore(surroundings);
}

export const record = (laptop: Laptop, one: Uint8Array = bundle) =>
  laptop.open().store.carried.get(sha256(one));

export function requestOn({ place }: FakeSystem, serialNumber = identity.serialNumber): ReceiptRequest {
  const text = readFileSync(onDrive(place, serialNumber, 'request.json'), 'utf8');
  return JSON.parse(text) as ReceiptRequest;
}

export function challengeOn(system: FakeSystem, serialNumber = identity.serialNumber): string {
  return requestOn(system, serialNumber).challenge;
}

/** The eNB's answer to the contents of the drive. */
export async function answer(
  system: FakeSystem,
  { bundle: given, ...changes }: Partial<ReceiptRequest> & { readonly bundle?: Uint8Array } = {},
) {
  const enb = makeReferenceEnb(scene);
  enb.takeBundle(given ?? readFileSync(onDrive(system.place, 'LAB0001', 'bundle.p7m')));
  const receipt = await enb.makeReceipt({ ...requestOn(system), ...changes });
  assert(receipt);
  return receipt;
}

export function leave({ place }: FakeSystem, receipt: Uint8Array, folder = identity.serialNumber): void {
  writeFileSync(onDrive(place, folder, 'receipt.p7m'), receipt);
}

export async function collected(laptop: Laptop, { place }: FakeSystem, trusts = [trust]) {
  const receipts = await collect(place.mountPoint, trusts, laptop.open(), laptop.surroundings);
  assert(receipts.ok, JSON.stringify(receipts));
  return receipts.value;
}
