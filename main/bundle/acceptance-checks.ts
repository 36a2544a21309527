import type { KeyObject } from 'node:crypto';
import { fault, type Fault, type Refused } from '../faults/index.ts';
import type { Certificate, Clock, Crl } from '../pki/index.ts';

/** What is checked of a bundle, in the order in which it is reported. */
export const acceptanceCodes = [
  'bundle-malformed',
  'bundle-signature-invalid',
  'signer-untrusted',
  'signer-expired',
  'signer-revoked',
  'signer-not-a-configuration-key',
  'signer-superseded',
  'enb-out-of-scope',
  'bundle-for-another-enb',
  'bundle-not-yet-valid',
  'bundle-expired',
  'sequence-rollback',
  'training-mismatch',
  'sealed-undecryptable',
  'sealed-binding-mismatch',
  'configuration-invalid',
] as const;
/** One of the checks, and the code of its fault when it fails. */
export type AcceptanceCode = (typeof acceptanceCodes)[number];

/** Why a check could not be made. */
export type Unjudged = 'not-given' | 'no-key' | 'no-clock' | 'list-ended' | `prevented-by:${AcceptanceCode}`;

/** What came of one check. `ok: null`: it was not made, and `why` says what was missing. */
export type AcceptanceCheck = { readonly code: AcceptanceCode } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: Fault }
  | { readonly ok: null; readonly why: Unjudged }
);

/** The eNB for which a bundle is judged, as far as it is known. */
export interface JudgingEnb {
  readonly serialNumber: string;
  readonly hwType?: string;
  readonly certificate?: Certificate;
}

/** What the bundle is judged by. What is absent is not judged, and is said to be assumed. */
export interface AcceptanceContext {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  /** CRLs that can revoke a signer and do nothing else: those that came with bundles which were refused. */
  readonly revokingCrls?: readonly Crl[];
  /** Refuse a signer whose CRL has ended. */
  readonly requireFreshCrl?: boolean;
  readonly clock: Clock;
  /** What bundles of a signer's key have proven of the time, by `signerSpkiSha256`: a clock that is not exact starts there. */
  readonly signerTimes?: ReadonlyMap<string, Date>;
  readonly enb?: JudgingEnb;
  readonly enbKey?: KeyObject;
  /** The highest epoch of a bundle that the eNB accepted, 0 when it never took one. */
  readonly lastEpoch?: number;
  /** The eNB's sequence number in that epoch, 0 when it never took a bundle. */
  readonly lastSequence?: number;
  /** SHA-256 of the signed content of the bundle that the eNB holds, lower-case hex: `contentSha256`. */
  readonly storedContentSha256?: string | undefined;
}

/** The results so far. What is never answered was prevented by the first thing that is wrong. */
export class CheckResults {
  readonly #results = new Map<AcceptanceCode, AcceptanceCheck>();

  /** The check holds. */
  hold(code: AcceptanceCode): void {
    this.#results.set(code, { code, ok: true });
  }

  /** The check fails; `detail` says why. */
  fail(code: AcceptanceCode, detail: Fault): void {
    this.#results.set(code, { code, ok: false, detail });
  }

  /** Fails with its own code, for the reason that something was refused. */
  failBecause(code: AcceptanceCode, { fault: because }: Refused): void {
    this.fail(code, fault(code, { because }));
  }

  /** The check cannot be made. */
  skip(code: AcceptanceCode, why: Unjudged): void {
    this.#results.set(code, { code, ok: null, why });
  }

  /** Holds, or fails with its own code and these facts. */
  record(code: AcceptanceCode, holds: boolean, facts: Omit<Fault, 'code'>): void {
    if (holds) this.hold(code);
    else this.fail(code, fault(code, facts));
  }

  /** Whether none of the codes up to and with this one has failed, and each was at least looked at. */
  holdsUpTo(code: AcceptanceCode): boolean {
    const upTo = acceptanceCodes.slice(0, acceptanceCodes.indexOf(code) + 1);
    return upTo.every((one) => this.#results.has(one) && this.#results.get(one)?.ok !== false);
  }

  /** Every check in its order. Throws when one has no answer although nothing before it has failed. */
  checks(): readonly AcceptanceCheck[] {
    const firstFailed = acceptanceCodes.find((code) => this.#results.get(code)?.ok === false);
    return acceptanceCodes.map((code) => {
      const result = this.#results.get(code);
      if (result) return result;
      if (!firstFailed) throw new Error(`${code} was not judged`);
      return { code, ok: null, why: `prevented-by:${firstFailed}` };
    });
  }
}
