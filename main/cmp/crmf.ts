import { contextTag, decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import type { KeySigner } from '../keys/index.ts';
import {
  readExtensions,
  readGeneralName,
  readName,
  readPublicKey,
  readSignatureAlgorithm,
  verifySignature,
  writeSignatureAlgorithm,
  type Extension,
  type GeneralName,
  type Name,
  type PublicKey,
  type SignatureAlgorithm,
} from '../pki/index.ts';
import type { WishedValidity } from './ports.ts';

/** CertTemplate (RFC 4211 section 5): what the requester asks to be in the certificate. */
export interface CertTemplate {
  readonly version?: number;
  /** Lower-case hex of the content octets. */
  readonly serialNumber?: string;
  readonly hasSigningAlgorithm: boolean;
  readonly issuer?: Name;
  readonly validity?: WishedValidity;
  readonly subject?: Name;
  readonly publicKey?: PublicKey;
  /** By dotted OID. */
  readonly extensions?: ReadonlyMap<string, Extension>;
}

/** ProofOfPossession (RFC 4211 section 4). */
export type ProofOfPossession =
  | {
      readonly kind: 'signature';
      readonly algorithm: SignatureAlgorithm;
      readonly signature: Uint8Array;
      /** Whether it is over a POPOSigningKeyInput instead of the request. */
      readonly hasInput: boolean;
    }
  /** An RA says that it has verified the possession. */
  | { readonly kind: 'ra-verified' }
  | { readonly kind: 'other' };

/** CertId: a certificate by its issuer and serial number (lower-case hex). */
export interface CertId {
  readonly issuer: GeneralName;
  readonly serialNumber: string;
}

/** CertReqMsg (RFC 4211 section 3). */
export interface CertReqMsg {
  /** -1 where a PKCS#10 request has none. */
  readonly certReqId: number;
  /** DER of the CertRequest: what a proof of possession signs. */
  readonly request: Uint8Array;
  readonly template: CertTemplate;
  readonly popo?: ProofOfPossession;
  /** The control oldCertID. */
  readonly oldCertId?: CertId;
}

export function readCertReqMsg(reader: DerReader): CertReqMsg {
  return reader.sequence((inner) => {
    const { bytes, value } = inner.withBytes(() => inner.sequence(readCertRequest));
    const tag = inner.nextTag;
    const popo = tag !== undefined && tag !== tags.sequence ? readProof(inner) : undefined;
    inner.optional(tags.sequence, () => inner.element()); // regInfo
    return { request: bytes, ...value, ...(popo && { popo }) };
  });
}

function readCertRequest(reader: DerReader): Pick<CertReqMsg, 'certReqId' | 'template' | 'oldCertId'> {
  const certReqId = readRequestId(reader);
  const template = readTemplate(reader);
  const controls = reader.optional(tags.sequence, () =>
    reader.sequenceOfSome((control) =>
      control.sequence((inner) => ({ type: inner.oid(), value: inner.element().bytes })),
    ),
  );
  const old = controls?.find(({ type }) => type === oids.oldCertIdControl);
  const oldCertId = old && readCertIdFrom(old.value, reader);
  return { certReqId, template, ...(oldCertId && { oldCertId }) };
}

function readCertIdFrom(bytes: Uint8Array, reader: DerReader): CertId {
  const read = decode(bytes, readCertId);
  return read.ok ? read.value : reader.fail('der-tag');
}

function readCertId(reader: DerReader): CertId {
  return reader.sequence((inner) => ({
    issuer: readGeneralName(inner),
    serialNumber: toText(inner.integerOctets(), 'hex'),
  }));
}

/** A certReqId: 0 and up, or -1 (RFC 9810 section 5.3.4). */
export function readRequestId(reader: DerReader): number {
  const isMinusOne = toText(reader.ahead(), 'hex') === '0201ff';
  if (!isMinusOne) return reader.smallInteger();
  reader.element();
  return -1;
}

export function writeRequestId(id: number): Uint8Array {
  return id === -1 ? der.element(tags.integer, Uint8Array.of(0xff)) : der.integer(id);
}

/** The tags of CRMF are IMPLICIT, except around a Name, which is a CHOICE. */
export function readTemplate(reader: DerReader): CertTemplate {
  return reader.sequence((inner) => {
    const version = inner.optional(0x80, () => inner.smallInteger(0x80));
    const serialNumber = inner.optional(0x81, () => toText(inner.integerOctets(0x81), 'hex'));
    const hasSigningAlgorithm = inner.optional(0xa2, () => inner.element()) !== undefined;
    const issuer = inner.optional(0xa3, () => inner.explicit(3, readName));
    const validity = inner.optional(0xa4, () => inner.constructed(0xa4, readValidity));
    const subject = inner.optional(0xa5, () => inner.explicit(5, readName));
    const publicKey = inner.optional(0xa6, () => readImplicit(inner, readPublicKey));
    inner.optional(0x87, () => inner.element()); // issuerUID
    inner.optional(0x88, () => inner.element()); // subjectUID
    const extensions = inner.optional(0xa9, () => readImplicit(inner, readExtensions));
    return {
      ...(version !== undefined && { version }),
      ...(serialNumber !== undefined && { serialNumber }),
      hasSigningAlgorithm,
      ...(issuer && { issuer }),
      ...(validity && { validity }),
      ...(subject && { subject }),
      ...(publicKey && { publicKey }),
      ...(extensions && { extensions }),
    };
  });
}

/** OptionalValidity. A Time is a CHOICE, so its tag is EXPLICIT. */
function readValidity(reader: DerReader): WishedValidity {
  const notBefore = reader.optional(0xa0, () => reader.explicit(0, (inner) => inner.time()));
  const notAfter = reader.optional(0xa1, () => reader.explicit(1, (inner) => inner.time()));
  return { ...(notBefore && { notBefore }), ...(notAfter && { notAfter }) };
}

/** Reads a SEQUENCE under an IMPLICIT tag. What is read are views of a copy. */
function readImplicit<Value>(reader: DerReader, read: (inner: DerReader) => Value): Value {
  const { offset } = reader;
  const bytes = Uint8Array.from(reader.element().bytes);
  bytes[0] = tags.sequence;
  const value = decode(bytes, read);
  return value.ok ? value.value : reader.fail(value.fault.rule ?? 'der-tag', offset);
}

function readProof(reader: DerReader): ProofOfPossession {
  if (reader.nextTag === 0x80) {
    reader.element();
    return { kind: 'ra-verified' };
  }
  if (reader.nextTag !== 0xa1) {
    reader.element();
    return { kind: 'other' };
  }
  return reader.constructed(0xa1, (inner) => {
    const hasInput = inner.optional(0xa0, () => inner.element()) !== undefined;
    const algorithm = readSignatureAlgorithm(inner);
    return { kind: 'signature', algorithm, signature: inner.bitStringOctets(), hasInput };
  });
}

/** Whether the proof shows that the requester holds the key of the template. */
export function provesPossession({ popo, request, template }: CertReqMsg): boolean {
  return (
    popo?.kind === 'signature' &&
    !popo.hasInput &&
    template.publicKey !== undefined &&
    verifySignature(popo.algorithm, template.publicKey, request, popo.signature)
  );
}

/** What to ask a certificate for. */
export interface RequestContents {
  readonly subject: Name;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** DER of the GeneralNames of subjectAltName; undefined for none. */
  readonly subjectAltName: Uint8Array | undefined;
  /** For a kur: the certificate that the new one replaces. */
  readonly oldCertificate?: { readonly issuer: Name; readonly serialNumber: string };
}

/** One CertReqMsg with certReqId 0, and a signature that proves possession of the key. */
export async function makeCertReqMsg(contents: RequestContents, key: KeySigner): Promise<Uint8Array> {
  const { subject, spki, subjectAltName, oldCertificate } = contents;
  const template = der.sequence(
    der.explicit(5, subject.der),
    der.implicit(6, spki),
    ...(subjectAltName
      ? [
          der.element(
            contextTag(9),
            der.sequence(der.oid(oids.subjectAltName), der.octetString(subjectAltName)),
          ),
        ]
      : []),
  );
  const controls = oldCertificate
    ? [der.sequence(der.sequence(der.oid(oids.oldCertIdControl), writeCertId(oldCertificate)))]
    : [];
  const request = der.sequence(der.integer(0), template, ...controls);
  const proof = der.element(
    contextTag(1),
    writeSignatureAlgorithm(key.algorithm),
    der.bitString(await key.sign(request)),
  );
  return der.sequence(request, proof);
}

/** A CertId. */
function writeCertId(certificate: { readonly issuer: Name; readonly serialNumber: string }): Uint8Array {
  return der.sequence(
    der.explicit(4, certificate.issuer.der),
    der.element(tags.integer, Buffer.from(certificate.serialNumber, 'hex')),
  );
}

/** A CertTemplate that names one certificate, as a revocation needs it. */
export function writeTemplateOf(certificate: {
  readonly issuer: Name;
  readonly serialNumber: string;
}): Uint8Array {
  return der.sequence(
    der.implicit(1, der.element(tags.integer, Buffer.from(certificate.serialNumber, 'hex'))),
    der.explicit(3, certificate.issuer.der),
  );
}
