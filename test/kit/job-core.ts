// An installer's laptop without a window: the core over fake USB and drives, with a trusted vendor root and jobs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startCore, type RunningCore } from '../../main/host/index.ts';
import type { Surroundings } from '../../main/core/index.ts';
import { watchDrive, type ReferenceEnb } from '../../main/lab/index.ts';
import type { JobRow } from '../../preload/contract/index.ts';
import type { Scene } from './bundle.ts';
import { CorePort } from './core-port.ts';
import { pem, temporaryFolder } from './enb.ts';
import { surroundingsIn } from './operator.ts';

export interface JobCore {
  readonly core: RunningCore;
  readonly port: CorePort;
  /** In the order of the bundles. */
  readonly jobs: readonly JobRow[];
  readonly dataFolder: string;
  /** Ends the core and starts another one over the same data. */
  readonly restart: () => Promise<CorePort>;
}

export async function jobCore(
  context: TestContext,
  scene: Scene,
  bundles: readonly Uint8Array[],
  surroundings: Partial<Surroundings>,
): Promise<JobCore> {
  const folder = temporaryFolder();
  const start = () =>
    startCore({ shell: 'browser', folders: [] }, surroundingsIn(join(folder, 'data'), surroundings));
  let core = start();
  context.after(() => core.close());
  const port = new CorePort(core);
  mkdirSync(join(folder, 'files'));
  const handle = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, 'files', name), bytes);
    return core.registerFile(join(folder, 'files', name));
  };
  const file = handle('root.pem', pem(scene.vendor.root.certificate));
  await port.ask('app.enter', { mode: 'site' });
  const { fingerprint } = await port.ask('vendors.look', { file });
  await port.ask('vendors.trust', { file, fingerprint });
  const files = bundles.map((bundle, place) => handle(`${place}.p7m`, bundle));
  const { added } = await port.ask('jobs.open', { files });
  const jobs = await Promise.all(added.map((id) => port.ask('jobs.get', { id })));
  return {
    core,
    port,
    jobs,
    dataFolder: join(folder, 'data'),
    restart: async () => {
      await core.close();
      core = start();
      return new CorePort(core);
    },
  };
}

/** The eNB gets the drive, takes the bundle on it, and leaves its receipt there. */
export async function carryTo(enb: ReferenceEnb, mountPoint: string): Promise<void> {
  const done = new AbortController();
  await watchDrive(enb, mountPoint, () => done.abort(), done.signal, 1);
}

/** A laptop at a site that trusts nobody yet. `file` writes a file and returns its handle. */
export async function freshLaptop(context: TestContext) {
  const folder = temporaryFolder();
  const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(join(folder, 'data')));
  context.after(() => core.close());
  const port = new CorePort(core);
  await port.ask('app.enter', { mode: 'site' });
  const register = (path: string) => core.registerFile(path);
  const file = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return register(join(folder, name));
  };
  return { port, folder, file, register };
}
