import { Argument, Command, Help, Option } from 'commander';
import { productVersion, stepNames } from '../core/index.ts';
import { words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { addAudit } from './audit-program.ts';
import { certificateImport, certificateVerify } from './certificate-commands.ts';
import { addCmp } from './cmp-program.ts';
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
import { enbCheckPath } from './path-commands.ts';
import { addIke } from './ike-commands.ts';
import { introductionCreate, introductionList, introductionTake } from './introduction-commands.ts';
import { inventoryTemplate } from './inventory-command.ts';
import { addLab } from './lab-program.ts';
import { collect, parseEpoch, parseFirst, parseSequence, parseTime, parseWorkers } from './option-values.ts';
import { officeInit } from './office-commands.ts';
import type { Outcome } from './outcome.ts';
import { packMake, packOpen, packVerify } from './pack-commands.ts';
import { prepare } from './prepare-command.ts';
import { receiptVerify } from './receipt-commands.ts';
import { sbom } from './sbom-command.ts';
import { print, visibleLines } from './terminal.ts';

const { commands, options } = words.cli;
const usualHelp = new Help();

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
    .configureHelp({
      sortSubcommands: false,
      // An empty default tells nothing.
      optionDescription: (option) =>
        usualHelp.optionDescription(option).replace(/ \(default: (\[\]|\{\}|false)\)$/, ''),
    })
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
  addOffice(program, add);
  addBundle(program, add);
  addCertificate(program, add);
  addIntroduction(program, add);
  addPack(program, add);
  addReceipt(program, add);
  addEnb(program, add);
  addIke(program, add);
  addCmp(program, add);
  addAudit(program, add);
  addLab(program, add);
  add(program, 'sbom', commands.sbom, (command) => command.option('--out <file>', options.sbomOut), sbom);
  return program;
}

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
        .option('--inventory-key <file>', options.inventoryKey)
        .option('--corrections <file>', options.corrections)
        .option('--resume', options.resume, false)
        .option('--dry-run', options.dryRun, false)
        .option('--generate-credentials', options.generateCredentials, false)
        .option('--only-changed', options.onlyChanged, false)
        .option('--first <number>', options.first, parseFirst)
        .option('--workers <number>', options.workers, parseWorkers)
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

function addOffice(program: Command, add: Add): void {
  const office = program.command('office').description(commands.office);
  add(
    office,
    'init',
    commands.officeInit,
    (command) =>
      command
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <folder>', options.officeOut)
        .option('--certificate <file>', options.officeCertificate)
        .option('--name <dn>', options.officeName)
        .option('--passphrase-file <file>', options.newPassphrase),
    officeInit,
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
  add(
    certificate,
    'import',
    commands.certificateImport,
    (command) =>
      command
        .argument('<path...>', words.cli.arguments.certificates)
        .requiredOption('--profile <file>', options.profile),
    certificateImport,
  );
}

function addIntroduction(program: Command, add: Add): void {
  const introduction = program.command('introduction').description(commands.introduction);
  add(
    introduction,
    'create',
    commands.introductionCreate,
    (command) =>
      command
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <file>', options.introductionOut)
        .option('--passphrase-file <file>', options.passphrase),
    introductionCreate,
  );
  add(
    introduction,
    'take',
    commands.introductionTake,
    (command) =>
      command
        .argument('<file>', words.cli.arguments.introduction)
        .option('--fingerprint <text>', options.fingerprint)
        .option('--accept-vendors', options.acceptVendors, false),
    introductionTake,
  );
  add(
    introduction,
    'list',
    commands.introductionList,
    (command) => command.option('--training', options.trainingOperators, false),
    introductionList,
  );
}

function addPack(program: Command, add: Add): void {
  const pack = program.command('pack').description(commands.pack);
  add(
    pack,
    'make',
    commands.packMake,
    (command) =>
      command
        .argument('<path...>', words.cli.arguments.packed)
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <file>', options.packOut)
        .option('--expires <time>', options.expires, parseTime)
        .option('--list <file>', options.packList)
        .option('--passphrase-file <file>', options.passphrase),
    packMake,
  );
  add(
    pack,
    'open',
    commands.packOpen,
    (command) => command.argument('<file>', words.cli.arguments.pack),
    packOpen,
  );
  add(
    pack,
    'verify',
    commands.packVerify,
    (command) =>
      withTrust(command.argument('<file>', words.cli.arguments.pack), '--vendor-root').requiredOption(
        '--operator-root <file>',
        options.operatorRoot,
        collect,
      ),
    packVerify,
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
    'check-path',
    commands.enbCheckPath,
    (command) => withEnb(command.argument('[bundle]')),
    enbCheckPath,
  );
  add(
    enb,
    'start-step',
    commands.enbStartStep,
    (command) =>
      withEnb(
        command.addArgument(new Argument('<step>', words.cli.arguments.step).choices(stepNames)),
      ).option('--follow', options.follow, false),
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
