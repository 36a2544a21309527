import { resolve } from 'node:path';
import {
  connectionTo,
  createCore,
  deliverFile,
  discoverEnbs,
  identifyEnb,
  listUsb,
  nameToText,
  receiptFrom,
  type Core,
  type DeliveryReport,
  type DeliveryPhase,
  type EnbAddress,
} from '../core/index.ts';
import { checkSentence, ok, refuse, type Result } from '../faults/index.ts';
import {
  collectFromDrive,
  discoverDrives,
  verifyDrive,
  writeDrive,
  type DriveOptions,
} from './drive-commands.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

interface Options extends TrustOptions {
  readonly ethernet?: string;
  readonly usb?: string | true;
  readonly drive?: string;
  readonly replug?: boolean;
  readonly out?: string;
}

interface DiscoverOptions {
  readonly ethernet?: boolean;
  readonly usb?: boolean;
  readonly drive?: boolean;
}

function addressOf(options: Options): EnbAddress {
  const { ethernet, usb } = options;
  return { ethernet, usb, trust: trustFiles(options) };
}

function outOf({ out }: Options): string | undefined {
  return out === undefined ? undefined : resolve(out);
}

async function withCore(work: (core: Core) => Promise<Outcome>): Promise<Outcome> {
  const core = createCore();
  try {
    return await work(core);
  } finally {
    core.stores.close();
  }
}

/** The options of the drive when that is the way, undefined when it is not; refuses more ways than one. */
function driveOf(options: Options): Result<DriveOptions | undefined> {
  const { drive, ethernet, usb } = options;
  if (drive === undefined) return ok(undefined);
  const isAlone = ethernet === undefined && usb === undefined;
  return isAlone ? ok({ ...options, drive }) : refuse('usage-invalid', { rule: 'one-way' });
}

/** `siteseal enb discover` */
export function enbDiscover(_args: readonly string[], options: DiscoverOptions): Promise<Outcome> {
  return withCore(async (core) => {
    const ways = [options.ethernet, options.usb, options.drive].filter((way) => way === true);
    if (ways.length !== 1) return failed({ code: 'usage-invalid', rule: 'one-way' });
    if (options.drive) return discoverDrives(core);
    if (options.ethernet) return discoverEthernet(core);
    const devices = await listUsb(core);
    if (!devices.ok) return failed(devices.fault);
    const lines = devices.value.map(
      ({ serialNumber, product, port }) =>
        `eNB ${serialNumber ?? 'without a serial number'} (${product ?? 'unnamed'}) in port ${port}`,
    );
    return done({ usb: devices.value }, lines.length > 0 ? lines : ['No eNB is connected by USB.']);
  });
}

async function discoverEthernet(core: Core): Promise<Outcome> {
  const found = await discoverEnbs(core);
  if (!found.ok) return failed(found.fault);
  const lines = found.value.map(
    ({ address, serialNumber, hwType }) =>
      `${address} says that it is eNB ${serialNumber ?? 'without a serial number'}` +
      (hwType === undefined ? '' : ` (hardware type ${hwType})`),
  );
  return done({ ethernet: found.value }, lines.length > 0 ? lines : ['No eNB answers on the network.']);
}

/** `siteseal enb identify` */
export function enbIdentify(_args: readonly string[], options: Options): Promise<Outcome> {
  return withCore(async (core) => {
    const connection = connectionTo(core, addressOf(options));
    if (!connection.ok) return failed(connection.fault);
    const identified = await identifyEnb(connection.value);
    if (!identified.ok) return failed(identified.fault);
    const { enb, identity } = identified.value;
    const { subject, sha256 } = identified.value.certificate;
    const certificate = { subject: nameToText(subject), sha256 };
    return done({ enb, identity, certificate }, [
      `eNB ${enb.serialNumber} (hardware type ${enb.hwType})`,
      `  certificate: ${certificate.subject}`,
      `  firmware: ${identity.firmware}`,
      `  sequence number so far: ${identity.lastSequence} (epoch ${identity.lastEpoch})`,
      `  clock: ${identity.clock.state === 'set' ? identity.clock.time : 'not set'}`,
      ...(identity.training ? ['  for training'] : []),
    ]);
  });
}

const stateWords: Readonly<Record<DeliveryPhase, string>> = {
  selected: 'Checking the bundle, connecting',
  connected: 'Connected, identifying the eNB',
  identified: 'Identified, judging the bundle once more',
  sending: 'Sending',
  sent: 'Sent, reading back',
  'read-back': 'Read back, equal',
  verdict: 'Accepted by the eNB, fetching the receipt',
  receipt: 'Receipt verified',
};

/** `siteseal enb write` */
export function enbWrite(bundles: readonly string[], options: Options): Promise<Outcome> {
  return withCore(async (core) => {
    const drive = driveOf(options);
    if (!drive.ok) return failed(drive.fault);
    if (drive.value) return writeDrive(core, bundles, drive.value);
    const [bundle = '', ...others] = bundles;
    if (others.length > 0) return failed({ code: 'usage-invalid', rule: 'one-bundle' });
    const terminal = systemTerminal();
    const onState = (state: DeliveryPhase) => terminal.progress(stateWords[state]);
    const report = await deliverFile(core, resolve(bundle), addressOf(options), onState, outOf(options));
    terminal.endProgress();
    return report.ok ? toOutcome(report.value) : failed(report.fault, { state: 'selected' });
  });
}

function toOutcome({ state, enb, verdict, receipt, fault }: DeliveryReport): Outcome {
  const document = { state, ...(enb && { enb }), ...(verdict && { verdict }), ...(receipt && { receipt }) };
  const failures = (verdict?.checks ?? []).filter((check) => check.ok === false);
  const receiptLine = receipt === undefined ? [] : [`Receipt: ${receipt}`];
  if (fault) {
    const lines = failures.map(({ code }) => ` NOT  ${checkSentence(code)} (${code})`);
    return failed(fault, document, [...lines, ...receiptLine, `Reached: ${stateWords[state]}`]);
  }
  return done(document, [`eNB ${enb?.serialNumber ?? ''} has accepted the bundle.`, ...receiptLine]);
}

/** `siteseal enb receipt` */
export function enbReceipt(_args: readonly string[], options: Options): Promise<Outcome> {
  return withCore(async (core) => {
    const drive = driveOf(options);
    if (!drive.ok) return failed(drive.fault);
    if (drive.value) return collectFromDrive(core, drive.value, outOf(options));
    const connection = connectionTo(core, addressOf(options));
    if (!connection.ok) return failed(connection.fault);
    const receipt = await receiptFrom(core, connection.value, outOf(options));
    return receipt.ok
      ? done({ receipt: receipt.value }, [`Receipt: ${receipt.value}`])
      : failed(receipt.fault);
  });
}

/** `siteseal enb verify` */
export function enbVerify(_args: readonly string[], options: DriveOptions): Promise<Outcome> {
  return withCore((core) => verifyDrive(core, options));
}
