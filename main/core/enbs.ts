import type { OpenedStore } from '../audit/index.ts';
import type { Bundle } from '../bundle/index.ts';
import {
  withSession,
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type FoundEnb,
  type StreamTransport,
  type UsbDevice,
} from '../device/index.ts';
import { ok, refuse, type Result, type StopCode } from '../faults/index.ts';
import {
  deliver,
  fetchReceipt,
  giveHead,
  keepReceipt,
  noteConnection,
  withFoundSession,
  type DeliveryReport,
  type DeliverySurroundings,
  type FoundIdentity,
} from '../site/index.ts';
import { storeFault, type JobRecord } from '../store/index.ts';
import { readBundleFile } from './bundle-file.ts';
import type { Core } from './core.ts';
import { transportFor, type ConnectionOptions } from './enb-address.ts';
import { permit, type PolicyFaultCode } from './policy.ts';
import { receiptKeeping } from './receipt-keeping.ts';
import { watchSleep } from './sleep.ts';
import { trustOf, type TrustFiles } from './trust-files.ts';

/** How long to wait for eNBs on the network, in milliseconds. The query is sent several times within it. */
const discoveryTime = 3_000;

/** The descriptors of a USB device. */
export type UsbDescription = Omit<UsbDevice, 'open'>;

/** The connection to an eNB, and the files that say whom to trust. */
export interface EnbAddress extends ConnectionOptions {
  readonly trust: TrustFiles;
  readonly deadlines?: Deadlines;
}

/** How to connect to an eNB. */
export interface EnbConnection {
  readonly transport: StreamTransport;
  readonly trust: EnbTrust;
  readonly deadlines?: Deadlines;
  /** Ends the connection. */
  readonly signal?: AbortSignal;
}

/** The connection for an address. Does not connect yet. */
export function connectionTo(core: Core, address: EnbAddress): Result<EnbConnection> {
  const trust = trustOf(core, address.trust);
  if (!trust.ok) return trust;
  const transport = transportFor(address, core.surroundings);
  if (!transport.ok) return transport;
  const { deadlines } = address;
  return ok({ transport: transport.value, trust: trust.value, ...(deadlines && { deadlines }) });
}

/** What an eNB has proven about itself, and what it reports. */
export type IdentifiedEnb = Pick<EnbSession, 'enb' | 'certificate' | 'vendorRoot' | 'identity'>;

/** Connects to an eNB and returns its identity. Calls `onFound` once with what the connection has shown. */
export function identifyEnb(
  connection: EnbConnection,
  onFound: (found: FoundIdentity) => void = () => undefined,
): Promise<Result<IdentifiedEnb>> {
  const identify = ({ enb, certificate, vendorRoot, identity }: EnbSession) =>
    ok({ enb, certificate, vendorRoot, identity });
  return withFoundSession(connection, onFound, identify);
}

/** Like `identifyEnb`, for the eNB of a job. What the connection has shown is logged. */
export async function identifyForJob(
  opened: OpenedStore,
  { siteId: site, hwType, serialNumber }: JobRecord,
  connection: EnbConnection,
): Promise<Result<IdentifiedEnb>> {
  try {
    return await identifyEnb(connection, (found) =>
      noteConnection(opened, { site, enb: { hwType, serialNumber } }, found),
    );
  } catch (error) {
    return storeFault(error);
  }
}

/** Delivers a bundle to an eNB. The receipt is saved in the folder `out`, or in the data folder. */
export function deliverBundle(
  { stores }: Core,
  bundle: Bundle,
  connection: EnbConnection,
  onState: DeliverySurroundings['onState'],
  out?: string,
): Promise<DeliveryReport> {
  return deliver({ bundle, ...connection }, { ...receiptKeeping(stores, out), onState });
}

/** Delivers a bundle file to the eNB at an address. */
export async function deliverFile(
  core: Core,
  file: string,
  address: EnbAddress,
  onState: DeliverySurroundings['onState'],
  out?: string,
): Promise<Result<DeliveryReport>> {
  const connection = connectionTo(core, address);
  if (!connection.ok) return connection;
  const bundle = readBundleFile(file, [connection.value.trust]);
  if (!bundle.ok) return bundle;
  const asleep = new AbortController();
  const watch = watchSleep(core.surroundings, () => asleep.abort('interrupted-by-sleep' satisfies StopCode));
  try {
    const awake = { ...connection.value, signal: asleep.signal };
    return ok(await deliverBundle(core, bundle.value.bundle, awake, onState, out));
  } finally {
    watch.stop();
  }
}

/** Fetches a receipt from an eNB about the last bundle that it was given. Returns the path of the saved file. */
export function receiptFrom(
  { stores }: Core,
  { transport, trust, deadlines, signal }: EnbConnection,
  out?: string,
): Promise<Result<string>> {
  const fetch = async (session: EnbSession): Promise<Result<string>> => {
    const keeping = receiptKeeping(stores, out);
    const auditHead = giveHead(session, keeping);
    if (!auditHead.ok) return auditHead;
    const verified = await fetchReceipt(session, { trust, auditHead: auditHead.value }, keeping);
    const kept = verified.ok ? keepReceipt(verified.value) : verified;
    return kept.ok ? ok(kept.value.file) : kept;
  };
  return withSession(transport, trust, deadlines, fetch, signal);
}

/**
 * The eNBs that answer on the network within a few seconds. Does not connect to them, so nothing that they report is
 * proven. Refuses with `network-missing` when this computer has only loopback links.
 */
export async function discoverEnbs({
  surroundings: { discovery, links, pause, policy },
}: Core): Promise<Result<readonly FoundEnb[], 'network-missing' | PolicyFaultCode>> {
  const permitted = permit({ policy }, 'ethernet');
  if (!permitted.ok) return permitted;
  if (links().every(({ isInternal }) => isInternal)) return refuse('network-missing');
  const stop = discovery.watch(() => undefined);
  try {
    await pause(discoveryTime);
    return ok(discovery.list());
  } finally {
    stop();
  }
}

/** The eNBs that are plugged in by USB. Does not open them, so nothing that they report is proven. */
export async function listUsb({ surroundings }: Core): Promise<Result<readonly UsbDescription[]>> {
  const permitted = permit(surroundings, 'usb');
  const devices = permitted.ok ? await surroundings.usb.list() : permitted;
  if (!devices.ok) return devices;
  return ok(
    devices.value.map(({ port, vendorId, productId, product, serialNumber }) => ({
      port,
      vendorId,
      productId,
      product,
      serialNumber,
    })),
  );
}
