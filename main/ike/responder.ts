import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { uint16 } from './byte-reader.ts';
import { fromDatagram, toDatagram } from './exchange.ts';
import { hasRightSize, makeKeyExchange } from './key-exchange.ts';
import { notifyIn, readMessage, spiSize, writeMessage, type InitMessage } from './message.ts';
import { notifyTypes } from './notify.ts';
import { choose, chosenGroup, readProposal, type Proposal } from './proposal.ts';

/** How a responder answers. */
export interface ResponderOptions {
  /** In strongSwan's notation, in order of preference. */
  readonly proposals: readonly string[];
  /** SHA-1 of the SubjectPublicKeyInfo of each CA to list, in lower-case hex. Absent: it asks for no certificate. */
  readonly keyIds?: readonly string[] | undefined;
  /** Whether every initiator must first return a cookie. */
  readonly asksForCookie?: boolean | undefined;
  /** Whether it answers nothing. */
  readonly isSilent?: boolean | undefined;
}

/**
 * The gateway's side of IKE_SA_INIT (RFC 7296 section 1.2), for tests and for training. It stops there: it has no
 * IKE_AUTH, makes no tunnel, and keeps no state but the secret of its cookies.
 */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #proposals: readonly Proposal[];
  readonly #cookieSecret = randomBytes(32);

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#proposals = options.proposals.flatMap((text) => readProposal(text) ?? []);
  }

  /**
   * The answer to a datagram; undefined if it gets no answer.
   *
   * @param port on 4500 a message has a marker of four zero bytes in front (RFC 3948 section 2.2)
   * @param from the sender's address, to which its cookie is bound
   */
  answer(datagram: Uint8Array, port: 500 | 4500, from: string): Uint8Array | undefined {
    const bytes = this.#options.isSilent ? undefined : fromDatagram(datagram, port);
    const request = bytes && readMessage(bytes);
    const answer = request?.ok ? this.#answer(request.value, from) : undefined;
    return answer && toDatagram(writeMessage(answer), port);
  }

  #answer(request: Required<InitMessage>, from: string): InitMessage | undefined {
    const { initiatorSpi, proposals, keyExchange, nonce } = request;
    if (request.isResponse || !proposals || !keyExchange || !nonce || !hasRightSize(keyExchange))
      return undefined;
    const without = (type: number, data: Uint8Array = new Uint8Array()): InitMessage => ({
      initiatorSpi,
      responderSpi: new Uint8Array(spiSize),
      isResponse: true,
      notifies: [{ type, data }],
    });
    if (this.#options.asksForCookie) {
      const cookie = this.#cookieFor(initiatorSpi, nonce, from);
      const given = notifyIn(request, notifyTypes.COOKIE);
      if (given?.length !== cookie.length || !timingSafeEqual(given, cookie))
        return without(notifyTypes.COOKIE, cookie);
    }
    const chosen = choose(this.#proposals, proposals);
    const group = chosen && chosenGroup(chosen);
    if (!chosen || group === undefined) return without(notifyTypes.NO_PROPOSAL_CHOSEN);
    if (group !== keyExchange.group) return without(notifyTypes.INVALID_KE_PAYLOAD, uint16(group));
    const own = makeKeyExchange(group);
    if (!own) return without(notifyTypes.NO_PROPOSAL_CHOSEN);
    return {
      initiatorSpi,
      responderSpi: randomBytes(spiSize),
      isResponse: true,
      proposals: [chosen],
      keyExchange: own,
      nonce: randomBytes(32),
      keyIds: this.#options.keyIds,
    };
  }

  /** RFC 7296 section 2.6. */
  #cookieFor(initiatorSpi: Uint8Array, nonce: Uint8Array, from: string): Uint8Array {
    return createHmac('sha256', this.#cookieSecret).update(nonce).update(initiatorSpi).update(from).digest();
  }
}
