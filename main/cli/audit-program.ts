import { Option, type Command } from 'commander';
import { words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { auditEraseName, auditName } from './audit-name-commands.ts';
import { logExportFormats } from '../core/index.ts';
import { auditExport } from './audit-export-command.ts';
import { auditHead, auditWitness } from './audit-head-commands.ts';
import { auditVerifier } from './audit-verifier-command.ts';
import { auditShow } from './audit-show-command.ts';
import { auditVerify } from './audit-verify-command.ts';
import { collect, parseEntries, parseTime } from './option-values.ts';

const { commands, options, arguments: arguments_ } = words.cli;

/** `siteseal audit …` */
export function addAudit(program: Command, add: Add): void {
  const audit = program.command('audit').description(commands.audit);
  add(
    audit,
    'verify',
    commands.auditVerify,
    (command) =>
      inStore(command.argument('[file]', arguments_.auditFile)).option(
        '--head <file>',
        options.auditHead,
        collect,
        [],
      ),
    auditVerify,
  );
  add(
    audit,
    'name',
    commands.auditName,
    (command) => inStore(command.argument('[name]', arguments_.auditName)),
    auditName,
  );
  add(
    audit,
    'erase-name',
    commands.auditEraseName,
    (command) => inStore(command.argument('<name>', arguments_.auditPerson)),
    auditEraseName,
  );
  add(
    audit,
    'show',
    commands.auditShow,
    (command) => inStore(filtered(command)).option('--last <entries>', options.auditLast, parseEntries, 100),
    auditShow,
  );
  add(
    audit,
    'export',
    commands.auditExport,
    (command) =>
      filtered(inStore(command))
        .addOption(
          new Option('--format <format>', options.exportFormat)
            .choices(logExportFormats)
            .makeOptionMandatory(),
        )
        .requiredOption('--out <file>', options.exportOut),
    auditExport,
  );
  add(
    audit,
    'head',
    commands.auditHead,
    (command) =>
      inStore(command)
        .requiredOption('--out <file>', options.headOut)
        .option('--witnessed <file>', options.headWitnessed)
        .option('--since <entries>', options.headSince, parseEntries),
    auditHead,
  );
  add(
    audit,
    'witness',
    commands.auditWitness,
    (command) =>
      inStore(command.argument('<file>', arguments_.headFile))
        .option('--out <file>', options.witnessOut)
        .option('--key <key>', options.witnessKey),
    auditWitness,
  );
  add(
    audit,
    'verifier',
    commands.auditVerifier,
    (command) => command.requiredOption('--out <file>', options.auditVerifierOut),
    auditVerifier,
  );
}

/** Adds the options that choose entries. */
function filtered(command: Command): Command {
  return command
    .option('--from <time>', options.exportFrom, parseTime)
    .option('--to <time>', options.exportTo, parseTime)
    .option('--site <id>', options.exportSite)
    .option('--enb <serial>', options.exportEnb)
    .option('--actor <name or id>', options.exportActor);
}

/** Adds the choice of the store. */
function inStore(command: Command): Command {
  return command.option('--training', options.auditTraining, false);
}
