/** The audit log: who did what, and to what. Every transaction that appends ends with a signed checkpoint. */
export { earlierMembers, logMembers, type LogEvent, type LogMember } from './actions.ts';
export { entryFormat, mostEntryBytes, type Actor, type LogEntry, type LogValue } from './entry.ts';
export { appendRefusals, reasonOf, type Refusal } from './refusals.ts';
export { ResultTree } from './result-tree.ts';
export { noteCrypto, treeHashes } from './hashes.ts';
export { openLog, type AuditLog, type LogPage, type LogSurroundings, type OpenedStore } from './log.ts';
export { NoteKeyFile, type NoteSigner } from './note-key.ts';
export { nameDigest, type People } from './people.ts';
export {
  writeLogPdf,
  type LogPdf,
  type LogPdfAttachment,
  type LogPdfRow,
  type LogPdfWork,
} from './pdf/log-pdf.ts';
