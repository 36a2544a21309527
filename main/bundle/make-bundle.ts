import { hash } from 'node:crypto';
import { toText } from '../asn1/index.ts';
import { sealAuthEnvelopedData, signData, type RecipientCertificate } from '../cms/index.ts';
import type { Signer } from '../keys/index.ts';
import type { Certificate, Crl } from '../pki/index.ts';
import { outerSha256, type Configuration } from './configuration.ts';
import { encodeSealed, type SealedBinding, type SealedSecrets } from './sealed.ts';

/** With what a bundle is signed. */
export interface Signing {
  readonly signer: Signer;
  /** The vendor's intermediates, from the signer towards the root. */
  readonly intermediates: readonly Certificate[];
  /** The vendor's current CRLs. */
  readonly crls: readonly Crl[];
}

/** What goes into the sealed part, and the eNB to whose certificate it is encrypted. */
export interface Sealing extends SealedSecrets {
  readonly recipient: RecipientCertificate;
}

/** SHA-256 of the signer's SubjectPublicKeyInfo, lower-case hex. */
export function signerSpkiSha256({ publicKey }: Certificate): string {
  return hash('sha256', publicKey.spki);
}

/** What the sealed part of a configuration is bound to when this signer signs it. */
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
 * Makes a bundle: seals the secrets, if any, to the eNB and to this very configuration, and signs the whole. The
 * configuration comes without `sealed`, its members in the order in which they are to stand. Gives DER. Of the secrets
 * it needs nothing any more when it returns its promise.
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
