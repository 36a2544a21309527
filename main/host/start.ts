import type { FileHandle } from '../../preload/contract/index.ts';
import { ApiContext, createApi, type ApiOptions } from '../api/index.ts';
import {
  createCore,
  limitYoungObjects,
  productVersion,
  systemSurroundings,
  type Surroundings,
} from '../core/index.ts';
import { servePort, type Port } from './port.ts';
import { TrainingLab } from '../training/index.ts';

/** What a shell passes to the core at its start. */
export type CoreOptions = ApiOptions;

/** The core as the shells hold it. */
export interface RunningCore {
  /** The folder of all that Siteseal keeps, with the log. It may be missing or unusable. */
  readonly dataFolder: string;
  /** Serves one page. */
  serve(port: Port): void;
  /** A handle for a path that the user chose in a dialog of the shell. */
  registerFile(path: string): FileHandle;
  close(): Promise<void>;
}

/** Starts the core. It restores what was set up before, and restarts training if training was on. */
export function startCore(
  options: CoreOptions,
  surroundings: Surroundings = systemSurroundings(),
): RunningCore {
  limitYoungObjects();
  const core = createCore(surroundings);
  const lab = new TrainingLab(core);
  const context = new ApiContext(core, options, lab);
  const api = createApi(context);
  if (context.isTraining()) void lab.start();
  return {
    dataFolder: surroundings.dataFolder,
    serve: (port) => servePort(api, port, productVersion()),
    registerFile: (path) => context.registerFile(path),
    close: async () => {
      await context.close();
      await lab.stop();
      core.stores.close();
    },
  };
}
