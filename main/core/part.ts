import type { FileHandle } from '../../preload/contract/index.ts';
import { createApi } from './api/api.ts';
import { ApiContext, type ApiOptions } from './api/context.ts';
import { limitYoungObjects } from './memory.ts';
import { servePort, type Port } from './port.ts';
import { Stores } from './stores.ts';
import { systemSurroundings, type Surroundings } from './surroundings.ts';
import { TrainingLab } from './training-lab.ts';
import { productVersion } from './version.ts';

/** What a shell tells the core at its start. */
export type CoreOptions = ApiOptions;

/** The core as the shells hold it. */
export interface RunningCore {
  /** Serves one page. */
  serve(port: Port): void;
  /** A handle for a path that the person chose in a dialog of the shell. */
  registerFile(path: string): FileHandle;
  close(): Promise<void>;
}

/** Starts the core. What was set up before is there again; training that was entered is switched on again. */
export function startCore(
  options: CoreOptions,
  surroundings: Surroundings = systemSurroundings(),
): RunningCore {
  limitYoungObjects();
  const stores = new Stores(surroundings);
  const lab = new TrainingLab(stores.folder(true));
  const context = new ApiContext(surroundings, stores, options, lab);
  const api = createApi(context);
  if (context.isTraining()) void lab.start(context);
  return {
    serve: (port) => servePort(api, port, productVersion()),
    registerFile: (path) => context.registerFile(path),
    close: async () => {
      await context.close();
      await lab.stop();
      stores.close();
    },
  };
}
