import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { launch, root, setUp } from './kit.ts';

// The items of Electron's security checklist that no other test shows. docs/security.md has the whole list.

/** Electron's settings of the window's page, as Electron has them. */
interface Preferences {
  getLastWebPreferences(): Readonly<Record<string, unknown>>;
}

describe("Electron's checklist", () => {
  setUp();

  it('no protection of the window is switched off', async () => {
    const { electron, close } = await launch(root, { env: { SITESEAL_CORE_NODE: process.execPath } });
    const preferences = await electron.evaluate(({ BrowserWindow }) =>
      (BrowserWindow.getAllWindows()[0]!.webContents as unknown as Preferences).getLastWebPreferences(),
    );
    for (const name of ['sandbox', 'contextIsolation', 'webSecurity'])
      assert.notEqual(preferences[name] ?? true, false, name);
    for (const name of [
      'nodeIntegration',
      'nodeIntegrationInSubFrames',
      'nodeIntegrationInWorker',
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'enableBlinkFeatures',
      'webviewTag',
    ])
      assert.ok(!preferences[name], name);
    await close();
  });

  it('the page runs no script from a string or in its own markup', async () => {
    const { page, close } = await launch(root, { env: { SITESEAL_CORE_NODE: process.execPath } });
    const outcome = await page.evaluate(async () => {
      const violated = new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
          resolve(effectiveDirective),
        );
      });
      const script = document.createElement('script');
      script.textContent = 'window.hasRun = true';
      document.body.append(script);
      const directive = await violated;
      let ofString: string;
      try {
        // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- as an attacker would
        ofString = String(new Function('return 1')());
      } catch (error) {
        ofString = (error as Error).name;
      }
      return { directive, hasRun: 'hasRun' in window, ofString };
    });
    assert.deepEqual(outcome, { directive: 'script-src-elem', hasRun: false, ofString: 'EvalError' });
    await close();
  });

  it('there is no webview', async () => {
    const { page, electron, close } = await launch(root, { env: { SITESEAL_CORE_NODE: process.execPath } });
    const isUnknown = await page.evaluate(() => {
      const view = document.createElement('webview');
      view.setAttribute('src', 'app://ui/');
      view.setAttribute('allowpopups', '');
      document.body.append(view);
      return Object.getPrototypeOf(view) === HTMLElement.prototype || view instanceof HTMLUnknownElement;
    });
    assert.ok(isUnknown);
    assert.equal(await electron.evaluate(({ webContents }) => webContents.getAllWebContents().length), 1);
    await close();
  });

  it('the sandbox stays, whatever the environment says', async () => {
    const { electron, close } = await launch(root, {
      env: { SITESEAL_CORE_NODE: process.execPath, ELECTRON_DISABLE_SANDBOX: '1' },
    });
    const pid = await electron.evaluate(
      ({ app }) => app.getAppMetrics().find(({ type }) => type === 'Tab')!.pid,
    );
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Seccomp:\t2$/m);
    await close();
  });
});
