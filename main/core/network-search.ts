import type { Discovery, FoundEnb } from '../device/index.ts';
import type { Surroundings } from './surroundings.ts';

/** How long the search continues after the last call of `list`, in milliseconds. */
const searchTime = 10_000;

/** Searches the network for eNBs, but only while something keeps asking for them. */
export class NetworkSearch {
  readonly #discovery: Discovery;
  readonly #later: Surroundings['later'];
  readonly #onChange: () => void;
  #stop: (() => void) | undefined;
  #cancel: (() => void) | undefined;

  constructor({ discovery, later }: Pick<Surroundings, 'discovery' | 'later'>, onChange: () => void) {
    this.#discovery = discovery;
    this.#later = later;
    this.#onChange = onChange;
  }

  /** The eNBs known now. Each call keeps the search running for `searchTime`. `onChange` reports each change. */
  list(): readonly FoundEnb[] {
    this.#stop ??= this.#discovery.watch(this.#onChange);
    this.#cancel?.();
    this.#cancel = this.#later(searchTime, () => {
      this.#stop?.();
      this.#stop = undefined;
      this.#cancel = undefined;
    });
    return this.#discovery.list();
  }
}
