import { basename } from 'node:path';
import type { Attempt, DeliveryEntry } from './record.ts';
import type { PlannedFault } from './plan.ts';
import type { Prepared } from './scene.ts';
import { entryOf, toolFaultOf, type Answered, type Site } from './site.ts';

/** Short, so that a stall is soon over; long enough for a busy computer. */
const deadlines = { connect: 2_000, handshake: 2_000, request: 1_500 };

/** How often the installer tries again after the planned faults. */
const furtherAttempts = 3;

/** Delivers over Ethernet or USB, attempt by attempt, until there is a receipt or the eNB has refused. */
export async function deliverByStream(site: Site, delivery: Prepared): Promise<DeliveryEntry> {
  const attempts: Attempt[] = [];
  const lies: string[] = [];
  const receipts: string[] = [];
  const plan = [
    ...delivery.faults,
    ...Array.from({ length: delivery.isAbandoned ? 0 : furtherAttempts }, () => undefined),
  ];
  for (const planned of plan) {
    const { delivery: state = 'none' } = attempts.at(-1)?.claim ?? {};
    const isTaken = state === 'receipt';
    // An eNB that has proven that it keeps the bundle keeps it.
    const fault = planned?.kind === 'forgets' && (isTaken || state === 'verdict') ? undefined : planned;
    if (!planned && (isTaken || isRefusedForGood(delivery, attempts))) break;
    const made = await site.attempt(delivery, 'deliver', fault, () => attempt(site, delivery, fault));
    attempts.push(made.attempt);
    lies.push(...made.lies);
    const { receipt } = (made.attempt.answer ?? {}) as { readonly receipt?: string };
    if (receipt !== undefined) receipts.push(basename(receipt));
  }
  return entryOf(delivery, attempts, lies, receipts);
}

/** A healthy eNB refuses a rival: trying again is useless. */
function isRefusedForGood({ isRival }: Prepared, attempts: readonly Attempt[]): boolean {
  const last = attempts.at(-1);
  return isRival && last?.fault?.kind !== 'refuse' && last?.claim.delivery === 'refused';
}

async function attempt(site: Site, delivery: Prepared, fault: PlannedFault | undefined): Promise<Answered> {
  const { way, serial, bundle } = delivery;
  const isUsb = way === 'usb';
  const { folder, vendorRoot, usb, usbPort } = site;
  const enb = { kind: 'power-on', serial, folder, usb: isUsb, ...(fault && { fault }) } as const;
  const { port } = (await site.askEnb(enb)) as { readonly port: number };
  if (isUsb) usb?.attach(usbPort, port);
  const ways = isUsb
    ? usb
      ? { usb: serial }
      : ({ usb: true, usbIp: port } as const)
    : { ethernet: `127.0.0.1:${port}` };
  const killAfter = fault?.kind === 'kill-tool-at-time' ? Number(fault.at) : undefined;
  const answered = await site.askTool(
    { kind: 'deliver', bundle, ...ways, vendorRoot, deadlines, fault: toolFaultOf(fault) },
    killAfter,
  );
  if (isUsb) usb?.detach(usbPort);
  if (site.isEnbOn) await site.askEnb({ kind: 'power-off' });
  return answered;
}
