import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Electron } from '../../tools/desktop.ts';
import { asOrdinaryUser, endWithThisProcess } from '../kit/desktop.ts';
import { withExperimentalNodeApi } from '../kit/electron-node/node-api.ts';
import { Inspector } from '../kit/inspector.ts';
import { firstTimeIn } from './devtools.ts';
import type { PackedApplication, WhyNot } from './start.ts';

const packed = join(import.meta.dirname, '../../dist/linux-unpacked');

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
  writeFileSync(binary, withExperimentalNodeApi(readFileSync(binary)));
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
  const inspector = await Inspector.connect(address);
  await inspector.evaluate(openPipe, await inspector.firstLine());
  await inspector.send('Debugger.disable');
  const waited = Date.now() - paused;
  inspector.close();
  return waited;
}
