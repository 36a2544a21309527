import { decode, decodeFile, der, encodePem, foundInPem, oids, tags, type DerReader } from '../asn1/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import {
  readExtensions,
  readName,
  readPublicKey,
  readSignatureAlgorithm,
  verifySignature,
  writeSignatureAlgorithm,
  type Extension,
  type Name,
  type PublicKey,
} from '../pki/index.ts';
import type { KeySigner } from './signer.ts';

/** What a certification request asks for (PKCS#10, RFC 2986), once its signature is verified. */
export interface CertificationRequest {
  readonly subject: Name;
  readonly publicKey: PublicKey;
  /** The extensions of the attribute extensionRequest (RFC 2985 section 5.4.2), by dotted OID. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** What to ask a CA for. */
export interface RequestedCertificate {
  readonly subject: Name;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** At least one, each in DER (RFC 5280 section 4.1). */
  readonly extensions: readonly Uint8Array[];
}

const label = 'CERTIFICATE REQUEST';
/** OpenSSL also reads this label of older programs (RFC 7468 section 7). */
const labels: ReadonlySet<string> = new Set([label, `NEW ${label}`]);

/** Makes a certification request in PEM. The key signs it, which proves that the requester holds it. */
export async function makeCertificationRequest(
  { subject, spki, extensions }: RequestedCertificate,
  key: KeySigner,
): Promise<string> {
  const attribute = der.sequence(der.oid(oids.extensionRequest), der.setOf([der.sequence(...extensions)]));
  const info = der.sequence(der.integer(0), subject.der, spki, der.setOf([attribute], 0xa0));
  const algorithm = writeSignatureAlgorithm(key.algorithm);
  return encodePem(label, der.sequence(info, algorithm, der.bitString(await key.sign(info))));
}

/**
 * Reads a certification request, in PEM or DER, and verifies its signature with its own key. Refuses with
 * `request-unreadable`. Attributes other than extensionRequest are ignored.
 */
export function readCertificationRequest(
  file: Uint8Array,
): Result<CertificationRequest, 'request-unreadable'> {
  const encoding = decodeFile(file);
  const block = encoding.kind === 'pem' ? encoding.blocks.find((one) => labels.has(one.label)) : encoding;
  if (!block) return refuse('request-unreadable', encoding.kind === 'pem' ? foundInPem(encoding.blocks) : {});
  const read = decode(block.bytes, readRequest);
  if (!read.ok) return refuse('request-unreadable', { because: read.fault });
  const { info, algorithm, signature } = read.value;
  return verifySignature(algorithm, info.value.publicKey, info.bytes, signature)
    ? ok(info.value)
    : refuse('request-unreadable', { because: fault('signature-invalid') });
}

function readRequest(reader: DerReader) {
  return reader.sequence((inner) => ({
    info: inner.withBytes(() => inner.sequence(readInfo)),
    algorithm: readSignatureAlgorithm(inner),
    signature: inner.bitStringOctets(),
  }));
}

function readInfo(reader: DerReader): CertificationRequest {
  const { offset } = reader;
  if (reader.smallInteger() !== 0) reader.fail('request-version', offset);
  const subject = readName(reader);
  const publicKey = readPublicKey(reader);
  const [extensions, second] = reader.setOf(readAttribute, 0xa0).flatMap((one) => one ?? []);
  if (second) reader.fail('request-extensions-twice');
  return { subject, publicKey, extensions: extensions ?? new Map<string, never>() };
}

/** The extensions of an attribute, which has them once. Undefined for other attributes. */
function readAttribute(reader: DerReader): ReadonlyMap<string, Extension> | undefined {
  return reader.sequence((inner) => {
    const type = inner.oid();
    if (type !== oids.extensionRequest) {
      inner.element(tags.set);
      return undefined;
    }
    return inner.constructed(tags.set, readExtensions);
  });
}
