import type { KeyObject } from 'node:crypto';
import { fault, type Fault, type Refused } from '../faults/index.ts';
import type { Certificate, Clock, Crl } from '../pki/index.ts';

/** The checks of a bundle, in the order in which they are reported. */
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
/** One check. Also the code of its fault when it fails. */
export type AcceptanceCode = (typeof acceptanceCodes)[number];

/** Why a check was not made. */
export type Unjudged = 'not-given' | 'no-key' | 'no-clock' | 'list-ended' | `prevented-by:${AcceptanceCode}`;

/** The result of one check. `ok: null` means it was not made, and `why` says what was missing. */
export type AcceptanceCheck = { readonly code: AcceptanceCode } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: Fault }
  | { readonly ok: null; readonly why: Unjudged }
);

/** The eNB that a bundle is judged for, as far as it is known. */
export interface JudgingEnb {
  readonly serialNumber: string;
  readonly hwType?: string;
  readonly certificate?: Certificate;
}

/** What a bundle is judged against. A check whose input is absent is not made, and is reported as assumed. */
export interface AcceptanceContext {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  /** CRLs from refused bundles. They can only revoke a signer: they never make its status good. */
  readonly revokingCrls?: readonly Crl[];
  /** Refuse a signer whose CRL is past its nextUpdate. */
  readonly requireFreshCrl?: boolean;
  readonly clock: Clock;
  /** By `signerSpkiSha256`, the time that earlier bundles of that key have proven. An inexact clock starts there. */
  readonly signerTimes?: ReadonlyMap<string, Date>;
  readonly enb?: JudgingEnb;
  readonly enbKey?: KeyObject;
  /** The highest epoch of any bundle that the eNB accepted, or 0 if it never accepted one. */
  readonly lastEpoch?: number;
  /** The eNB's sequence number in that epoch, or 0 if it never accepted a bundle. */
  readonly lastSequence?: number;
  /** `contentSha256` of the bundle that the eNB holds: SHA-256 of its signed content, lower-case hex. */
  readonly storedContentSha256?: string | undefined;
}

/** Collects the results of the checks. A check without a result was prevented by the first one that failed. */
export class CheckResults {
  readonly #results = new Map<AcceptanceCode, AcceptanceCheck>();

  /** Records that the check passed. */
  hold(code: AcceptanceCode): void {
    this.#results.set(code, { code, ok: true });
  }

  /** Records that the check failed. `detail` says why. */
  fail(code: AcceptanceCode, detail: Fault): void {
    this.#results.set(code, { code, ok: false, detail });
  }

  /** Records that the check failed because of another fault. */
  failBecause(code: AcceptanceCode, { fault: because }: Refused): void {
    this.fail(code, fault(code, { because }));
  }

  /** Records that the check could not be made. */
  skip(code: AcceptanceCode, why: Unjudged): void {
    this.#results.set(code, { code, ok: null, why });
  }

  /** Records a pass, or a failure with these facts. */
  record(code: AcceptanceCode, holds: boolean, facts: Omit<Fault, 'code'>): void {
    if (holds) this.hold(code);
    else this.fail(code, fault(code, facts));
  }

  /** Whether every check up to and including this one has a result, and none of them failed. */
  holdsUpTo(code: AcceptanceCode): boolean {
    const upTo = acceptanceCodes.slice(0, acceptanceCodes.indexOf(code) + 1);
    return upTo.every((one) => this.#results.has(one) && this.#results.get(one)?.ok !== false);
  }

  /** Every check in order. Throws when one has no result although no check failed. */
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
