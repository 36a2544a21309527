/** Private keys: from the files in which operators keep them, to something that only signs. */
export { passphraseFromFile } from './passphrase.ts';
export { readPrivateKey } from './private-key.ts';
export { readPkcs12 } from './pkcs12.ts';
export {
  checkConfigurationKey,
  newestFirst,
  openSigner,
  signerWithKey,
  type KeySource,
  type Signer,
} from './signer.ts';
