import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';

/** The built command line (main/cli). */
interface CommandLine {
  readonly main: (args: readonly string[]) => Promise<number>;
  readonly reportUncaught: (error: unknown) => number;
}

/** The exit code after Ctrl-C, as in shells. */
const interrupted = 130;

/** The signals that Electron handles: it would quit with exit code 0. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command without a window or a display, and ends the process with the command's exit code. A command that
 * answers at once, such as `--version`, ends before Chromium has started.
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  // Chromium gets no profile: nothing can be made below a device.
  app.setPath('userData', join(devNull, 'none'));
  // Its process for graphics draws nothing and looks for no driver.
  app.disableHardwareAcceleration();
  void app.whenReady().then(takeSignalsBack);
  // A signal before that makes Electron quit. It must do what Ctrl-C does, and never look like success.
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (!process.emit('SIGINT', 'SIGINT')) app.exit(interrupted);
  });
  const file = join(app.getAppPath(), 'build', 'core', 'command.cjs');
  const { main, reportUncaught } = createRequire(import.meta.filename)(file) as CommandLine;
  // Electron would show a dialog, or go on.
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => app.exit(reportUncaught(error)));
  }
  app.exit(await main(args));
}

/** Makes signals do what they do in Node: call the listeners, or end the process. */
function takeSignalsBack(): void {
  for (const signal of signals) {
    const listeners = process.listeners(signal);
    process.removeAllListeners(signal);
    // Node sets its own handler with the first listener, and the system's with the last.
    process.on(signal, () => undefined).removeAllListeners(signal);
    for (const listener of listeners) process.on(signal, listener);
  }
}
