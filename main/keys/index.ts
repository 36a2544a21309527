/** Private keys: from the operators' key files to a signer that does not reveal the key. */
export { passphraseFromFile } from './passphrase.ts';
export {
  makeCertificationRequest,
  readCertificationRequest,
  type CertificationRequest,
  type RequestedCertificate,
} from './certification-request.ts';
export { generateKey } from './generate-key.ts';
export { readPrivateKey } from './private-key.ts';
export { readProtectedKey } from './protected-key.ts';
export { readPkcs12 } from './pkcs12.ts';
export {
  checkConfigurationKey,
  keySigner,
  newestFirst,
  openSharedSigner,
  openSigner,
  shareSigner,
  signerWithKey,
  type KeySigner,
  type KeySource,
  type SharedSigner,
  type Signer,
} from './signer.ts';
