import { ProofWriter, ReadableEntry, treeHashes, type LineFormat, type LogSource } from '../audit/index.ts';
import type { Fault } from '../faults/index.ts';
import type { PartFile } from '../files/index.ts';
import type { LogPass } from './log-pass.ts';
import { productVersion } from './version.ts';

/** What an export has beside its entries. */
export interface ListedPeople {
  /** How many people in it have no name any more. */
  readonly erasedNames: number;
}

/** Writes the listed entries in a format, and their proof. Both files are complete then, but have their temporary names. */
export async function writeLines(
  pass: LogPass,
  format: LineFormat,
  list: PartFile,
  proof: PartFile,
): Promise<Fault<'cancelled'> | ListedPeople> {
  const { snapshot, filter, listed } = pass;
  const { origin, training, names } = snapshot;
  const source: LogSource = { origin, version: productVersion() };
  const header = { origin, training, listed, filter };
  const writer = new ProofWriter(treeHashes, header, snapshot.checkpoints, (line) => proof.put(line));
  const actors = new Set<string>();
  list.put(format.header);
  const stopped = await pass.each((row, isListed) => {
    writer.entry(row.entry, isListed);
    if (isListed) {
      const readable = new ReadableEntry(row, names);
      actors.add(readable.entry.actor.id);
      list.put(format.line(readable, source));
    }
    return list.isFull || proof.isFull ? drain(list, proof) : undefined;
  });
  if (stopped) return stopped;
  const named = snapshot.named(actors);
  writer.end(named);
  await list.finish();
  await proof.finish();
  return { erasedNames: actors.size - named.length };
}

async function drain(...files: readonly PartFile[]): Promise<void> {
  for (const file of files) await file.drain();
}
