import { z } from 'zod';
import { toText } from '../asn1/index.ts';
import { configurationSchema, isSelfSigned } from '../bundle/index.ts';
import { ok, refuse, refused, type Fault, type Result, type Rule } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import type { Signer } from '../keys/index.ts';
import {
  isSameCertificate,
  isTrainingCertificate,
  keyLack,
  parseCertificate,
  type Certificate,
  type Clock,
} from '../pki/index.ts';
import { judgeOffice, readSigned, signByOffice } from './office-signature.ts';

/** The `format` of an introduction of version 1. */
export const introductionFormat = 'siteseal-introduction/1';

/** The largest introduction, in bytes. */
export const maximumIntroductionSize = 4 * 1024 * 1024;

const { base64, text, time } = fields;

/** What a laptop needs once to work for an operator, with all its vendors. */
export const introductionSchema = z.strictObject({
  format: z.literal(introductionFormat),
  /** A newer introduction has a higher one. */
  version: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  issuedAt: time,
  training: z.boolean(),
  operator: configurationSchema.shape.operator,
  operatorRootCertificates: z.array(base64).min(1).max(16),
  vendors: z
    .array(
      z.strictObject({
        name: text,
        rootCertificates: z.array(base64).min(1).max(16),
        intermediates: z.array(base64).max(64),
      }),
    )
    .max(256),
  /** Verifier keys of the office's witness (C2SP signed-note). */
  witnessKeys: z.array(z.strictObject({ key: text, retiredAt: time.optional() })).max(64),
  requireFreshCrl: z.boolean(),
});

/** The content of an introduction. */
export type IntroductionDocument = z.infer<typeof introductionSchema>;

/** A vendor that an operator works with. */
export interface IntroducedVendor {
  readonly name: string;
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
}

/** What an office says in an introduction. */
export interface IntroductionContents extends Omit<
  IntroductionDocument,
  'format' | 'operatorRootCertificates' | 'vendors'
> {
  readonly operatorRoots: readonly Certificate[];
  readonly vendors: readonly IntroducedVendor[];
}

/** Makes an introduction (DER), signed by the office key. */
export function makeIntroduction(
  { operatorRoots, vendors, version, issuedAt, training, operator, ...rest }: IntroductionContents,
  office: Signer,
): Promise<Uint8Array> {
  const document: IntroductionDocument = {
    ...{ format: introductionFormat, version, issuedAt, training, operator },
    operatorRootCertificates: operatorRoots.map(encoded),
    vendors: vendors.map(({ name, roots, intermediates }) => ({
      name,
      rootCertificates: roots.map(encoded),
      intermediates: intermediates.map(encoded),
    })),
    ...rest,
  };
  return signByOffice(Buffer.from(JSON.stringify(document)), office, new Date(issuedAt));
}

function encoded({ der }: Certificate): string {
  return toText(der, 'base64');
}

/** An introduction whose signature and office key hold. */
export interface Introduction extends IntroductionContents {
  /** The operator root above the office key. An operator is this root, whatever its name is. */
  readonly root: Certificate;
  /** The certificate of the office key. */
  readonly office: Certificate;
  /** Whether `root` is one that was pinned before. If not, somebody must compare its fingerprint. */
  readonly isPinned: boolean;
}

/**
 * Opens an introduction. Its office key must have a path to a pinned root, or else to a root that the introduction itself
 * brings: that proves nothing until somebody has compared the fingerprint of `root`. Refuses with
 * `introduction-unusable`.
 *
 * @param pinned the operator roots that were compared earlier
 */
export function openIntroduction(
  bytes: Uint8Array,
  pinned: readonly Certificate[],
  clock: Clock,
): Result<Introduction, 'introduction-unusable'> {
  const unusable = (because: Fault) => refuse('introduction-unusable', { because });
  const wrong = (rule: Rule) => refuse('introduction-unusable', { rule });
  if (bytes.length > maximumIntroductionSize) return wrong('introduction-size');
  const signed = readSigned(bytes);
  if (!signed.ok) return unusable(signed.fault);
  const { content, signer, certificates: intermediates } = signed.value;
  const known = judgeOffice(signer, { roots: pinned, intermediates, clock });
  // The content is read before the signer is trusted, because it may bring the root that somebody must compare.
  const document = readDocument(content, introductionFormat, introductionSchema);
  if (!document.ok) return unusable(document.fault);
  const read = readCertificates(document.value);
  if (!read.ok) return unusable(read.fault);
  const { operatorRoots, vendors } = read.value;
  const path = known.ok ? known : judgeOffice(signer, { roots: operatorRoots, intermediates, clock });
  if (!path.ok) return unusable(path.fault);
  const [root] = path.value;
  const { training } = document.value;
  const vendorRoots = vendors.flatMap(({ roots }) => roots);
  const areRoots = [...operatorRoots, ...vendorRoots].every(
    (one) => !keyLack(one.publicKey) && isSelfSigned(one),
  );
  if (!areRoots) return wrong('introduction-root');
  const own = [root, ...operatorRoots, ...pinned];
  // An operator's root vouches for no vendor's eNB.
  if (vendorRoots.some((one) => own.some((other) => isSameCertificate(one, other))))
    return wrong('introduction-own-root');
  if ([signer, root, ...operatorRoots, ...vendorRoots].some((one) => isTrainingCertificate(one) !== training))
    return wrong('introduction-training');
  const names = new Set(vendors.map(({ name }) => name));
  if (names.size < vendors.length) return wrong('introduction-vendor-names');
  const { format: _, operatorRootCertificates: __, ...rest } = document.value;
  return ok({ ...rest, operatorRoots, vendors, root, office: signer, isPinned: known.ok });
}

function readCertificates({
  operatorRootCertificates,
  vendors,
}: IntroductionDocument): Result<Pick<IntroductionContents, 'operatorRoots' | 'vendors'>> {
  let fault: Fault | undefined;
  const read = (encodings: readonly string[]) =>
    encodings.flatMap((encoding) => {
      const parsed = parseCertificate(Buffer.from(encoding, 'base64'));
      if (parsed.ok) return [parsed.value];
      fault ??= parsed.fault;
      return [];
    });
  const found = {
    operatorRoots: read(operatorRootCertificates),
    vendors: vendors.map(({ name, rootCertificates, intermediates }) => ({
      name,
      roots: read(rootCertificates),
      intermediates: read(intermediates),
    })),
  };
  return fault ? refused(fault) : ok(found);
}
