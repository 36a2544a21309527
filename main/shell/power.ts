import { powerMonitor, powerSaveBlocker } from 'electron';

/** What the state of the computer means for the application. */
export interface PowerEvents {
  /** The computer is about to sleep, or has just woken up. */
  readonly onSleep: () => void;
  /** The computer shuts down and waits for a moment until the application has ended. */
  readonly onShutdown: () => void;
}

/**
 * Reports sleep and shutdown. Also reports waking up, because some systems freeze the application before it hears of the
 * sleep. Must be called when Electron is ready.
 *
 * @returns keeps the computer awake while there is work; the display may still turn off
 */
export function followPower({ onSleep, onShutdown }: PowerEvents): (isBusy: boolean) => void {
  powerMonitor.on('suspend', onSleep);
  powerMonitor.on('resume', onSleep);
  // Electron's types leave the event out. Linux and macOS wait if its default is prevented.
  powerMonitor.on('shutdown', (event?: Pick<Event, 'preventDefault'>) => {
    event?.preventDefault();
    onShutdown();
  });

  let blocker: number | undefined;
  return (isBusy) => {
    if (isBusy) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };
}
