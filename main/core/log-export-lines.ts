import {
  feedCheck,
  ProofWriter,
  ReadableRow,
  treeHashes,
  type LineFormat,
  type ProofSink,
} from '../audit/index.ts';
import type { Fault } from '../faults/index.ts';
import type { PartFile } from '../files/index.ts';
import type { LogCheck } from '../tlog/index.ts';
import type { LogPass } from './log-pass.ts';
import { productVersion } from './version.ts';

/** What a list has. */
export interface WrittenList {
  /** How many people in it have no name any more. */
  readonly erasedNames: number;
  /** The times of its first and its last entry. Absent if it has none. */
  readonly period?: { readonly from: string; readonly to: string };
}

/**
 * Writes the listed entries in a format, and their proof. Both files are complete then, but have their temporary names.
 * @param check sees what a verifier of these files sees
 */
export async function writeLines(
  pass: LogPass,
  format: LineFormat,
  list: PartFile,
  proof: PartFile,
  check?: LogCheck,
): Promise<Fault<'cancelled'> | WrittenList> {
  const { snapshot, filter, listed } = pass;
  const { origin, training, names, checkpoints } = snapshot;
  const source = { origin, version: productVersion() };
  const checked = check && feedCheck(check);
  const sink: ProofSink = {
    ...(checked && { listed: checked.listed }),
    line: (line) => {
      proof.put(`${JSON.stringify(line)}\n`);
      checked?.line(line);
    },
  };
  const writer = new ProofWriter(treeHashes, { origin, training, listed, filter }, checkpoints, sink);
  const actors = new Set<string>();
  let from: string | undefined;
  let to = '';
  list.put(format.header);
  const stopped = await pass.each((row, isListed) => {
    writer.entry(row.entry, isListed);
    if (isListed) {
      const readable = new ReadableRow(row, names);
      actors.add(readable.entry.actor.id);
      to = readable.entry.time;
      from ??= to;
      list.put(format.line(readable, source));
    }
    return list.isFull || proof.isFull ? drain(list, proof) : undefined;
  });
  if (stopped) return stopped;
  const named = snapshot.named(actors);
  writer.end(named);
  await list.finish();
  await proof.finish();
  const period = from === undefined ? {} : { period: { from, to } };
  return { erasedNames: actors.size - named.length, ...period };
}

async function drain(...files: readonly PartFile[]): Promise<void> {
  for (const file of files) await file.drain();
}
