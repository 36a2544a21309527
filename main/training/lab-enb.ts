import { advertise, type EnbAnnouncement, type Link, type SystemLink } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import {
  cmpEnroller,
  CommissioningServer,
  ReferenceEnb,
  UsbFunction,
  UsbIpServer,
  watchDrive,
  type DriveEvent,
  type Failure,
  type IpsecKind,
  type ReferenceEnbOptions,
} from '../lab/index.ts';
import {
  readCertificates,
  readKey,
  unforeseen,
  type PassphraseFor,
  type Surroundings,
} from '../core/index.ts';
import { startIpsec, type LabIpsec } from './lab-ipsec.ts';
import { portUnavailable } from './port-unavailable.ts';

/** The files that play the factory, and how to reach the reference eNB. */
export interface LabEnbRequest extends EnbConnections {
  readonly identity: string;
  readonly key: string;
  readonly chain: string | undefined;
  readonly vendorRoot: string;
  readonly state: string;
  /** Other addresses: `host:port` of an RA/CA, or `address:4500` of a gateway of the stand-in, to `address:port`. */
  readonly connectTo?: Readonly<Record<string, string>> | undefined;
  /** Undefined if it makes no tunnels. */
  readonly ipsec?: LabIpsec | undefined;
}

/** Where the reference eNB can be reached, and which failures it simulates. */
interface EnbConnections {
  readonly host: string;
  readonly port: number;
  /** The TCP port for USB/IP, where the eNB is a USB device. */
  readonly usb?: number | undefined;
  readonly drive?: LabDrive | undefined;
  /** Whether it answers searches for eNBs on the links where it listens. */
  readonly isAdvertised?: boolean | undefined;
  readonly failure?: Failure | undefined;
}

/** A removable drive of the eNB: the folder where it is mounted, now or later. */
export interface LabDrive {
  readonly folder: string;
  readonly onEvent: (event: DriveEvent) => void;
}

/** A running reference eNB. `port` is its TCP port, `usb` that of USB/IP. */
export interface RunningLabEnb {
  readonly port: number;
  readonly usb?: number;
  readonly enb: ReferenceEnb;
  readonly ipsec?: IpsecKind;
  close(): Promise<void>;
}

/** A reference eNB that is on no connection yet. */
export interface LabEnb {
  readonly enb: ReferenceEnb;
  /** Undefined if it makes no tunnels. */
  readonly ipsec: IpsecKind | undefined;
  readonly server: CommissioningServer;
  /** Fails in this way from now on; undefined ends that. */
  setFailure(failure: Failure | undefined): void;
}

/** The clock and the timers of a reference eNB. */
export type LabEnbSurroundings = Pick<Surroundings, 'now' | 'later' | 'monotonic' | 'network'>;

