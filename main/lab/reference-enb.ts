import { hash, type KeyObject } from 'node:crypto';
import {
  contentSha256,
  judgeBundle,
  makeReceipt,
  stepNames,
  toVerdict,
  verifyReceipt,
  type Acceptance,
  type AcceptanceCode,
  type Configuration,
  type Receipt,
  type Verdict,
} from '../bundle/index.ts';
import type { IdentityDocument, ReceiptRequest } from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { signingKey, type SigningKey } from '../keys/index.ts';
import {
  isNewerCrl,
  isTrainingCertificate,
  nameToText,
  parseCrl,
  readEnbIdentity,
  toSeconds,
  type Certificate,
  type Clock,
  type Crl,
  type EnbIdentity,
} from '../pki/index.ts';
import type { Failure } from './fault-injection.ts';
import { EnbStateFile, type EnbState } from './enb-state.ts';

/** What the factory has put into the eNB, and its surroundings. */
export interface ReferenceEnbOptions {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** The vendor's intermediates. */
  readonly chain: readonly Certificate[];
  readonly vendorRoot: Certificate;
  /** The folder of its state. */
  readonly folder: string;
  /** Undefined: this eNB has no clock. */
  readonly now: (() => Date) | undefined;
  /** How this eNB fails. */
  readonly failure?: Failure | undefined;
}

/** What the reference eNB calls its firmware. */
export const firmware = 'siteseal-reference-enb/1';

/**
 * The reference eNB: what a vendor's device does with a bundle, without the radio. Everything that it must remember is
 * on the disk before it answers.
 */
export class ReferenceEnb {
  /** As its certificate has it, also for one that fails by `wrong-identity`. */
  readonly identity: EnbIdentity;
  readonly #options: ReferenceEnbOptions;
  readonly #signingKey: SigningKey;
  readonly #state: EnbStateFile;

  private constructor(
    options: ReferenceEnbOptions,
    identity: EnbIdentity,
    key: SigningKey,
    state: EnbStateFile,
  ) {
    this.#options = options;
    this.identity = identity;
    this.#signingKey = key;
    this.#state = state;
  }

  /** Refuses a certificate that is not an eNB's, a key that is not the certificate's, and a state that is none. */
  static start(
    options: ReferenceEnbOptions,
  ): Result<
    ReferenceEnb,
    'enb-identity-missing' | 'key-certificate-mismatch' | 'key-unfit' | 'key-inconsistent' | 'store-unusable'
  > {
    const identity = readEnbIdentity(options.certificate);
    if (!identity.ok) return identity;
    const key = signingKey(options.key, [options.certificate, ...options.chain]);
    if (!key.ok) return key;
    if (key.value.certificate !== options.certificate) return refuse('key-certificate-mismatch');
    const state = EnbStateFile.open(options.folder);
    return state.ok ? ok(new ReferenceEnb(options, identity.value, key.value, state.value)) : state;
  }

  /** What it says of itself at `GET /v1/identity`. */
  describe(): IdentityDocument {
    const { serialNumber } = this.identity;
    const isWrong = this.#options.failure?.kind === 'wrong-identity';
    return {
      ...this.identity,
      serialNumber: isWrong ? `${serialNumber.slice(0, 58)}-other` : serialNumber,
      vendor: nameToText(this.#options.vendorRoot.subject),
      firmware,
      lastSequence: this.#state.get().accepted?.sequence ?? 0,
      clock: this.#describeClock(),
      training: this.#isTraining(),
    };
  }

  /** Judges a bundle, and keeps it when it is accepted; a refused one changes nothing of what was accepted. */
  takeBundle(bundle: Uint8Array): Verdict {
    const state = this.#state.get();
    const { certificate, key, chain, vendorRoot, failure } = this.#options;
    const stored = this.acceptedBundle();
    const acceptance = judgeBundle(bundle, {
      vendorRoots: [vendorRoot],
      intermediates: chain,
      crls: storedCrls(state),
      clock: this.#clock(),
      enb: { ...this.identity, certificate },
      enbKey: key,
      lastSequence: state.accepted?.sequence ?? 0,
      storedContentSha256: stored && contentSha256(stored),
    });
    const { bundleSha256, configuration } = acceptance;
    const refusal = failure?.kind === 'refuse' ? failure.code : undefined;
    const verdict = refusedBy(toVerdict(acceptance), refusal);
    const { accepted: isAccepted } = verdict;
    const bundleId = configuration?.bundleId;
    const last = {
      bundleSha256,
      verdict,
      ...(configuration && { bundleId, sequence: configuration.sequence }),
    };
    const next: EnbState = { ...state, last: last };
    this.#state.set(
      isAccepted && configuration
        ? {
            ...next,
            accepted: {
              bundle: Buffer.from(bundle).toString('base64'),
              sha256: bundleSha256,
              sequence: configuration.sequence,
            },
            crls: newestCrls([...storedCrls(state), ...acceptance.crls]),
            latestTrusted: latest(state.latestTrusted, ...timesTold(acceptance, configuration)),
          }
        : next,
    );
    return verdict;
  }

