/**
 * The Cryptographic Message Syntax (RFC 5652) in the two forms that bundles use, SignedData and AuthEnvelopedData, and
 * files that OpenSSL encrypts.
 */
export { encodedCertificates, parseCertificates } from './certificate-file.ts';
export {
  openAuthEnvelopedData,
  parseAuthEnvelopedData,
  sealAuthEnvelopedData,
  type AuthEnvelopedData,
  type RecipientCertificate,
} from './auth-enveloped-data.ts';
export { decryptFile, isEncryptedFile, parseEncryptedFile } from './encrypted-file.ts';
export { parseSignedData, verifySignedData, type SignedData } from './signed-data.ts';
export { signData } from './sign.ts';
