import type { Discovery, FoundEnb } from '../device/index.ts';
import { permit } from './policy.ts';
import type { Surroundings } from './surroundings.ts';

/** How long the search continues after the last call of `list`, in milliseconds. */
const searchTime = 10_000;

/** Searches the network for eNBs, but only while something keeps asking for them, and where the policy allows it. */
export class NetworkSearch {
  readonly #discovery: Discovery;
  readonly #later: Surroundings['later'];
  readonly #onChange: () => void;
  readonly #isPermitted: boolean;
  #stop: (() => void) | undefined;
  #cancel: (() => void) | undefined;

  constructor(
    { discovery, later, policy }: Pick<Surroundings, 'discovery' | 'later' | 'policy'>,
    onChange: () => void,
  ) {
    this.#discovery = discovery;
    this.#isPermitted = permit({ policy }, 'ethernet').ok;
    this.#later = later;
    this.#onChange = onChange;
  }

  /** The eNBs known now. Each call keeps the search running for `searchTime`. `onChange` reports each change. */
  list(): readonly FoundEnb[] {
    if (!this.#isPermitted) return [];
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
