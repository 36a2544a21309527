import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  hasReached,
  type IdentifiedView,
  type JobRow,
  type JobState,
  type JobView,
  type Output,
} from '../../../preload/contract/index.ts';
import type { OpenedStore } from '../../audit/index.ts';
import {
  firstFailure,
  judgeBundle,
  maximumBundleSize,
  verifyReceipt,
  type Verdict,
} from '../../bundle/index.ts';
import { withSession, type EnbSession, type EnbTrust } from '../../device/index.ts';
import {
  fault,
  ok,
  prependWhere,
  refuse,
  refused,
  type Fault,
  type Refused,
  type Result,
} from '../../faults/index.ts';
import { errorCode, readFile } from '../../files/index.ts';
import { exactly, nameToText, type Clock } from '../../pki/index.ts';
import type { JobRecord, Store } from '../../store/index.ts';
import { deliver, provenState } from '../../site/index.ts';
import { parseWay } from '../enb-way.ts';
import { receiptFileName, receiptKeeping } from '../receipt-keeping.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';
import { enbTrust, knownVendor, trustedVendors, type KnownVendor, type TrustedVendor } from './vendors.ts';
import { carriedView, checkViews, expiryOf, faultView, workView } from './views.ts';

type JobCalls =
  | 'jobs.list'
  | 'jobs.get'
  | 'jobs.open'
  | 'jobs.openRun'
  | 'jobs.checkWay'
  | 'jobs.identify'
  | 'jobs.send'
  | 'jobs.report'
  | 'jobs.receipt';

/** The jobs on this laptop, and their delivery over a stream. */
export function jobHandlers(context: ApiContext): Handlers<JobCalls> {
  const jobs = new JobDesk(context);
  return {
    'jobs.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.jobs.list(request);
      return ok({ total, rows: rows.map((job) => jobs.row(job, opened.value.store)) });
    },
    'jobs.get': ({ id }) => jobs.view(id),
    'jobs.open': ({ files }) =>
      context.works.run({ kind: 'opening', phase: 'opening' }, async (work) => {
        const added: string[] = [];
        const notTaken: { name: string; fault: ReturnType<typeof faultView> }[] = [];
        for (const file of files) {
          const stopped = await work.pause();
          if (stopped) return refused(stopped);
          const path = context.pathOf(file);
          const job = path.ok ? jobs.add(path.value) : path;
          if (job.ok) added.push(job.value);
          else notTaken.push({ name: file.name, fault: faultView(job.fault) });
        }
        return ok({ added, refused: notTaken });
      }),
    'jobs.openRun': ({ runId }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const folder = opened.value.store.runs.get(runId)?.out_folder;
      if (typeof folder !== 'string') return refuse('not-found', { where: { field: 'run' } });
      const bundles = context.inPlace(join(folder, 'bundles'));
      if (!bundles.ok) return bundles;
      return context.works.run({ kind: 'opening', subject: runId, phase: 'opening' }, (work) =>
        jobs.addFolder(bundles.value, () => work.pause()),
      );
    },
    'jobs.checkWay': ({ way }) => {
      const transport = parseWay(way, context.surroundings);
      return transport.ok ? ok({}) : transport;
    },
    'jobs.identify': ({ id, way }) => jobs.identify(id, way),
    'jobs.send': ({ id, way, confirmedSerialNumber }) => jobs.send(id, way, confirmedSerialNumber),
    'jobs.report': ({ id }) => {
      const job = jobs.view(id);
      if (!job.ok) return job;
      const opened = context.store();
      const training = opened.ok && context.stores.isTraining(opened.value);
      return ok({
        job: job.value,
        writtenAt: context.timestamp(),
        by: context.surroundings.userName,
        training,
      });
    },
    'jobs.receipt': ({ id }) => jobs.receipt(id),
  };
}

/** A job with its vendor, in its store. */
type OpenedJob = OpenedStore & { readonly job: JobRecord; readonly vendor: KnownVendor };

/** The jobs on this laptop and the deliveries under way. */
export class JobDesk {
  readonly #context: ApiContext;
  readonly #training: boolean | undefined;
  /** By job: how far the last delivery of this core came on its own connection. */
  readonly #attempts = new Map<string, JobState>();

  /** `training` names the store; without it, it is the one that is shown. */
  constructor(context: ApiContext, training?: boolean) {
    this.#context = context;
    this.#training = training;
  }

