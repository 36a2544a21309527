import { operatorRoots, stepEntry, type Configuration, type Receipt } from '../bundle/index.ts';
import type { PathAnswer, StartRefusal } from '../device/index.ts';
import { ProbeLimit } from '../ike/index.ts';
import { checkPath, clockWithin, type PathCheck, type PathNetwork } from '../path/index.ts';
import type { Certificate, Clock } from '../pki/index.ts';
import type { EnbStateFile } from './enb-state.ts';
import { reportOf, StepRecords } from './enb-step-records.ts';

/** What an eNB needs to check its path. */
export interface PathSurroundings {
  /** The network at the eNB's outer address. */
  readonly network: PathNetwork;
  /** Milliseconds since the eNB started. */
  readonly uptime: () => number;
}

/** What the eNB answers when it is asked to check its path. `wait` is in milliseconds. */
export type PathReply =
  | { readonly kind: 'checked'; readonly answer: PathAnswer }
  | { readonly kind: 'refused'; readonly code: StartRefusal }
  | { readonly kind: 'too-soon'; readonly wait: number }
  /** This eNB does not check its path. */
  | { readonly kind: 'unable' };

/** The eNB that checks its path. */
export interface PathDevice {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  readonly vendorRoot: Certificate;
  readonly clock: () => Clock;
  readonly steps: () => Receipt['steps'];
}

/** The shortest time between the end of a check and the start of the next, in milliseconds. */
const minimumInterval = 30_000;

interface Running {
  /** The bundle that it is about. */
  readonly content: string;
  readonly reply: Promise<PathReply>;
}

/**
 * The path checks of a reference eNB, with its accepted bundle. They change nothing, so they may run at any time. Requests
 * that come while a check runs share it: nobody on the port can make the eNB ask a gateway more often.
 */
export class EnbPath {
  readonly #device: PathDevice;
  readonly #surroundings: PathSurroundings;
  readonly #records: StepRecords;
  readonly #limit: ProbeLimit;
  readonly #closing = new AbortController();
  #running: Running | undefined;
  #endedAt = -Infinity;

  constructor(device: PathDevice, surroundings: PathSurroundings, state: EnbStateFile) {
    this.#device = device;
    this.#surroundings = surroundings;
    this.#records = new StepRecords(state, device.clock);
    this.#limit = new ProbeLimit(surroundings.uptime);
  }

  async check(): Promise<PathReply> {
    const { accepted } = this.#records;
    if (!accepted) return { kind: 'refused', code: 'not-provisioned' };
    const running = this.#running;
    if (running) return running.content === accepted.content ? running.reply : tooSoon(minimumInterval);
    const wait = this.#endedAt + minimumInterval - this.#surroundings.uptime();
    if (wait > 0) return tooSoon(wait);
    const reply = this.#run(accepted.configuration).finally(() => {
      this.#running = undefined;
      this.#endedAt = this.#surroundings.uptime();
    });
    this.#running = { content: accepted.content, reply };
    return reply;
  }

  /** Ends a check that is running. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running?.reply;
  }

  async #run(configuration: Configuration): Promise<PathReply> {
    const { certificate, chain, vendorRoot, clock, steps } = this.#device;
    const certificates = [certificate, ...chain, ...(operatorRoots(configuration) ?? [])];
    const checks = await checkPath(
      {
        configuration,
        vendorRoots: [vendorRoot],
        intermediates: chain,
        clock: clockWithin(clock(), certificates, configuration),
        isInTunnel: steps().some(mayBeUp),
      },
      { network: this.#surroundings.network, limit: this.#limit },
      () => undefined,
      this.#closing.signal,
    );
    return { kind: 'checked', answer: { checks: checks.ok ? checks.value.map(onWire) : [] } };
  }
}

/** Whether a step has, or may have, a tunnel up. */
function mayBeUp({ step, state }: Receipt['steps'][number]): boolean {
  const isTunnel = stepEntry(step).gateway !== undefined;
  return isTunnel && (state === 'running' || state === 'done');
}

function tooSoon(wait: number): PathReply {
  return { kind: 'too-soon', wait };
}

function onWire({ fault, ...check }: PathCheck): PathAnswer['checks'][number] {
  return { ...check, ...(fault && { fault: reportOf(fault) }) };
}
