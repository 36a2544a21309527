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

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /**
   * The answer to a datagram; undefined if there is none.
   *
   * @param port on 4500 a message has a marker of four zero bytes in front (RFC 3948 section 2.2)
   * @param from the sender's address, to which its cookie is bound
   */
  answer(datagram: Uint8Array, port: 500 | 4500, from: string): Uint8Array | undefined {
    throw new Error(`Not there yet: ${datagram.length} ${port} ${from} ${this.#options.proposals.length}`);
  }
}
