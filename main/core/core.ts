import { Stores } from './stores.ts';
import { systemSurroundings, type Surroundings } from './surroundings.ts';

/** What every use case works with: the outside world and this user's stores. */
export interface Core {
  readonly surroundings: Surroundings;
  readonly stores: Stores;
}

/** A core whose stores open on first use. The caller closes them. */
export function createCore(surroundings: Surroundings = systemSurroundings()): Core {
  return { surroundings, stores: new Stores(surroundings) };
}
