import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findElectron } from '../../tools/desktop.ts';
import { browserPath } from '../kit/browser.ts';
import { asOrdinaryUser, end, endWithThisProcess } from '../kit/desktop.ts';
import { firstTimeIn } from './devtools.ts';
import { packedApplication } from './packed.ts';
import type { Pair, Start, WhyNot } from './start.ts';

const root = join(import.meta.dirname, '../..');
const bare = join(import.meta.dirname, 'bare');

/**
 * Three buttons in the content, the start choices or those of the bare page, are drawn, in front and can be clicked.
 */
const isUsable = `new Promise((resolve) => {
  const isInFront = (button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  };
  const look = () => {
    const buttons = [...document.querySelectorAll('main button:enabled')];
    if (buttons.length < 3 || !buttons.every(isInFront)) return requestAnimationFrame(look);
    // They are drawn in this frame; the next one comes after it.
    requestAnimationFrame(() => resolve(Date.now()));
  };
  look();
})`;

/**
 * Siteseal in Electron, from source and packed, beside a window of the same Electron.
 * @param folder for a copy of the packed application
 */
export function electronPair(folder: string): Pair | WhyNot {
  const electron = findElectron();
  if ('whyNot' in electron) return electron;
  const { file, isCoreOnNode } = electron;
  const open = (application: string): Start => {
    return async (env) => {
      const started = Date.now();
      return { started, usable: await watch(file, ['--disable-gpu', application], env) };
    };
  };
  const openProduct = open(root);
  return {
    product: (env) => openProduct(isCoreOnNode ? { ...env, SITESEAL_CORE_NODE: process.execPath } : env),
    bare: open(bare),
    packed: () => packedApplication(electron, folder, isUsable),
  };
}

/**
 * Siteseal's browser host and then a browser at its address, beside the same browser at a server that is already
 * running.
 */
export function browserPair(): Pair | WhyNot {
  const file = browserPath;
  if (file === undefined) return { whyNot: 'there is no Chromium' };
  const page = readFileSync(join(bare, 'index.html'));
  const open = (address: string, env: NodeJS.ProcessEnv) => watch(file, [...quiet, address], env);
  return {
    async product(env) {
      const started = Date.now();
      // Without a display it opens no browser.
      const { DISPLAY: _, WAYLAND_DISPLAY: __, ...hostEnv } = env;
      const command = asOrdinaryUser(process.execPath, [join(root, 'tools', 'start.ts'), '--browser']);
      const host = spawn(command.file, command.args, { env: hostEnv, stdio: ['ignore', 'pipe', 'ignore'] });
      endWithThisProcess(host);
      try {
        const [address] = (await once(host.stdout.setEncoding('utf8'), 'data')) as [string];
        return { started, usable: await open(address.trim(), env) };
      } finally {
        await end(host);
      }
    },
    async bare(env) {
      const server = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const started = Date.now();
      try {
        const { port } = server.address() as AddressInfo;
        return { started, usable: await open(`http://127.0.0.1:${port}/`, env) };
      } finally {
        server.close();
      }
    },
  };
}

/** Keeps a browser from doing other things on its first start. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function watch(program: string, programArgs: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { file, args } = asOrdinaryUser(program, ['--remote-debugging-pipe', ...programArgs]);
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  endWithThisProcess(child);
  return firstTimeIn(child, isUsable);
}
