import { networkProblem, readInterfaces } from '../core/index.ts';
import { ok } from '../faults/index.ts';
import type { ApiContext } from './context.ts';
import { EnbFinder } from './found-enbs.ts';
import type { Handlers } from './handlers.ts';

/** This computer's network, and the eNBs found on it or by USB. */
export function networkHandlers(context: ApiContext): Handlers<'network.get' | 'enbs.found'> {
  const finder = new EnbFinder(context);
  return {
    'network.get': () => {
      const interfaces = readInterfaces();
      // In training the lab runs on this computer, so no network is needed.
      return ok({
        problem: context.isTraining() ? null : networkProblem(interfaces),
        interfaces,
      });
    },
    'enbs.found': () => finder.find(),
  };
}
