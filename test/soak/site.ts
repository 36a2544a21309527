/** A site: an installer with the tool and eNBs, who do one delivery after the other, whatever fails. */
import { join } from 'node:path';
import { Child } from './child.ts';
import { readEnb } from './disk.ts';
import type { Claim, EnbOrder, Line, ToolFault, ToolOrder } from './messages.ts';
import type { PlannedFault } from './plan.ts';
import type { Attempt, DeliveryEntry } from './record.ts';
import type { Prepared } from './scene.ts';
import { judgeClaim } from './truth.ts';

/** The computer's USB, where the soak has its own bus. */
export interface UsbPorts {
  attach(port: string, tcpPort: number): void;
  detach(port: string): void;
}

export interface SiteOptions {
  readonly folder: string;
  /** Which of several sites. */
  readonly number: number;
  readonly usb: UsbPorts | undefined;
  readonly broken: string | undefined;
}

/** The result of one order to the tool. */
export interface Answered {
  readonly answer: unknown;
  readonly states: readonly string[];
}

export class Site {
  readonly folder: string;
  readonly usb: UsbPorts | undefined;
  readonly usbPort: string;
  readonly vendorRoot: string;
  readonly #tool: Child<ToolOrder>;
  readonly #enb: Child<EnbOrder>;
  #fired = false;
  #killed: ('tool' | 'enb')[] = [];

  constructor({ folder, number, usb, broken }: SiteOptions) {
    this.folder = folder;
    this.usb = usb;
    this.usbPort = `1-${number + 1}`;
    this.vendorRoot = join(folder, 'vendor-root.pem');
    const env = {
      ...process.env,
      SITESEAL_HOME: join(folder, 'home'),
      // They are started hundreds of times.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    };
    const script = (name: string) => join(import.meta.dirname, name);
    this.#tool = new Child(script('tool.ts'), broken === undefined ? [] : [broken], env);
    this.#enb = new Child(script('enb.ts'), [], env);
    this.#enb.listen((line) => {
      if (line.kind === 'fired') this.#fired = true;
      else if (line.kind === 'unplug') this.usb?.detach(this.usbPort);
    });
  }

  get isEnbOn(): boolean {
    return this.#enb.isRunning;
  }

  /** A fault outside the tool and the eNB occurred. */
  fire(): void {
    this.#fired = true;
  }

  async askTool(order: Exclude<ToolOrder, { kind: 'claim' }>, killAfter?: number): Promise<Answered> {
    const states: string[] = [];
    const { kills } = this.#tool;
    this.#tool.listen((line: Line) => {
      if (line.kind === 'state') states.push(line.state);
      else if (line.kind === 'fired') this.#fired = true;
    });
    const answer = await this.#tool.ask(order, killAfter);
    if (this.#tool.kills > kills) {
      this.#killed.push('tool');
      if (killAfter !== undefined) this.#fired = true;
    }
    return { answer, states };
  }

  async askEnb(order: EnbOrder): Promise<unknown> {
    return this.#enb.ask(order);
  }

  /** Makes one attempt, then asks the tool for its claim, and checks that claim. */
  async attempt(
    delivery: Prepared,
    step: string,
    fault: PlannedFault | undefined,
    work: () => Promise<Answered>,
  ): Promise<{ readonly attempt: Attempt; readonly lies: readonly string[] }> {
    this.#fired = false;
    this.#killed = [];
    const { kills } = this.#enb;
    const { answer, states } = await work();
    if (this.#enb.kills > kills) this.#killed.push('enb');
    const claim = (await this.#tool.ask({ kind: 'claim', bundleSha256: delivery.bundleSha256 })) as Claim;
    const killed = this.#killed;
    const lies = judgeClaim(delivery, claim, readEnb(this.folder, delivery.serial));
    return {
      attempt: {
        step,
        ...(fault && { fault }),
        fired: this.#fired,
        states,
        killed,
        ...(answer !== undefined && { answer }),
        claim,
      },
      lies: lies.map((lie) => `${lie} (right after ${fault ? `${fault.kind} ${fault.at}` : step})`),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#tool.stop(), this.#enb.stop()]);
  }
}

/** The entry of a delivery, from its attempts. */
export function entryOf(
  delivery: Prepared,
  attempts: readonly Attempt[],
  lies: readonly string[],
  receipts: readonly string[],
): DeliveryEntry {
  const { id, way, serial, sequence, isRival, bundleSha256, faults: planned } = delivery;
  const claim = attempts.at(-1)?.claim ?? { delivery: 'none', carried: 'none' };
  return { id, way, serial, sequence, isRival, bundleSha256, planned, attempts, claim, receipts, lies };
}

/** The tool's part of a fault. */
export function toolFaultOf(fault: PlannedFault | undefined): ToolFault {
  const number = Number(fault?.at);
  switch (fault?.kind) {
    case 'kill-tool-at-state':
      return { killAtState: fault.at };
    case 'kill-tool-at-receipt':
      return { killAtReceipt: fault.at };
    case 'kill-tool-at-operation':
      return { operation: { number, effect: 'kill' } };
    case 'pulled-out':
      return { operation: { number, effect: 'pull' } };
    case 'drive-full':
      return { operation: { number, effect: 'ENOSPC' } };
    case 'drive-error':
      return { operation: { number, effect: 'EIO' } };
    default:
      return {};
  }
}