  #store(): Result<OpenedStore> {
    return this.#training === undefined ? this.#context.store() : this.#context.stores.open(this.#training);
  }

  #open(id: string): Result<OpenedJob> {
    const opened = this.#store();
    if (!opened.ok) return opened;
    const job = opened.value.store.jobs.get(id);
    const vendor = job && knownVendor(opened.value.store, job.root_fingerprint);
    return job && vendor
      ? ok({ ...opened.value, job, vendor })
      : refuse('not-found', { where: { field: 'job' } });
  }

  /** As `#open`, for what may be done only while the vendor is trusted. */
  #openTrusted(id: string): Result<OpenedJob> {
    const opened = this.#open(id);
    return opened.ok && !opened.value.vendor.isTrusted ? refuse('vendor-not-trusted') : opened;
  }

  #clock(): Clock {
    return exactly(this.#context.surroundings.now());
  }

  #trust(vendor: TrustedVendor): EnbTrust {
    return enbTrust(vendor, this.#clock());
  }

  /** Makes a job of a bundle file: the bundle must be acceptable to the eNBs of a trusted vendor. */
  add(file: string): Result<string> {
    const opened = this.#store();
    if (!opened.ok) return opened;
    const { store } = opened.value;
    const bundle = readFile(file, maximumBundleSize, this.#context.options.folders);
    if (!bundle.ok) return bundle;
    // What is wrong with the bundle itself is said first, whoever is trusted.
    const untrusting = judgeBundle(bundle.value, {
      vendorRoots: [],
      intermediates: [],
      crls: [],
      clock: this.#clock(),
    });
    let reason = firstFailure(untrusting) ?? fault('vendor-not-trusted');
    if (reason.code === 'signer-untrusted') reason = fault('vendor-not-trusted');
    for (const vendor of trustedVendors(store)) {
      const acceptance = judgeBundle(bundle.value, this.#trust(vendor));
      const failed = firstFailure(acceptance);
      const { configuration } = acceptance;
      if (configuration && !failed) {
        return ok(
          store.jobs.add({
            id: this.#context.surroundings.newId(),
            site_id: configuration.site.id,
            site_name: configuration.site.name,
            hw_type: configuration.enb.hwType,
            serial_number: configuration.enb.serialNumber,
            operator: configuration.operator.name,
            sequence: configuration.sequence,
            valid_from: configuration.notBefore,
            valid_until: configuration.notAfter,
            bundle: bundle.value,
            bundle_sha256: acceptance.bundleSha256,
            root_fingerprint: vendor.root.sha256,
            added_at: this.#context.timestamp(),
          }),
        );
      }
      if (failed && failed.code !== 'signer-untrusted') reason = failed;
    }
    return refused(prependWhere(reason, { file: basename(file) }));
  }

  /** Makes jobs of the bundle files in a folder. Refuses with the fault of one that is not taken; others are. */
  async addFolder(
    folder: string,
    pause: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
  ): Promise<Result<{ added: number }>> {
    let files: readonly string[];
    try {
      files = readdirSync(folder).filter((name) => name.endsWith('.p7m'));
    } catch (error) {
      return refuse('file-unreadable', { where: { file: folder }, found: errorCode(error) });
    }
    let bad: Refused | undefined;
    for (const name of files) {
      const stopped = await pause();
      if (stopped) return refused(stopped);
      const result = this.add(join(folder, name));
      if (!result.ok) bad ??= result;
    }
    return bad ?? ok({ added: files.length });
  }

  /** A job in a list. */
  row(job: JobRecord, store: Store): JobRow {
    const carried = store.carried.get(job.bundle_sha256);
    const work = this.#context.works.find('delivery', job.id);
    const expiry = expiryOf(job.valid_until, this.#clock().now);
    return {
      id: job.id,
      siteId: job.site_id,
      siteName: job.site_name,
      serialNumber: job.serial_number,
      operator: job.operator,
      sequence: job.sequence,
      validUntil: job.valid_until,
      ...(expiry && { expiry }),
      state: work?.progress.phase ?? provenState(job.state),
      ...(work && { work: workView(work) }),
      updatedAt: job.updated_at,
      ...(carried && { carried: carriedView(this.#context, carried) }),
    };
  }

  /** A job with what is known of its bundle, its delivery and its receipt now. */
  view(id: string): Result<JobView> {
    const opened = this.#open(id);
    if (!opened.ok) return opened;
    const { job, vendor, store } = opened.value;
    const reason = vendor.isTrusted
      ? firstFailure(judgeBundle(job.bundle, this.#trust(vendor)))
      : fault('vendor-not-trusted');
    const delivery = store.deliveries.get(job.bundle_sha256);
    const verdict = delivery?.verdict ? (JSON.parse(delivery.verdict) as Verdict) : undefined;
    // A delivery under way has no verdict before the eNB has answered it.
    const reached = this.#context.works.find('delivery', id)?.progress.phase;
    const attempt = reached ?? this.#attempts.get(id);
    const isOfThisTime = !reached || hasReached(reached, 'sent');
    const receipt = delivery?.receipt_sha256 ? store.receipt(delivery.receipt_sha256) : undefined;
    const content =
      receipt &&
      verifyReceipt(receipt.bytes, {
        ...this.#trust(vendor),
        clock: exactly(new Date(receipt.receivedAt)),
      });
    return ok({
      ...this.row(job, store),
      hwType: job.hw_type,
      bundleSha256: job.bundle_sha256,
      vendor: nameToText(vendor.root.subject),
      validFrom: job.valid_from,
      ...(delivery?.way && { way: delivery.way }),
      ...(attempt && { attempt }),
      ...(reason && { fault: faultView(reason) }),
      ...(verdict &&
        isOfThisTime && { verdict: { accepted: verdict.accepted, checks: checkViews(verdict) } }),
      ...(delivery?.fault && { deliveryFault: faultView(JSON.parse(delivery.fault) as Fault) }),
      ...(receipt &&
        content?.ok && {
          receipt: {
            number: receipt.receiptNumber,
            fileName: receiptFileName(receipt.serialNumber, receipt.receiptNumber),
            accepted: content.value.verdict.accepted,
            sha256: receipt.sha256,
            receivedAt: receipt.receivedAt,
            firmware: content.value.firmware,
          },
        }),
    });
  }

  /** The receipt of a job, as the eNB has signed it. */
  receipt(id: string): Result<Output<'jobs.receipt'>> {
    const opened = this.#open(id);
    if (!opened.ok) return opened;
    const { job, store } = opened.value;
    const sha256 = store.deliveries.get(job.bundle_sha256)?.receipt_sha256;
    const receipt = sha256 ? store.receipt(sha256) : undefined;
    if (!receipt) return refuse('not-found', { where: { field: 'receipt' } });
    return ok({
      fileName: receiptFileName(receipt.serialNumber, receipt.receiptNumber),
      base64: Buffer.from(receipt.bytes).toString('base64'),
    });
  }

  /** Connects and compares the eNB that is there with the job's; nothing is sent. */
  async identify(id: string, way: string): Promise<Result<IdentifiedView>> {
    const opened = this.#openTrusted(id);
    if (!opened.ok) return opened;
    const transport = parseWay(way, this.#context.surroundings);
    if (!transport.ok) return transport;
    const { job, vendor } = opened.value;
    const { deadlines } = this.#context.surroundings;
    return this.#context.works.run({ kind: 'identification', phase: 'identifying' }, ({ signal }) =>
      withSession(
        transport.value,
        this.#trust(vendor),
        deadlines,
        (session) => ok(identifiedView(job, vendor, session)),
        signal,
      ),
    );
  }

  /**
   * Delivers a bundle, and answers when the delivery has ended. Refuses with `enb-mismatch` when the serial number that
   * the person has confirmed is not the job's, and with `work-busy` while a delivery of the job runs.
   */
  async send(id: string, way: string, confirmedSerialNumber: string): Promise<Result<JobView>> {
    const opened = this.#openTrusted(id);
    if (!opened.ok) return opened;
    const transport = parseWay(way, this.#context.surroundings);
    if (!transport.ok) return transport;
    const { job, vendor } = opened.value;
    if (confirmedSerialNumber !== job.serial_number) {
      return refuse('enb-mismatch', { expected: job.serial_number, found: confirmedSerialNumber });
    }
    const { deadlines } = this.#context.surroundings;
    const start = { kind: 'delivery', subject: id, phase: 'selected' } as const;
    const delivered = await this.#context.works.run(start, async (work): Promise<Result<void>> => {
      const {
        fault: reason,
        state,
        verdict,
      } = await deliver(
        {
          bundle: job.bundle,
          trust: this.#trust(vendor),
          transport: transport.value,
          deadlines,
          signal: work.signal,
        },
        {
          ...receiptKeeping(this.#context.stores, undefined),
          onState: (phase) => work.report({ phase, done: 0, total: 0 }),
        },
      );
      this.#attempts.set(id, verdict?.accepted === false ? 'refused' : state);
      // A fault that the delivery's record does not have is this call's answer.
      const kept = opened.value.store.deliveries.get(job.bundle_sha256)?.fault;
      return reason && kept !== JSON.stringify(reason) ? refused(reason) : ok(undefined);
    });
    return delivered.ok ? this.view(id) : delivered;
  }
}

/** What the job expects beside what the eNB has proven, line by line. */
function identifiedView(job: JobRecord, { root }: TrustedVendor, session: EnbSession): IdentifiedView {
  const { enb, identity, certificate, vendorRoot } = session;
  const compare = (subject: string, expected: string, found: string, isEqual = expected === found) => ({
    subject,
    expected,
    found,
    isEqual,
  });
  const comparisons = [
    compare('serial-number', job.serial_number, enb.serialNumber),
    compare('hardware-type', job.hw_type, enb.hwType),
    // Two roots can have one name.
    compare(
      'vendor',
      nameToText(root.subject),
      nameToText(vendorRoot.subject),
      root.sha256 === vendorRoot.sha256,
    ),
  ];
  return {
    ...enb,
    vendor: identity.vendor,
    firmware: identity.firmware,
    lastSequence: identity.lastSequence,
    clock: identity.clock.state === 'set' ? identity.clock.time : null,
    certificateSha256: certificate.sha256,
    comparisons,
    isTheRightOne: comparisons.every(({ isEqual }) => isEqual),
  };
}
