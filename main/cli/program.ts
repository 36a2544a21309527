import { Command, InvalidArgumentError, Option } from 'commander';
import { failureForms, parseFailure, type Failure } from '../training/index.ts';
import { maximumEpoch, productVersion } from '../core/index.ts';
import { certificateVerify } from './certificate-commands.ts';
import { bundleInspect, bundleVerify } from './bundle-commands.ts';
import { enbDiscover, enbIdentify, enbReceipt, enbVerify, enbWrite } from './enb-commands.ts';
import { demo, labEnb } from './lab-commands.ts';
import type { Outcome } from './outcome.ts';
import { prepare } from './prepare-command.ts';
import { receiptVerify } from './receipt-commands.ts';
import { print, visibleLines } from './terminal.ts';

const help = {
  json: 'print one JSON document on standard output',
  root: 'certificate(s) to trust as the vendor root, PEM or DER',
  untrusted: 'further certificates that a path may lead through; repeatable',
  crl: 'certificate revocation list, PEM or DER; repeatable',
  passphrase: 'file whose first line is the passphrase of the key',
  drive: 'a folder on a removable drive',
  replug: 'wait until the drive was pulled out and plugged in again, where it cannot be unmounted',
  receipts: 'folder for the receipts (default: in the data folder)',
  at: 'judge as of this time, such as 2026-11-01T00:00:00Z',
};

/** The commands. What one comes to is handed to `finish`. */
export function buildProgram(finish: (outcome: Outcome) => void): Command {
  const program = new Command('siteseal')
    .description("Brings new LTE base stations (eNB) safely onto an operator's network")
    .version(productVersion())
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) => write(visibleLines(text.replace(/\n$/, '').split('\n'))),
    })
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('Add --help to see what the command takes.');
  const add: Add = (parent, name, description, declare, run) => {
    const command = declare(parent.command(name).description(description)).option('--json', help.json);
    command.action(async () => {
      // The values of an argument that may be given several times are a list in the list.
      const args = (command.processedArgs as (string | readonly string[])[]).flat();
      finish(await run(args, command.opts()));
    });
  };
  addPrepare(program, add);
  addBundle(program, add);
  addCertificate(program, add);
  addReceipt(program, add);
  addEnb(program, add);
  addLab(program, add);
  return program;
}

