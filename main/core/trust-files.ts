import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { isRootCertificate } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { readFile } from '../files/index.ts';
import { exactly, parseCrls, type Certificate, type Crl } from '../pki/index.ts';
import { parseCertificates } from '../cms/index.ts';
import type { Core } from './core.ts';

const maximumCertificateFileSize = 1024 * 1024;
const maximumCrlFileSize = 64 * 1024 * 1024;

/** The files that say whom to trust, as named on the command line. */
export interface TrustFiles {
  readonly roots: readonly string[];
  readonly untrusted: readonly string[];
  readonly crls: readonly string[];
}

/** The contents of the trust files. */
export interface Trust {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

/** Reads files of root certificates. Refuses with `not-a-ca` one that cannot anchor trust. */
export function readRoots(files: readonly string[]): Result<readonly Certificate[]> {
  const roots = readAll(files, maximumCertificateFileSize, parseCertificates);
  if (!roots.ok) return roots;
  const areRoots = roots.value.every(isRootCertificate);
  return areRoots ? roots : refuse('not-a-ca', { where: { file: files.join(', ') } });
}

/** Reads the trust files. Refuses at the first unusable one, with `not-a-ca` for a root that cannot anchor trust. */
export function readTrust(files: TrustFiles): Result<Trust> {
  const vendorRoots = readRoots(files.roots);
  if (!vendorRoots.ok) return vendorRoots;
  const intermediates = readAll(files.untrusted, maximumCertificateFileSize, parseCertificates);
  if (!intermediates.ok) return intermediates;
  const crls = readAll(files.crls, maximumCrlFileSize, parseCrls);
  if (!crls.ok) return crls;
  return ok({ vendorRoots: vendorRoots.value, intermediates: intermediates.value, crls: crls.value });
}

/** The trust for an eNB, from these files and the current time. */
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
 * The certificates in a file, the file's own first.
 * @param folders below these, symbolic links are not followed
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
