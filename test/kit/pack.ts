/** Job packs for tests, and ZIP files of another make. */
import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile, type Options } from 'yazl';
import type { Configuration } from '../../main/bundle/index.ts';
import { Bundle } from '../../main/bundle/index.ts';
import type { Signer } from '../../main/keys/index.ts';
import {
  jobPackEntries,
  packedFileName,
  type JobPackDocument,
  type PackedBundle,
  type ZipEntry,
} from '../../main/pack/index.ts';

/** The entry of a manifest for one bundle. */
export function packed(bytes: Uint8Array): PackedBundle {
  const bundle = new Bundle(bytes);
  assert(bundle.configuration.ok);
  const { bundleId, sequence, enb, site }: Configuration = bundle.configuration.value;
  return {
    ...{ file: packedFileName(bundleId), sha256: bundle.sha256, size: bytes.length, bundleId, sequence },
    enb: { hwType: enb.hwType, serialNumber: enb.serialNumber },
    site,
  };
}

/** The manifest of a pack with these bundles. */
export function manifestOf(bundles: readonly Uint8Array[]): Omit<JobPackDocument, 'format'> {
  return {
    ...{ packId: randomUUID(), issuedAt: '2026-11-15T12:00:00Z', expires: '2026-12-31T00:00:00Z' },
    training: false,
    operator: { name: 'Lab Operator', plmn: '24491' },
    bundles: bundles.map(packed),
    enbCertificates: [],
    crls: [],
    requireFreshCrl: false,
  };
}

/** The entries of such a pack, signed. */
export async function entriesOf(
  document: Omit<JobPackDocument, 'format'>,
  bundles: readonly Uint8Array[],
  office: Signer,
): Promise<ZipEntry[]> {
  const read = ({ sha256 }: PackedBundle) => bundles.find((bytes) => hash('sha256', bytes) === sha256);
  const entries: ZipEntry[] = [];
  for await (const entry of jobPackEntries(document, office, read)) entries.push(entry);
  return entries;
}

/** Entries one after the other, as a writer takes them. */
// eslint-disable-next-line @typescript-eslint/require-await -- they are there already
export async function* streamOf(entries: readonly ZipEntry[]): AsyncGenerator<ZipEntry> {
  yield* entries;
}

/** Writes any ZIP file, also one that breaks the rules. */
export async function writeAnyZip(
  file: string,
  entries: readonly (ZipEntry & { readonly options?: Partial<Options> })[],
): Promise<void> {
  const zip = new ZipFile();
  for (const { name, bytes, options } of entries)
    zip.addBuffer(Buffer.from(bytes), name, { compress: false, ...options });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}
