import { hash } from 'node:crypto';
import { toText } from '../asn1/index.ts';
import { sealAuthEnvelopedData, signData, type RecipientCertificate } from '../cms/index.ts';
import type { Signer } from '../keys/index.ts';
import type { Certificate, Crl } from '../pki/index.ts';
import { outerSha256, type Configuration } from './configuration.ts';
import { encodeSealed, type SealedBinding, type SealedSecrets } from './sealed.ts';

/** The inputs of a bundle's signature. */
export interface Signing {
  readonly signer: Signer;
  /** The vendor's intermediates, from the signer towards the root. */
  readonly intermediates: readonly Certificate[];
  /** The vendor's current CRLs. */
  readonly crls: readonly Crl[];
}

/** The content of the sealed part, and the eNB whose certificate it is encrypted to. */
export interface Sealing extends SealedSecrets {
  readonly recipient: RecipientCertificate;
}

/** SHA-256 of the signer's SubjectPublicKeyInfo, lower-case hex. */
export function signerSpkiSha256({ publicKey }: Certificate): string {
  return hash('sha256', publicKey.spki);
}

/** The values that bind a sealed part to this configuration and signer. */
export function bindingOf(configuration: Configuration, signer: Certificate): SealedBinding {
  const { bundleId, sequence, enb } = configuration;
  return {
    bundleId,
    hwType: enb.hwType,
    serialNumber: enb.serialNumber,
    sequence,
    signerSpkiSha256: signerSpkiSha256(signer),
    outerSha256: outerSha256(configuration),
  };
}

/**
 * Makes a bundle (DER). Seals the secrets, if any, to the eNB and to exactly this configuration, then signs the whole.
 *
 * The configuration comes without `sealed`, with its members in their final order. The secrets can be wiped as soon
 * as this returns its promise.
 */
export async function makeBundle(
  configuration: Configuration,
  sealing: Sealing | undefined,
  { signer, intermediates, crls }: Signing,
): Promise<Uint8Array> {
  let content = configuration;
  if (sealing) {
    const plaintext = encodeSealed(bindingOf(configuration, signer.certificate), sealing);
    try {
      const sealed = sealAuthEnvelopedData(plaintext, sealing.recipient);
      content = { ...configuration, sealed: toText(sealed, 'base64') };
    } finally {
      plaintext.fill(0);
    }
  }
  return signData(
    Buffer.from(JSON.stringify(content)),
    signer,
    new Date(configuration.issuedAt),
    intermediates,
    crls,
  );
}
