import { CommanderError } from 'commander';
import { unforeseen } from '../core/index.ts';
import { fault } from '../faults/index.ts';
import { failed, type Outcome } from './outcome.ts';
import { buildProgram } from './program.ts';

/**
 * Runs one command. With `--json`, standard output gets exactly one JSON document; everything for people goes to
 * standard error then. Returns the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  let outcome: Outcome | undefined;
  const program = buildProgram((result) => (outcome = result));
  const isJson = args.includes('--json');
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0; // help or version was asked for, and shown
      outcome = failed(fault('usage-invalid', { found: error.message.replace(/^error: /, '') }));
      if (isJson) process.stdout.write(`${JSON.stringify(outcome.document)}\n`);
      return outcome.exitCode; // the message itself was shown as it arose
    }
    outcome = failed(unforeseen(error, process.env['SITESEAL_DEBUG'] === undefined).fault);
  }
  if (!outcome) return 0;
  // What stands in a file may be anyone's: control characters would speak to the terminal.
  const text = `${outcome.lines.join('\n')}\n`.replace(/[^\P{Cc}\n]|\p{Cf}/gu, '\ufffd');
  if (isJson)
    process.stdout.write(outcome.document === undefined ? '' : `${JSON.stringify(outcome.document)}\n`);
  else if (outcome.exitCode === 0) process.stdout.write(outcome.lines.length > 0 ? text : '');
  else process.stderr.write(text);
  return outcome.exitCode;
}
