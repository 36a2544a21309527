import { hash, type KeyObject } from 'node:crypto';
import {
  acceptanceCodes,
  Bundle,
  judgeBundle,
  latestTrustedTime,
  makeReceipt,
  toVerdict,
  verifyReceipt,
  type Acceptance,
  type AcceptanceCode,
  type AcceptedSigner,
  type Configuration,
  type Receipt,
  type StepName,
  type Verdict,
} from '../bundle/index.ts';
import type { IdentityDocument, ReceiptRequest } from '../device/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import { signerWithKey, type Signer } from '../keys/index.ts';
import {
  isTrainingCertificate,
  later,
  nameToText,
  readEnbIdentity,
  toSeconds,
  type Certificate,
  type Clock,
  type EnbIdentity,
} from '../pki/index.ts';
import type { Failure } from './fault-injection.ts';
import { keepCrls, storedCrls } from './enb-crls.ts';
import { EnbStateFile, type EnbState } from './enb-state.ts';
import type { StepDevice } from './enb-device.ts';
import { EnbPath, type PathReply, type PathSurroundings } from './enb-path.ts';
import { StepRecords } from './enb-step-records.ts';
import { EnbSteps, type StepStart, type StepSurroundings } from './enb-steps.ts';

/** What the factory puts into the eNB, and its surroundings. */
export interface ReferenceEnbOptions {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** The vendor's intermediates. */
  readonly chain: readonly Certificate[];
  readonly vendorRoot: Certificate;
  /** The folder of its state. */
  readonly folder: string;
  /** Undefined if this eNB has no clock. */
  readonly now: (() => Date) | undefined;
  /** How this eNB fails. May change while it runs, except `no-clock`. */
  readonly failure?: Failure | undefined;
  /** Undefined if this eNB makes no steps. */
  readonly steps?: StepSurroundings;
  /** Undefined if this eNB does not check its path. */
  readonly path?: PathSurroundings;
}

/** The name of the reference eNB's firmware. It says what its tunnels are, so that receipts do. */
function firmwareOf({ steps }: ReferenceEnbOptions): string {
  const kind = steps?.ipsec?.kind;
  return `siteseal-reference-enb/1${kind === undefined ? '' : ` (IPsec: ${kind})`}`;
}

/**
 * The reference eNB: does with a bundle what a vendor's device does, without the radio. Stores everything it must
 * remember on disk before it answers.
 */
export class ReferenceEnb {
  /** The identity in its certificate, even if it fails by `wrong-identity`. */
  readonly identity: EnbIdentity;
  readonly #options: ReferenceEnbOptions;
  readonly #signer: Signer;
  readonly #state: EnbStateFile;
  readonly #steps: EnbSteps | undefined;
  readonly #path: EnbPath | undefined;

