import { isDeepStrictEqual } from 'node:util';
import {
  hasReached,
  type IdentifiedView,
  type JobState,
  type JobView,
  type Output,
  triedInTraining,
} from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { Bundle, firstFailure, judgeBundle, verifyReceipt } from '../bundle/index.ts';
import { usbAddress } from '../device/index.ts';
import { fault, ok, refuse, refused, type Result } from '../faults/index.ts';
import { exactly, nameToText, shortName, type Certificate } from '../pki/index.ts';
import type { JobRecord } from '../store/index.ts';
import {
  deliverBundle,
  enbTrust,
  identifyForJob,
  knownVendor,
  parseAddress,
  receiptFileName,
  unforeseen,
  type EnbConnection,
  type IdentifiedEnb,
  type KnownVendor,
  type TrustedVendor,
} from '../core/index.ts';
import type { ApiContext } from './context.ts';
import type { Handlers } from './handlers.ts';
import { rowOf } from './job-list.ts';
import { PathChecks } from './path.ts';
import { Followers, stepsView } from './steps.ts';
import { checkViews, faultView } from './views.ts';

type JobCalls =
  | 'jobs.get'
  | 'jobs.checkAddress'
  | 'jobs.identify'
  | 'jobs.send'
  | 'jobs.follow'
  | 'jobs.checkPath'
  | 'jobs.report'
  | 'jobs.receipt';

/** By job: how far this core's last delivery got on its connection. */
type Attempts = Map<string, JobState>;

/** A job, and its delivery over a connection. */
export function jobHandlers(context: ApiContext): Handlers<JobCalls> {
  const attempts: Attempts = new Map();
  const followers = new Followers(context);
  const paths = new PathChecks(context);
  return {
    'jobs.get': ({ id }) => viewOf(context, attempts, paths, id),
    'jobs.checkAddress': ({ address }) => {
      const transport = parseAddress(address, context.surroundings);
      return transport.ok ? ok({}) : transport;
    },
    'jobs.identify': ({ id, address }) => {
      const opened = openTrusted(context, id);
      if (!opened.ok) return opened;
      const connection = connectionOf(context, opened.value, address);
      if (!connection.ok) return connection;
      const { job, vendor } = opened.value;
      return context.works.run({ kind: 'identification', phase: 'identifying' }, async ({ signal }) => {
        await followers.release(connection.value);
        const identified = await identifyForJob(opened.value, job, { ...connection.value, signal });
        return identified.ok ? ok(identifiedView(job, vendor, identified.value)) : identified;
      });
    },
    'jobs.send': ({ id, address, confirmedSerialNumber }) =>
      send(context, attempts, paths, followers, id, address, confirmedSerialNumber),
    'jobs.follow': async ({ id, address, start }) => {
      const opened = openTrusted(context, id);
      if (!opened.ok) return opened;
      const connection = connectionOf(context, opened.value, address);
      if (!connection.ok) return connection;
      const tried = triedInTraining.find((one) => one === start);
      if (tried) context.noteTried(tried);
      const followed = await followers.follow(opened.value, connection.value, start);
      return followed.ok ? viewOf(context, attempts, paths, id) : followed;
    },
    'jobs.checkPath': async ({ id, address }) => {
      const opened = openTrusted(context, id);
      if (!opened.ok) return opened;
      const connection = address === undefined ? ok(undefined) : connectionOf(context, opened.value, address);
      if (!connection.ok) return connection;
      if (connection.value && !context.works.find('path', id)) {
        await followers.release(connection.value);
        followers.use(id, connection.value);
      }
      const { vendor, ...job } = opened.value;
      const checked = await paths.check(
        job,
        enbTrust(vendor, exactly(context.surroundings.now())),
        connection.value,
      );
      return checked.ok ? viewOf(context, attempts, paths, id) : checked;
    },
    'jobs.report': ({ id }) => {
      const job = viewOf(context, attempts, paths, id);
      if (!job.ok) return job;
      return ok({
        job: job.value,
        by: context.surroundings.userName,
        training: context.isTraining(),
      });
    },
    'jobs.receipt': ({ id }) => receiptOf(context, id),
  };
}