/** Adds a command; commander gives `run` the options as `declare` has declared them. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- each command names its own options
type Add = <Options extends object>(
  parent: Command,
  name: string,
  description: string,
  declare: (command: Command) => Command,
  run: (args: readonly string[], options: Options) => Promise<Outcome> | Outcome,
) => void;

function addPrepare(program: Command, add: Add): void {
  add(
    program,
    'prepare',
    'make a bundle for each eNB of an inventory',
    (command) =>
      command
        .argument('<inventory>', 'CSV file')
        .requiredOption('--profile <file>', 'operator profile (operator.json)')
        .requiredOption('--out <folder>', 'folder for bundles/ and report.csv')
        .option('--skip-bad', 'make the good rows although others are bad', false)
        .option('--resume', 'continue a run that was interrupted', false)
        .option('--dry-run', 'check everything and make nothing', false)
        .option('--passphrase-file <[vendor=]file>', help.passphrase, collect, []),
    prepare,
  );
}

function addBundle(program: Command, add: Add): void {
  const bundle = program.command('bundle').description('look at a bundle');
  add(
    bundle,
    'verify',
    'judge a bundle as the eNB will',
    (command) =>
      withTrust(command.argument('<file>'), '--vendor-root')
        .option('--enb <serial or certificate>', 'the eNB that it is for')
        .option('--enb-key <file>', "the eNB's private key, to check the sealed part")
        .option(
          '--last-epoch <number>',
          'the highest epoch of a bundle that the eNB has accepted',
          parseEpoch,
        )
        .option(
          '--last-sequence <number>',
          'the sequence number of the bundle that the eNB has',
          parseSequence,
        )
        .option('--passphrase-file <file>', help.passphrase)
        .option('--at <time>', help.at, parseTime),
    bundleVerify,
  );
  add(
    bundle,
    'inspect',
    'show what a bundle says, without believing it',
    (command) => command.argument('<file>'),
    bundleInspect,
  );
}

function addCertificate(program: Command, add: Add): void {
  const certificate = program.command('certificate').description('look at a certificate');
  add(
    certificate,
    'verify',
    'validate the path of a certificate',
    (command) =>
      withTrust(command.argument('<file>'), '--trust')
        .option('--require-crl', 'refuse a certificate whose issuer has no CRL here', false)
        .option('--at <time>', help.at, parseTime)
        .addOption(
          new Option('--purpose <purpose>', 'what it is for')
            .choices(['configuration', 'enb', 'any'])
            .default('any'),
        ),
    certificateVerify,
  );
}

function addReceipt(program: Command, add: Add): void {
  const receipt = program.command('receipt').description('look at a receipt');
  add(
    receipt,
    'verify',
    'verify a receipt against its bundle',
    (command) =>
      withTrust(command.argument('<file>'), '--vendor-root')
        .requiredOption('--bundle <file>', 'the bundle that it should be about')
        .option('--at <time>', help.at, parseTime),
    receiptVerify,
  );
}

function addEnb(program: Command, add: Add): void {
  const enb = program.command('enb').description('talk to an eNB');
  add(
    enb,
    'discover',
    'list the eNBs that are there, or the removable drives',
    (command) =>
      command
        .option('--ethernet', 'eNBs that answer on the network')
        .option('--usb', 'eNBs on USB')
        .option('--drive', 'removable drives'),
    enbDiscover,
  );
  add(enb, 'identify', 'find out which eNB is connected', withEnb, enbIdentify);
  add(
    enb,
    'write',
    'deliver a bundle and fetch the receipt; to a drive also several',
    (command) =>
      withEnb(command.argument('<bundle...>'))
        .option('--drive <folder>', help.drive)
        .option('--replug', help.replug)
        .option('--out <folder>', help.receipts),
    enbWrite,
  );
  add(
    enb,
    'receipt',
    'fetch a receipt about the last bundle; from a drive all that are there',
    (command) =>
      withEnb(command).option('--drive <folder>', help.drive).option('--out <folder>', help.receipts),
    enbReceipt,
  );
  add(
    enb,
    'verify',
    'compare what was written to a drive with what is on it, after it has been out',
    (command) =>
      withTrust(command, '--vendor-root')
        .requiredOption('--drive <folder>', help.drive)
        .option('--replug', help.replug),
    enbVerify,
  );
}

function addLab(program: Command, add: Add): void {
  const lab = program.command('lab').description('the reference eNB, for training and tests');
  add(
    lab,
    'enb',
    'run a reference eNB until it is stopped',
    (command) =>
      command
        .requiredOption('--identity <file>', "the eNB's certificate")
        .requiredOption('--key <file>', 'its private key')
        .option('--chain <file>', "the vendor's intermediate certificates")
        .requiredOption('--vendor-root <file>', help.root)
        .option('--host <address>', 'address to listen on', '127.0.0.1')
        .requiredOption('--port <number>', 'TCP port, 0 for a free one', parsePort)
        .option('--advertise', 'answer those who look for eNBs on the links where it listens')
        .option('--usb <number>', 'be a USB device as well, for USB/IP at this TCP port', parsePort)
        .requiredOption('--state <folder>', 'folder of its memory')
        .option('--drive <folder>', 'folder on which its removable drive is mounted, now or later')
        .option('--fail <how>', `fail in a way: ${failureForms.join(', ')} (N octets)`, parseFail)
        .option('--passphrase-file <file>', help.passphrase),
    labEnb,
  );
  add(program, 'demo', 'the main job from end to end, in a lab of its own', (command) => command, demo);
}

function withEnb(command: Command): Command {
  return withTrust(command, '--vendor-root')
    .option('--ethernet <host[:port]>', "the eNB's address")
    .option('--usb [serial]', 'by USB: the only eNB there, or the one with this serial number');
}

function withTrust(command: Command, rootFlag: '--vendor-root' | '--trust'): Command {
  return command
    .requiredOption(`${rootFlag} <file>`, help.root, collect)
    .option('--untrusted <file>', help.untrusted, collect, [])
    .option('--crl <file>', help.crl, collect, []);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function parseSequence(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Not a sequence number.');
  return value;
}

function parseEpoch(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > maximumEpoch) throw new InvalidArgumentError('Not an epoch.');
  return value;
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError('Not a port number.');
  return value;
}

function parseFail(text: string): Failure {
  const failure = parseFailure(text);
  if (!failure) throw new InvalidArgumentError(`Not one of ${failureForms.join(', ')}.`);
  return failure;
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(time.getTime())
  ) {
    throw new InvalidArgumentError('Not a time such as 2026-11-01T00:00:00Z.');
  }
  return time;
}
