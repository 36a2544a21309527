// Drives a packed application in which the inspector is allowed. Playwright's own driver starts it with
// --remote-debugging-port, which a packed Siteseal refuses. This one sets that switch from inside.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chromium, type Page } from '@playwright/test';
import { Inspector } from '../kit/inspector.ts';

/** What an application needs among its arguments. */
export const driverArgument = '--inspect-brk=0';

export interface Driven {
  readonly page: Page;
  /** The value of an expression in the main process, where `electron` is the module of that name. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Asks the application to quit, and waits for its end. */
  quit(): Promise<void>;
}

/** Runs in the main process before the application's first line; the rest of it when that script has run. */
const fromInside = `
  globalThis.electron = require('electron');
  globalThis.windowIsShown = new Promise((resolve) =>
    electron.app.once('browser-window-created', (_event, window) => window.once('show', resolve)));
  process.nextTick(() => electron.app.commandLine.appendSwitch('remote-debugging-port', '0'));
`;

/** Takes over an application that has just been started, and waits for its window. */
export async function drive(application: ChildProcess): Promise<Driven> {
  const output = listen(application);
  const inspector = await Inspector.connect(await output.hear(/Debugger listening on (ws:\S+)/));
  await inspector.send('Runtime.enable');
  await inspector.evaluate(fromInside, await inspector.firstLine());
  await inspector.send('Debugger.resume');
  const address = await output.hear(/DevTools listening on (ws:\S+)/);
  // Playwright cannot follow a page that is just being loaded for the first time.
  await inspector.evaluate('windowIsShown');
  const browser = await chromium.connectOverCDP(address);
  // Files that are saved go where the application puts them, and not where Playwright would.
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'default' });
  const page = browser.contexts()[0]?.pages()[0];
  assert.ok(page, 'there is no page');
  return {
    page,
    evaluate: (expression) => inspector.evaluate(expression),
    async quit() {
      const hasEnded = once(application, 'close');
      await inspector.evaluate('void setImmediate(() => electron.app.quit())');
      await browser.close();
      inspector.close();
      await hasEnded;
    },
  };
}

/** Waits for what a process says on its streams. */
function listen(child: ChildProcess): { readonly hear: (pattern: RegExp) => Promise<string> } {
  let said = '';
  let changed = Promise.withResolvers<undefined>();
  const tell = (): void => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  let hasEnded = false;
  child.once('close', () => {
    hasEnded = true;
    tell();
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      tell();
    });
  }
  return {
    async hear(pattern) {
      for (;;) {
        const found = pattern.exec(said)?.[1];
        if (found !== undefined) return found;
        assert.ok(!hasEnded, `It ended, having said: ${said}`);
        await changed.promise;
      }
    },
  };
}
