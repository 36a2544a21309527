import { hash } from 'node:crypto';
import { decode, oids, tags } from '../asn1/index.ts';
import {
  describeKey,
  extension,
  isStrongKey,
  plainSpki,
  readName,
  readPublicKey,
  readSignatureAlgorithm,
  verifySignature,
  type Certificate,
  type Extension,
  type PublicKey,
} from '../pki/index.ts';
import { judgeNames, type GoodNames } from './authority-names.ts';
import { denied, granted, type Judged, type Requester } from './authority-requester.ts';
import { provesPossession, type CertReqMsg, type CertTemplate } from './crmf.ts';
import type { CertificateRequest } from './ports.ts';

/** A request that may be granted: what to issue, and for which key. */
export interface GoodRequest extends CertificateRequest, GoodNames {
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiSha256: string;
  /** Absent in a PKCS#10 request. */
  readonly template?: CertTemplate;
}

/** The longest RSA key that is certified, in bits. Longer ones only cost time. */
const longestRsaKey = 8192;

/** Judges one request of ir, cr or kur against the registration and the policy on keys. */
export function judgeRequest(
  { certReqId, template, popo, oldCertId, ...rest }: CertReqMsg,
  requester: Requester,
): Judged<GoodRequest> {
  if (certReqId !== 0) return denied('badRequest', 'The certReqId must be 0.');
  const { version, serialNumber, publicKey, hasSigningAlgorithm } = template;
  if (version !== undefined && version !== 2)
    return denied('badCertTemplate', 'The version of the template must be 3 (2), or absent.');
  if (serialNumber !== undefined || hasSigningAlgorithm)
    return denied('badCertTemplate', 'The CA chooses serial number and signature algorithm.');
  if (!publicKey) return denied('badCertTemplate', 'The template has no public key.');
  const key = judgeKey(publicKey);
  if (!key.ok) return key;
  if (!popo) return denied('badPOP', 'The request has no proof of possession.');
  if (popo.kind === 'ra-verified')
    return denied('notAuthorized', 'Only an RA may say that it has verified the possession of the key.');
  if (!provesPossession({ certReqId, template, popo, ...rest }))
    return denied(
      'badPOP',
      'The proof of possession does not verify with the key of the template. It must sign the request itself.',
    );
  if (requester.kind === 'certificate' && oldCertId && !isSame(oldCertId, requester.certificate))
    return denied('badCertId', 'The oldCertID is not that of the certificate that signs.');
  const names = template.extensions?.get(oids.subjectAltName);
  const allowed = judgePurpose(template);
  if (!allowed.ok) return allowed;
  const good = judgeNames(template.subject, names?.value, requester);
  if (!good.ok) return good;
  const { validity } = template;
  return granted({ ...withKey(good.value, publicKey), template, ...(validity && { validity }) });
}

/** What makes a certificate that of a CA or an RA (RFC 6402 section 2.10) is not for eNBs. */
function judgePurpose({ extensions = new Map() }: CertTemplate): Judged<void> {
  const basic = extension({ extensions }, oids.basicConstraints);
  const usages = extension({ extensions }, oids.extendedKeyUsage);
  if (!basic.ok || !usages.ok)
    return denied('badCertTemplate', 'The template has an extension that cannot be read.');
  const { isCa = false, pathLength } = basic.value ?? {};
  if (isCa || usages.value?.has(oids.cmcCa) === true || usages.value?.has(oids.cmcRa) === true)
    return denied('notAuthorized', 'The certificates from here are not for a CA or an RA.');
  return pathLength === undefined
    ? granted(undefined)
    : denied('badCertTemplate', 'Only the certificate of a CA limits the length of a path.');
}

/**
 * Whether a certificate differs from what was asked for. A template can wish what only the CA decides: OpenSSL takes the
 * issuer from the certificate that signs.
 */
export function isModified({ extensions, issuer, ...dates }: Certificate, request: GoodRequest): boolean {
  const { hasOtherNames, template } = request;
  if (!template || hasOtherNames) return hasOtherNames;
  const isSame = ([oid, { value }]: [string, Extension]) =>
    oid === oids.subjectAltName ||
    Buffer.compare(value, extensions.get(oid)?.value ?? new Uint8Array()) === 0;
  return (
    !hasWishedDates(dates, template) ||
    (template.issuer !== undefined && template.issuer.key !== issuer.key) ||
    ![...(template.extensions ?? [])].every(isSame)
  );
}

