import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { brokenBuilds } from './broken.ts';
import { deliverByDrive } from './by-drive.ts';
import { deliverByStream } from './by-stream.ts';
import { readEnb, readHome, type EnbDisk } from './disk.ts';
import { planDeliveries } from './plan.ts';
import type { DeliveryEntry } from './record.ts';
import { prepareScene, type Prepared } from './scene.ts';
import { Site, type UsbPorts } from './site.ts';
import { soakSteps } from './steps.ts';
import { count, missing, type Counts } from './table.ts';
import { judgeAll } from './truth.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly count: number;
  readonly folder: string;
  readonly usb: UsbPorts | undefined;
  /** The name of a broken build, which the soak must detect as broken. */
  readonly broken: string | undefined;
  readonly say: (progress: string) => void;
}

export interface SoakResult {
  readonly counts: Counts;
  /** How often an eNB died in a step, and how many steps were called done. */
  readonly steps: { readonly kills: number; readonly done: number };
  /** The tool's false claims. */
  readonly lies: readonly string[];
  /** Why the run shows too little. */
  readonly missing: readonly string[];
}

/** Parallel deliveries, each at a separate site. */
const sites = 3;

/** Runs all deliveries of the plan, then compares the contents of the disks. */
export async function soak({ seed, folder, usb, broken, say, ...options }: SoakOptions): Promise<SoakResult> {
  mkdirSync(join(folder, 'home'), { recursive: true });
  const prepared = await prepareScene(folder, planDeliveries(seed, options.count), new Date());
  const entries: DeliveryEntry[] = [];
  const serials = [...new Set(prepared.map(({ serial }) => serial))];
  const keep = (entry: DeliveryEntry) => {
    entries.push(entry);
    appendFileSync(join(folder, 'deliveries.jsonl'), `${JSON.stringify(entry)}\n`);
    for (const lie of entry.lies) say(`NOT TRUE: ${lie}`);
    if (entries.length % 25 === 0) say(`${entries.length} of ${prepared.length} deliveries`);
  };
  // Deliveries to one eNB run one after the other, at one site.
  const lanes = Array.from({ length: sites }, (_, number) => ({
    site: new Site({ folder, number, usb, broken }),
    own: prepared.filter(({ serial }) => serials.indexOf(serial) % sites === number),
  }));
  try {
    await Promise.all(lanes.map(({ site, own }) => doAll(site, own, keep)));
  } finally {
    await Promise.all(lanes.map(({ site }) => site.close()));
  }
  const disks = new Map<string, EnbDisk>(serials.map((serial) => [serial, readEnb(folder, serial)]));
  const enbOf = (serial: string) => disks.get(serial) ?? readEnb(folder, serial);
  const counts = count(entries);
  const lies = [...entries.flatMap((entry) => entry.lies), ...judgeAll(entries, readHome(folder), enbOf)];
  const isOfSteps = broken === undefined || brokenBuilds[broken]?.isOfSteps;
  if (isOfSteps) say('the steps');
  const steps = isOfSteps
    ? await soakSteps(join(folder, 'steps'), Math.ceil(options.count / 100), broken)
    : { kills: 0, done: 0, lies: [] };
  return {
    ...{ counts, steps: { kills: steps.kills, done: steps.done } },
    lies: [...new Set([...lies, ...steps.lies])],
    missing: missing(counts),
  };
}

async function doAll(
  site: Site,
  deliveries: readonly Prepared[],
  keep: (entry: DeliveryEntry) => void,
): Promise<void> {
  for (const delivery of deliveries) {
    keep(await (delivery.way === 'drive' ? deliverByDrive(site, delivery) : deliverByStream(site, delivery)));
  }
}
