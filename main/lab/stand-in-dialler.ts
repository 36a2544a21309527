import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { values } from '../bundle/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { streamFault, type StandInFaultCode } from './stand-in-messages.ts';

/** The usual TCP port of a gateway: that of IKE over TCP (RFC 9329). */
export const standInPort = 4500;

/** Makes TLS connections to one gateway. */
export class Dialler {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #secureContext: SecureContext;
  readonly deadline: number;

  /** @param connectTo other addresses: `address:4500` to `address:port` */
  constructor(
    address: string,
    connectTo: Readonly<Record<string, string>>,
    secureContext: SecureContext,
    deadline: number,
  ) {
    const usual = `${address.includes(':') ? `[${address}]` : address}:${standInPort}`;
    const url = new URL(`tcp://${connectTo[usual] ?? usual}`);
    this.#target = { host: values.hostOf(url), port: Number(url.port) };
    this.#secureContext = secureContext;
    this.deadline = deadline;
  }

  /** Resolves once the peer has proven possession of the key of its certificate, which is not judged yet. */
  dial(
    signal: AbortSignal,
  ): Promise<Result<TLSSocket, StandInFaultCode | 'ike-name-unresolved' | 'cancelled'>> {
    return new Promise((resolve) => {
      const socket = connectTls({
        ...this.#target,
        secureContext: this.#secureContext,
        // Siteseal's own path validation judges the certificate.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
      const settle = (result: Awaited<ReturnType<Dialler['dial']>>) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        resolve(result);
        if (!result.ok) socket.destroy();
      };
      const cancel = () => settle(refuse('cancelled'));
      const timer = setTimeout(() => settle(refuse('ike-no-answer')), this.deadline);
      socket.setNoDelay().setKeepAlive(true);
      socket.on('error', (error: Error) => settle(refused(dialFault(error))));
      socket.once('secureConnect', () => settle(ok(socket)));
      socket.once('close', () => settle(refused(streamFault(undefined))));
      signal.addEventListener('abort', cancel);
      if (signal.aborted) cancel();
    });
  }
}

function dialFault(error: Error): Fault<StandInFaultCode | 'ike-name-unresolved'> {
  const isName = 'syscall' in error && error.syscall === 'getaddrinfo';
  return isName && 'code' in error
    ? fault('ike-name-unresolved', { found: String(error.code) })
    : streamFault(error);
}
