import {
  filterLines,
  lineFormats,
  logPorts,
  ReadableRow,
  sentencesOf,
  writeLogPdf,
  type LogPdfRow,
} from '../audit/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import type { PartFile } from '../files/index.ts';
import { LogCheck } from '../tlog/index.ts';
import { writeLines, type WrittenList } from './log-export-lines.ts';
import type { LogPass } from './log-pass.ts';

/** The most entries of a PDF. */
const mostEntries = 10_000;

/** The names of the files inside the PDF. */
const listName = 'log.jsonl';
const proofName = `${listName}.proof`;

/**
 * Writes the readable PDF, with the entries and their proof inside. All files have their temporary names then; only the
 * first is for people.
 */
export async function writePdf(
  pass: LogPass,
  createdAt: Date,
  paper: PartFile,
  list: PartFile,
  proof: PartFile,
): Promise<Fault<'cancelled' | 'log-export-too-large'> | WrittenList> {
  const { snapshot, filter, listed } = pass;
  if (listed > mostEntries)
    return fault('log-export-too-large', { expected: String(mostEntries), found: String(listed) });
  const { origin, training, size, names, checkpoint } = snapshot;
  const check = new LogCheck(logPorts, { origin, training, filtered: filter !== undefined });
  const written = await writeLines(pass, lineFormats.jsonl, list, proof, check);
  if ('code' in written) return written;
  const { proven, unproven } = check.end();
  const stopped = await writeLogPdf(
    {
      origin,
      training,
      createdAt,
      ...(written.period && { period: written.period }),
      filter: filter ? filterLines(filter, names) : [],
      entries: size,
      total: listed,
      rows: rowsOf(pass),
      checkpoint,
      proven: sentencesOf(proven),
      unproven: sentencesOf(unproven),
      attachments: [
        { name: listName, path: list.partPath },
        { name: proofName, path: proof.partPath },
      ],
      out: paper.partPath,
    },
    { pause: pass.pause },
  );
  if (stopped) return stopped;
  await paper.finish();
  return written;
}

/** The listed entries as rows of the table. Ends early if the work must stop. */
async function* rowsOf(pass: LogPass): AsyncIterable<LogPdfRow> {
  for await (const row of pass.listedRows()) {
    const { entry, person, sentence, site, serialNumber } = new ReadableRow(row, pass.snapshot.names);
    yield {
      sequence: entry.sequence,
      time: entry.time,
      ...(person !== undefined && { person }),
      personId: entry.actor.id,
      sentence,
      ...(site !== undefined && { site }),
      ...(serialNumber !== undefined && { serialNumber }),
    };
  }
}