/** A job and its vendor, with the store that holds them. */
type OpenedJob = OpenedStore & { readonly job: JobRecord; readonly vendor: KnownVendor };

function open(context: ApiContext, id: string): Result<OpenedJob> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const job = opened.value.store.jobs.get(id);
  const vendor = job && knownVendor(opened.value.store, job.rootFingerprint);
  return job && vendor
    ? ok({ ...opened.value, job, vendor })
    : refuse('not-found', { where: { field: 'job' } });
}

/** Like `open`, for actions that need the vendor to be trusted now. */
function openTrusted(context: ApiContext, id: string): Result<OpenedJob> {
  const opened = open(context, id);
  return opened.ok && !opened.value.vendor.isTrusted ? refuse('vendor-not-trusted') : opened;
}

/** The connection to a job's eNB. Does not connect yet. */
function connectionOf(
  { surroundings }: ApiContext,
  { vendor }: OpenedJob,
  address: string,
): Result<EnbConnection> {
  const transport = parseAddress(address, surroundings);
  if (!transport.ok) return transport;
  const { now, deadlines } = surroundings;
  return ok({ transport: transport.value, trust: enbTrust(vendor, exactly(now())), deadlines });
}

/** A job with the current facts about its bundle, delivery and receipt. */
function viewOf(context: ApiContext, attempts: Attempts, paths: PathChecks, id: string): Result<JobView> {
  const opened = open(context, id);
  if (!opened.ok) return opened;
  const { job, vendor, store } = opened.value;
  const trust = enbTrust(vendor, exactly(context.surroundings.now()));
  const bundle = new Bundle(job.bundle);
  const reason = vendor.isTrusted ? firstFailure(judgeBundle(bundle, trust)) : fault('vendor-not-trusted');
  const newerId = store.jobs.newer(id, context.surroundings.now());
  const newer = newerId === undefined ? undefined : store.jobs.get(newerId);
  const delivery = store.deliveries.get(job.bundleSha256);
  const verdict = delivery?.verdict;
  const path = paths.view(job, store);
  // A delivery in progress has no verdict until the eNB has answered it.
  const reached = context.works.find('delivery', id)?.progress.phase;
  const attempt = reached ?? attempts.get(id);
  const isOfThisDelivery = !reached || hasReached(reached, 'sent');
  const receipt = delivery?.receiptSha256 ? store.receipts.get(delivery.receiptSha256) : undefined;
  const content =
    receipt &&
    verifyReceipt(receipt.bytes, {
      ...trust,
      clock: exactly(new Date(receipt.receivedAt)),
    });
  return ok({
    ...rowOf(context, job, store, newerId),
    hwType: job.hwType,
    bundleSha256: job.bundleSha256,
    vendor: shortName(vendor.root.subject),
    vendorRoot: nameToText(vendor.root.subject),
    steps: stepsView(
      context,
      job,
      store,
      receipt && content?.ok ? { ...content.value, ...receipt } : undefined,
    ),
    ...(path && { path }),
    ...(newer && { newer: { id: newer.id, sequence: newer.sequence } }),
    validFrom: job.validFrom,
    ...(delivery?.address && { address: delivery.address }),
    ...(attempt && { attempt }),
    ...(reason && { fault: faultView(reason) }),
    ...(verdict &&
      isOfThisDelivery && { verdict: { accepted: verdict.accepted, checks: checkViews(verdict) } }),
    ...(delivery?.fault && { deliveryFault: faultView(delivery.fault) }),
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

/** A job's receipt, as the eNB signed it. */
function receiptOf(context: ApiContext, id: string): Result<Output<'jobs.receipt'>> {
  const opened = open(context, id);
  if (!opened.ok) return opened;
  const { job, store } = opened.value;
  const sha256 = store.deliveries.get(job.bundleSha256)?.receiptSha256;
  const receipt = sha256 ? store.receipts.get(sha256) : undefined;
  if (!receipt) return refuse('not-found', { where: { field: 'receipt' } });
  return ok({
    fileName: receiptFileName(receipt.serialNumber, receipt.receiptNumber),
    base64: Buffer.from(receipt.bytes).toString('base64'),
  });
}

/**
 * Delivers a bundle, and returns when the delivery has ended. Refuses with `enb-mismatch` if the serial number that the
 * user confirmed is not the job's. Refuses with `work-busy` while a delivery of the job runs.
 */
async function send(
  context: ApiContext,
  attempts: Attempts,
  paths: PathChecks,
  followers: Followers,
  id: string,
  address: string,
  confirmedSerialNumber: string,
): Promise<Result<JobView>> {
  const opened = openTrusted(context, id);
  if (!opened.ok) return opened;
  const connection = connectionOf(context, opened.value, address);
  if (!connection.ok) return connection;
  const { job, store, log } = opened.value;
  if (confirmedSerialNumber !== job.serialNumber) {
    return refuse('enb-mismatch', { expected: job.serialNumber, found: confirmedSerialNumber });
  }
  const start = { kind: 'delivery', subject: id, phase: 'selected' } as const;
  const delivered = await context.works.run(start, async (work): Promise<Result<void>> => {
    await followers.release(connection.value);
    log.append({
      action: 'confirmed',
      subject: { site: job.siteId, serialNumber: job.serialNumber, hwType: job.hwType },
      facts: { what: 'serial-number' },
    });
    const report = await deliverBundle(
      context,
      new Bundle(job.bundle),
      { ...connection.value, signal: work.signal },
      (phase) => work.report({ phase, done: 0, total: 0 }),
    );
    const { fault: reason, state, verdict } = report;
    attempts.set(id, verdict?.accepted === false ? 'refused' : state);
    // Return only a fault that the delivery's record does not already show.
    const kept = store.deliveries.get(job.bundleSha256)?.fault;
    return reason && !isDeepStrictEqual(kept, reason) ? refused(reason) : ok(undefined);
  });
  if (!delivered.ok) return delivered;
  if (attempts.get(id) === 'receipt') {
    context.noteTried(usbOrEthernet(address));
    void followers.follow(opened.value, connection.value).catch(unforeseen);
  }
  return viewOf(context, attempts, paths, id);
}

function usbOrEthernet(address: string): 'usb' | 'ethernet' {
  return address.startsWith(usbAddress(undefined)) ? 'usb' : 'ethernet';
}

/** The vendors of two roots in words that differ if the roots do. */
function vendorNames(expected: Certificate, found: Certificate): [expected: string, found: string] {
  const isSame = expected.sha256 === found.sha256;
  const long = ({ subject, sha256 }: Certificate) => `${nameToText(subject)} (SHA-256 ${sha256})`;
  const short = ({ subject }: Certificate) => shortName(subject);
  const name = isSame || short(expected) !== short(found) ? short : long;
  return [name(expected), name(found)];
}

/** Compares what the job expects with what the eNB has proven. */
function identifiedView(job: JobRecord, { root }: TrustedVendor, identified: IdentifiedEnb): IdentifiedView {
  const { enb, identity, certificate, vendorRoot } = identified;
  const compare = (subject: string, expected: string, found: string, isEqual = expected === found) => ({
    subject,
    expected,
    found,
    isEqual,
  });
  const comparisons = [
    compare('serial-number', job.serialNumber, enb.serialNumber),
    compare('hardware-type', job.hwType, enb.hwType),
    compare('vendor', ...vendorNames(root, vendorRoot), root.sha256 === vendorRoot.sha256),
  ];
  return {
    ...enb,
    vendor: shortName(vendorRoot.subject),
    firmware: identity.firmware,
    lastSequence: identity.lastSequence,
    clock: identity.clock.state === 'set' ? identity.clock.time : null,
    certificateSha256: certificate.sha256,
    comparisons,
    isTheRightOne: comparisons.every(({ isEqual }) => isEqual),
  };
}
