import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { failureForms, parseFailure, type Failure } from '../training/index.ts';
import { keyTypes, maximumEpoch, productVersion, stepNames } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { certificateVerify } from './certificate-commands.ts';
import { cmpCaCerts, cmpEnrol, cmpRenew, cmpRevoke, cmpRootUpdate, parseReason } from './cmp-commands.ts';
import { bundleInspect, bundleVerify } from './bundle-commands.ts';
import {
  enbDiscover,
  enbIdentify,
  enbReceipt,
  enbStartStep,
  enbStatus,
  enbVerify,
  enbWrite,
} from './enb-commands.ts';
import { demo, labEnb, trainingRestart } from './lab-commands.ts';
import { labRaCa } from './lab-ra-ca-command.ts';
import type { Outcome } from './outcome.ts';
import { inventoryTemplate } from './inventory-command.ts';
import { labRegistrations, prepare } from './prepare-command.ts';
import { receiptVerify } from './receipt-commands.ts';
import { print, visibleLines } from './terminal.ts';

const forms = failureForms.join(', ');
const { commands, options, invalid } = words.cli;

/** The commands. Each hands its outcome to `finish`. */
export function buildProgram(finish: (outcome: Outcome) => void): Command {
  const program = new Command('siteseal')
    .description(words.cli.description)
    .version(productVersion())
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) => write(visibleLines(text.replace(/\n$/, '').split('\n'))),
    })
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError(words.cli.help);
  const add: Add = (parent, name, description, declare, run) => {
    const command = declare(parent.command(name).description(description)).option('--json', options.json);
    command.action(async () => {
      // The values of a repeatable argument are a nested list.
      const args = (command.processedArgs as (string | readonly string[])[]).flat();
      finish(await run(args, command.opts()));
    });
  };
  addPrepare(program, add);
  addInventory(program, add);
  addBundle(program, add);
  addCertificate(program, add);
  addReceipt(program, add);
  addEnb(program, add);
  addCmp(program, add);
  addLab(program, add);
  return program;
}

/** Adds a command. commander passes the options to `run` as `declare` has declared them. */
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
    commands.prepare,
    (command) =>
      command
        .argument('<inventory>', words.cli.arguments.inventory)
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <folder>', options.out)
        .option('--skip-bad', options.skipBad, false)
        .option('--resume', options.resume, false)
        .option('--dry-run', options.dryRun, false)
        .option('--passphrase-file <[vendor=]file>', options.passphrase, collect, []),
    prepare,
  );
}

function addInventory(program: Command, add: Add): void {
  const inventory = program.command('inventory').description(commands.inventory);
  add(
    inventory,
    'template',
    commands.inventoryTemplate,
    (command) => command.option('--out <file>', options.templateFile),
    inventoryTemplate,
  );
}

function addBundle(program: Command, add: Add): void {
  const bundle = program.command('bundle').description(commands.bundle);
  add(
    bundle,
    'verify',
    commands.bundleVerify,
    (command) =>
      withTrust(command.argument('<file>'), '--vendor-root')
        .option('--enb <serial or certificate>', options.enb)
        .option('--enb-key <file>', options.enbKey)
        .option('--last-epoch <number>', options.lastEpoch, parseEpoch)
        .option('--last-sequence <number>', options.lastSequence, parseSequence)
        .option('--passphrase-file <file>', options.passphrase)
        .option('--at <time>', options.at, parseTime),
    bundleVerify,
  );
  add(bundle, 'inspect', commands.bundleInspect, (command) => command.argument('<file>'), bundleInspect);
}

function addCertificate(program: Command, add: Add): void {
  const certificate = program.command('certificate').description(commands.certificate);
  add(
    certificate,
    'verify',
    commands.certificateVerify,
    (command) =>
      withTrust(command.argument('<file>'), '--trust')
        .option('--require-crl', options.requireCrl, false)
        .option('--at <time>', options.at, parseTime)
        .addOption(
          new Option('--purpose <purpose>', options.purpose)
            .choices(['configuration', 'enb', 'any'])
            .default('any'),
        ),
    certificateVerify,
  );
}

