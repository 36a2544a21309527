// The window over the real core: its data folder, what was set up in it beforehand, and the way between the two.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { startCore, type RunningCore } from '../../main/host/index.ts';
import { systemSurroundings, type Surroundings } from '../../main/core/index.ts';
import type {
  CallName,
  CoreMessage,
  Input,
  JobView,
  NetworkView,
  Output,
} from '../../preload/contract/index.ts';
import { createClient } from '../../renderer/src/port/client.ts';
import { bundleFor, now, type Scene } from '../kit/bundle.ts';
import { pem } from '../kit/enb.ts';
import { openPage, type OpenPage } from './kit.ts';

export interface AppOptions {
  /** The folders that the page may look into. */
  readonly folders?: readonly string[];
  /** Otherwise the computer's clock. */
  readonly now?: Date;
  /** What of the computer is the test's. */
  readonly surroundings?: Partial<Surroundings>;
  /** What is done before the page opens. */
  readonly setUp?: (core: RunningCore, folder: string) => Promise<void>;
}

export interface OpenApp extends OpenPage {
  readonly core: RunningCore;
  readonly dataFolder: string;
  readonly wire: Wire;
}

/** A core with a data folder of its own, and a page over it. */
export async function openApp(
  context: TestContext,
  { folders = [], now: time, surroundings, setUp }: AppOptions = {},
): Promise<OpenApp> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'siteseal-e2e-'));
  const core = startCore(
    { shell: 'browser', folders },
    {
      ...systemSurroundings(),
      showFolder: () => Promise.resolve(undefined),
      dataFolder,
      ...(time && { now: () => time }),
      ...surroundings,
    },
  );
  context.after(async () => {
    await core.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  await setUp?.(core, dataFolder);
  const wire = new Wire();
  const opened = await openPage(context, core, '', {}, (page) => wire.lay(page));
  return { ...opened, core, dataFolder, wire };
}

/** Calls the core as a page does; the answer must not be a fault. */
export async function callCore<Name extends CallName>(
  core: RunningCore,
  name: Name,
  input: Input<Name>,
): Promise<Output<Name>> {
  const client = createClient(
    (listener) => {
      let send: (message: unknown) => void = () => undefined;
      core.serve({
        postMessage: (message) => listener.onMessage(message as CoreMessage),
        onMessage: (receive) => (send = receive),
        onClose: () => undefined,
      });
      queueMicrotask(listener.onOpen);
      return { send: (message) => send(message) };
    },
    { code: 'lost', message: '', cause: '', mendedBy: '', next: '', because: [] },
  );
  const outcome = await client.call(name, input);
  assert(outcome.ok, JSON.stringify(outcome));
  return outcome.value;
}

/** An installer's laptop at the time of the scene: the vendor root is trusted, and the bundle is a job. */
export function laptopWith(scene: Scene, bundle?: Uint8Array): Pick<AppOptions, 'now' | 'setUp'> {
  return {
    now,
    setUp: async (core, folder) => {
      const file = (name: string, contents: string | Uint8Array) => {
        writeFileSync(join(folder, name), contents);
        return core.registerFile(join(folder, name));
      };
      const root = file('vendor-root.pem', pem(scene.vendor.root.certificate));
      await callCore(core, 'app.enter', { mode: 'site' });
      const { fingerprint } = await callCore(core, 'vendors.look', { file: root });
      await callCore(core, 'vendors.trust', { file: root, fingerprint });
      const { added } = await callCore(core, 'jobs.open', {
        files: [file('bundle.p7m', bundle ?? (await bundleFor(scene)))],
      });
      assert.equal(added.length, 1);
    },
  };
}

/** The one job on the laptop, as the core has it. */
export async function theJob(core: RunningCore): Promise<JobView> {
  const { rows } = await callCore(core, 'jobs.list', {});
  assert.equal(rows.length, 1);
  return callCore(core, 'jobs.get', { id: rows[0]!.id });
}

/** Waits until it is so, looking again after every change that the core tells. */
export async function until(core: RunningCore, isSo: () => Promise<boolean>): Promise<void> {
  const changes = new EventEmitter();
  core.serve({
    postMessage: (message) => changes.emit((message as CoreMessage).kind),
    onMessage: () => undefined,
    onClose: () => undefined,
  });
  for (;;) {
    const changed = once(changes, 'changed');
    if (await isSo()) return;
    await changed;
  }
}

const linked: NetworkView = {
  problem: null,
  interfaces: [{ name: 'eth0', link: 'up', addresses: ['192.0.2.9'] }],
};

/**
 * The wire between page and core, in the hands of the test. Over it the core says that a cable is in the laptop,
 * whatever the machine has on which the tests run.
 */
export class Wire {
  #isCut = false;
  #close: (() => Promise<void>) | undefined;

  /** Takes over the connections of a page that has not yet opened. */
  async lay(page: Page): Promise<void> {
    await page.routeWebSocket('**/port', (socket) => {
      if (this.#isCut) return void socket.close();
      const core = socket.connectToServer();
      const networkCalls = new Set<number>();
      socket.onMessage((message) => {
        const { kind, name, id } = JSON.parse(String(message)) as { kind: string; name: string; id: number };
        if (kind === 'call' && name === 'network.get') networkCalls.add(id);
        core.send(message);
      });
      core.onMessage((message) => {
        const { kind, id } = JSON.parse(String(message)) as { kind: string; id: number };
        const isNetwork = kind === 'result' && networkCalls.delete(id);
        socket.send(isNetwork ? JSON.stringify({ kind, id, ok: true, value: linked }) : message);
      });
      this.#close = () => socket.close();
    });
  }

  /** Breaks the connection; the page does not get another one until `mend`. */
  async cut(): Promise<void> {
    this.#isCut = true;
    await this.#close?.();
  }

  mend(): void {
    this.#isCut = false;
  }
}

/** The fault that the screen shows, by the names of its facts; `code` among them. */
export async function shownFault(page: Page, code: string): Promise<Readonly<Record<string, string>>> {
  const panel = page.locator('section', { has: page.getByText(code, { exact: true }) }).last();
  await panel.waitFor();
  await panel.getByRole('button', { name: 'Copy for support' }).waitFor();
  const names = await panel.locator('dt').allInnerTexts();
  const values = await panel.locator('dd').allInnerTexts();
  return Object.fromEntries(names.map((name, place) => [name.toLowerCase(), values[place] ?? '']));
}
