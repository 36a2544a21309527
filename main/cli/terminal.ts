import { openSync, readSync, closeSync } from 'node:fs';
import { fault, ok, prependWhere, refused, visibleText, type Fault, type Result } from '../faults/index.ts';
import { passphraseFromFile, readSmallFile } from '../core/index.ts';
import { fill, words } from '../words/index.ts';

/** The lines as text. No value in them can control the terminal or start a new line. */
export function visibleLines(lines: readonly string[]): string {
  return lines.map((line) => `${visibleText(line)}\n`).join('');
}

let written = Promise.resolve<Fault | undefined>(undefined);

/** Writes to standard output, after everything written before. */
export function print(text: string): void {
  const before = written;
  written = new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      const code = error && ((error as NodeJS.ErrnoException).code ?? error.name);
      // A reader that has read enough, such as `head`, closes the pipe early: that is not a fault.
      const lost = code && code !== 'EPIPE' ? fault('output-lost', { found: code }) : undefined;
      void before.then((earlier) => resolve(earlier ?? lost));
    });
  });
}

/** Waits until everything printed is written. Returns the fault if something was lost; reports each loss once. */
export function outputLoss(): Promise<Fault | undefined> {
  const all = written;
  written = Promise.resolve(undefined);
  return all;
}

/** Where a command writes, and whether a user is watching. */
export interface Terminal {
  /** Rewrites one line on standard error when that is a terminal; otherwise does nothing. */
  progress(text: string): void;
  /** Ends the rewritten line. */
  endProgress(): void;
}

/** The terminal of this process. */
export function systemTerminal(): Terminal {
  const { stderr } = process;
  let isOpen = false;
  return {
    progress: (text) => {
      if (!stderr.isTTY) return;
      stderr.write(`\r\u001b[K${visibleText(text)}`);
      isOpen = true;
    },
    endProgress: () => {
      if (isOpen) stderr.write('\r\u001b[K');
      isOpen = false;
    },
  };
}

const maximumPassphrase = 4096;

/**
 * A passphrase from the named file, from the environment, or typed at the terminal; undefined when none of these is
 * available. It is bytes, so that it can be wiped. A passphrase from the environment stays there: no process
 * can wipe it.
 */
export function readPassphrase(file: string | undefined, prompt: string): Result<Uint8Array | undefined> {
  if (file !== undefined) {
    const bytes = readSmallFile(file, maximumPassphrase);
    const passphrase = bytes.ok ? passphraseFromFile(bytes.value) : bytes;
    return passphrase.ok ? passphrase : refused(prependWhere(passphrase.fault, { file }));
  }
  const fromEnvironment = process.env['SITESEAL_PASSPHRASE'];
  if (fromEnvironment !== undefined) return ok(Buffer.from(fromEnvironment));
  return ok(process.stdin.isTTY ? askWithoutEcho(prompt) : undefined);
}

/** How a command gets the passphrase of a key's file: see `readPassphrase`. The prompt names the key. */
export function passphraseOf(
  file: string | undefined,
): (key: string) => Promise<Result<Uint8Array | undefined>> {
  return (key) => Promise.resolve(readPassphrase(file, fill(words.cli.passphraseOf, { key })));
}

/** Reads a line from the terminal in raw mode. Ctrl-C ends the program as usual. */
function askWithoutEcho(prompt: string): Uint8Array {
  process.stderr.write(visibleText(prompt));
  const terminal = process.platform === 'win32' ? 0 : openSync('/dev/tty', 'r');
  process.stdin.setRawMode(true);
  const line = Buffer.alloc(maximumPassphrase);
  let length = 0;
  try {
    for (;;) {
      if (readSync(terminal, line, length, 1, null) === 0) break;
      const byte = line[length];
      if (byte === 0x03) process.exit(130);
      if (byte === 0x0a || byte === 0x0d || byte === 0x04) break;
      if (byte === 0x7f || byte === 0x08) length = previousCharacter(line, length);
      else if (length < maximumPassphrase - 1) length++;
    }
    return Uint8Array.from(line.subarray(0, length));
  } finally {
    line.fill(0);
    process.stdin.setRawMode(false);
    if (terminal !== 0) closeSync(terminal);
    process.stderr.write('\n');
  }
}

/** The index of the last UTF-8 character. */
function previousCharacter(line: Uint8Array, length: number): number {
  let start = Math.max(0, length - 1);
  while (start > 0 && ((line[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
