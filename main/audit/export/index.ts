/** Exports of the log: formats with a line for each entry, and the proof that belongs to them. */
import { cef } from './cef.ts';
import { csv } from './csv.ts';
import { jsonl } from './jsonl.ts';
import type { LineFormat } from './line-format.ts';
import { ocsf } from './ocsf.ts';

export { feedCheck } from './feed-check.ts';
export { filterLines, sentencesOf } from './pdf-words.ts';
export { ProofWriter, proofFormat, type ProofHeader, type ProofSink, type SizedCheckpoint } from './proof.ts';
export { isFiltered, LogSnapshot } from './snapshot.ts';
export type { LineFormat, LogSource } from './line-format.ts';
export { EntryProof, ProofChoice } from './tlog-proof.ts';

/** The formats with a line for each entry. */
export const lineFormats = { csv, jsonl, ocsf, cef } as const satisfies Readonly<Record<string, LineFormat>>;
