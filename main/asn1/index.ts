/**
 * Strict DER (ITU-T X.690): a reader that accepts one encoding of each value and no other, a writer, and the OIDs. BER
 * becomes DER for files of other programs that may hold it: PKCS#12 and PKCS#7. `BerReader` walks BER that is too large to
 * copy.
 */
export { DerReader, decode, toText, type DerFaultCode, type Element } from './reader.ts';
export { DerError } from './der-error.ts';
export { berToDer } from './ber.ts';
export { BerReader, contentsStart } from './ber-reader.ts';
export * as der from './writer.ts';
export { oids } from './oids.ts';
export { encodeOid, isOid } from './oid-codec.ts';
export {
  decodeFile,
  decodePem,
  decodePemInPlace,
  encodePem,
  foundInPem,
  isDerFile,
  isPemOf,
  pemBlocks,
  type EncodedBlock,
  type FileEncoding,
  type PemBlock,
} from './pem.ts';
export { contextTag, tags } from './tags.ts';
