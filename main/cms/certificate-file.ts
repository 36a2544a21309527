import {
  berToDer,
  contentsStart,
  decode,
  foundInPem,
  isDerFile,
  oids,
  pemBlocks,
  tags,
  type DerReader,
  type EncodedBlock,
} from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { parseCertificate, type Certificate, type CertificateFaultCode } from '../pki/index.ts';

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);
const pkcs7Labels: ReadonlySet<string> = new Set(['PKCS7', 'CMS']);

/** BER takes far more memory than DER, so a larger PKCS#7 file must be DER. In bytes. */
const maximumBerSize = 4 * 1024 * 1024;
/** The most certificates in a PKCS#7 file. */
const maximumCertificates = 2 ** 20;
/** How many labels a fault shows. */
const maximumLabels = 8;

/** The certificates in a file, none of them parsed yet. */
export interface EncodedCertificates {
  readonly form: 'der' | 'pem' | 'pkcs7';
  /** Each in DER, in file order. Can be iterated once. */
  readonly encodings: Iterable<Uint8Array>;
}

/**
 * Reads a certificate file, one certificate at a time, so that a large file needs little memory:
 *
 * - one certificate in DER
 * - PEM with one or more CERTIFICATE blocks. Decodes no other block, because it may hold a private key.
 * - PKCS#7 with certificates (.p7b), in DER, BER or PEM
 *
 * Refuses with `certificate-unreadable` a file without a certificate.
 */
export function encodedCertificates(file: Uint8Array): Result<EncodedCertificates, 'certificate-unreadable'> {
  if (isDerFile(file)) {
    if (beginsLikeKey(file)) return refuse('certificate-unreadable');
    return encodedInPkcs7(file) ?? ok({ form: 'der', encodings: [file] });
  }
  const [certificate] = blocksWith(file, certificateLabels);
  if (certificate) return ok({ form: 'pem', encodings: inPem(file) });
  const [pkcs7] = blocksWith(file, pkcs7Labels);
  if (pkcs7) {
    const bytes = pkcs7.decode();
    const broken = decode(bytes, readPkcs7);
    const because = broken.ok ? {} : { because: broken.fault };
    return encodedInPkcs7(bytes) ?? refuse('certificate-unreadable', because);
  }
  const others: { readonly label: string }[] = [];
  for (const block of pemBlocks(file)) if (others.push(block) === maximumLabels) break;
  return refuse('certificate-unreadable', foundInPem(others));
}

/** Whether DER begins with a version, like an unencrypted private key and no certificate. It is not read further. */
function beginsLikeKey(file: Uint8Array): boolean {
  return contentsStart(file)[0] === tags.integer;
}

function* inPem(file: Uint8Array): Generator<Uint8Array> {
  for (const { decode } of blocksWith(file, certificateLabels)) yield decode();
}

function* blocksWith(file: Uint8Array, labels: ReadonlySet<string>): Generator<EncodedBlock> {
  for (const block of pemBlocks(file)) if (labels.has(block.label)) yield block;
}

/**
 * Parses all certificates of a file; see `encodedCertificates`. In PKCS#7 their order means nothing, so those that issued
 * no other one come first. Refuses with the fault of the first unreadable one.
 */
export function parseCertificates(file: Uint8Array): Result<readonly Certificate[], CertificateFaultCode> {
  const encoded = encodedCertificates(file);
  if (!encoded.ok) return encoded;
  const { form, encodings } = encoded.value;
  if (form === 'der') {
    const one = parseCertificate(file);
    return one.ok ? ok([one.value]) : one;
  }
  const all = parseAll(encodings);
  return all.ok && form === 'pkcs7' ? ok(issuersLast(all.value)) : all;
}

function parseAll(encodings: Iterable<Uint8Array>): Result<readonly Certificate[], CertificateFaultCode> {
  const certificates: Certificate[] = [];
  for (const bytes of encodings) {
    const one = parseCertificate(bytes);
    if (!one.ok) return refused(prependWhere(one.fault, { field: `certificate ${certificates.length + 1}` }));
    certificates.push(one.value);
  }
  return ok(certificates);
}

/**
 * The certificates of a file that starts like CMS SignedData, which may be BER. The certificates inside are DER either
 * way. Undefined if it is something else.
 */
function encodedInPkcs7(file: Uint8Array): Result<EncodedCertificates, 'certificate-unreadable'> | undefined {
  const strict = isSignedData(file) ? decode(file, readPkcs7) : undefined;
  const whole = strict?.ok || file.length > maximumBerSize ? undefined : berToDer(file);
  const read = whole?.ok && isSignedData(whole.value) ? decode(whole.value, readPkcs7) : strict;
  if (!read) return undefined;
  if (!read.ok) return refuse('certificate-unreadable', { because: read.fault });
  return read.value.length === 0
    ? refuse('certificate-unreadable')
    : ok({ form: 'pkcs7', encodings: read.value });
}

function isSignedData(der: Uint8Array): boolean {
  const type = decode(der, (reader) =>
    reader.sequence((inner) => {
      const oid = inner.oid();
      inner.element();
      return oid;
    }),
  );
  return type.ok && type.value === oids.signedData;
}

/** Those that issued no other one of them first. */
function issuersLast(all: readonly Certificate[]): readonly Certificate[] {
  const issuers = new Set(
    all.filter((one) => one.issuer.key !== one.subject.key).map(({ issuer }) => issuer.key),
  );
  const isIssuer = ({ subject }: Certificate) => issuers.has(subject.key);
  return [...all.filter((one) => !isIssuer(one)), ...all.filter(isIssuer)];
}

/** The certificates of a ContentInfo with SignedData (RFC 5652 section 5.1). Ignores its signers. */
function readPkcs7(reader: DerReader): readonly Uint8Array[] {
  return reader.sequence((inner) => {
    inner.oid();
    return inner.explicit(0, (content) =>
      content.sequence((signedData) => {
        signedData.smallInteger();
        signedData.element(tags.set);
        signedData.element(tags.sequence);
        const choices =
          signedData.optional(0xa0, () =>
            signedData.constructed(0xa0, (set) => {
              let count = 0;
              return set.rest(() =>
                count++ < maximumCertificates ? set.element() : set.fail('pkcs7-certificates'),
              );
            }),
          ) ?? [];
        signedData.optional(0xa1, () => signedData.element());
        signedData.element(tags.set);
        return choices.filter(({ tag }) => tag === tags.sequence).map(({ bytes }) => bytes);
      }),
    );
  });
}
