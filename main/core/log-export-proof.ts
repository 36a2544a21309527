import { EntryProof, ProofChoice } from '../audit/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import type { PartFile } from '../files/index.ts';
import type { LogPass } from './log-pass.ts';

/** Writes the C2SP tlog-proof of the listed entry that proves most. */
export async function writeEntryProof(
  pass: LogPass,
  file: PartFile,
): Promise<Fault<'cancelled' | 'log-export-empty'> | undefined> {
  const choice = new ProofChoice();
  const unchosen = await pass.each((row, isListed) => (isListed ? choice.take(row) : undefined));
  if (unchosen) return unchosen;
  if (!choice.row) return fault('log-export-empty');
  const proof = new EntryProof(choice.row, pass.snapshot.checkpointOver(choice.row.sequence));
  const stopped = await pass.each((row) => proof.take(row));
  if (stopped) return stopped;
  file.put(proof.text);
  await file.finish();
  return undefined;
}
