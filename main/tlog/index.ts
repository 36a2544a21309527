/**
 * A transparent log, as anyone can verify it: RFC 6962 tree and C2SP notes, checkpoints and cosignatures. It
 * depends on no runtime: hashes and signatures come from outside, so that the same code runs in a browser.
 */
export { fromBase64, toBase64, fromHex, toHex } from './bytes.ts';
export { CompactRange, emptyRoot, isHash, splitAt, type Hash, type TreeHashes } from './tree.ts';
export {
  cosignatureType,
  ed25519Type,
  formatNote,
  formatVerifierKey,
  keyIdOf,
  noteBody,
  parseNote,
  parseVerifierKey,
  signatureLine,
  signatureOf,
  verifySignature,
  type Note,
  type NoteCrypto,
  type NoteSignature,
  type VerifierKey,
} from './note.ts';
export { cellOfEntry, entryOfCell } from './csv-cell.ts';
export { csvCopies, type EntryContent } from './csv-copies.ts';
export { checkpointBody, parseCheckpoint, type Checkpoint, type SignedHead } from './checkpoint.ts';
export { checkHead, keyProblem, type ComparedHead } from './head-check.ts';
export {
  formatHeadFile,
  headFileFormat,
  parseHeadFile,
  readHeadFile,
  type GivenKey,
  type HeadFile,
  type ReadHead,
  type ReadKey,
} from './head-file.ts';
export { LogCheck, type LogExpectation } from './log-check.ts';
export { checkEntry } from './entry-check.ts';
export { readEntry, type ReadEntry } from './log-entry.ts';
export { readKeyFacts, type KeyFacts } from './log-keys.ts';
export type {
  KnownHead,
  LogFinding,
  LogPoint,
  LogPointCode,
  LogPorts,
  LogProblem,
  LogProblemCode,
  LogRule,
} from './log-problem.ts';
export { problemFault } from './problem-fault.ts';
export { cosign, verifyCosignature } from './cosignature.ts';
export {
  consistencyPath,
  inclusionPath,
  ProofMaker,
  rootByInclusion,
  verifyConsistency,
  type LeafRange,
  type Proof,
  type TreeHead,
} from './proofs.ts';
export { formatTlogProof, parseTlogProof, type ReadTlogProof, type TlogProof } from './tlog-proof.ts';
export { checkExport, type ExportFinding } from './export-check.ts';
export { exportProofStart, type ExportHeader } from './export-proof.ts';
export { exportFormatOf, exportRows, type ExportFormat, type ExportRow } from './export-rows.ts';
export { linesOf, Queue, UnreadableExport } from './export-text.ts';
