// A page without a window: calls the core over its port, and records the core's change events.
import assert from 'node:assert/strict';
import type { RunningCore } from '../../main/host/index.ts';
import {
  calls,
  faultView,
  type CallName,
  type CoreMessage,
  type FaultView,
  type Input,
  type Output,
  type Topic,
} from '../../preload/contract/index.ts';

export class CorePort {
  /** Every topic reported as changed, in order. */
  readonly changed: Topic[] = [];
  readonly #pending = new Map<number, (result: Extract<CoreMessage, { kind: 'result' }>) => void>();
  #send: (message: unknown) => void = () => undefined;
  readonly #waiting: (() => void)[] = [];
  #lastId = 0;

  constructor(core: Pick<RunningCore, 'serve'>) {
    core.serve({
      postMessage: (message) => this.#receive(message as CoreMessage),
      onMessage: (listener) => (this.#send = listener),
      onClose: () => undefined,
    });
  }

  /** The value of a call that must succeed. The value follows the contract. */
  async ask<Name extends CallName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
    const result = await this.#call(name, input);
    assert(result.ok, JSON.stringify(result));
    return calls[name].output.parse(result.value) as Output<Name>;
  }

  /** The fault of a call that must be refused. */
  async refusal<Name extends CallName>(name: Name, input: Input<Name>): Promise<FaultView> {
    const result = await this.#call(name, input);
    assert(!result.ok, JSON.stringify(result));
    return faultView.parse(result.fault);
  }

  /** Resolves at the next change. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #call(name: string, input: unknown): Promise<Extract<CoreMessage, { kind: 'result' }>> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#send({ kind: 'call', id, name, input });
    });
  }

  #receive(message: CoreMessage): void {
    if (message.kind === 'changed') {
      this.changed.push(...message.topics);
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
    if (message.kind === 'result') this.#pending.get(message.id)?.(message);
  }
}
