import { Option, type Command } from 'commander';
import { keyTypes } from '../core/index.ts';
import { words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { cmpCaCerts, cmpEnrol, cmpRenew, cmpRevoke, cmpRootUpdate } from './cmp-commands.ts';
import { collect, parseRevocation } from './option-values.ts';

const { commands, options } = words.cli;

/** `siteseal cmp …` */
export function addCmp(program: Command, add: Add): void {
  const cmp = program.command('cmp').description(commands.cmp);
  const caName = (command: Command) => command.option('--ca-name <name>', options.caName);
  const keyType = () => new Option('--key-type <type>', options.keyType).choices(keyTypes);
  add(
    cmp,
    'enrol',
    commands.cmpEnrol,
    (command) =>
      withRaCa(withCredentials(command.argument('<url>', words.cli.arguments.url)))
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
      caName(withRaCa(command.argument('<url>', words.cli.arguments.url)))
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
      caName(withRaCa(command.argument('<url>', words.cli.arguments.url)))
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
        caName(withRaCa(withCredentials(command.argument('<url>', words.cli.arguments.url)))).requiredOption(
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
    .option('--key <file>', options.key)
    .option('--chain <file>', options.certChain, collect, []);
}
