/**
 * The Certificate Management Protocol, version 2 (RFC 9810, RFC 4211, RFC 9481, RFC 9483): messages and their
 * protection, a client, and an RA/CA over an `Issuer`. Left out: central key generation, nested and batched messages,
 * and MACs that a KEM agrees on.
 */
export { Authority, type AnsweredMessage, type AuthorityOptions, type CmpAnswer } from './authority.ts';
export type { RootSuccessor } from './authority-infos.ts';
export { caCertificates, currentCrls, rootUpdate } from './client-questions.ts';
export {
  confirmCertificate,
  requestCertificate,
  revokeCertificate,
  type CertificateOrder,
  type Issued,
} from './client.ts';
export type { Credentials } from './credentials.ts';
export type { Exchange } from './exchange.ts';
export { cmpMediaType, httpExchange, usualDeadlines, type Deadlines, type HttpOptions } from './http.ts';
export { maximumMessage, readMessage, saidIn, type Message } from './message.ts';
export type { CmpPhase, Peer } from './peer.ts';
export * from './ports.ts';
export { readIssued, storedIssuedSchema, storeIssued, type StoredIssued } from './stored-issued.ts';
