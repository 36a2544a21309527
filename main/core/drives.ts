import type { OpenedStore } from '../audit/index.ts';
import type { EnbTrust } from '../device/index.ts';
import {
  findVolume,
  maximumReceiptSize,
  mountDrive,
  verifyAfterRemount,
  verifyAfterReplug,
  type Drive,
  type DriveFolder,
  type DriveVerdict,
  type Expected,
  type ReplugSurroundings,
} from '../drive/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { isTrainingCertificate } from '../pki/index.ts';
import {
  aloneOnDrive,
  carry,
  collect,
  collectFound,
  expectedOn,
  nameOf,
  noteEjected,
  noteVerdict,
  type CarryItem,
  type CarryOutcome,
  type CollectedReceipt,
  type ReadReceipt,
} from '../site/index.ts';
import type { CarriedRecord, Store } from '../store/index.ts';
import { readBundleFile } from './bundle-file.ts';
import type { Core } from './core.ts';
import { permit } from './policy.ts';
import { receiptKeeping } from './receipt-keeping.ts';
import { trustOf, type TrustFiles } from './trust-files.ts';

/** How often to check whether a drive was unplugged or plugged in, in milliseconds. */
const checkInterval = 500;

/** A mounted drive that the operating system recognises as one. */
export type MountedDrive = DriveFolder & { readonly kind: 'drive' };

/** The removable drives that are plugged in. */
export async function listDrives({ surroundings }: Core): Promise<Result<readonly Drive[]>> {
  const permitted = permit(surroundings, 'drive');
  return permitted.ok ? surroundings.drives.list() : permitted;
}

/** Mounts the drive of a volume, if it is not mounted yet. Refuses an encrypted one. */
export async function mountVolume(
  { surroundings: { drives, policy } }: Core,
  volume: string,
): Promise<Result<MountedDrive>> {
  const permitted = permit({ policy }, 'drive');
  if (!permitted.ok) return permitted;
  const found = await findVolume(drives, volume);
  if (!found.ok) return found;
  const { value: drive } = found;
  if (!drive) return refuse('drive-gone');
  const { mountPoint, fault } = drive;
  if (fault?.code === 'drive-encrypted') return refused(prependWhere(fault, { file: drive.device }));
  return mountPoint === undefined ? mountDrive(drives, drive) : ok({ kind: 'drive', mountPoint, drive });
}

/** Writes bundles to a drive, each with a request for a receipt; see `carry`. Does not verify them. */
export function writeToDrive(
  { surroundings: { drives }, stores }: Core,
  place: DriveFolder,
  items: readonly CarryItem[],
  options: Parameters<typeof carry>[3],
): Promise<Result<readonly CarryOutcome[]>> {
  return carry(place, items, { ...receiptKeeping(stores), drives }, options);
}

/**
 * Compares what is on a drive with what this computer wrote to it. The drive must leave the system first: Siteseal
 * takes it out and mounts it again, or with `replug` waits until the user has unplugged it and plugged it in.
 */
export function verifyDrive(
  core: Core,
  place: DriveFolder,
  trust: EnbTrust,
  { store, log }: OpenedStore,
  replug?: Omit<ReplugSurroundings, 'pause'>,
): Promise<Result<DriveVerdict>> {
  const { drives, now, pause } = core.surroundings;
  const compare = async (expected: Expected): Promise<Result<DriveVerdict>> => {
    if (replug)
      return verifyAfterReplug(drives, place, expected, { ...replug, pause: () => pause(checkInterval) });
    return place.kind === 'drive'
      ? verifyAfterRemount(drives, place.drive, expected)
      : refuse('drive-replug-needed', { where: { file: place.mountPoint } });
  };
  return alone(core, place, async () => {
    const records = recordsOn(store, place);
    if (records.length === 0) return refuse('drive-nothing-written', { found: nameOf(place) });
    const verdict = await compare(expectedOn(records, trust));
    if (verdict.ok) noteVerdict({ store, log }, place, verdict.value, now);
    return verdict;
  });
}

/** Makes a drive safe to unplug. Its verified bundles are then on their way to the site. */
export function ejectDrive(core: Core, place: MountedDrive, opened: OpenedStore): Promise<Result<void>> {
  const { drives, now } = core.surroundings;
  return alone(core, place, async () => {
    const ejected = await drives.eject(place.drive);
    if (ejected.ok) noteEjected(opened, place.drive.volume, now);
    return ejected;
  });
}