function hasWishedDates(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  { validity = {} }: CertTemplate,
): boolean {
  const isSame = (wished: Date | undefined, date: Date) => !wished || wished.getTime() === date.getTime();
  return isSame(validity.notBefore, notBefore) && isSame(validity.notAfter, notAfter);
}

/** Judges a PKCS#10 request (RFC 2986), which is signed by its own key. */
export function judgePkcs10(bytes: Uint8Array, requester: Requester): Judged<GoodRequest> {
  const parsed = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      const info = inner.withBytes(() =>
        inner.sequence((fields) => {
          const version = fields.smallInteger();
          const subject = readName(fields);
          const publicKey = readPublicKey(fields);
          const attributes = fields.optional(0xa0, () => fields.element().bytes);
          return { version, subject, publicKey, attributes };
        }),
      );
      const algorithm = readSignatureAlgorithm(inner);
      return { ...info.value, info: info.bytes, algorithm, signature: inner.bitStringOctets() };
    }),
  );
  if (!parsed.ok) return denied('badDataFormat', 'The PKCS#10 request cannot be read.');
  const { version, subject, publicKey, attributes, info, algorithm, signature } = parsed.value;
  if (version !== 0) return denied('badCertTemplate', 'The version of the PKCS#10 request must be 1 (0).');
  if (algorithm.kind === 'weak' || algorithm.kind === 'unsupported')
    return denied('badAlg', `The PKCS#10 request is signed with ${algorithm.name}.`);
  const key = judgeKey(publicKey);
  if (!key.ok) return key;
  if (!verifySignature(algorithm, publicKey, info, signature))
    return denied('badPOP', 'The signature of the PKCS#10 request does not verify.');
  const good = judgeNames(subject, attributes && requestedAltNames(attributes), requester);
  return good.ok ? granted(withKey(good.value, publicKey)) : good;
}

/** The value of subjectAltName in the attribute extensionRequest (RFC 2985 section 5.4.2). */
function requestedAltNames(attributes: Uint8Array): Uint8Array | undefined {
  const found = decode(attributes, (reader) =>
    reader.setOf(
      (attribute) =>
        attribute.sequence((inner) => {
          const isExtensions = inner.oid() === oids.extensionRequest;
          return inner.setOf((value) =>
            isExtensions ? altNamesIn(value.element().bytes) : (value.element(), undefined),
          );
        }),
      0xa0,
    ),
  );
  return found.ok ? found.value.flat().find((names) => names !== undefined) : undefined;
}

function altNamesIn(extensions: Uint8Array): Uint8Array | undefined {
  const found = decode(extensions, (reader) =>
    reader.sequenceOf((item) =>
      item.sequence((inner) => {
        const isNames = inner.oid() === oids.subjectAltName;
        inner.optional(tags.boolean, () => inner.boolean());
        const value = inner.octetString();
        return isNames ? value : undefined;
      }),
    ),
  );
  return found.ok ? found.value.find((names) => names !== undefined) : undefined;
}

function judgeKey(key: PublicKey): Judged<void> {
  const isTooLong = key.kind === 'rsa' && key.bits > longestRsaKey;
  return isStrongKey(key) && !isTooLong
    ? granted(undefined)
    : denied(
        'badCertTemplate',
        `The key is ${describeKey(key)}. Keys are EC on P-256, P-384 or P-521, or RSA of 2,048 to ${longestRsaKey} bits.`,
      );
}

function withKey(names: GoodNames, publicKey: PublicKey): GoodRequest {
  const spki = plainSpki(publicKey);
  return { ...names, publicKey: spki, spkiSha256: hash('sha256', spki) };
}

function isSame(id: NonNullable<CertReqMsg['oldCertId']>, certificate: Certificate): boolean {
  return (
    id.serialNumber === certificate.serialNumber &&
    id.issuer.kind === 'directory' &&
    id.issuer.name.key === certificate.issuer.key
  );
}
