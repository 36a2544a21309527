import type { CollectedView, DriveView } from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { Bundle } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import type { Drive, DriveVerdict, ReplugState } from '../drive/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import { exactly } from '../pki/index.ts';
import type { CarryItem, CollectedReceipt } from '../site/index.ts';
import type { Work } from '../work/index.ts';
import {
  collectReceiptFiles,
  collectReceipts,
  combinedTrust,
  ejectDrive,
  enbTrust,
  listDrives,
  mountVolume,
  trustedVendor,
  trustedVendors,
  verifyDrive,
  writeToDrive,
  type MountedDrive,
} from '../core/index.ts';
import type { ApiContext, WorkPhases } from './context.ts';
import type { Handlers } from './handlers.ts';
import { faultView } from './views.ts';

type DriveCalls =
  'drives.list' | 'drives.write' | 'drives.verify' | 'drives.eject' | 'drives.collect' | 'receipts.read';

/** The answer of a call that returns no data. */
type Nothing = Record<string, never>;

/** Handlers for removable drives, and for the jobs on them. */
export function driveHandlers(context: ApiContext): Handlers<DriveCalls> {
  return {
    'drives.list': async () => {
      const drives = await listDrives(context);
      return drives.ok ? ok(drives.value.map(driveView)) : drives;
    },
    'drives.write': ({ volume, jobIds, confirmedSerialNumbers }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const items = itemsOf(context, opened.value, jobIds, confirmedSerialNumbers);
      if (!items.ok) return items;
      return workOn(context, volume, 'writing', (place, work) =>
        writeAndVerify(context, opened.value, place, items.value, work),
      );
    },
    'drives.verify': ({ volume, replug }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return workOn(context, volume, 'verifying', (place, work) => {
        const onState = (phase: ReplugState) => work.report({ phase, done: 0, total: 0 });
        return verify(context, opened.value, place, replug ? { onState, signal: work.signal } : undefined);
      });
    },
    'drives.eject': ({ volume }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return workOn(context, volume, 'ejecting', async (place) => {
        const ejected = await ejectDrive(context, place, opened.value);
        return ejected.ok ? ok({}) : ejected;
      });
    },
    'drives.collect': ({ volume }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return workOn(context, volume, 'collecting', async ({ mountPoint, drive }, work) => {
        const trusts = trustedVendors(opened.value.store).map((vendor) => trustIn(context, vendor));
        const pause = () => work.pause();
        const receipts = await collectReceipts(context, mountPoint, trusts, opened.value, { pause });
        if (!receipts.ok) return receipts;
        if (receipts.value.some(({ kind }) => kind === 'proven')) context.noteTried('drive');
        return ok({ drive: drive.name, receipts: receipts.value.map(collectedView) });
      });
    },
    'receipts.read': ({ files }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store } = opened.value;
      const named = files.map((file) => ({ name: file.name, path: context.pathOf(file) }));
      return context.works.run({ kind: 'opening', phase: 'opening' }, async (work) => {
        const trusts = trustedVendors(store).map((vendor) => trustIn(context, vendor));
        const pause = () => work.pause();
        const { folders } = context.options;
        const receipts = await collectReceiptFiles(context, named, trusts, opened.value, pause, folders);
        return receipts.ok ? ok({ receipts: receipts.value.map(collectedView) }) : receipts;
      });
    },
  };
}

/** Mounts a drive and runs the action on it. Each drive has at most one piece of work at a time. */
function workOn<Value>(
  context: ApiContext,
  volume: string,
  phase: WorkPhases['drive'],
  action: (place: MountedDrive, work: Work<WorkPhases['drive']>) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  // A drive's fault says why its bundles are not safely on it. Ejecting and collecting do not change that.
  const keepsFault = phase === 'writing' || phase === 'verifying';
  return context.works.run({ kind: 'drive', subject: volume, phase, keepsFault }, async (work) => {
    const place = await mountVolume(context, volume);
    return place.ok ? action(place.value, work) : place;
  });
}

