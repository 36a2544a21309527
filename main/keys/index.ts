/** Private keys: from the files in which operators keep them, to an interface that only signs. */
export { readPrivateKey } from './private-key.ts';
export { readPkcs12 } from './pkcs12.ts';
export {
  checkConfigurationKey,
  openSigningKey,
  signingKey,
  type KeySource,
  type SigningKey,
} from './signing-key.ts';
