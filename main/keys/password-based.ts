import { oids, tags, type DerReader } from '../asn1/index.ts';

/** Bounds the work that a file can ask of the key derivation: some seconds. */
const maximumIterations = 2_000_000;
/** The same for scrypt, by the product of its three parameters (RFC 7914 section 2). */
const maximumScryptCost = 2 ** 25;

/** The number of iterations of a key derivation, from 1. */
export function readIterations(reader: DerReader): number {
  const iterations = reader.smallInteger();
  return iterations >= 1 && iterations <= maximumIterations ? iterations : reader.fail('kdf-iterations');
}

/**
 * Walks the AlgorithmIdentifier of an EncryptedPrivateKeyInfo (RFC 5958 section 3), which OpenSSL is to decrypt: PBES2
 * with PBKDF2 or scrypt (RFC 8018, RFC 7914), or pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292). Fails with
 * `pkcs8-encryption` for another, which OpenSSL does not have without its provider for legacy algorithms, and with
 * `kdf-iterations` for one that asks for too much work.
 */
export function checkEncryption(reader: DerReader): void {
  reader.sequence((identifier) => {
    const scheme = identifier.oid();
    if (scheme === oids.pbes2) {
      identifier.sequence((parameters) => {
        parameters.sequence(checkKeyDerivation);
        parameters.element(tags.sequence);
      });
    } else if (scheme === oids.pbeWithSha1And3KeyTripleDesCbc) identifier.sequence(checkSaltAndIterations);
    else identifier.fail('pkcs8-encryption');
  });
}

function checkKeyDerivation(reader: DerReader): void {
  const derivation = reader.oid();
  if (derivation === oids.pbkdf2) reader.sequence(checkSaltAndIterations);
  else if (derivation === oids.scrypt) reader.sequence(checkScrypt);
  else reader.fail('pkcs8-encryption');
}

function checkSaltAndIterations(reader: DerReader): void {
  reader.octetString();
  readIterations(reader);
  reader.rest((more) => more.element());
}

function checkScrypt(reader: DerReader): void {
  reader.octetString();
  const cost = reader.smallInteger() * reader.smallInteger() * reader.smallInteger();
  if (cost > maximumScryptCost) reader.fail('kdf-iterations');
  reader.optional(tags.integer, () => reader.smallInteger()); // the key's length
}
