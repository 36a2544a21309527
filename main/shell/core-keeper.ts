import { MessageChannelMain, type MessagePortMain } from 'electron';
import type { LookedAt } from '../../preload/contract/bridge.ts';
import { isLookedAtKind } from '../../preload/contract/file-kinds.ts';
import type { FileHandle } from '../../preload/contract/index.ts';
import { type CorePlace, type CoreProcess, startCoreProcess } from './core-process.ts';

export interface CoreKeeperEvents {
  /** A core is running: the first, or a replacement for a dead one. */
  readonly onReady: () => void;
  /** There is no core, and none will start until `start` is called again. */
  readonly onGivenUp: (failure: CoreFailure) => void;
  /** Work has started or ended that the computer must stay awake for. */
  readonly onBusy: (isBusy: boolean) => void;
}

/** A file that the core knows now. */
export interface RegisteredFile extends LookedAt {
  /** What the user opens now belongs to training. */
  readonly isTraining: boolean;
}

/** Why there is no core. `lastOutput`: the end of its output on standard error. */
export type CoreFailure =
  | { readonly kind: 'not-ready'; readonly seconds: number; readonly lastOutput: string }
  | { readonly kind: 'ended'; readonly reason: string; readonly lastOutput: string };

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'starting'; readonly core: CoreProcess; readonly watchdog: NodeJS.Timeout }
  | { readonly kind: 'ready'; readonly core: CoreProcess }
  | { readonly kind: 'stopping'; readonly core: CoreProcess; readonly done: () => void };

/** How long a core may take to start, in milliseconds. */
const patience = 10_000;

/** A core that dies this often within this many milliseconds is not started again. */
const deathsAllowed = { count: 3, within: 60_000 };

/** How long the core may take to end before the application ends without it, in milliseconds. */
const lastPatience = 5_000;

/** How many characters of the core's standard error a dialog can show. */
const complaintLength = 1_500;

/** Keeps a core running: starts it, waits until it serves, and replaces it when it dies. */
export class CoreKeeper {
  readonly #place: CorePlace;
  readonly #events: CoreKeeperEvents;
  #state: State = { kind: 'none' };
  #lastOutput = '';
  #deaths: number[] = [];
  #requests = 0;
  #dataFolder: string | undefined;
  readonly #registering = new Map<
    number,
    { resolve: (file: RegisteredFile) => void; reject: (error: Error) => void }
  >();

  constructor(place: CorePlace, events: CoreKeeperEvents) {
    this.#place = place;
    this.#events = events;
  }

  /** Starts a core, unless there is one. */
  start(): void {
    if (this.#state.kind !== 'none') return;
    this.#lastOutput = '';
    const core = startCoreProcess(this.#place, {
      onMessage: (message) => this.#onMessage(core, message as { readonly kind: string }),
      onExit: (reason) => this.#onExit(core, reason),
      onComplaint: (text) => (this.#lastOutput = `${this.#lastOutput}${text}`.slice(-complaintLength)),
    });
    const watchdog = setTimeout(() => this.#onNotReady(core), patience);
    this.#state = { kind: 'starting', core, watchdog };
    core.send({ kind: 'start', options: { shell: 'electron', folders: [] } });
  }

  /** A port to the core, for a page; undefined while no core is running. */
  connect(): MessagePortMain | undefined {
    if (this.#state.kind !== 'ready') return undefined;
    const { port1, port2 } = new MessageChannelMain();
    this.#state.core.serve(port1);
    return port2;
  }

  /** Where the core keeps its data; undefined as long as no core has started. */
  get dataFolder(): string | undefined {
    return this.#dataFolder;
  }

  /** Tells the core that the computer is about to sleep, or has slept. */
  sleep(): void {
    if (this.#state.kind === 'ready') this.#state.core.send({ kind: 'sleep' });
  }

  /**
   * Registers a file or folder that the user chose with the core, which returns the handle for the page.
   * @param look whether the core finds out what it is; otherwise its kind is `unknown`
   */
  registerFile(path: string, look = false): Promise<RegisteredFile> {
    return new Promise((resolve, reject) => {
      if (this.#state.kind !== 'ready') {
        reject(new Error('No core is running.'));
        return;
      }
      const request = ++this.#requests;
      this.#registering.set(request, { resolve, reject });
      this.#state.core.send({ kind: 'register', request, path, look });
    });
  }

  /** Ends the core. Resolves when it has ended, or was given up. */
  stop(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'none' || state.kind === 'stopping') return Promise.resolve();
    if (state.kind === 'starting') clearTimeout(state.watchdog);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        state.core.kill();
        resolve();
      }, lastPatience);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#state = { kind: 'stopping', core: state.core, done };
      state.core.stop();
    });
  }

  #onMessage(core: CoreProcess, message: { readonly kind: string }): void {
    if (!this.#isCurrent(core)) return;
    if (message.kind === 'ready' && this.#state.kind === 'starting') {
      clearTimeout(this.#state.watchdog);
      this.#state = { kind: 'ready', core: this.#state.core };
      this.#dataFolder = (message as { readonly dataFolder?: string }).dataFolder;
      this.#events.onReady();
    } else if (message.kind === 'registered') {
      const { request, handle, lookedAt, isTraining } = message as unknown as {
        readonly request: number;
        readonly handle: FileHandle;
        readonly lookedAt: unknown;
        readonly isTraining: unknown;
      };
      const kind = isLookedAtKind(lookedAt) ? lookedAt : 'unknown';
      this.#registering.get(request)?.resolve({ handle, kind, isTraining: isTraining === true });
      this.#registering.delete(request);
    } else if (message.kind === 'busy') {
      this.#events.onBusy((message as { readonly isBusy?: unknown }).isBusy === true);
    }
  }

  #onNotReady(core: CoreProcess): void {
    this.#state = { kind: 'none' };
    core.kill();
    this.#events.onGivenUp({ kind: 'not-ready', seconds: patience / 1_000, lastOutput: this.#lastOutput });
  }

  #onExit(core: CoreProcess, reason: string): void {
    if (!this.#isCurrent(core)) return;
    for (const { reject } of this.#registering.values()) reject(new Error('The core has ended.'));
    this.#registering.clear();
    this.#events.onBusy(false);
    const state = this.#state;
    this.#state = { kind: 'none' };
    switch (state.kind) {
      case 'none':
        return;
      case 'stopping':
        return state.done();
      case 'starting':
        clearTimeout(state.watchdog);
        return this.#events.onGivenUp({ kind: 'ended', reason, lastOutput: this.#lastOutput });
      case 'ready':
        return this.#onDeath(reason);
    }
  }

  /** An abandoned core may still send messages, or end, after its replacement has started. */
  #isCurrent(core: CoreProcess): boolean {
    return this.#state.kind !== 'none' && this.#state.core === core;
  }

  /** Restarts the core at once, unless it keeps dying. */
  #onDeath(reason: string): void {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((time) => now - time < deathsAllowed.within), now];
    if (this.#deaths.length < deathsAllowed.count) return this.start();
    this.#deaths = [];
    this.#events.onGivenUp({ kind: 'ended', reason, lastOutput: this.#lastOutput });
  }
}
