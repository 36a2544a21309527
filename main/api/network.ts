import { networkProblem, readInterfaces } from '../core/index.ts';
import { ok } from '../faults/index.ts';
import type { ApiContext } from './context.ts';
import { EnbFinder } from './found-enbs.ts';
import type { Handlers } from './handlers.ts';

/** What this computer's network can do, and the eNBs that are there. */
export function networkHandlers(context: ApiContext): Handlers<'network.get' | 'enbs.found'> {
  const finder = new EnbFinder(context);
  return {
    'network.get': () => {
      const interfaces = readInterfaces();
      // In training the lab is on this computer, and nothing is missing.
      return ok({
        problem: context.isTraining() ? null : networkProblem(interfaces),
        interfaces,
      });
    },
    'enbs.found': () => finder.find(),
  };
}