/** Reads the receipts on a drive. Keeps those that prove a delivery, as files in `out` or in the data folder. */
export function collectReceipts(
  { stores }: Core,
  mountPoint: string,
  trusts: readonly EnbTrust[],
  opened: OpenedStore,
  { out, pause }: { readonly out?: string | undefined; readonly pause?: Parameters<typeof collect>[4] } = {},
): Promise<Result<readonly CollectedReceipt[]>> {
  return collect(mountPoint, trusts, opened, receiptKeeping(stores, out), pause);
}

/** Like `collectReceipts`, for receipts in files. */
export function collectReceiptFiles(
  { stores }: Core,
  files: readonly { readonly name: string; readonly path: Result<string> }[],
  trusts: readonly EnbTrust[],
  opened: OpenedStore,
  pause: Parameters<typeof collect>[4],
  folders: readonly string[],
): Promise<Result<readonly CollectedReceipt[]>> {
  const found = files.map(({ name, path }): ReadReceipt => {
    const bytes = path.ok ? readFile(path.value, maximumReceiptSize, folders) : path;
    return bytes.ok ? { folder: name, file: name, bytes: bytes.value } : { folder: name, fault: bytes.fault };
  });
  return collectFound(found, trusts, opened, receiptKeeping(stores), pause);
}

/** A folder on a removable drive, and the trust files for its eNBs. */
export interface DriveAddress {
  readonly drive: string;
  readonly trust: TrustFiles;
}

/** Writes bundle files to the drive that holds a folder. */
export async function writeFilesToDrive(
  core: Core,
  files: readonly string[],
  address: DriveAddress,
  onOutcome: (outcome: CarryOutcome) => void,
): Promise<Result<readonly CarryOutcome[]>> {
  const trust = trustFor(core, address);
  if (!trust.ok) return trust;
  const place = await core.surroundings.drives.find(address.drive);
  if (!place.ok) return place;
  const items: CarryItem[] = [];
  for (const file of files) {
    const bundle = readBundleFile(file, [trust.value]);
    if (!bundle.ok) return bundle;
    items.push({ bundle: bundle.value.bundle, trust: trust.value });
  }
  return writeToDrive(core, place.value, items, { onOutcome });
}

/** Verifies the drive that holds a folder. */
export async function verifyDriveAt(
  core: Core,
  address: DriveAddress,
  replug: ReplugSurroundings['onState'] | undefined,
): Promise<Result<DriveVerdict>> {
  const trust = trustFor(core, address);
  if (!trust.ok) return trust;
  const place = await core.surroundings.drives.find(address.drive);
  if (!place.ok) return place;
  const opened = storeOf(core, place.value);
  if (!opened.ok) return opened;
  return verifyDrive(core, place.value, trust.value, opened.value, replug && { onState: replug });
}

/** Reads the receipts in a folder: a drive, or a copy of one. */
export async function collectReceiptsAt(
  core: Core,
  address: DriveAddress,
  out: string | undefined,
): Promise<Result<readonly CollectedReceipt[]>> {
  const trust = trustFor(core, address);
  if (!trust.ok) return trust;
  const opened = core.stores.open(trust.value.vendorRoots.some(isTrainingCertificate));
  return opened.ok ? collectReceipts(core, address.drive, [trust.value], opened.value, { out }) : opened;
}

/** The trust for a drive, where the policy allows drives. */
function trustFor(core: Core, { trust }: DriveAddress): ReturnType<typeof trustOf> {
  const permitted = permit(core.surroundings, 'drive');
  return permitted.ok ? trustOf(core, trust) : permitted;
}

/** Keeps other windows and commands from taking the drive out during the work. */
function alone<Value>(
  { stores }: Core,
  place: DriveFolder,
  work: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  return aloneOnDrive(place, receiptKeeping(stores), work);
}

/** The store that remembers something on a drive: real data first, otherwise training. */
function storeOf({ stores }: Core, place: DriveFolder): Result<OpenedStore> {
  const real = stores.open(false);
  if (!real.ok || recordsOn(real.value.store, place).length > 0) return real;
  return stores.open(true);
}

/** What should be on a drive. A drive that the operating system does not recognise is identified by its folder. */
export function recordsOn(store: Store, place: DriveFolder): readonly CarriedRecord[] {
  const records = store.carried.onVolume(place.kind === 'drive' ? place.drive.volume : '');
  const written = records.filter(({ folder }) => folder !== '');
  return place.kind === 'drive' ? written : written.filter(({ drive }) => drive === place.mountPoint);
}
