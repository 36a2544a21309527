/** Private keys: from the files in which operators keep them, to an interface that only signs. */
export { passphraseFromFile } from './passphrase.ts';
export { readPrivateKey } from './private-key.ts';
export { readPkcs12 } from './pkcs12.ts';
export {
  checkConfigurationKey,
  newestFirst,
  openSigningKey,
  signingKey,
  type KeySource,
  type SigningKey,
} from './signing-key.ts';
