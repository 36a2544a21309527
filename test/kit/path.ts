/** Networks for the checks of the path: none at all, and one with gateways that answer as a test says. */
import type { PathNetwork } from '../../main/path/index.ts';

/** No name resolves, and nobody answers. */
export const noNetwork: PathNetwork = {
  resolve: () => Promise.resolve([]),
  datagrams: {
    open: () => ({
      send: () => undefined,
      receive: () => Promise.resolve(undefined),
      close: () => undefined,
    }),
  },
  connect: () => Promise.resolve(false),
};