  private constructor(
    options: ReferenceEnbOptions,
    identity: EnbIdentity,
    signer: Signer,
    state: EnbStateFile,
  ) {
    this.#options = options;
    this.identity = identity;
    this.#signer = signer;
    this.#state = state;
    this.#steps = options.steps && new EnbSteps(this.#stepDevice(), options.steps, state);
    const device = { ...options, clock: () => this.#clock(), steps: () => this.steps() };
    this.#path = options.path && new EnbPath(device, options.path, state);
  }

  /** Refuses a certificate that is not an eNB's, a key that does not match the certificate, and an invalid state. */
  static start(
    options: ReferenceEnbOptions,
  ): Result<
    ReferenceEnb,
    'enb-identity-missing' | 'key-certificate-mismatch' | 'key-unfit' | 'key-inconsistent' | 'store-unusable'
  > {
    const identity = readEnbIdentity(options.certificate);
    if (!identity.ok) return identity;
    const signer = signerWithKey(options.key, [options.certificate, ...options.chain]);
    if (!signer.ok) return signer;
    if (signer.value.certificate !== options.certificate) return refuse('key-certificate-mismatch');
    const state = EnbStateFile.open(options.folder);
    return state.ok ? ok(new ReferenceEnb(options, identity.value, signer.value, state.value)) : state;
  }

  /** What it reports about itself at `GET /v1/identity`. */
  describe(): IdentityDocument {
    const { serialNumber } = this.identity;
    const isWrong = this.#options.failure?.kind === 'wrong-identity';
    return {
      ...this.identity,
      serialNumber: isWrong ? `${serialNumber.slice(0, 58)}-other` : serialNumber,
      vendor: nameToText(this.#options.vendorRoot.subject),
      firmware: firmwareOf(this.#options),
      ...this.#lastAccepted(),
      clock: this.#describeClock(),
      training: this.#isTraining(),
    };
  }

  /** Judges a bundle and stores it if accepted. A refused bundle changes nothing of the accepted one. */
  takeBundle(bytes: Uint8Array): Verdict {
    const state = this.#state.get();
    const { certificate, key, chain, vendorRoot, failure } = this.#options;
    const { accepted: last } = state;
    const stored = this.acceptedBundle();
    const storedContentSha256 = stored && new Bundle(stored).contentSha256;
    const bundle = new Bundle(bytes);
    const judged = judgeBundle(bundle, {
      vendorRoots: [vendorRoot],
      intermediates: chain,
      ...storedCrls(state),
      clock: this.#clock(),
      signerTimes: new Map(Object.entries(state.signerTimes).map(([key, time]) => [key, new Date(time)])),
      enb: { ...this.identity, certificate },
      enbKey: key,
      lastEpoch: last?.epoch ?? 0,
      lastSequence: last?.sequence ?? 0,
      storedContentSha256,
    });
    const acceptance = failure?.kind === 'refuse' ? refusedBy(judged, failure.code) : judged;
    const { accepted, bundleSha256, configuration, signer } = acceptance;
    const verdict = toVerdict(acceptance);
    const { bundleId, sequence } = configuration ?? {};
    this.#state.set({
      ...state,
      ...keepCrls(state, acceptance),
      last: { bundleSha256, verdict, ...(configuration && { bundleId, sequence }) },
      ...(accepted &&
        configuration &&
        signer && {
          accepted: {
            bundle: Buffer.from(bytes).toString('base64'),
            sha256: bundleSha256,
            epoch: signer.epoch,
            sequence: configuration.sequence,
          },
          latestTrusted: latest(state.latestTrusted, toSeconds(latestTrustedTime(signer, acceptance.crls))),
          signerTimes: raiseSignerTime(state.signerTimes, signer, configuration),
        }),
    });
    if (accepted && bundle.contentSha256 !== storedContentSha256) this.#steps?.reset();
    return verdict;
  }

  /** The last accepted bundle (DER); undefined if there is no such bundle. */
  acceptedBundle(): Uint8Array | undefined {
    const { accepted } = this.#state.get();
    return accepted && Buffer.from(accepted.bundle, 'base64');
  }

  /** The steps after the bundle. */
  steps(): Receipt['steps'] {
    return this.#steps?.list() ?? new StepRecords(this.#state, () => this.#clock()).list();
  }

  /** Whether a step is running now. */
  get isStepRunning(): boolean {
    return this.#steps?.isRunning ?? false;
  }

  /** Starts a step of the accepted bundle, in the background. */
  startStep(step: StepName): StepStart {
    return this.#steps?.start(step) ?? { kind: 'unable' };
  }

  /** Checks the path to the gateways of the accepted bundle. */
  checkPath(): Promise<PathReply> {
    return this.#path?.check() ?? Promise.resolve({ kind: 'unable' });
  }

  /** Calls back whenever a step changes; the returned function ends that. */
  onStepChange(listener: () => void): () => void {
    return this.#steps?.onChange(listener) ?? (() => undefined);
  }

  /** Stops the steps. A step that is running continues at the next start. */
  async close(): Promise<void> {
    await Promise.all([this.#steps?.close(), this.#path?.close()]);
  }

  /** A signed receipt about the last bundle; undefined if there has never been one. */
  async makeReceipt({ challenge, auditHead }: ReceiptRequest): Promise<Uint8Array | undefined> {
    const state = this.#state.get();
    const { last } = state;
    if (!last) return undefined;
    const receiptNumber = state.receiptNumber + 1;
    // Uses up the number before the receipt exists. After a crash a number may be missing, but never appears twice.
    this.#state.set({ ...state, receiptNumber });
    const receipt: Receipt = {
      format: 'siteseal-receipt/1',
      receiptNumber,
      ...last,
      enb: this.identity,
      ...this.#lastAccepted(),
      steps: this.steps(),
      firmware: firmwareOf(this.#options),
      clock: this.#describeClock(),
      training: this.#isTraining(),
      challenge,
      ...(auditHead !== undefined && { auditHead }),
    };
    return await makeReceipt(receipt, this.#signer, this.#clock().now);
  }

  /** Whether this is a receipt of this eNB about a bundle, with the challenge of the request. */
  isAnswer(receipt: Uint8Array, bundle: Uint8Array, { challenge }: ReceiptRequest): boolean {
    const { vendorRoot, chain } = this.#options;
    const question = { vendorRoots: [vendorRoot], intermediates: chain, clock: this.#clock() };
    const found = verifyReceipt(receipt, { ...question, enb: this.identity, challenge });
    return found.ok && found.value.bundleSha256 === hash('sha256', bundle);
  }

  #stepDevice(): StepDevice {
    const { key, certificate, chain, vendorRoot, folder } = this.#options;
    const own = { key, certificate, chain, vendorRoot, folder };
    return { ...own, isTraining: this.#isTraining(), clock: () => this.#clock() };
  }

  #lastAccepted(): Pick<IdentityDocument, 'lastEpoch' | 'lastSequence'> {
    const { epoch, sequence } = this.#state.get().accepted ?? { epoch: 0, sequence: 0 };
    return { lastEpoch: epoch, lastSequence: sequence };
  }

  #isTraining(): boolean {
    return isTrainingCertificate(this.#options.vendorRoot);
  }

  /**
   * The eNB's clock, unless it is before the proven time. That time is then the lower bound, also for an eNB without a
   * clock. It is the latest one from a trusted source, and at least the start of the eNB's certificate.
   */
  #clock(): Clock {
    const now = this.#options.now?.();
    const { latestTrusted } = this.#state.get();
    const { notBefore } = this.#options.certificate;
    const proven = latestTrusted === undefined ? notBefore : later(new Date(latestTrusted), notBefore);
    return now && now >= proven ? { now, isExact: true } : { now: proven, isExact: false };
  }

  #describeClock(): IdentityDocument['clock'] {
    const { now, isExact } = this.#clock();
    const { latestTrusted } = this.#state.get();
    if (isExact) return { state: 'set', time: toSeconds(now) };
    return { state: 'not-set', ...(latestTrusted !== undefined && { latestTrusted }) };
  }
}

/** The acceptance as if this check had failed too. */
function refusedBy(acceptance: Acceptance, code: AcceptanceCode): Acceptance {
  const checks = acceptance.checks.map((check) =>
    check.code === code ? { code, ok: false as const, detail: fault(code) } : check,
  );
  const { configuration, signer, sealed, ...rest } = acceptance;
  // The receipt of a bundle that did not authenticate does not name that bundle.
  const isAuthentic = acceptanceCodes.indexOf(code) > acceptanceCodes.indexOf('signer-superseded');
  return { ...rest, accepted: false, checks, ...(isAuthentic && configuration && { configuration }) };
}

/** The most keys whose bundle times are remembered. The vendor certified each of them for this eNB. */
const maximumSignerTimes = 16;

/** An `issuedAt` only counts against bundles of the same key, and not beyond the end of that key's certificate. */
function raiseSignerTime(
  times: EnbState['signerTimes'],
  { path, spkiSha256 }: AcceptedSigner,
  { issuedAt }: Pick<Configuration, 'issuedAt'>,
): EnbState['signerTimes'] {
  const end = toSeconds((path.at(-1) ?? path[0]).notAfter);
  const { [spkiSha256]: known, ...others } = times;
  const kept = Object.entries(others)
    .toSorted(([, a], [, b]) => (a > b ? -1 : 1))
    .slice(0, maximumSignerTimes - 1);
  return { ...Object.fromEntries(kept), [spkiSha256]: latest(known, issuedAt < end ? issuedAt : end) };
}

/** RFC 3339 times in UTC sort as text. */
function latest(...times: readonly (string | undefined)[]): string {
  return times.filter((time) => time !== undefined).reduce((a, b) => (a > b ? a : b));
}
