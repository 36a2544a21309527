import type { KeyObject } from 'node:crypto';
import type { Extension } from '@peculiar/x509';
import { der, oids } from '../asn1/index.ts';
import { generateKey } from '../keys/index.ts';
import {
  encodeAuthorisation,
  encodeHardwareModuleName,
  nameFromText,
  spkiOf,
  writeGeneralNames,
  type Certificate,
  type EnbIdentity,
} from '../pki/index.ts';
import type { CertificateContents } from './lab-certificates.ts';
import {
  keyIdentifier,
  keyIdentifierOf,
  keyUsageExtension,
  loadX509,
  openCaKey,
  signCertificate,
  type X509,
} from './x509.ts';

/** A key with the certificate of its public half. */
export interface KeyPair {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

/** Makes a key and its certificate. Without an issuer the key signs its own certificate. */
export async function issue(contents: CertificateContents, issuer?: KeyPair): Promise<KeyPair> {
  const key = await generateKey(contents.keyKind);
  return { key, certificate: await certify(contents, key, issuer ?? key) };
}

/** Makes the certificate of a key, of which the public half is enough. The issuer is a CA, or the private key itself. */
export async function certify(
  contents: CertificateContents,
  key: KeyObject,
  issuer: KeyPair | KeyObject,
): Promise<Certificate> {
  const x509 = await loadX509();
  const spki = key.type === 'public' ? key.export({ format: 'der', type: 'spki' }) : spkiOf(key);
  const subject = nameFromText(contents.subject);
  if (!subject.ok) throw new Error(`Not a name: ${contents.subject}`);
  const ca =
    'certificate' in issuer
      ? await openCaKey(x509, issuer.key, issuer.certificate.subject, keyIdentifierOf(issuer.certificate))
      : await openCaKey(x509, issuer, subject.value, keyIdentifier(spki));
  const { notBefore, notAfter } = contents;
  const extensions = [...extensionsOf(contents, x509)];
  return signCertificate(x509, { subject: subject.value, spki, notBefore, notAfter, extensions }, ca);
}

function* extensionsOf(contents: CertificateContents, x509: X509): Generator<Extension> {
  const { ca, keyUsage, extendedKeyUsage, enb, dnsName, authorisation, training } = contents;
  const pathLength = ca === true ? undefined : ca;
  yield new x509.BasicConstraintsExtension(ca !== undefined, pathLength, true);
  if (keyUsage) yield keyUsageExtension(x509, keyUsage);
  if (extendedKeyUsage) yield new x509.ExtendedKeyUsageExtension([...extendedKeyUsage]);
  if (enb) yield new x509.Extension(oids.subjectAltName, false, subjectAltNameOf(enb));
  const names = dnsName === undefined ? undefined : writeGeneralNames([`dns:${dnsName}`]);
  if (names) yield new x509.Extension(oids.subjectAltName, false, names);
  if (authorisation) {
    const value = encodeAuthorisation(authorisation);
    yield new x509.Extension(oids.vendorConfigurationAuthorisation, false, value);
  }
  if (training) yield new x509.Extension(oids.training, false, der.null);
}

/** The eNB's hardwareModuleName, which is an otherName. @peculiar/x509 cannot write one. */
function subjectAltNameOf(enb: EnbIdentity): Uint8Array {
  const moduleName = der.explicit(0, encodeHardwareModuleName(enb));
  return der.sequence(der.implicit(0, der.sequence(der.oid(oids.hardwareModuleName), moduleName)));
}
