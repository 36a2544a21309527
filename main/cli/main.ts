import { CommanderError } from 'commander';
import { keepHeapSmall, unforeseen } from '../core/index.ts';
import { fault } from '../faults/index.ts';
import { failed, type Outcome } from './outcome.ts';
import { buildProgram } from './program.ts';
import { outputLoss, print, visibleLines } from './terminal.ts';

/**
 * Runs one command. With `--json`, standard output gets exactly one JSON document, and all text for people goes to
 * standard error. Returns the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  // A failed write to standard output is reported at the end. One to standard error cannot be reported.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  keepHeapSmall();
  const exitCode = await run(args);
  const lost = await outputLoss();
  if (!lost) return exitCode;
  const outcome = failed(lost);
  process.stderr.write(visibleLines(outcome.lines));
  return outcome.exitCode;
}

/** Reports an error that nothing has caught, which is a bug. Returns the exit code. */
export function reportUncaught(error: unknown): number {
  const { lines, exitCode } = failedBy(error);
  process.stderr.write(visibleLines(lines));
  return exitCode;
}

async function run(args: readonly string[]): Promise<number> {
  let outcome: Outcome | undefined;
  const isJson = args.includes('--json');
  try {
    const program = buildProgram((result) => (outcome = result));
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0; // help or version was shown
      outcome = failed(fault('usage-invalid', { found: error.message.replace(/^error: /, '') }));
      if (isJson) print(`${JSON.stringify(outcome.document)}\n`);
      return outcome.exitCode; // the message was already shown
    }
    outcome = failedBy(error);
  }
  if (!outcome) return 0;
  const { document, lines, exitCode } = outcome;
  if (isJson && document !== undefined) print(`${JSON.stringify(document)}\n`);
  if (!isJson && exitCode === 0) print(visibleLines(lines));
  if (!isJson && exitCode !== 0) process.stderr.write(visibleLines(lines));
  return exitCode;
}

/** The outcome of an error that was thrown. */
function failedBy(error: unknown): Outcome {
  return failed(unforeseen(error, process.env['SITESEAL_DEBUG'] === undefined).fault);
}
