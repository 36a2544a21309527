import { hash } from 'node:crypto';
import { parseSignedData, verifySignedData, type SignedData } from '../cms/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import { isSameCertificate, isSameEnb, type Certificate, type EnbIdentity } from '../pki/index.ts';
import { configurationFormat, configurationSchema, type Configuration } from './configuration.ts';

/** The largest bundle, in octets. */
export const maximumBundleSize = 1024 * 1024;

/** RSA keys that sign configurations have at least these bits. */
const minimumSignerRsaBits = 3072;

interface OpenedBundle {
  readonly sha256: string;
  readonly signedData: ReturnType<typeof readEnvelope>;
  readonly signer: Result<Certificate>;
}

const opened = new WeakMap<Uint8Array, OpenedBundle>();

/**
 * The bundle taken apart, and who signed it; remembered, as a bundle is judged before it is known which eNB is there and
 * after. By its digest it is still the same.
 */
export function openBundle(bytes: Uint8Array, sha256: string): OpenedBundle {
  const known = opened.get(bytes);
  if (known?.sha256 === sha256) return known;
  const signedData = readEnvelope(bytes);
  const signer = signedData.ok ? verifySignedData(signedData.value, minimumSignerRsaBits) : signedData;
  const bundle = { sha256, signedData, signer };
  opened.set(bytes, bundle);
  return bundle;
}

function readEnvelope(bytes: Uint8Array) {
  if (bytes.length <= maximumBundleSize) return parseSignedData(bytes);
  const tooLarge = fault('cms-malformed', { rule: 'bundle-size', found: String(bytes.length) });
  return { ok: false, fault: tooLarge } as const;
}

/** SHA-256 of the content that is signed, lower-case hex; undefined of what is no bundle. */
export function contentSha256(bundle: Uint8Array): string | undefined {
  const { signedData } = openBundle(bundle, hash('sha256', bundle));
  return signedData.ok ? hash('sha256', signedData.value.content) : undefined;
}

/** Whether it is a whole bundle for the eNB, signed by this very signer; whether it is still in time is not asked. */
export function isBundleFrom(bundle: Uint8Array, signer: Certificate, enb: EnbIdentity): boolean {
  const { signer: found } = openBundle(bundle, hash('sha256', bundle));
  const read = readConfigurationUnverified(bundle);
  return (
    found.ok &&
    isSameCertificate(found.value, signer) &&
    read.ok &&
    isSameEnb(read.value.configuration.enb, enb)
  );
}

/** Takes a bundle apart without judging it: for showing what it says, and for nothing else. */
export function readConfigurationUnverified(
  bytes: Uint8Array,
): Result<
  Pick<SignedData, 'certificates' | 'crls'> & { readonly configuration: Configuration },
  'bundle-malformed'
> {
  const { signedData } = openBundle(bytes, hash('sha256', bytes));
  if (!signedData.ok) return refuse('bundle-malformed', { because: signedData.fault });
  const { content, certificates, crls } = signedData.value;
  const configuration = readDocument(content, configurationFormat, configurationSchema);
  if (!configuration.ok) return refuse('bundle-malformed', { because: configuration.fault });
  return ok({ certificates, crls, configuration: configuration.value });
}
