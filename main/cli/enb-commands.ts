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
  stepNames,
  type Core,
  type DeliveryReport,
  type DeliveryPhase,
  type EnbAddress,
} from '../core/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { checkSentence, fill, words } from '../words/index.ts';
import {
  collectFromDrive,
  discoverDrives,
  verifyDrive,
  writeDrive,
  type DriveOptions,
} from './drive-commands.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { showSteps } from './step-commands.ts';
import { systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

const say = words.cli.enb;

interface Options extends TrustOptions {
  readonly ethernet?: string;
  readonly usb?: string | true;
  readonly drive?: string;
  readonly replug?: boolean;
  readonly out?: string;
}

interface StepOptions extends Options {
  readonly follow: boolean;
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

/** The drive options when the connection is a drive, otherwise undefined. Refuses more than one connection. */
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
    const lines = devices.value.map(({ serialNumber = say.noSerial, product = say.noProduct, port }) =>
      fill(say.onUsb, { serialNumber, product, port }),
    );
    return done({ usb: devices.value }, lines.length > 0 ? lines : [say.noneOnUsb]);
  });
}

async function discoverEthernet(core: Core): Promise<Outcome> {
  const found = await discoverEnbs(core);
  if (!found.ok) return failed(found.fault);
  const lines = found.value.map(({ address, serialNumber = say.noSerial, hwType }) =>
    hwType === undefined
      ? fill(say.onNetwork, { address, serialNumber })
      : fill(say.onNetworkTyped, { address, serialNumber, hwType }),
  );
  return done({ ethernet: found.value }, lines.length > 0 ? lines : [say.noneOnNetwork]);
}

/** `siteseal enb identify` */
export function enbIdentify(_args: readonly string[], options: Options): Promise<Outcome> {
  return withCore(async (core) => {
    const connection = connectionTo(core, addressOf(options));
    if (!connection.ok) return failed(connection.fault);
    const identified = await identifyEnb(connection.value);
    if (!identified.ok) return failed(identified.fault);
    const { enb, identity } = identified.value;
    const { lastSequence, lastEpoch, firmware, clock, training } = identity;
    const { subject, sha256 } = identified.value.certificate;
    const certificate = { subject: nameToText(subject), sha256 };
    return done({ enb, identity, certificate }, [
      fill(say.identified, { ...enb }),
      fill(say.certificate, { subject: certificate.subject }),
      fill(say.firmware, { firmware }),
      fill(say.sequence, { sequence: lastSequence, epoch: lastEpoch }),
      clock.state === 'set' ? fill(say.clock, { time: clock.time }) : say.clockNotSet,
      ...(training ? [say.training] : []),
    ]);
  });
}

/** `siteseal enb status` */
export function enbStatus(_args: readonly string[], options: StepOptions): Promise<Outcome> {
  return withCore((core) => showSteps(core, addressOf(options), options.follow));
}

/** `siteseal enb start-step` */
export function enbStartStep([name]: readonly string[], options: StepOptions): Promise<Outcome> {
  const start = stepNames.find((step) => step === name);
  return withCore((core) => showSteps(core, addressOf(options), options.follow, start));
}

/** `siteseal enb write` */
export function enbWrite(bundles: readonly string[], options: Options): Promise<Outcome> {
  return withCore(async (core) => {
    const drive = driveOf(options);
    if (!drive.ok) return failed(drive.fault);
    if (drive.value) return writeDrive(core, bundles, drive.value);
    const [bundle = '', ...others] = bundles;
    if (others.length > 0) return failed({ code: 'usage-invalid', rule: 'one-bundle' });
    const terminal = systemTerminal();
    const onState = (state: DeliveryPhase) => terminal.progress(say.phases[state]);
    const report = await deliverFile(core, resolve(bundle), addressOf(options), onState, outOf(options));
    terminal.endProgress();
    return report.ok ? toOutcome(report.value) : failed(report.fault, { state: 'selected' });
  });
}

function toOutcome({ state, enb, verdict, receipt, fault }: DeliveryReport): Outcome {
  const document = { state, ...(enb && { enb }), ...(verdict && { verdict }), ...(receipt && { receipt }) };
  const failures = (verdict?.checks ?? []).filter((check) => check.ok === false);
  const receiptLine = receipt === undefined ? [] : [fill(say.receipt, { file: receipt })];
  if (fault) {
    const lines = failures.map(({ code }) =>
      fill(words.cli.check.failed, { check: `${checkSentence(code)} (${code})` }),
    );
    const reached = fill(say.reached, { phase: say.phases[state] });
    return failed(fault, document, [...lines, ...receiptLine, reached]);
  }
  const accepted = fill(say.accepted, { serialNumber: enb?.serialNumber ?? '' });
  return done(document, [accepted, ...receiptLine]);
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
      ? done({ receipt: receipt.value }, [fill(say.receipt, { file: receipt.value })])
      : failed(receipt.fault);
  });
}

/** `siteseal enb verify` */
export function enbVerify(_args: readonly string[], options: DriveOptions): Promise<Outcome> {
  return withCore((core) => verifyDrive(core, options));
}