function addReceipt(program: Command, add: Add): void {
  const receipt = program.command('receipt').description(commands.receipt);
  add(
    receipt,
    'verify',
    commands.receiptVerify,
    (command) =>
      withTrust(command.argument('<file>'), '--vendor-root')
        .requiredOption('--bundle <file>', options.bundle)
        .option('--at <time>', options.at, parseTime),
    receiptVerify,
  );
}

function addEnb(program: Command, add: Add): void {
  const enb = program.command('enb').description(commands.enb);
  add(
    enb,
    'discover',
    commands.enbDiscover,
    (command) =>
      command
        .option('--ethernet', options.discoverEthernet)
        .option('--usb', options.discoverUsb)
        .option('--drive', options.discoverDrive),
    enbDiscover,
  );
  add(enb, 'identify', commands.enbIdentify, withEnb, enbIdentify);
  add(
    enb,
    'write',
    commands.enbWrite,
    (command) =>
      withEnb(command.argument('<bundle...>'))
        .option('--drive <folder>', options.drive)
        .option('--replug', options.replug)
        .option('--out <folder>', options.receipts),
    enbWrite,
  );
  add(
    enb,
    'status',
    commands.enbStatus,
    (command) => withEnb(command).option('--follow', options.follow, false),
    enbStatus,
  );
  add(
    enb,
    'start-step',
    commands.enbStartStep,
    (command) =>
      withEnb(command.addArgument(new Argument('<step>').choices(stepNames))).option(
        '--follow',
        options.follow,
        false,
      ),
    enbStartStep,
  );
  add(
    enb,
    'receipt',
    commands.enbReceipt,
    (command) =>
      withEnb(command).option('--drive <folder>', options.drive).option('--out <folder>', options.receipts),
    enbReceipt,
  );
  add(
    enb,
    'verify',
    commands.enbVerify,
    (command) =>
      withTrust(command, '--vendor-root')
        .requiredOption('--drive <folder>', options.drive)
        .option('--replug', options.replug),
    enbVerify,
  );
}

function addCmp(program: Command, add: Add): void {
  const cmp = program.command('cmp').description(commands.cmp);
  const caName = (command: Command) => command.option('--ca-name <name>', options.caName);
  const keyType = () => new Option('--key-type <type>', options.keyType).choices(keyTypes);
  add(
    cmp,
    'enrol',
    commands.cmpEnrol,
    (command) =>
      withRaCa(withCredentials(command.argument('<url>')))
        .requiredOption('--ca-name <name>', options.caName)
        .requiredOption('--subject <name>', options.subject)
        .option('--subject-alt-name <name>', options.subjectAltName, collect, [])
        .addOption(keyType().default('P-256'))
        .requiredOption('--out <folder>', options.enrolmentOut),
    cmpEnrol,
  );
  add(
    cmp,
    'renew',
    commands.cmpRenew,
    (command) =>
      caName(withRaCa(command.argument('<url>')))
        .requiredOption('--from <folder>', options.from)
        .addOption(keyType())
        .requiredOption('--out <folder>', options.enrolmentOut),
    cmpRenew,
  );
  add(
    cmp,
    'revoke',
    commands.cmpRevoke,
    (command) =>
      caName(withRaCa(command.argument('<url>')))
        .requiredOption('--from <folder>', options.from)
        .requiredOption('--reason <reason>', options.reason, parseRevocation),
    cmpRevoke,
  );
  for (const [name, description, run] of [
    ['ca-certs', commands.cmpCaCerts, cmpCaCerts],
    ['root-update', commands.cmpRootUpdate, cmpRootUpdate],
  ] as const)
    add(
      cmp,
      name,
      description,
      (command) =>
        caName(withRaCa(withCredentials(command.argument('<url>')))).requiredOption(
          '--out <folder>',
          options.toldOut,
        ),
      run,
    );
}

function withRaCa(command: Command): Command {
  return command
    .requiredOption('--trust <file>', options.operatorRoot, collect)
    .option('--untrusted <file>', options.untrusted, collect, [])
    .option('--allow-hmac-sha1', options.allowHmacSha1, false)
    .option('--passphrase-file <file>', options.passphrase);
}

function withCredentials(command: Command): Command {
  return command
    .option('--reference <text>', options.reference)
    .option('--secret-file <file>', options.secretFile)
    .addOption(new Option('--mac <kind>', options.mac).choices(['pbm', 'pbmac1']).default('pbm'))
    .option('--cert <file>', options.cert)
    .option('--key <file>', options.certKey)
    .option('--chain <file>', options.certChain, collect, []);
}

