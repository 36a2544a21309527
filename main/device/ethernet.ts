import { connect, isIPv6 } from 'node:net';
import { values } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { defaultPort } from './interface.ts';
import type { StreamTransport } from './transport.ts';

/** Where an eNB listens: an IP address without brackets, or a host name, and a TCP port. */
export interface EthernetAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST`, `HOST:PORT`, `IPv6`, `[IPv6]` or `[IPv6]:PORT`; a link-local IPv6 address keeps its scope (`%eth0`).
 * Refuses with `address-invalid`.
 */
export function parseEthernetAddress(text: string): Result<EthernetAddress, 'address-invalid'> {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([^:[\]\s/]+)(?::(\d{1,5}))?$/.exec(text);
  const [, host = '', digits] = isIPv6(text) ? ['', text] : (bracketed ?? plain ?? []);
  const port = digits === undefined ? defaultPort : Number(digits);
  // The system would read 10.1 as 10.0.0.1: what looks like an address is one in full.
  const isHost = isIPv6(host) || (!bracketed && values.isHost(host));
  const isValid = isHost && port >= 1 && port <= 65535;
  return isValid ? ok({ host, port }) : refuse('address-invalid', { found: text });
}

/** TCP to an eNB on the local link or the maintenance network. */
export function ethernet({ host, port }: EthernetAddress): StreamTransport {
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    name,
    open: (deadline) =>
      new Promise((resolve) => {
        const socket = connect({ host, port, noDelay: true });
        const timer = setTimeout(() => {
          socket.destroy();
          resolve(refuse('device-no-answer', { where: { address: name } }));
        }, deadline);
        socket.once('connect', () => {
          clearTimeout(timer);
          socket.removeAllListeners('error');
          resolve(ok(socket));
        });
        socket.once('error', (error) => {
          clearTimeout(timer);
          const found = errorCode(error);
          const code = found === 'ETIMEDOUT' ? 'device-no-answer' : 'device-unreachable';
          resolve(refuse(code, { found, where: { address: name } }));
        });
      }),
  };
}
