import type { SignedData } from '../cms/index.ts';
import { isSameCertificate, type Certificate } from '../pki/index.ts';
import type { AcceptanceContext } from './acceptance-checks.ts';
import type { AuthenticCrl } from './bundle-crls.ts';
import type { SignerJudgement } from './judge-signer.ts';

/** What is found about a signer, with what came with it. */
export interface JudgedSigner extends SignerJudgement {
  /** The CRLs of the bundle that count. */
  readonly authentic: readonly AuthenticCrl[];
}

/** Everything that the judgement of a signer depends on. */
interface Question {
  readonly signer: Certificate;
  readonly signedData: SignedData;
  readonly context: AcceptanceContext;
}

/**
 * Remembers what was found about the last signer. The bundles of a run have the same signer, with the same certificates
 * and CRLs, and to judge those takes several times as long as the rest.
 */
export class SignerMemory {
  #last: (Question & { readonly judged: JudgedSigner }) | undefined;

  /** What was found about this signer with the same certificates and CRLs, trust and clock; or else what `judge` finds. */
  recall(
    signer: Certificate,
    signedData: SignedData,
    context: AcceptanceContext,
    judge: () => JudgedSigner,
  ): JudgedSigner {
    const question = { signer, signedData, context };
    if (this.#last && isSame(this.#last, question)) return this.#last.judged;
    const judged = judge();
    this.#last = { ...question, judged };
    return judged;
  }
}

function isSame(one: Question, other: Question): boolean {
  const [trust, otherTrust] = [one.context, other.context];
  return (
    isSameCertificate(one.signer, other.signer) &&
    areSame(one.signedData.certificates, other.signedData.certificates) &&
    areSame(one.signedData.crls, other.signedData.crls) &&
    trust.vendorRoots === otherTrust.vendorRoots &&
    trust.intermediates === otherTrust.intermediates &&
    trust.crls === otherTrust.crls &&
    trust.revokingCrls === otherTrust.revokingCrls &&
    trust.requireFreshCrl === otherTrust.requireFreshCrl &&
    trust.clock.isExact === otherTrust.clock.isExact &&
    trust.clock.now.getTime() === otherTrust.clock.now.getTime()
  );
}

function areSame(some: readonly Encoded[], others: readonly Encoded[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ der }, index) => Buffer.compare(der, others[index]?.der ?? empty) === 0)
  );
}

interface Encoded {
  readonly der: Uint8Array;
}

const empty = new Uint8Array();
