import { ok, refuse, type Result } from '../faults/index.ts';
import { CommissioningServer, ReferenceEnb, UsbFunction, UsbIpServer } from '../lab/index.ts';
import type { Surroundings } from './surroundings.ts';
import { readCertificates } from './trust-files.ts';
import { readKey, type PassphraseFor } from './verify.ts';

/** The files that play the factory, and where the reference eNB listens. */
export interface LabEnbRequest {
  readonly identity: string;
  readonly key: string;
  readonly chain: string | undefined;
  readonly vendorRoot: string;
  readonly host: string;
  readonly port: number;
  /** The TCP port where the eNB is a USB device, for USB/IP. */
  readonly usb?: number | undefined;
  readonly state: string;
}

export interface RunningLabEnb {
  readonly port: number;
  readonly usb?: number;
  readonly enb: ReferenceEnb;
  close(): Promise<void>;
}

/** Starts a reference eNB on TCP, and on USB where that is asked for. */
export async function startLabEnb(
  request: LabEnbRequest,
  { now }: Surroundings,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabEnb>> {
  const identity = readCertificates(request.identity);
  if (!identity.ok) return identity;
  const chain = request.chain === undefined ? ok([]) : readCertificates(request.chain);
  if (!chain.ok) return chain;
  const root = readCertificates(request.vendorRoot);
  if (!root.ok) return root;
  const key = await readKey(request.key, passphraseFor);
  if (!key.ok) return key;
  const [certificate, ...ownChain] = identity.value;
  return listen(
    {
      key: key.value,
      certificate,
      chain: [...ownChain, ...chain.value],
      vendorRoot: root.value[0],
      folder: request.state,
      now,
    },
    request.host,
    request.port,
    request.usb,
  );
}

/** The reference eNB of options at hand, listening. */
export async function listen(
  options: Parameters<typeof ReferenceEnb.start>[0],
  host: string,
  port: number,
  usbPort?: number,
): Promise<Result<RunningLabEnb>> {
  const enb = ReferenceEnb.start(options);
  if (!enb.ok) return enb;
  const server = new CommissioningServer(enb.value, options);
  const ethernet = await listenAt(server, host, port);
  if (!ethernet.ok || usbPort === undefined) {
    return ethernet.ok ? ok({ enb: enb.value, ...ethernet.value }) : ethernet;
  }
  const usbFunction = new UsbFunction((stream) => server.accept(stream));
  const device = new UsbIpServer(usbFunction, enb.value.identity.serialNumber);
  const usb = await listenAt(device, host, usbPort);
  if (!usb.ok) {
    await ethernet.value.close();
    return usb;
  }
  const close = async () => {
    await Promise.all([ethernet.value.close(), usb.value.close()]);
  };
  return ok({ enb: enb.value, port: ethernet.value.port, usb: usb.value.port, close });
}

async function listenAt(
  server: CommissioningServer | UsbIpServer,
  host: string,
  port: number,
): Promise<Result<{ readonly port: number; close(): Promise<void> }, 'port-unavailable'>> {
  try {
    return ok(await server.listen(host, port));
  } catch (error) {
    const found = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('port-unavailable', { found, where: { address: `${host}:${port}` } });
  }
}
