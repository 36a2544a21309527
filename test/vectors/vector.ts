import { readFileSync } from 'node:fs';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { Bundle, judgeBundle, toVerdict, type Verdict } from '../../main/bundle/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { parseCrls, readEnbIdentity, type Certificate } from '../../main/pki/index.ts';

/** The folder of the vectors. Every file name in them is relative to it. */
export const vectorsFolder = join(import.meta.dirname, '../../docs/test-vectors');

/** What a bundle is judged by: the members of `AcceptanceContext`, with files in place of their contents. */
export interface VectorContext {
  readonly vendorRoots: readonly string[];
  readonly crls?: readonly string[];
  /** `exact`: the time `at`. `lower-bound`: an eNB without a clock, whose latest trusted time is `at`. */
  readonly clock: 'exact' | 'lower-bound';
  /** The eNB's certificate, or only its serial number. */
  readonly enb?: { readonly certificate: string } | { readonly serialNumber: string };
  readonly enbKey?: string;
  readonly lastEpoch?: number;
  readonly lastSequence?: number;
  readonly storedContentSha256?: string;
}

/** One bundle, the circumstances of its check, and the eNB's verdict. */
export interface BundleVector {
  readonly file: string;
  readonly shows: string;
  readonly at: string;
  readonly context: VectorContext;
  readonly verdict: Verdict;
}

/** One receipt, what it should be about, and whether it proves that. */
export interface ReceiptVector {
  readonly file: string;
  readonly shows: string;
  readonly at: string;
  readonly context: {
    readonly vendorRoots: readonly string[];
    readonly bundle: string;
    readonly challenge: string;
    readonly enb: { readonly certificate: string };
  };
  readonly valid: boolean;
}

/** `vectors.json`. */
export interface VectorFile {
  readonly bundles: readonly BundleVector[];
  readonly receipts: readonly ReceiptVector[];
}

export function readVectorFile(): VectorFile {
  return JSON.parse(readFileSync(join(vectorsFolder, 'vectors.json'), 'utf8')) as VectorFile;
}

export function readVector(name: string): Buffer {
  return readFileSync(join(vectorsFolder, name));
}

export function readVectorCertificate(name: string): Certificate {
  const parsed = parseCertificates(readVector(name));
  if (!parsed.ok || !parsed.value[0]) throw new Error(`${name} is not a certificate`);
  return parsed.value[0];
}

function readVectorCrls(name: string) {
  const parsed = parseCrls(readVector(name));
  if (!parsed.ok) throw new Error(`${name} is not a CRL`);
  return parsed.value;
}

/** This program's verdict on a vector. */
export function judgeVector({ file, at, context }: Omit<BundleVector, 'shows' | 'verdict'>): Verdict {
  const { enb, enbKey, lastEpoch, lastSequence, storedContentSha256 } = context;
  const acceptance = judgeBundle(new Bundle(readVector(file)), {
    vendorRoots: context.vendorRoots.map(readVectorCertificate),
    crls: (context.crls ?? []).flatMap(readVectorCrls),
    clock: { now: new Date(at), isExact: context.clock === 'exact' },
    ...(enb && { enb: 'certificate' in enb ? readVectorEnb(enb.certificate) : enb }),
    ...(enbKey !== undefined && { enbKey: createPrivateKey(readVector(enbKey)) }),
    ...(lastEpoch !== undefined && { lastEpoch }),
    ...(lastSequence !== undefined && { lastSequence }),
    ...(storedContentSha256 !== undefined && { storedContentSha256 }),
  });
  return toVerdict(acceptance);
}

/** An eNB as its certificate identifies it. */
export function readVectorEnb(name: string) {
  const certificate = readVectorCertificate(name);
  const identity = readEnbIdentity(certificate);
  if (!identity.ok) throw new Error(`${name} is not the certificate of an eNB`);
  return { ...identity.value, certificate };
}
