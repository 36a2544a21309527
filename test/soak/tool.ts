/** The tool as a process that is killed: the core of Siteseal, its data folder in SITESEAL_HOME. */
import type * as core from '../../main/core/index.ts';
import type { Result } from '../../main/faults/index.ts';
import { loadBroken } from './broken.ts';
import { killSelf, say, type Claim, type ToolOrder } from './messages.ts';
import { failOperations, killAtReceipt, mendOperations } from './operations.ts';

const [broken] = process.argv.slice(2);
if (broken !== undefined) loadBroken(broken);
// Everything that loads the product loads only now, because it may be a broken build.
const { collectReceiptsAt, createCore, deliverFile, systemSurroundings, verifyDriveAt, writeFilesToDrive } =
  await import('../../main/core/index.ts');
const { Stores } = await import('../../main/core/stores.ts');
const { Stick } = await import('./stick.ts');
const { usbIpBus } = await import('./usb-ip-bus.ts');

/** The state of a drive after each verdict. */
const stateAfter = { verified: 'carried', 'verified-not-ejected': 'verified', damaged: 'damaged' } as const;

const fired = () => say({ kind: 'fired' });

/** Kills this process when it reaches the state in the fault. */
function reach(state: string, { fault }: Exclude<ToolOrder, { kind: 'claim' }>): void {
  if (fault.killAtState !== state) return;
  fired();
  killSelf();
}

async function deliver(order: ToolOrder & { readonly kind: 'deliver' }): Promise<unknown> {
  const { bundle, ethernet, usb, usbIp, vendorRoot, deadlines } = order;
  const system = systemSurroundings();
  const tool = createCore({ ...system, usb: usbIp === undefined ? system.usb : usbIpBus(usbIp) });
  const trust = { roots: [vendorRoot], untrusted: [], crls: [] };
  const report = await deliverFile(tool, bundle, { ethernet, usb, trust, deadlines }, (state) => {
    say({ kind: 'state', state });
    reach(state, order);
  });
  tool.stores.close();
  if (!report.ok) return { fault: report.fault.code };
  const { state, fault, receipt, verdict } = report.value;
  return { state, fault: fault?.code, receipt, accepted: verdict?.accepted };
}

type DriveOrder = Extract<ToolOrder, { readonly stick: string }>;

async function useDrive(order: DriveOrder): Promise<unknown> {
  const { stick: folder, ailments, vendorRoot, fault } = order;
  const stick = new Stick(folder);
  if (fault.operation) failOperations(stick.mountPoint, fault.operation, () => stick.pullOut(), fired);
  let founds = 0;
  const at = (place: string) => {
    // The second search precedes the write, and the store already records the write.
    if (order.kind === 'write' && place === 'found' && ++founds === 2) {
      say({ kind: 'state', state: 'writing' });
      reach('writing', order);
    } else reach(place, order);
  };
  const drives = stick.system(ailments, at, fired);
  const tool = createCore({ ...systemSurroundings(), drives });
  const answer = await work(tool, order, {
    drive: stick.mountPoint,
    trust: { roots: [vendorRoot], untrusted: [], crls: [] },
  });
  tool.stores.close();
  return answer.ok ? answer.value : { fault: answer.fault.code };
}

async function work(
  tool: core.Core,
  order: DriveOrder,
  address: core.DriveAddress,
): Promise<Result<unknown>> {
  switch (order.kind) {
    case 'write':
      return writeFilesToDrive(tool, [order.bundle], address, ({ state }) => {
        if (state !== 'written') return;
        say({ kind: 'state', state });
        reach(state, order);
      });
    case 'verify': {
      const verdict = await verifyDriveAt(tool, address, undefined);
      if (!verdict.ok) return verdict;
      const { kind, entries } = verdict.value;
      const told = { ok: true, value: { kind, entries: entries.map(({ state }) => state) } } as const;
      say({ kind: 'state', state: stateAfter[kind] });
      if (kind === 'damaged') return told;
      reach('verified', order);
      return told;
    }
    case 'collect':
      return collectReceiptsAt(tool, address, undefined);
  }
}

/** What the tool itself knows about a bundle, without any delivery. */
function claim(bundleSha256: string): Claim {
  const stores = new Stores(systemSurroundings());
  const opened = stores.open(false);
  if (!opened.ok) throw new Error(`The store: ${opened.fault.code}`);
  const { deliveries, carried } = opened.value.store;
  const states = {
    delivery: deliveries.get(bundleSha256)?.state ?? 'none',
    carried: carried.get(bundleSha256)?.state ?? 'none',
  };
  stores.close();
  return states as Claim;
}

async function obey(order: ToolOrder): Promise<unknown> {
  if (order.kind === 'claim') return claim(order.bundleSha256);
  if (order.fault.killAtReceipt !== undefined) killAtReceipt(order.fault.killAtReceipt, fired);
  const answer = order.kind === 'deliver' ? await deliver(order) : await useDrive(order);
  mendOperations();
  return answer;
}

process.on('message', (order: ToolOrder) => {
  void obey(order).then((value) => say({ kind: 'done', value }));
});