  /** The bundle that it accepted last (DER); undefined when there is none. */
  acceptedBundle(): Uint8Array | undefined {
    const { accepted } = this.#state.get();
    return accepted && Buffer.from(accepted.bundle, 'base64');
  }

  /** The steps after the bundle. They all wait: this eNB goes no further. */
  steps(): Receipt['steps'] {
    return stepNames.map((step) => ({ step, state: 'waiting' }));
  }

  /** A signed receipt about the last bundle, undefined when there has never been one. */
  makeReceipt({ challenge, auditHead }: ReceiptRequest): Uint8Array | undefined {
    const state = this.#state.get();
    const { last } = state;
    if (!last) return undefined;
    const receiptNumber = state.receiptNumber + 1;
    // The number is spent before the receipt exists: after a crash a number is missing, never there twice.
    this.#state.set({ ...state, receiptNumber });
    const receipt: Receipt = {
      format: 'siteseal-receipt/1',
      receiptNumber,
      ...last,
      enb: this.identity,
      steps: this.steps(),
      firmware,
      clock: this.#describeClock(),
      training: this.#isTraining(),
      challenge,
      ...(auditHead !== undefined && { auditHead }),
    };
    return makeReceipt(receipt, this.#signingKey, this.#clock().now);
  }

  /** Whether this is a receipt of this eNB about a bundle, with the challenge of the request. */
  isAnswer(receipt: Uint8Array, bundle: Uint8Array, { challenge }: ReceiptRequest): boolean {
    const { vendorRoot, chain } = this.#options;
    const question = { vendorRoots: [vendorRoot], intermediates: chain, clock: this.#clock() };
    const bundleSha256 = hash('sha256', bundle);
    return verifyReceipt(receipt, { ...question, enb: this.identity, bundleSha256, challenge }).ok;
  }

  #isTraining(): boolean {
    return isTrainingCertificate(this.#options.vendorRoot);
  }

  /** Without a clock, the latest time from a trusted source; before any, the beginning of its certificate. */
  #clock(): Clock {
    const now = this.#options.now?.();
    if (now) return { now, isExact: true };
    const { latestTrusted } = this.#state.get();
    return {
      now: latestTrusted ? new Date(latestTrusted) : this.#options.certificate.notBefore,
      isExact: false,
    };
  }

  #describeClock(): IdentityDocument['clock'] {
    const { now, isExact } = this.#clock();
    const { latestTrusted } = this.#state.get();
    if (isExact) return { state: 'set', time: toSeconds(now) };
    return { state: 'not-set', ...(latestTrusted !== undefined && { latestTrusted }) };
  }
}

/** The verdict when this check fails as well. */
function refusedBy(verdict: Verdict, refusal: AcceptanceCode | undefined): Verdict {
  if (refusal === undefined) return verdict;
  const checks = verdict.checks.map((check) =>
    check.code === refusal ? { code: check.code, ok: false } : check,
  );
  return { accepted: false, checks };
}

function storedCrls(state: EnbState): readonly Crl[] {
  return state.crls.flatMap((encoding) => {
    const crl = parseCrl(Buffer.from(encoding, 'base64'));
    return crl.ok ? [crl.value] : [];
  });
}

/** The newest list of each issuer and scope, by CRL number, or where there is none by its date. */
function newestCrls(crls: readonly Crl[]): EnbState['crls'] {
  const newest = new Map<string, Crl>();
  for (const crl of crls) {
    const known = newest.get(crl.series);
    if (!known || isNewerCrl(crl, known)) newest.set(crl.series, crl);
  }
  return [...newest.values()].map(({ der }) => Buffer.from(der).toString('base64'));
}

/**
 * What an accepted bundle tells of the time. None of it may be later than the end of a certificate that it is believed
 * by: an eNB without a clock would never again take a bundle from anyone.
 */
function timesTold(
  { crls, signerPath }: Pick<Acceptance, 'crls' | 'signerPath'>,
  { issuedAt }: Pick<Configuration, 'issuedAt'>,
): readonly string[] {
  const end = (signerPath ?? []).map(({ notAfter }) => toSeconds(notAfter)).reduce(earlier);
  return [issuedAt, ...crls.map(({ thisUpdate }) => toSeconds(thisUpdate))].map((time) => earlier(time, end));
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

/** RFC 3339 times in UTC sort as text. */
function latest(...times: readonly (string | undefined)[]): string {
  return times.filter((time) => time !== undefined).reduce((a, b) => (a > b ? a : b));
}
