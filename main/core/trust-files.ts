import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { isRootCertificate } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { readFile } from '../files/index.ts';
import { exactly, parseCrls, type Certificate, type Crl } from '../pki/index.ts';
import { parseCertificates } from '../cms/index.ts';
import type { Core } from './core.ts';

const maximumCertificateFileSize = 1024 * 1024;
const maximumCrlFileSize = 64 * 1024 * 1024;

/** Files that say whom to trust, as they are named on the command line. */
export interface TrustFiles {
  readonly roots: readonly string[];
  readonly untrusted: readonly string[];
  readonly crls: readonly string[];
}

/** What those files hold. */
export interface Trust {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

/** Reads the files. Refuses with the first that cannot be used; `not-a-ca` is a root that can anchor no trust. */
export function readTrust(files: TrustFiles): Result<Trust> {
  const vendorRoots = readAll(files.roots, maximumCertificateFileSize, parseCertificates);
  if (!vendorRoots.ok) return vendorRoots;
  const notRoot = vendorRoots.value.find((root) => !isRootCertificate(root));
  if (notRoot) return refuse('not-a-ca', { where: { file: files.roots.join(', ') } });
  const intermediates = readAll(files.untrusted, maximumCertificateFileSize, parseCertificates);
  if (!intermediates.ok) return intermediates;
  const crls = readAll(files.crls, maximumCrlFileSize, parseCrls);
  if (!crls.ok) return crls;
  return ok({ vendorRoots: vendorRoots.value, intermediates: intermediates.value, crls: crls.value });
}

/** By what an eNB is believed now, as those files say. */
export function trustOf({ surroundings }: Pick<Core, 'surroundings'>, files: TrustFiles): Result<EnbTrust> {
  const trust = readTrust(files);
  return trust.ok ? ok({ ...trust.value, clock: exactly(surroundings.now()) }) : trust;
}

function readAll<Item>(
  files: readonly string[],
  maximum: number,
  parse: (bytes: Uint8Array) => Result<readonly Item[]>,
): Result<readonly Item[]> {
  const items: Item[] = [];
  for (const file of files) {
    const read = readItems(file, maximum, parse);
    if (!read.ok) return read;
    items.push(...read.value);
  }
  return ok(items);
}

function readItems<Item>(
  file: string,
  maximum: number,
  parse: (bytes: Uint8Array) => Result<readonly Item[]>,
  folders: readonly string[] = [],
): Result<readonly Item[]> {
  const bytes = readFile(file, maximum, folders);
  const parsed = bytes.ok ? parse(bytes.value) : bytes;
  return parsed.ok ? parsed : refused(prependWhere(parsed.fault, { file }));
}

/**
 * The certificates of one file, the one that it is about first.
 * @param folders below these no symbolic link is followed
 */
export function readCertificates(
  file: string,
  folders: readonly string[] = [],
): Result<readonly [Certificate, ...Certificate[]]> {
  const read = readItems(file, maximumCertificateFileSize, parseCertificates, folders);
  if (!read.ok) return read;
  const [first, ...rest] = read.value;
  if (!first) throw new Error('A certificate file that was read holds one');
  return ok([first, ...rest]);
}
