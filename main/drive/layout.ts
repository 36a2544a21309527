import { stat } from 'node:fs/promises';
import { enbFileNames, markedEnbFileName, maximumBundleSize, Bundle } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { parseJson, readValue } from '../json/index.ts';
import { isSameEnb, type EnbIdentity } from '../pki/index.ts';
import { receiptRequestSchema, type ReceiptRequest } from '../device/index.ts';
import { listEntries, onDrive, readEntry, type DriveFaultCode } from './entry.ts';

/**
 * The layout of a drive: `siteseal/NAME/` for each eNB has the bundle and the request for a receipt. The eNB adds its
 * receipt.
 */
export const fileNames = {
  bundle: 'bundle.p7m',
  request: 'request.json',
  receipt: 'receipt.p7m',
} as const;

/** The largest request, in bytes: a checkpoint of 4096 characters, escaped. */
export const maximumRequestSize = 64 * 1024;
/** The largest receipt, in bytes. */
export const maximumReceiptSize = 256 * 1024;
/** No drive has more eNBs. */
const maximumFolders = 4096;

/** Valid names of eNB folders. Siteseal ignores all others. */
const folderName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(~[0-9a-f]{8})?$/;

/** The names of the eNB folders on a mounted drive. */
export async function listEnbFolders(mountPoint: string): Promise<Result<readonly string[], DriveFaultCode>> {
  const isThere = await onDrive(mountPoint, () => stat(mountPoint));
  if (!isThere.ok) return isThere;
  const names = await listEntries([mountPoint], maximumFolders);
  return names.ok ? ok(names.value.filter((name) => folderName.test(name))) : names;
}

/** The folder names under which an eNB may find its files. */
export function ownFolderNames(enb: EnbIdentity): readonly string[] {
  return [enb.serialNumber, markedEnbFileName(enb)];
}

/**
 * Gives each entry the name of its folder, distinct from those of all other eNBs on the drive. A name that would clash
 * gets a mark of the eNB's identity.
 */
export async function placeEntries<Entry extends { readonly enb: EnbIdentity }>(
  mountPoint: string,
  entries: readonly Entry[],
): Promise<Result<readonly (Entry & { readonly folder: string })[], DriveFaultCode>> {
  const folders = await listEnbFolders(mountPoint);
  if (!folders.ok) return folders;
  const enbs = entries.map(({ enb }) => enb);
  for (const name of folders.value) {
    const bundle = await readEntry([mountPoint, name, fileNames.bundle], maximumBundleSize);
    const carried = bundle.ok && bundle.value ? new Bundle(bundle.value).unverified : undefined;
    const enb = carried?.ok ? carried.value.configuration.enb : undefined;
    if (enb && !enbs.some((one) => isSameEnb(one, enb))) enbs.push(enb);
  }
  const names = enbFileNames(enbs);
  return ok(
    entries.map((entry, index) => {
      const marked = markedEnbFileName(entry.enb);
      const name = names[index] ?? marked;
      // FAT and Windows drop a dot at the end of a folder's name.
      return { ...entry, folder: name.endsWith('.') ? marked : name };
    }),
  );
}

/** The bytes of `request.json`: the body of `POST /v1/receipt`. */
export function encodeRequest(request: ReceiptRequest): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}

/** Reads a `request.json`. */
export function readRequest(bytes: Uint8Array): Result<ReceiptRequest, 'drive-request-malformed'> {
  const json = parseJson(bytes);
  const request = json.ok ? readValue(json.value, receiptRequestSchema) : json;
  return request.ok ? request : refuse('drive-request-malformed', { because: request.fault });
}
