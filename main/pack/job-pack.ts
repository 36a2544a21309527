import { hash } from 'node:crypto';
import { z } from 'zod';
import { toText } from '../asn1/index.ts';
import {
  configurationSchema,
  enbIdentitySchema,
  maximumBundleSize,
  sequenceSchema,
} from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Result, type Rule } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import type { Signer } from '../keys/index.ts';
import {
  isTrainingCertificate,
  parseCertificate,
  parseCrl,
  type Certificate,
  type Clock,
  type Crl,
} from '../pki/index.ts';
import { judgeOffice, readSigned, signByOffice } from './office-signature.ts';
import { ZipReader } from './zip-reader.ts';
import type { ZipEntry } from './zip-writer.ts';

/** The `format` of a job pack of version 1. */
export const jobPackFormat = 'siteseal-job-pack/1';

/** The most bundles in a pack. */
export const maximumPackedBundles = 250_000;

const manifestFile = 'manifest.p7m';
const maximumManifestSize = 128 * 1024 * 1024;

const { base64, sha256, text, time, uuid } = fields;

/** The entry of a manifest for one bundle. */
const packedBundleSchema = z.strictObject({
  file: text,
  sha256,
  size: z.int().min(1).max(maximumBundleSize),
  bundleId: uuid,
  sequence: sequenceSchema,
  /** What bundles for one eNB have in common that are alternatives to each other. */
  choice: uuid.optional(),
  enb: enbIdentitySchema,
  site: configurationSchema.shape.site,
});

/** The signed manifest of a job pack. */
export const jobPackSchema = z.strictObject({
  format: z.literal(jobPackFormat),
  packId: uuid,
  issuedAt: time,
  /** The pack cannot be opened afterwards. */
  expires: time,
  training: z.boolean(),
  operator: configurationSchema.shape.operator,
  bundles: z.array(packedBundleSchema).min(1).max(maximumPackedBundles),
  /** The eNBs' certificates, as far as the office knows them. */
  enbCertificates: z.array(base64).max(maximumPackedBundles),
  /** Revocation lists that are newer than those in the bundles. */
  crls: z.array(base64).max(64),
  requireFreshCrl: z.boolean(),
  /** The newest checkpoint of the office's log. */
  officeCheckpoint: z.string().min(1).max(65_536).optional(),
  /** What the office knows of the log of the laptop that the pack is for. */
  laptop: z.strictObject({ logKey: text, checkpoint: z.string().min(1).max(65_536) }).optional(),
});

/** The content of a manifest. */
export type JobPackDocument = z.infer<typeof jobPackSchema>;
export type PackedBundle = JobPackDocument['bundles'][number];

/** The name of a bundle's file in a pack. */
export function packedFileName(bundleId: string): string {
  return `bundles/${bundleId}.p7m`;
}

/**
 * The entries of a pack, the manifest first, which the office key signs. Every bundle that `read` returns must be the one
 * that the manifest names; otherwise this throws `ChangedBundle`.
 */
export async function* jobPackEntries(
  document: Omit<JobPackDocument, 'format'>,
  office: Signer,
  read: (bundle: PackedBundle) => Promise<Uint8Array | undefined> | Uint8Array | undefined,
): AsyncGenerator<ZipEntry> {
  const content = Buffer.from(JSON.stringify({ format: jobPackFormat, ...document }));
  yield { name: manifestFile, bytes: await signByOffice(content, office, new Date(document.issuedAt)) };
  for (const bundle of document.bundles) {
    const bytes = await read(bundle);
    if (!bytes || hash('sha256', bytes) !== bundle.sha256) throw new ChangedBundle(bundle.file);
    yield { name: bundle.file, bytes };
  }
}

/** A bundle has changed between the manifest and the pack. */
export class ChangedBundle extends Error {}

type PackFault =
  'file-unreadable' | 'zip-malformed' | 'pack-unusable' | 'pack-expired' | 'operator-not-introduced';

/** What the judgement of a manifest returns. */
type JudgedPack = Pick<JobPack, 'document' | 'root' | 'crls' | 'office' | 'manifestSha256'>;

/** A job pack whose manifest can be trusted. The bundles in it are still to judge, each for itself. */
export class JobPack {
  readonly document: JobPackDocument;
  /** The operator root above the office key. */
  readonly root: Certificate;
  readonly crls: readonly Crl[];
  /** The certificate of the office key. */
  readonly office: Certificate;
  /** SHA-256 of the manifest, lower-case hex. */
  readonly manifestSha256: string;
  readonly #zip: ZipReader;

