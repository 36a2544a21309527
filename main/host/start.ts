import type { FileHandle, LookedAtKind } from '../../preload/contract/index.ts';
import { ApiContext, createApi, lookAt, type ApiOptions } from '../api/index.ts';
import {
  createCore,
  keepHeapSmall,
  productVersion,
  systemSurroundings,
  watchSleep,
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
  /** What a path is that the user dropped or opened again. */
  lookAt(path: string): LookedAtKind;
  /** Whether what the user opens now belongs to training. */
  isTraining(): boolean;
  /**
   * The computer is about to sleep, or has slept. Without a shell that knows, the core finds out soon afterwards.
   */
  sleep(): void;
  /** Calls back whenever work starts or ends that the computer must stay awake for. */
  onBusy(listener: (isBusy: boolean) => void): void;
  close(): Promise<void>;
}

/** Starts the core. It restores what was set up before, and restarts training if training was on. */
export function startCore(
  options: CoreOptions,
  surroundings: Surroundings = systemSurroundings(),
): RunningCore {
  keepHeapSmall();
  const core = createCore(surroundings);
  const lab = new TrainingLab(core);
  const context = new ApiContext(core, options, lab);
  const api = createApi(context);
  if (context.isTraining()) void lab.start();
  const watch = watchSleep(surroundings, () => context.sleep());
  return {
    dataFolder: surroundings.dataFolder,
    serve: (port) => servePort(api, port, productVersion()),
    registerFile: (path) => context.registerFile(path),
    lookAt,
    isTraining: () => context.isTraining(),
    sleep: () => {
      watch.note();
      context.sleep();
    },
    onBusy: (listener) => context.onBusy(listener),
    close: async () => {
      watch.stop();
      await context.close();
      await lab.stop();
      core.stores.close();
    },
  };
}