/** Starts a reference eNB on TCP, and if requested also on USB and watching a removable drive. */
export async function startLabEnb(
  request: LabEnbRequest,
  { links, ...surroundings }: LabEnbSurroundings & Pick<Surroundings, 'links'>,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabEnb>> {
  const made = await makeLabEnb(request, surroundings, passphraseFor);
  if (!made.ok) return made;
  const served = await serve(made.value, request, request.isAdvertised ? linksAt(request.host, links()) : []);
  if (!served.ok) await made.value.enb.close();
  return served;
}

/** Makes a reference eNB of its factory's files. */
export async function makeLabEnb(
  request: Omit<LabEnbRequest, keyof EnbConnections> & Pick<EnbConnections, 'failure'>,
  { now, later, monotonic, network }: LabEnbSurroundings,
  passphraseFor: PassphraseFor,
): Promise<Result<LabEnb>> {
  const identity = readCertificates(request.identity);
  if (!identity.ok) return identity;
  const chain = request.chain === undefined ? ok([]) : readCertificates(request.chain);
  if (!chain.ok) return chain;
  const root = readCertificates(request.vendorRoot);
  if (!root.ok) return root;
  const key = await readKey(request.key, passphraseFor);
  if (!key.ok) return key;
  const [certificate, ...ownChain] = identity.value;
  let { failure } = request;
  const clock = failure?.kind === 'no-clock' ? undefined : now;
  const [vendorRoot] = root.value;
  const ipsec = request.ipsec
    ? await startIpsec(request.ipsec, { ...request, vendorRoot, now: clock })
    : ok(undefined);
  if (!ipsec.ok) return ipsec;
  const options: ReferenceEnbOptions = {
    key: key.value,
    certificate,
    chain: [...ownChain, ...chain.value],
    vendorRoot,
    folder: request.state,
    now: clock,
    steps: {
      enroller: cmpEnroller({ connectTo: request.connectTo }),
      ipsec: ipsec.value,
      later,
      uptime: monotonic,
    },
    path: { network, uptime: monotonic },
    get failure() {
      return failure;
    },
  };
  const enb = ReferenceEnb.start(options);
  if (!enb.ok) {
    await ipsec.value?.close();
    return enb;
  }
  return ok({
    enb: enb.value,
    ipsec: ipsec.value?.kind,
    server: new CommissioningServer(enb.value, options),
    setFailure: (next) => (failure = next),
  });
}

/** The links on which an eNB that listens at this address can be reached. */
function linksAt(host: string, links: readonly SystemLink[]): readonly SystemLink[] {
  return links.filter(({ family, address, scope, isInternal }) => {
    if (host === '::') return !isInternal;
    if (host === '0.0.0.0') return !isInternal && family === 'IPv4';
    return host === (family === 'IPv4' ? address : `${address}%${scope}`);
  });
}

/** Puts the reference eNB on the requested connections. */
async function serve(
  { enb, ipsec, server }: LabEnb,
  connections: EnbConnections,
  links: readonly Link[],
): Promise<Result<RunningLabEnb>> {
  const { host, port, usb: usbPort, drive } = connections;
  const ethernet = await listenAt(server, host, port);
  if (!ethernet.ok) return ethernet;
  const closing = [() => ethernet.value.close(), () => enb.close()];
  const close = async () => {
    await Promise.all(closing.map((end) => end()));
  };
  const running = { enb, port: ethernet.value.port, ...(ipsec && { ipsec }), close };
  if (drive) closing.push(watch(enb, drive));
  if (links.length > 0) {
    const answering = await answerAt({ ...enb.identity, port: running.port }, links);
    if (!answering.ok) {
      await close();
      return answering;
    }
    closing.push(answering.value);
  }
  if (usbPort === undefined) return ok(running);
  const usbFunction = new UsbFunction((stream) => server.accept(stream, () => device.unplug()));
  const device: UsbIpServer = new UsbIpServer(usbFunction, enb.identity.serialNumber);
  const usb = await listenAt(device, host, usbPort);
  if (!usb.ok) {
    await close();
    return usb;
  }
  closing.push(() => usb.value.close());
  return ok({ ...running, usb: usb.value.port });
}

/** Watches a drive; the returned function ends that. */
function watch(enb: ReferenceEnb, { folder, onEvent }: LabDrive): () => Promise<void> {
  const ending = new AbortController();
  const watching = watchDrive(enb, folder, onEvent, ending.signal).catch((error: unknown) =>
    onEvent({ kind: 'failed', folder, fault: unforeseen(error).fault }),
  );
  return () => {
    ending.abort();
    return watching;
  };
}

async function answerAt(
  announcement: EnbAnnouncement,
  links: readonly Link[],
): Promise<Result<() => Promise<void>, 'port-unavailable'>> {
  try {
    return ok(await advertise(announcement, links));
  } catch (error) {
    return portUnavailable(error, 'mDNS');
  }
}

async function listenAt(
  server: CommissioningServer | UsbIpServer,
  host: string,
  port: number,
): Promise<Result<{ readonly port: number; close(): Promise<void> }, 'port-unavailable'>> {
  try {
    return ok(await server.listen(host, port));
  } catch (error) {
    return portUnavailable(error, `${host}:${port}`);
  }
}
