import { execFile, type ExecFileException } from 'node:child_process';
import type { z } from 'zod';
import { errorCode } from '../files/index.ts';

/** The result of a command. Its output is text of at most `maximumOutput` bytes. */
export type RunOutcome =
  | { readonly kind: 'done'; readonly output: string }
  /** It exited with a code other than 0. `complaint` is its error output. */
  | { readonly kind: 'failed'; readonly complaint: string }
  /** It could not be started, or something killed it. `why` is the system's error code, or the signal. */
  | { readonly kind: 'broken'; readonly why: string }
  /** The command does not exist here. */
  | { readonly kind: 'missing' }
  /** It exceeded its time, or the limit on its output. */
  | { readonly kind: 'stopped' };

/** Runs a command of the operating system, without a shell. */
export type Run = (command: string, args: readonly string[]) => Promise<RunOutcome>;

const maximumOutput = 4 * 1024 * 1024;

/** Runs commands of this computer, each for at most `deadline` milliseconds. */
export function createRun(environment: Readonly<Record<string, string | undefined>>, deadline: number): Run {
  // Siteseal reads error messages, so they must be in one language.
  const env = { ...environment, LC_ALL: 'C' };
  const options = { env, timeout: deadline, killSignal: 'SIGKILL', maxBuffer: maximumOutput } as const;
  return (command, args) =>
    new Promise<RunOutcome>((resolve) => {
      execFile(command, args, options, (error, stdout, stderr) =>
        resolve(error ? outcomeOf(error, `${stderr} ${stdout}`) : { kind: 'done', output: stdout }),
      );
      // Node.js passes some start errors to the callback and throws others.
    }).catch((error: unknown) => ({ kind: 'broken', why: errorCode(error) }));
}

function outcomeOf({ code, killed, signal }: ExecFileException, output: string): RunOutcome {
  if (killed === true || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return { kind: 'stopped' };
  if (code === 'ENOENT') return { kind: 'missing' };
  if (typeof code === 'number') return { kind: 'failed', complaint: complaintOf(output) };
  return { kind: 'broken', why: code ?? signal ?? 'unknown' };
}

function complaintOf(output: string): string {
  return output.trim().replace(/\s+/g, ' ').slice(0, 300);
}

/** Describes a command that did not succeed. */
export function whyNot(command: string, outcome: Exclude<RunOutcome, { kind: 'done' }>): string {
  switch (outcome.kind) {
    case 'failed':
      return `${command}: ${outcome.complaint}`;
    case 'broken':
      return `${command}: ${outcome.why}`;
    default:
      return `${command}: ${outcome.kind}`;
  }
}

/** The JSON that a command printed, checked against a schema; undefined if it does not match. */
export function readOutput<Schema extends z.ZodType>(
  output: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  try {
    // Not the strict reader: some devices report sizes that a double does not hold exactly.
    return schema.safeParse(JSON.parse(output.replace(/^\ufeff/, ''))).data;
  } catch {
    return undefined;
  }
}
