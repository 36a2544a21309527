import { resolve } from 'node:path';
import { systemSurroundings, unforeseen } from '../core/index.ts';
import { fault } from '../faults/index.ts';
import { startLabRaCa, type LabRaCaRequest } from '../training/index.ts';
import { faultSentence, fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { outputLoss, print, passphraseOf, visibleLines } from './terminal.ts';

const say = words.cli.raCa;

interface LabRaCaOptions {
  readonly state: string;
  readonly registrations: readonly string[];
  readonly registrationKey?: string;
  readonly registrationSigner: readonly string[];
  readonly vendorRoot: readonly string[];
  readonly untrusted: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly name?: string;
  readonly ca?: string;
  readonly caKey?: string;
  readonly chain?: string;
  readonly newRoot?: string;
  /** Minutes. */
  readonly validity?: number;
  readonly wait: number;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

const minute = 60_000;
const defaultValidity = 3 * 365 * 24 * 60 * minute;

/** `siteseal lab ra-ca`: prints where it listens, then runs until SIGINT or SIGTERM. */
export async function labRaCa(_args: readonly string[], options: LabRaCaOptions): Promise<Outcome> {
  const { host, ca, caKey, chain } = options;
  if ((ca === undefined) !== (caKey === undefined) || (ca === undefined && chain !== undefined))
    return failed(fault('usage-invalid', { rule: 'ca-with-key' }));
  const { now } = systemSurroundings();
  const registrations = options.registrations.map((file) => resolve(file));
  const { registrationKey } = options;
  const started = await startLabRaCa(
    {
      state: resolve(options.state),
      registrations,
      registrationSigners: options.registrationSigner.map((file) => resolve(file)),
      registrationKey: registrationKey === undefined ? undefined : resolve(registrationKey),
      vendorRoots: options.vendorRoot.map((file) => resolve(file)),
      untrusted: options.untrusted.map((file) => resolve(file)),
      ...(ca !== undefined &&
        caKey !== undefined && {
          ca: {
            certificate: resolve(ca),
            key: resolve(caKey),
            chain: chain === undefined ? undefined : resolve(chain),
          },
        }),
      newRoot: options.newRoot === undefined ? undefined : resolve(options.newRoot),
      host,
      port: options.port,
      name: options.name,
      validity: options.validity === undefined ? defaultValidity : options.validity * minute,
      polls: options.wait,
      onAnswered: (event) => tell(lineOf(event, now())),
      onError: (error) => tell(`${timeText(now())} ${faultSentence(unforeseen(error).fault)}`),
    },
    now,
    passphraseOf(options.passphraseFile),
  );
  if (!started.ok) return failed(started.fault);
  // Before the line below, because the program that reads it may stop this command at once.
  const stopped = new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  const { port, name, root, warnings } = started.value;
  if (options.json) {
    print(`${JSON.stringify({ port, name, root, warnings })}\n`);
    // The program that started this command waits for this line.
    const lost = await outputLoss();
    if (lost) {
      await started.value.close();
      return failed(lost);
    }
  }
  tell(
    fill(say.listens, { name, host, port }),
    fill(say.root, { file: root }),
    ...warnings.map((warning) => fill(say.warnings[warning], { file: registrations.join(', ') })),
  );
  await stopped;
  await started.value.close();
  return done(undefined, []);
}

function tell(...lines: readonly string[]): void {
  process.stderr.write(visibleLines(lines));
}

/** A message and its answer in one line. */
function lineOf(
  { type: request, holder, answer, refusal }: Parameters<LabRaCaRequest['onAnswered']>[0],
  now: Date,
): string {
  const facts = { time: timeText(now), request, holder: holderText(holder), answer };
  return refusal ? fill(say.refused, { ...facts, ...refusal }) : fill(say.answered, facts);
}

function timeText(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}

function holderText(holder = ''): string {
  const [, kind, first = '', second = ''] = /^(\w+):([^:]*):?(.*)$/s.exec(holder) ?? [];
  switch (kind) {
    case 'reference':
      return fill(say.reference, { reference: referenceText(first) });
    case 'enb':
      return fill(say.enb, { hwType: first, serialNumber: second });
    case 'certificate':
      return fill(say.certificate, { sha256: first });
    default:
      return say.unknown;
  }
}

/** A reference as text if it is printable, else in hex. */
function referenceText(hex: string): string {
  const text = Buffer.from(hex, 'hex').toString();
  return /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text) && !text.includes('\ufffd') ? text : hex;
}
