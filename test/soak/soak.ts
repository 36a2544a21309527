// Delivers hundreds of bundles under all kinds of faults, and compares what the tool claims with what is on the disks:
// `npm run soak`. docs/soak.md says what must be true and what is left for an outside program to check. The result goes
// to standard output, progress to standard error.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { suites } from '../../tools/suites.ts';
import { brokenBuilds } from './broken.ts';
import { soak, type SoakResult } from './run.ts';
import type { UsbPorts } from './site.ts';
import { toText } from './table.ts';

const usage = `usage: npm run soak [-- [--seed N] [--count N] [--folder DIR] [--json] [--usb-ip] [--broken NAME]]
  --folder DIR   where everything is left; it must be empty or not there
  --usb-ip       USB without the computer's USB stack, also where that could be had
  --broken NAME  a build with a fault in it, that must be found: ${Object.keys(brokenBuilds).join(', ')}
`;

const options = parseArguments();
if (!options.usbIp && canHaveBus()) becomeOnOwnBus();
const bus = await ownBus();
const folder = makeFolder();
say(`seed ${options.seed}, ${options.count} deliveries, in ${folder}`);
say(`USB: ${bus ? 'the usb module on a bus of software (FUSE)' : 'by USB/IP, without the USB stack'}`);
const result = await soak({ ...options, folder, usb: bus, say });
await bus?.close();
report(result);

function parseArguments() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        count: { type: 'string', default: '500' },
        folder: { type: 'string' },
        json: { type: 'boolean', default: false },
        'usb-ip': { type: 'boolean', default: false },
        broken: { type: 'string' },
      },
    });
    const { seed, count, folder, json, broken } = values;
    if (broken !== undefined && !Object.hasOwn(brokenBuilds, broken))
      throw new Error(`There is no ${broken}.`);
    const usbIp = values['usb-ip'];
    return { seed: whole(seed ?? String(randomInt(1e9))), count: whole(count), folder, json, usbIp, broken };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is not a number of at most nine digits.`);
  return Number(text);
}

/** Whether the software USB bus works here: the needs of its suite are met, and it is allowed. */
function canHaveBus(): boolean {
  if (process.env['SITESEAL_EMPTY_BUS'] || process.platform !== 'linux') return false;
  const needs = suites.find(({ name }) => name === 'usb')?.needs ?? [];
  const isThere = needs.every(({ kind, name }) => {
    if (kind === 'right') return true; // tried below
    if (kind === 'file') return existsSync(name);
    return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
  });
  return isThere && spawnSync(onEmptyBus(), ['true'], { stdio: 'ignore' }).status === 0;
}

function onEmptyBus(): string {
  return join(import.meta.dirname, '../kit/usbfs/on-empty-bus.sh');
}

/** Runs the same command below an empty USB bus, and exits with the same status. */
function becomeOnOwnBus(): never {
  const args = [process.execPath, import.meta.filename, ...process.argv.slice(2)];
  const { status } = spawnSync(onEmptyBus(), args, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

async function ownBus(): Promise<(UsbPorts & { close(): Promise<void> }) | undefined> {
  if (options.usbIp || !process.env['SITESEAL_EMPTY_BUS']) return undefined;
  const { UsbfsBus } = await import('../kit/usbfs/bus.ts');
  const usbfs = new UsbfsBus();
  return {
    attach: (port, tcpPort) => usbfs.attach(port, tcpPort),
    detach: (port) => {
      try {
        usbfs.detach(port);
      } catch {
        // The device has gone already: its eNB was reset or killed.
      }
    },
    close: () => usbfs.close(),
  };
}

function makeFolder(): string {
  if (options.folder === undefined) {
    const parent = join(import.meta.dirname, '../../build');
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, 'soak-'));
  }
  const made = resolve(options.folder);
  mkdirSync(made, { recursive: true });
  if (readdirSync(made).length === 0) return made;
  process.stderr.write(`${made} is not empty.\n${usage}`);
  process.exit(2);
}

function say(progress: string): void {
  process.stderr.write(`${progress}\n`);
}

function report({ counts, steps, lies, missing }: SoakResult): void {
  const { deliveries, fired, kills } = counts;
  const isTrue = lies.length === 0 && missing.length === 0;
  const figure =
    `${isTrue ? 'true' : 'NOT TRUE'}: ${deliveries} deliveries, ${fired} faults fired, ` +
    `${kills.tool + kills.enb + steps.kills} kills, ${lies.length} untrue (seed ${options.seed})`;
  const document = {
    seed: options.seed,
    folder,
    usb: bus ? 'usbfs' : 'usb-ip',
    ...counts,
    steps,
    lies,
    missing,
    figure,
  };
  const text = [
    toText(counts),
    `in steps: the eNB ${steps.kills} times; steps done: ${steps.done}`,
    '',
    ...lies,
    ...missing,
    figure,
  ].join('\n');
  process.stdout.write(`${options.json ? JSON.stringify(document) : text}\n`);
  process.exitCode = isTrue ? 0 : 1;
}