function addLab(program: Command, add: Add): void {
  const lab = program.command('lab').description(commands.lab);
  add(
    lab,
    'enb',
    commands.labEnb,
    (command) =>
      command
        .requiredOption('--identity <file>', options.identity)
        .requiredOption('--key <file>', options.key)
        .option('--chain <file>', options.chain)
        .requiredOption('--vendor-root <file>', options.root)
        .option('--host <address>', options.host, '127.0.0.1')
        .requiredOption('--port <number>', options.port, parsePort)
        .option('--advertise', options.advertise)
        .option('--usb <number>', options.usbIp, parsePort)
        .requiredOption('--state <folder>', options.state)
        .option('--drive <folder>', options.labDrive)
        .option('--connect-to <host:port=address:port>', options.connectTo, parseConnectTo, {})
        .option('--fail <how>', fill(options.fail, { forms }), parseFail)
        .option('--passphrase-file <file>', options.passphrase),
    labEnb,
  );
  add(
    lab,
    'ra-ca',
    commands.labRaCa,
    (command) =>
      command
        .requiredOption('--state <folder>', options.state)
        .requiredOption('--registrations <file>', options.registrations)
        .option('--vendor-root <file>', options.root, collect, [])
        .option('--untrusted <file>', options.untrusted, collect, [])
        .option('--host <address>', options.host, '127.0.0.1')
        .requiredOption('--port <number>', options.port, parsePort)
        .option('--name <dn>', options.raName)
        .option('--ca <file>', options.ca)
        .option('--ca-key <file>', options.caKey)
        .option('--chain <file>', options.caChain)
        .option('--new-root <file>', options.newRoot)
        .option('--validity <minutes>', options.validity, parseMinutes)
        .option('--wait <times>', options.wait, parseCount, 0)
        .option('--passphrase-file <file>', options.passphrase),
    labRaCa,
  );
  add(
    lab,
    'registrations',
    commands.labRegistrations,
    (command) =>
      command
        .argument('<inventory>', words.cli.arguments.inventory)
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <file>', options.registrationsFile)
        .option('--skip-bad', options.skipBad, false)
        .option('--passphrase-file <[vendor=]file>', options.passphrase, collect, []),
    labRegistrations,
  );
  add(program, 'demo', commands.demo, (command) => command, demo);
  const training = program.command('training').description(commands.training);
  add(training, 'restart', commands.trainingRestart, (command) => command, trainingRestart);
}

function withEnb(command: Command): Command {
  return withTrust(command, '--vendor-root')
    .option('--ethernet <host[:port]>', options.ethernet)
    .option('--usb [serial]', options.usb);
}

function withTrust(command: Command, rootFlag: '--vendor-root' | '--trust'): Command {
  return command
    .requiredOption(`${rootFlag} <file>`, options.root, collect)
    .option('--untrusted <file>', options.untrusted, collect, [])
    .option('--crl <file>', options.crl, collect, []);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function parseSequence(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError(invalid.sequence);
  return value;
}

function parseEpoch(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > maximumEpoch) throw new InvalidArgumentError(invalid.epoch);
  return value;
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError(invalid.port);
  return value;
}

/** The longest validity: a century. */
const mostMinutes = 100 * 366 * 24 * 60;

function parseMinutes(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > mostMinutes)
    throw new InvalidArgumentError(invalid.minutes);
  return value;
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 1000) throw new InvalidArgumentError(invalid.count);
  return value;
}

function parseRevocation(text: string): number {
  const reason = parseReason(text);
  if (reason === undefined) throw new InvalidArgumentError(invalid.reason);
  return reason;
}

/** Adds one more to those before. */
function parseConnectTo(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, from, to] = /^([^=]+:\d{1,5})=([^=]+:\d{1,5})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || !URL.canParse(`tcp://${to}`))
    throw new InvalidArgumentError(invalid.connectTo);
  return { ...before, [from]: to };
}

function parseFail(text: string): Failure {
  const failure = parseFailure(text);
  if (!failure) throw new InvalidArgumentError(fill(invalid.failure, { forms }));
  return failure;
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(time.getTime())
  ) {
    throw new InvalidArgumentError(invalid.time);
  }
  return time;
}
