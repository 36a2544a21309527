import { execFile } from 'node:child_process';
import type { z } from 'zod';

/** What came of a command. Its output is text of at most `maximumOutput` octets. */
export type RunOutcome =
  | { readonly kind: 'done'; readonly output: string }
  /** It ended with another code than 0; `complaint` is what it wrote about it. */
  | { readonly kind: 'failed'; readonly complaint: string }
  /** There is no such command here. */
  | { readonly kind: 'missing' }
  /** It did not end within its time, or wrote without end. */
  | { readonly kind: 'stopped' };

/** Runs a command of the operating system, without a shell. */
export type Run = (command: string, args: readonly string[]) => Promise<RunOutcome>;

const maximumOutput = 4 * 1024 * 1024;

/** Runs commands of this computer, each for at most `deadline` milliseconds. */
export function createRun(environment: Readonly<Record<string, string | undefined>>, deadline: number): Run {
  // The complaints are read, so they must be in one language.
  const env = { ...environment, LC_ALL: 'C' };
  return (command, args) =>
    new Promise((resolve) => {
      const options = { env, timeout: deadline, killSignal: 'SIGKILL', maxBuffer: maximumOutput } as const;
      execFile(command, args, options, (error, stdout, stderr) => {
        if (!error) resolve({ kind: 'done', output: stdout });
        else if (error.code === 'ENOENT') resolve({ kind: 'missing' });
        else if (typeof error.code === 'number')
          resolve({ kind: 'failed', complaint: complaintOf(`${stderr} ${stdout}`) });
        else resolve({ kind: 'stopped' });
      });
    });
}

function complaintOf(output: string): string {
  return output.trim().replace(/\s+/g, ' ').slice(0, 300);
}

/** What is told of a command that did not do what it was asked for. */
export function whyNot(command: string, outcome: Exclude<RunOutcome, { kind: 'done' }>): string {
  return outcome.kind === 'failed' ? `${command}: ${outcome.complaint}` : `${command}: ${outcome.kind}`;
}

/** The JSON that a command printed, by its schema; undefined when it is not that. */
export function readOutput<Schema extends z.ZodType>(
  output: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  try {
    // Not the strict reader: the sizes that some devices tell are no integers of a double.
    return schema.safeParse(JSON.parse(output.replace(/^\ufeff/, ''))).data;
  } catch {
    return undefined;
  }
}
