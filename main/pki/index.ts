/**
 * The public key infrastructure as both eNB and Siteseal judge it: parsing of certificates and CRLs, path validation
 * as in RFC 5280 section 6, the identity of an eNB, and which eNBs an operator's key may configure for the vendor.
 */
export * from './authorisation.ts';
export {
  certificatesToPem,
  isSameCertificate,
  isSelfIssued,
  parseCertificate,
  readExtensions,
  type Certificate,
  type CertificateFaultCode,
  type Extension,
} from './certificate.ts';
export { exactly, isInForce, later, toSeconds, type Clock } from './clock.ts';
export { isNewerCrl, parseCrl, parseCrls, type Crl, type CrlFaultCode } from './crl.ts';
export {
  canReceive,
  checkEnbKey,
  encodeHardwareModuleName,
  enbKey,
  findEnbCertificate,
  isSameEnb,
  readEnbIdentity,
  serialNumberPattern,
  type EnbIdentity,
} from './enb-identity.ts';
export {
  allowsKeyUsage,
  dnsNamesOf,
  extension,
  keyUsageBits,
  subjectAltNamesOf,
  type KeyUsage,
} from './extensions.ts';
export { generalNameToText, readGeneralName, writeGeneralNames, type GeneralName } from './general-name.ts';
export { nameFromText, nameToText, readName, shortName, type Name } from './name.ts';
export type { Path } from './path-building.ts';
export { isDateFault, isLesserFault, isRevocationFault, type PathFaultCode } from './path-faults.ts';
export {
  judgePath,
  validateCertificate,
  type PathJudgement,
  type PathQuestion,
  type RevocationChecked,
} from './path-validation.ts';
export { pathBounds, type PathWork } from './path-work.ts';
export {
  curveOids,
  curves,
  describeKey,
  isStrongKey,
  keyObject,
  opensslCurves,
  plainSpki,
  readPublicKey,
  spkiOf,
  type Curve,
  type PublicKey,
} from './public-key.ts';
export { hasIssuedCrl, newestOfEachSeries } from './revocation.ts';
export { keyLack, runtimeLack } from './runtime.ts';
export {
  hashOids,
  hashesByOid,
  readHash,
  readSignatureAlgorithm,
  verifySignature,
  writeHash,
  writeSignatureAlgorithm,
  type Hash,
  type SignatureAlgorithm,
  type SigningAlgorithm,
} from './signature-algorithm.ts';
export { isTrainingCertificate } from './training.ts';
