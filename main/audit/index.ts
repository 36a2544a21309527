/** The audit log: who did what, and to what. Every transaction that appends ends with a signed checkpoint. */
export { earlierMembers, logMembers, type LogEvent, type LogMember } from './actions.ts';
export { entryFormat, mostEntryBytes, type Actor, type LogEntry, type LogValue } from './entry.ts';
export {
  EntryProof,
  feedCheck,
  filterLines,
  isFiltered,
  lineFormats,
  LogSnapshot,
  ProofChoice,
  ProofWriter,
  sentencesOf,
  type LineFormat,
  type LogSource,
  type ProofSink,
} from './export/index.ts';
export { appendRefusals, reasonOf, type Refusal } from './refusals.ts';
export { ResultTree } from './result-tree.ts';
export { logPorts, noteCrypto, treeHashes } from './hashes.ts';
export { judgeHead, type HeadFaultCode, type JudgedHead, type WitnessMemory } from './head-check.ts';
export { headFileSchema, mostHeadFileBytes, readHead } from './head-file.ts';
export { openLog, type AuditLog, type LogPage, type LogSurroundings, type OpenedStore } from './log.ts';
export { NoteKeyFile, type NoteSigner } from './note-key.ts';
export { nameDigest, type People } from './people.ts';
export { ReadableEntry, ReadableRow, type Names } from './readable.ts';
export {
  writeLogPdf,
  type LogPdf,
  type LogPdfAttachment,
  type LogPdfRow,
  type LogPdfWork,
} from './pdf/log-pdf.ts';
export { Witness, type CosignedHead, type WitnessVerdict } from './witness.ts';
