import { hash } from 'node:crypto';
import { parseSignedData, verifySignedData, type SignedData } from '../cms/index.ts';
import { fault, ok, refuse, refused, type Result } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import {
  isSameCertificate,
  isSameEnb,
  isSelfIssued,
  type Certificate,
  type EnbIdentity,
  type Name,
} from '../pki/index.ts';
import { configurationFormat, configurationSchema, type Configuration } from './configuration.ts';

/** The largest bundle, in bytes. */
export const maximumBundleSize = 1024 * 1024;

/** The smallest RSA key that may sign a configuration, in bits. */
export const minimumSignerRsaBits = 3072;

/** The content of a bundle that nobody has verified. For display only. */
export interface UnverifiedContent extends Pick<SignedData, 'certificates' | 'crls'> {
  readonly configuration: Configuration;
}

/** A bundle, hashed once and parsed once. It is only a claim: `judgeBundle` returns what can be trusted. */
export class Bundle {
  /** DER, unchanged. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
  readonly signedData: ReturnType<typeof readEnvelope>;
  #signer: ReturnType<typeof verifySignedData> | undefined;
  #configuration: ReturnType<typeof readConfiguration> | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.sha256 = hash('sha256', bytes);
    this.signedData = readEnvelope(bytes);
  }

  /** The certificate whose key made the signature, or a fault when the signature does not verify. */
  get signer(): Result<Certificate> {
    const { signedData } = this;
    if (!signedData.ok) return signedData;
    return (this.#signer ??= verifySignedData(signedData.value, minimumSignerRsaBits));
  }

  /**
   * The content, parsed strictly. The bytes are untrusted: judge the signer first, or use the result for display only.
   */
  get configuration(): Result<Configuration> {
    const { signedData } = this;
    if (!signedData.ok) return signedData;
    return (this.#configuration ??= readConfiguration(signedData.value.content));
  }

  /** The content, for display only. */
  get unverified(): Result<UnverifiedContent, 'bundle-malformed'> {
    const { signedData, configuration } = this;
    if (!signedData.ok) return refuse('bundle-malformed', { because: signedData.fault });
    if (!configuration.ok) return refuse('bundle-malformed', { because: configuration.fault });
    const { certificates, crls } = signedData.value;
    return ok({ certificates, crls, configuration: configuration.value });
  }

  /**
   * The subject of the vendor root above the signer, as far as the certificates in the bundle lead. For display only:
   * the bundle claims it, and it may be an intermediate that the bundle lacks.
   */
  get claimedRoot(): Name | undefined {
    const { signedData, signer } = this;
    if (!signedData.ok || !signer.ok) return undefined;
    let top = signer.value;
    const left = new Set(signedData.value.certificates);
    for (;;) {
      const { issuer } = top;
      const above = [...left].find(({ subject }) => subject.key === issuer.key);
      if (!above || isSelfIssued(above)) return issuer;
      left.delete(above);
      top = above;
    }
  }

  /** SHA-256 of the signed content, lower-case hex. Undefined when this is not a bundle. */
  get contentSha256(): string | undefined {
    return this.signedData.ok ? hash('sha256', this.signedData.value.content) : undefined;
  }

  /** Whether this is a whole bundle for the eNB, signed by exactly this signer. Ignores its validity dates. */
  isFrom(signer: Certificate, enb: EnbIdentity): boolean {
    const { signer: found, configuration } = this;
    return (
      found.ok &&
      isSameCertificate(found.value, signer) &&
      configuration.ok &&
      isSameEnb(configuration.value.enb, enb)
    );
  }
}

function readEnvelope(bytes: Uint8Array) {
  if (bytes.length <= maximumBundleSize) return parseSignedData(bytes);
  return refused(fault('cms-malformed', { rule: 'bundle-size', found: String(bytes.length) }));
}

function readConfiguration(content: Uint8Array) {
  return readDocument(content, configurationFormat, configurationSchema);
}
