import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Electron } from '../../tools/desktop.ts';
import { asOrdinaryUser, endWithThisProcess } from '../kit/desktop.ts';
import { firstTimeIn } from './devtools.ts';
import type { PackedApplication, WhyNot } from './start.ts';

const packed = join(import.meta.dirname, '../../dist/linux-unpacked');

/** `mov eax, 10; ret`: how better-sqlite3's binary for x64 declares its Node-API. */
const declaration = Buffer.from('b80a000000c3', 'hex');

/** What means "experimental", which a Node.js of any age takes. */
const experimental = 0x7fffffff;

/**
 * A copy of the packed folder, which can be asked when it is usable: in it the inspector is allowed. Where the core needs
 * a newer Node-API than this Electron has, better-sqlite3 in the copy declares an older one.
 * @param expression as `firstTimeIn` takes it
 */
export async function packedApplication(
  { isCoreOnNode }: Electron,
  folder: string,
  expression: string,
): Promise<PackedApplication | WhyNot> {
  if (!existsSync(join(packed, 'siteseal-app')))
    return { whyNot: 'it has not been packed (npm run package -- --dir)' };
  const { copyWithInspector } = await import('../../tools/package/fuses.ts');
  // The window's user is not root.
  for (const above of [dirname(folder), folder]) chmodSync(above, 0o755);
  const copy = join(folder, 'packed');
  await copyWithInspector(packed, copy);
  if (isCoreOnNode) declareOldNodeApi(copy);
  const program = join(copy, 'siteseal-app');
  return {
    remark: `the copy allows the inspector${isCoreOnNode ? ', and its better-sqlite3 declares an older Node-API (4 bytes)' : ''}`,
    start: (env) => start(program, env, expression),
  };
}

function declareOldNodeApi(copy: string): void {
  const binary = join(
    copy,
    'resources/app.asar.unpacked/node_modules/better-sqlite3/prebuilds',
    `${process.platform}-${process.arch}.node`,
  );
  const content = readFileSync(binary);
  const at = content.indexOf(declaration);
  if (at < 0) throw new Error('better-sqlite3 does not declare its Node-API where expected');
  content.writeInt32LE(experimental, at + 1);
  writeFileSync(binary, content);
}

/** Runs before the application's first line. A packed Siteseal refuses this switch on its command line. */
const openPipe = "require('electron').app.commandLine.appendSwitch('remote-debugging-pipe')";

/** Starts the copy. The time in which it waits for the inspector does not count. */
async function start(program: string, env: NodeJS.ProcessEnv, expression: string) {
  const { file, args } = asOrdinaryUser(program, ['--inspect-brk=0', '--disable-gpu']);
  const started = Date.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  endWithThisProcess(child);
  const usable = firstTimeIn(child, expression);
  const waited = await openFromInside(child);
  return { started: started + waited, usable: await usable };
}

/** Opens the application to the DevTools protocol. Returns for how many milliseconds it was paused. */
async function openFromInside({ stderr: output }: ChildProcess): Promise<number> {
  if (output === null) throw new Error('Its standard error is not read.');
  let address: string | undefined;
  for await (const line of createInterface({ input: output })) {
    address = /Debugger listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) break;
  }
  if (address === undefined) throw new Error('The packed application has no inspector.');
  const paused = Date.now();
  output.resume();
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const send = (id: number, method: string, params: object = {}) =>
    socket.send(JSON.stringify({ id, method, params }));
  const stopped = new Promise<string>((resolve) =>
    socket.addEventListener('message', ({ data }) => {
      const { method, params } = JSON.parse(String(data)) as {
        method?: string;
        params?: { callFrames?: [{ callFrameId: string }] };
      };
      if (method === 'Debugger.paused') resolve(params?.callFrames?.[0].callFrameId ?? '');
    }),
  );
  send(1, 'Debugger.enable');
  send(2, 'Runtime.runIfWaitingForDebugger');
  const callFrameId = await stopped;
  send(3, 'Debugger.evaluateOnCallFrame', { callFrameId, expression: openPipe });
  send(4, 'Debugger.disable');
  const waited = Date.now() - paused;
  socket.close();
  return waited;
}
