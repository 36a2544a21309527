import { decode, oids } from '../asn1/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import type { Signer } from '../keys/index.ts';
import {
  allowsKeyUsage,
  extension,
  nameToText,
  parseCertificate,
  readSignatureAlgorithm,
  validateCertificate,
  verifySignature,
  writeSignatureAlgorithm,
  type Certificate,
  type Clock,
  type Path,
  type SignatureAlgorithm,
} from '../pki/index.ts';
import type { OutgoingBody } from './body.ts';
import { party, type Header } from './header.ts';
import { computeMac, readMac, verifyMac, writeMac, type AlgorithmFaultCode, type Mac } from './mac.ts';
import { writeMessage, writeProtectedPart, type Message } from './message.ts';

/** Protects the messages of one side. */
export type Protector =
  | {
      readonly kind: 'mac';
      /** The reference of the secret, which becomes the senderKID. */
      readonly reference: Uint8Array;
      readonly secret: Uint8Array;
      /** With a new salt for each message. */
      readonly mac: () => Mac;
    }
  | { readonly kind: 'signature'; readonly signer: Signer };

/** A header without what the protection adds to it. */
export type OpenHeader = Omit<Header, 'protectionAlgorithm' | 'senderKid'>;

/**
 * DER of a protected message. Of a signature the sender is the subject of the signer's certificate, which leads
 * `extraCerts` with its chain (RFC 9483 sections 3.1 and 3.3).
 */
export async function protect(
  header: OpenHeader,
  body: OutgoingBody,
  protector: Protector,
  extraCerts: readonly Uint8Array[] = [],
): Promise<Uint8Array> {
  if (protector.kind === 'mac') {
    const mac = protector.mac();
    const protectedPart = writeProtectedPart(
      { ...header, protectionAlgorithm: writeMac(mac), senderKid: protector.reference },
      body,
    );
    return writeMessage(protectedPart, computeMac(mac, protector.secret, protectedPart), extraCerts);
  }
  const { signer } = protector;
  const senderKid = subjectKeyId(signer.certificate);
  const protectedPart = writeProtectedPart(
    {
      ...header,
      sender: party(signer.certificate.subject),
      protectionAlgorithm: writeSignatureAlgorithm(signer.algorithm),
      ...(senderKid !== undefined && { senderKid: Buffer.from(senderKid, 'hex') }),
    },
    body,
  );
  const own = [signer.certificate, ...signer.chain].map((certificate) => certificate.der);
  const others = extraCerts.filter((bytes) => !own.some((one) => Buffer.compare(one, bytes) === 0));
  return writeMessage(protectedPart, await signer.sign(protectedPart), [...own, ...others]);
}

function subjectKeyId(certificate: Certificate): string | undefined {
  const identifier = extension(certificate, oids.subjectKeyIdentifier);
  return identifier.ok ? identifier.value : undefined;
}

/** The most certificates of extraCerts that are read. */
const maximumCertificates = 32;

/** The certificates of extraCerts. One that cannot be read is ignored: nothing protects them. */
export function certificatesOf({ extraCerts }: Pick<Message, 'extraCerts'>): readonly Certificate[] {
  return extraCerts.slice(0, maximumCertificates).flatMap((bytes) => {
    const certificate = parseCertificate(bytes);
    return certificate.ok ? [certificate.value] : [];
  });
}

/** Whether a message carries a protection, and with it the algorithm: both or neither (RFC 9483 section 3.2). */
export function isProtected({ header, protection }: Message): boolean {
  return header.protectionAlgorithm !== undefined && protection !== undefined;
}

/** Whether a shared secret has protected this message. Refuses an algorithm or parameters that are not taken. */
export function checkMac(
  { header, protectedPart, protection = new Uint8Array() }: Message,
  secret: Uint8Array,
  options?: { readonly allowHmacSha1?: boolean },
): Result<boolean, AlgorithmFaultCode> {
  const mac = readMac(header.protectionAlgorithm ?? new Uint8Array(), options);
  return mac.ok ? ok(verifyMac(mac.value, secret, protectedPart, protection)) : mac;
}

/** By what a signature is judged. */
export interface SignatureTrust {
  readonly trustAnchors: readonly Certificate[];
  /** Untrusted certificates that are known beside those of the message. */
  readonly intermediates: readonly Certificate[];
  readonly clock: Clock;
}

/** A certificate that has signed a message, and its path to an anchor. */
export interface ProvenSigner {
  readonly certificate: Certificate;
  readonly path: Path;
}

/** The most certificates that are tried as the signer of a message. */
const maximumSigners = 4;

/**
 * The signer of a message. It is a certificate of the message, or a known one, with the sender's name and the senderKID
 * where both have one; its key verifies the protection; it may sign; and its path ends at an anchor.
 *
 * - `cmp-unauthentic`: no certificate has the sender's name (rule `cmp-extra-certs`), or none of them verifies.
 * - `cmp-signer-unfit`: the certificate that verifies may not sign, or leads to no anchor.
 */
export function judgeSignature(
  message: Message,
  { trustAnchors, intermediates, clock }: SignatureTrust,
): Result<ProvenSigner, AlgorithmFaultCode | 'cmp-unauthentic' | 'cmp-signer-unfit'> {
  const { header, protectedPart, protection = new Uint8Array() } = message;
  const algorithm = readAlgorithm(header.protectionAlgorithm ?? new Uint8Array());
  if (!algorithm.ok) return algorithm;
  const certificates = [...certificatesOf(message), ...intermediates, ...trustAnchors];
  const candidates = certificates
    .filter((certificate) => isNamedBy(certificate, header))
    .slice(0, maximumSigners);
  const signer = candidates.find(({ publicKey }) =>
    verifySignature(algorithm.value, publicKey, protectedPart, protection),
  );
  if (!signer) {
    const { name } = header.sender;
    return refuse('cmp-unauthentic', {
      ...(candidates.length === 0 && { rule: 'cmp-extra-certs' }),
      ...(name && { where: { certificate: nameToText(name) } }),
    });
  }
  const where = { certificate: nameToText(signer.subject) };
  if (!allowsKeyUsage(signer, 'digitalSignature'))
    return refuse('cmp-signer-unfit', {
      because: fault('key-usage-insufficient', { expected: 'digitalSignature' }),
      where,
    });
  const path = validateCertificate({
    target: signer,
    trustAnchors,
    intermediates: certificates,
    crls: [],
    requireCrl: false,
    clock,
  });
  return path.ok
    ? ok({ certificate: signer, path: path.value })
    : refuse('cmp-signer-unfit', { because: path.fault, where });
}

function isNamedBy(certificate: Certificate, { sender, senderKid }: Header): boolean {
  if (certificate.subject.key !== sender.name?.key) return false;
  const own = subjectKeyId(certificate);
  return senderKid === undefined || own === undefined || own === Buffer.from(senderKid).toString('hex');
}

function readAlgorithm(bytes: Uint8Array): Result<SignatureAlgorithm, AlgorithmFaultCode> {
  const algorithm = decode(bytes, (reader) => readSignatureAlgorithm(reader));
  if (!algorithm.ok) return refuse('cmp-malformed', { because: algorithm.fault });
  const { kind } = algorithm.value;
  if (kind !== 'weak' && kind !== 'unsupported') return algorithm;
  return refuse('cmp-algorithm', { rule: 'cmp-signature-algorithm', found: algorithm.value.name });
}
