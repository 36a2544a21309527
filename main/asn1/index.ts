/** Strict DER (ITU-T X.690): reading that accepts one encoding of each value and no other, writing, and the OIDs. */
export { DerReader, DerError, decode, toText, type Element } from './reader.ts';
export * as der from './writer.ts';
export { oids } from './oids.ts';
export { encodeOid, isOid } from './oid-codec.ts';
export { decodePem, encodePem, type PemBlock } from './pem.ts';
export { contextTag, tags } from './tags.ts';
