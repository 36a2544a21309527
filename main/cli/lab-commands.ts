import { resolve } from 'node:path';
import { faultSentence, fill, words } from '../words/index.ts';
import {
  ipsecKinds,
  runDemo,
  startLabEnb,
  type Failure,
  type IpsecKind,
  type LabDrive,
} from '../training/index.ts';
import { createCore, systemSurroundings } from '../core/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { outputLoss, print, passphraseOf, visibleLines } from './terminal.ts';

const say = words.cli.lab;

interface LabEnbOptions {
  readonly identity: string;
  readonly key: string;
  readonly chain?: string;
  readonly vendorRoot: string;
  readonly host: string;
  readonly port: number;
  readonly usb?: number;
  readonly advertise?: boolean;
  readonly state: string;
  readonly drive?: string;
  readonly connectTo: Readonly<Record<string, string>>;
  readonly ipsec: IpsecKind | 'none';
  /** Minutes. */
  readonly clockOffset: number;
  readonly fail?: Failure;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

const minute = 60_000;

/** The values of `--ipsec`. */
export const ipsecChoices = [...ipsecKinds, 'none'] as const;

/** `siteseal lab enb`: prints where it listens, then runs until SIGINT or SIGTERM. */
export async function labEnb(_args: readonly string[], options: LabEnbOptions): Promise<Outcome> {
  const { drive, fail: failure, clockOffset } = options;
  const { now, later, monotonic, links, network } = systemSurroundings();
  const started = await startLabEnb(
    {
      identity: resolve(options.identity),
      key: resolve(options.key),
      chain: options.chain === undefined ? undefined : resolve(options.chain),
      vendorRoot: resolve(options.vendorRoot),
      host: options.host,
      port: options.port,
      usb: options.usb,
      isAdvertised: options.advertise,
      state: resolve(options.state),
      connectTo: options.connectTo,
      ipsec: options.ipsec === 'none' ? undefined : { kind: options.ipsec },
      drive: drive === undefined ? undefined : { folder: resolve(drive), onEvent: sayDriveEvent },
      failure,
    },
    { now: () => new Date(now().getTime() + clockOffset * minute), later, monotonic, links, network },
    passphraseOf(options.passphraseFile),
  );
  if (!started.ok) return failed(started.fault);
  const { port, usb, enb, ipsec } = started.value;
  const { serialNumber } = enb.identity;
  if (options.json) {
    print(
      `${JSON.stringify({ port, ...(usb !== undefined && { usb }), serialNumber, ...(ipsec && { ipsec }) })}\n`,
    );
    // The program that started this command waits for this line.
    const lost = await outputLoss();
    if (lost) {
      await started.value.close();
      return failed(lost);
    }
  }
  process.stderr.write(
    visibleLines([
      fill(say.listens, { serialNumber, host: options.host, port }),
      ...(usb === undefined ? [] : [fill(say.usb, { port: usb })]),
      ...(ipsec === undefined ? [] : [say.ipsec[ipsec]]),
    ]),
  );
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  await started.value.close();
  return done(undefined, []);
}

const sayDriveEvent: LabDrive['onEvent'] = (event) => {
  const line =
    event.kind === 'answered'
      ? fill(event.verdict.accepted ? say.accepted : say.refused, { folder: event.folder })
      : faultSentence(event.fault);
  process.stderr.write(visibleLines([line]));
};

/** `siteseal training restart`: deletes the training. The window makes a new one when it opens training. */
export function trainingRestart(): Outcome {
  const { stores } = createCore();
  try {
    const discarded = stores.discardTraining();
    if (!discarded.ok) return failed(discarded.fault);
    return done({ deleted: stores.folder(true) }, [words.cli.trainingRestarted]);
  } finally {
    stores.close();
  }
}

/** `siteseal demo` */
export async function demo(
  _args: readonly string[],
  { json = false }: { readonly json?: boolean },
): Promise<Outcome> {
  const say = (line: string) => {
    if (json) process.stderr.write(visibleLines([line]));
    else print(visibleLines([line]));
  };
  const result = await runDemo(systemSurroundings(), say);
  return result.ok ? done(result.value, []) : failed(result.fault);
}
