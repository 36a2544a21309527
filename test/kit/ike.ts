/** The network of a probe without a network, and recorded conversations. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatagramNetwork, Responder } from '../../main/ike/index.ts';

/** A network that records what is sent, and answers each datagram at once. When nothing comes, no time passes. */
export class FakeNetwork implements DatagramNetwork {
  readonly sent: Uint8Array[] = [];
  /** For how long the probe was ready to wait, in whole milliseconds, each time that nothing came. */
  readonly waits: number[] = [];
  openChannels = 0;
  readonly #answer: (datagram: Uint8Array, count: number) => readonly (Uint8Array | Error)[];

  /** @param answer what comes back for a datagram, which is the `count`th, from 1 */
  constructor(answer: (datagram: Uint8Array, count: number) => readonly (Uint8Array | Error)[]) {
    this.#answer = answer;
  }

  open() {
    const coming: (Uint8Array | Error)[] = [];
    this.openChannels += 1;
    return {
      send: (bytes: Uint8Array) => {
        this.sent.push(bytes);
        coming.push(...this.#answer(bytes, this.sent.length));
      },
      receive: (milliseconds: number, signal?: AbortSignal): Promise<Uint8Array | undefined> => {
        if (signal?.aborted) return Promise.reject(signal.reason as Error);
        const next = coming.shift();
        if (!next) this.waits.push(Math.ceil(milliseconds));
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      close: () => {
        this.openChannels -= 1;
      },
    };
  }
}

/** A network with one responder at the other end. */
export function networkTo(responder: Responder, port: 500 | 4500 = 500): FakeNetwork {
  return new FakeNetwork((bytes) => {
    const answer = responder.answer(bytes, port, '192.0.2.1');
    return answer ? [answer] : [];
  });
}

/** An error of the system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

interface Recorded {
  readonly from: 'initiator' | 'responder';
  readonly hex: string;
}

const file = join(import.meta.dirname, '../data/ike/strongswan.json');
const { conversations } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly conversations: Readonly<Record<'answer' | 'group' | 'refusal' | 'cookie', readonly Recorded[]>>;
};

/** The datagrams of a conversation with strongSwan, from one side. */
export function recorded(
  name: keyof typeof conversations,
  side: Recorded['from'],
): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...rest] = conversations[name]
    .filter(({ from }) => from === side)
    .map(({ hex }) => Buffer.from(hex, 'hex'));
  if (!first) throw new Error(`Nothing recorded: ${name}`);
  return [first, ...rest];
}
