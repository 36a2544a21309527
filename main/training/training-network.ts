import { systemDatagrams, type DatagramChannel } from '../ike/index.ts';
import type { PathNetwork } from '../path/index.ts';
import type { RunningLabGateway } from './lab-gateway.ts';
import { labGateways, raHost } from './lab-operator.ts';

/** Nobody is there: everything is lost. */
const silence: DatagramChannel = {
  send: () => undefined,
  receive: () => Promise.resolve(undefined),
  close: () => undefined,
};

/**
 * The network of training, for the checks of the path: it has the lab's gateways and no others. Nothing of it leaves this
 * computer.
 *
 * @param isRaOutside whether the RA/CA can be reached outside the tunnels
 */
export function trainingNetwork(
  gateways: () => readonly Pick<RunningLabGateway, 'address' | 'udp'>[],
  isRaOutside: () => boolean,
): PathNetwork {
  return {
    resolve: (name) =>
      Promise.resolve(labGateways.flatMap(({ address, outer }) => (address === name ? [outer] : []))),
    datagrams: {
      open: (host, port) => {
        const named = labGateways.find(({ outer }) => outer === host);
        const udp = gateways().find(({ address }) => address === named?.address)?.udp;
        return udp && (port === 500 || port === 4500)
          ? systemDatagrams.open('127.0.0.1', udp[port])
          : silence;
      },
    },
    connect: (address, port) => Promise.resolve(isRaOutside() && `${address}:${port}` === raHost),
  };
}
