/** Networks for the checks of the path, in this process, with gateways that answer as a test says. */
import { Responder, type ResponderOptions } from '../../main/ike/index.ts';
import type { PathNetwork } from '../../main/path/index.ts';

/** How a gateway on the fake network behaves. */
export interface FakeGateway extends Partial<ResponderOptions> {
  /** The UDP ports that get through; both by default. */
  readonly ports?: readonly number[];
  /** The largest IP packet that reaches it, in bytes. */
  readonly largest?: number;
  /** The error that its network gives instead. */
  readonly error?: string;
  /** Whether it answers only messages whose proposal it accepts. */
  readonly isTaciturn?: boolean;
}

export interface FakeNetwork {
  /** The addresses of each name, or the error of the resolver. Others do not exist. */
  readonly names?: Readonly<Record<string, readonly string[] | string>>;
  readonly gateways?: Readonly<Record<string, FakeGateway>>;
  /** Each `address:port` that takes TCP connections. */
  readonly open?: readonly string[];
}

/** A datagram that was sent. */
export interface Sent {
  readonly host: string;
  readonly port: number;
  /** Of the IP packet, in bytes. */
  readonly size: number;
}

/** What gateways accept by default. */
export const proposals = ['aes128gcm16-prfsha256-ecp256'];

const headers = (host: string) => (host.includes(':') ? 48 : 28);

/** A network where only what a test names exists. `sent` has all datagrams, and `tried` all TCP connections. */
export function fakeNetwork({ names = {}, gateways = {}, open = [] }: FakeNetwork = {}) {
  const sent: Sent[] = [];
  const tried: string[] = [];
  const network: PathNetwork = {
    resolve: (name) => {
      const found = names[name] ?? [];
      return typeof found === 'string'
        ? Promise.reject(Object.assign(new Error(found), { code: found }))
        : Promise.resolve(found);
    },
    datagrams: {
      open: (host, port) => {
        const gateway = gateways[host];
        const responder = new Responder({ proposals, ...gateway });
        const answers: Uint8Array[] = [];
        return {
          send: (bytes) => {
            const size = bytes.length + headers(host);
            sent.push({ host, port, size });
            const { ports = [500, 4500], largest = Infinity, isTaciturn = false } = gateway ?? { ports: [] };
            const isThrough = ports.includes(port) && size <= largest;
            const answer = isThrough ? responder.answer(bytes, port as 500 | 4500, '203.0.113.1') : undefined;
            // A refusal is a notify alone, and shorter than any choice.
            if (answer && !(isTaciturn && answer.length < 60)) answers.push(answer);
          },
          receive: (_milliseconds, signal) => {
            signal?.throwIfAborted();
            if (gateway?.error === undefined) return Promise.resolve(answers.shift());
            return Promise.reject(Object.assign(new Error(gateway.error), { code: gateway.error }));
          },
          close: () => undefined,
        };
      },
    },
    connect: (address, port) => {
      tried.push(`${address}:${port}`);
      return Promise.resolve(open.includes(`${address}:${port}`));
    },
  };
  return { network, sent, tried };
}

/** No name resolves, and nobody answers. */
export const noNetwork: PathNetwork = fakeNetwork().network;