async function writeAndVerify(
  context: ApiContext,
  opened: OpenedStore,
  place: MountedDrive,
  items: readonly CarryItem[],
  work: Work<WorkPhases['drive']>,
): Promise<Result<Nothing>> {
  const total = items.length;
  let done = 0;
  work.report({ phase: 'writing', done, total });
  const onOutcome = () => work.report({ phase: 'writing', done: ++done, total });
  const written = await writeToDrive(context, place, items, { onOutcome, signal: work.signal });
  if (!written.ok) return written;
  const bad = written.value.find(({ fault }) => fault)?.fault;
  if (bad) return refused(bad);
  work.report({ phase: 'verifying', done, total });
  return verify(context, opened, place);
}

async function verify(
  context: ApiContext,
  opened: OpenedStore,
  place: MountedDrive,
  replug?: Parameters<typeof verifyDrive>[4],
): Promise<Result<Nothing>> {
  // A drive can carry bundles for the eNBs of several vendors.
  const clock = exactly(context.surroundings.now());
  const trust = combinedTrust(trustedVendors(opened.store), clock);
  const verdict = await verifyDrive(context, place, trust, opened, replug);
  return verdict.ok ? toResult(verdict.value) : verdict;
}

/** The bundles to write for these jobs. Refuses unless the user has confirmed exactly these eNBs, each once. */
function itemsOf(
  context: ApiContext,
  { store }: OpenedStore,
  jobIds: readonly string[],
  confirmed: readonly string[],
): Result<readonly CarryItem[]> {
  const items: CarryItem[] = [];
  const enbs = new Set<string>();
  for (const [place, id] of jobIds.entries()) {
    const job = store.jobs.get(id);
    if (!job) return refuse('not-found', { where: { field: 'job' } });
    const vendor = trustedVendor(store, job.rootFingerprint);
    if (!vendor) return refuse('vendor-not-trusted');
    const { serialNumber: expected, hwType, bundle } = job;
    const found = confirmed[place];
    if (found !== expected)
      return refuse('enb-mismatch', { expected, ...(found !== undefined && { found }) });
    // The second bundle would replace the first on the drive.
    if (enbs.has(`${hwType} ${expected}`)) return refuse('usage-invalid', { found: expected });
    enbs.add(`${hwType} ${expected}`);
    items.push({ bundle: new Bundle(bundle), trust: trustIn(context, vendor) });
  }
  return ok(items);
}

function trustIn({ surroundings }: ApiContext, vendor: Parameters<typeof enbTrust>[0]): EnbTrust {
  return enbTrust(vendor, exactly(surroundings.now()));
}

/** The verdict is already in the store. The result is the fault that makes it unsafe to unplug the drive, if any. */
function toResult(verdict: DriveVerdict): Result<Nothing> {
  if (verdict.kind === 'verified') return ok({});
  if (verdict.kind === 'verified-not-ejected') return refused(verdict.fault);
  const damaged = verdict.entries.find((entry) => entry.state === 'damaged');
  return damaged?.state === 'damaged' ? refused(damaged.fault) : refuse('drive-damaged');
}

function driveView({ volume, name, size, free, fault }: Drive): DriveView {
  return {
    volume,
    name,
    size,
    ...(free !== undefined && { free }),
    ...(fault && { fault: faultView(fault) }),
  };
}

function collectedView(receipt: CollectedReceipt): CollectedView {
  switch (receipt.kind) {
    case 'proven':
      return { kind: 'proven', name: receipt.enb.serialNumber };
    case 'refused': {
      const fault = faultView({ code: 'bundle-refused', found: receipt.failed.join(', ') });
      return { kind: 'refused', name: receipt.enb.serialNumber, fault };
    }
    case 'known':
      return { kind: 'known', name: receipt.folder };
    case 'unusable':
      return { kind: 'unusable', name: receipt.folder, fault: faultView(receipt.fault) };
  }
}