  private constructor(zip: ZipReader, parts: JudgedPack) {
    this.document = parts.document;
    this.root = parts.root;
    this.crls = parts.crls;
    this.office = parts.office;
    this.manifestSha256 = parts.manifestSha256;
    this.#zip = zip;
  }

  /**
   * Opens a pack and judges its manifest: signature, path of the office key to one of the operator's roots, form, dates,
   * and that the pack holds exactly the files that the manifest names. The caller closes it.
   *
   * @param rootsFor the operator roots that this computer knows, for training or real ones. A pack brings none.
   */
  static open(
    path: string,
    rootsFor: (isTraining: boolean) => readonly Certificate[],
    clock: Clock,
  ): Result<JobPack, PackFault> {
    const zip = ZipReader.open(path);
    if (!zip.ok) return zip;
    const judged = judgeManifest(zip.value, rootsFor, clock);
    if (judged.ok) return ok(new JobPack(zip.value, judged.value));
    zip.value.close();
    return refused(prependWhere(judged.fault, { file: path }));
  }

  /** Reads a bundle. Refuses with `pack-damaged` if it is not the one that the manifest names. */
  read({ file, sha256: digest }: PackedBundle): Result<Uint8Array, 'pack-damaged'> {
    const bytes = this.#zip.read(file);
    if (bytes && hash('sha256', bytes) === digest) return ok(bytes);
    return refuse('pack-damaged', { rule: bytes ? 'pack-digest' : 'pack-entry', found: file });
  }

  close(): void {
    this.#zip.close();
  }
}

function judgeManifest(
  zip: ZipReader,
  rootsFor: (isTraining: boolean) => readonly Certificate[],
  clock: Clock,
): Result<JudgedPack, Exclude<PackFault, 'zip-malformed'>> {
  const unusable = (because: Fault) => refuse('pack-unusable', { because });
  const wrong = (rule: Rule, found?: string) =>
    refuse('pack-unusable', { rule, ...(found !== undefined && { found }) });
  const size = zip.sizeOf(manifestFile);
  if (size === undefined) return wrong('pack-manifest');
  if (size > maximumManifestSize) return wrong('pack-manifest-size', String(size));
  const bytes = zip.read(manifestFile);
  if (!bytes) return wrong('pack-manifest');
  const signed = readSigned(bytes);
  if (!signed.ok) return unusable(signed.fault);
  const { content, signer, certificates: intermediates } = signed.value;
  const roots = rootsFor(isTrainingCertificate(signer));
  const path = judgeOffice(signer, { roots, intermediates, clock });
  if (!path.ok) {
    const isUnknown = path.fault.code === 'issuer-unknown' || path.fault.code === 'signature-invalid';
    return isUnknown ? refuse('operator-not-introduced', { because: path.fault }) : unusable(path.fault);
  }
  const [root] = path.value;
  // The size bounds the number of values.
  const read = readDocument(content, jobPackFormat, jobPackSchema, Infinity);
  if (!read.ok) return unusable(read.fault);
  const document = read.value;
  if (document.training !== isTrainingCertificate(root)) return wrong('pack-training');
  if (new Date(document.expires) < clock.now) return refuse('pack-expired', { found: document.expires });
  const files = new Set<string>([manifestFile]);
  for (const { file, bundleId, size: expected } of document.bundles) {
    if (file !== packedFileName(bundleId)) return wrong('pack-file-name', file);
    if (files.has(file)) return wrong('pack-file-once', file);
    files.add(file);
    if (zip.sizeOf(file) !== expected) return wrong('pack-entry', file);
  }
  for (const name of zip.names) if (!files.has(name)) return wrong('pack-unlisted', name);
  const crls: Crl[] = [];
  for (const encoding of document.crls) {
    const crl = parseCrl(Buffer.from(encoding, 'base64'));
    if (!crl.ok) return unusable(crl.fault);
    crls.push(crl.value);
  }
  for (const encoding of document.enbCertificates) {
    const certificate = parseCertificate(Buffer.from(encoding, 'base64'));
    if (!certificate.ok) return unusable(certificate.fault);
  }
  return ok({ document, root, crls, office: signer, manifestSha256: hash('sha256', bytes) });
}

/** Certificates or lists as a manifest holds them. */
export function encodedForPack(items: readonly { readonly der: Uint8Array }[]): string[] {
  return items.map(({ der }) => toText(der, 'base64'));
}
