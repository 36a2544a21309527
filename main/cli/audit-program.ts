import type { Command } from 'commander';
import { words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { auditEraseName, auditName } from './audit-name-commands.ts';
import { auditVerify } from './audit-verify-command.ts';
import { collect } from './option-values.ts';

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
}

/** Adds the choice of the store. */
function inStore(command: Command): Command {
  return command.option('--training', options.auditTraining, false);
}
