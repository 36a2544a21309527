import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { createCore, deliverFile, systemSurroundings } from '../core/index.ts';
import type { Fault } from '../faults/index.ts';
import { UsbIpBus } from '../lab/index.ts';

/** Step 0 over USB. */
interface UsbDelivery {
  readonly bundle: string;
  readonly serialNumber: string;
  /** A command whose standard streams are the eNB's USB/IP port. */
  readonly connection: readonly [string, ...string[]];
  readonly vendorRoot: string;
  readonly vendorIssuing: string;
  /** The laptop's data folder, and the folder for the receipt. */
  readonly home: string;
  readonly out: string;
}

/** Delivers a bundle to an eNB on USB. This process is the laptop, and its own USB host. Returns why it failed. */
export async function deliverByUsb(delivery: UsbDelivery): Promise<Fault | undefined> {
  const { bundle, serialNumber, connection, vendorRoot, vendorIssuing, home, out } = delivery;
  const [program, ...args] = connection;
  const connect = () => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    stream.once('close', () => child.kill());
    child.once('close', () => stream.destroy());
    return stream;
  };
  const surroundings = {
    ...systemSurroundings(),
    dataFolder: home,
    usb: new UsbIpBus(connect, serialNumber),
  };
  const core = createCore(surroundings);
  try {
    const trust = { roots: [vendorRoot], untrusted: [vendorIssuing], crls: [] };
    const report = await deliverFile(core, bundle, { usb: serialNumber, trust }, () => undefined, out);
    return report.ok ? report.value.fault : report.fault;
  } finally {
    core.stores.close();
  }
}
