import { berToDer, decode, decodeFile, foundInPem, oids, tags, type DerReader } from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { parseCertificate, type Certificate, type CertificateFaultCode } from '../pki/index.ts';

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);
const pkcs7Labels: ReadonlySet<string> = new Set(['PKCS7', 'CMS']);

/**
 * Reads a certificate file:
 *
 * - one certificate in DER
 * - PEM with one or more CERTIFICATE blocks, in file order
 * - PKCS#7 with certificates (.p7b), in BER or PEM. Their order means nothing, so those that issued no other one come
 *   first.
 *
 * Refuses with `certificate-unreadable` if the file has no certificate, and otherwise with the fault of the first
 * unreadable one.
 */
export function parseCertificates(file: Uint8Array): Result<readonly Certificate[], CertificateFaultCode> {
  const encoding = decodeFile(file);
  if (encoding.kind === 'der') {
    const pkcs7 = asPkcs7(file);
    if (pkcs7) return parsePkcs7(pkcs7);
    const one = parseCertificate(file);
    return one.ok ? ok([one.value]) : one;
  }
  const blocks = encoding.blocks.filter(({ label }) => certificateLabels.has(label));
  if (blocks.length > 0) return parseAll(blocks.map(({ bytes }) => bytes));
  const pkcs7 = encoding.blocks.find(({ label }) => pkcs7Labels.has(label));
  if (pkcs7) return parsePkcs7(asPkcs7(pkcs7.bytes) ?? pkcs7.bytes);
  return refuse('certificate-unreadable', foundInPem(encoding.blocks));
}

function parseAll(encodings: readonly Uint8Array[]): Result<readonly Certificate[], CertificateFaultCode> {
  const certificates: Certificate[] = [];
  for (const bytes of encodings) {
    const one = parseCertificate(bytes);
    if (!one.ok) return refused(prependWhere(one.fault, { field: `certificate ${certificates.length + 1}` }));
    certificates.push(one.value);
  }
  return ok(certificates);
}

/** The DER of a file that starts like CMS SignedData, which may be BER. The certificates inside are DER either way. */
function asPkcs7(file: Uint8Array): Uint8Array | undefined {
  const whole = berToDer(file);
  if (!whole.ok) return undefined;
  const type = decode(whole.value, (reader) =>
    reader.sequence((inner) => {
      const oid = inner.oid();
      inner.rest(() => inner.element());
      return oid;
    }),
  );
  return type.ok && type.value === oids.signedData ? whole.value : undefined;
}

function parsePkcs7(bytes: Uint8Array): Result<readonly Certificate[], CertificateFaultCode> {
  const encodings = decode(bytes, readPkcs7);
  if (!encodings.ok) return refuse('certificate-unreadable', { because: encodings.fault });
  if (encodings.value.length === 0) return refuse('certificate-unreadable');
  const parsed = parseAll(encodings.value);
  if (!parsed.ok) return parsed;
  const issuers = new Set(
    parsed.value.filter((one) => one.issuer.key !== one.subject.key).map(({ issuer }) => issuer.key),
  );
  const isIssuer = ({ subject }: Certificate) => issuers.has(subject.key);
  return ok([...parsed.value.filter((one) => !isIssuer(one)), ...parsed.value.filter(isIssuer)]);
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
            signedData.constructed(0xa0, (set) => set.rest(() => set.element())),
          ) ?? [];
        signedData.optional(0xa1, () => signedData.element());
        signedData.element(tags.set);
        return choices.filter(({ tag }) => tag === tags.sequence).map(({ bytes }) => bytes);
      }),
    );
  });
}
