import type { Discovery, FoundEnb } from '../device/index.ts';
import type { Surroundings } from './surroundings.ts';

/** How long the network is searched after somebody last wanted to know, in milliseconds. */
const attention = 10_000;

/** The eNBs on the network, searched for as long as somebody keeps asking: no longer, and never before. */
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

  /** Those that are known now. Each call keeps the search going for `attention`; `onChange` tells of what it finds. */
  list(): readonly FoundEnb[] {
    this.#stop ??= this.#discovery.watch(this.#onChange);
    this.#cancel?.();
    this.#cancel = this.#later(attention, () => {
      this.#stop?.();
      this.#stop = undefined;
      this.#cancel = undefined;
    });
    return this.#discovery.list();
  }
}
