import { resolve } from 'node:path';
import { createCore, exportLog, personOf, type LogExport, type LogExportFormat } from '../core/index.ts';
import { counted, fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { untilInterrupted } from './interrupt.ts';
import { systemTerminal } from './terminal.ts';

interface Options {
  readonly format: LogExportFormat;
  readonly out: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly site?: string;
  readonly enb?: string;
  readonly actor?: string;
  readonly training: boolean;
}

/** `siteseal audit export` */
export async function auditExport(_: readonly string[], options: Options): Promise<Outcome> {
  const { format, out, from, to, site, enb, actor, training } = options;
  const core = createCore();
  const terminal = systemTerminal();
  try {
    const opened = core.stores.open(training);
    if (!opened.ok) return failed(opened.fault);
    const person = actor === undefined ? undefined : personOf(opened.value, actor);
    if (person && !person.ok) return failed(person.fault);
    const filter = {
      ...(from && { from: wholeSecond(from) }),
      ...(to && { to: wholeSecond(to) }),
      ...(site !== undefined && { site }),
      ...(enb !== undefined && { serialNumber: enb }),
      ...(person && { person: person.value }),
    };
    const exported = await untilInterrupted((signal) =>
      exportLog(opened.value, {
        format,
        filter,
        out: resolve(out),
        now: core.surroundings.now(),
        signal,
        onProgress: (passed, total) =>
          terminal.progress(fill(words.cli.auditExport.progress, { done: passed, total })),
      }),
    );
    terminal.endProgress();
    return exported.ok ? toOutcome(exported.value) : failed(exported.fault);
  } finally {
    core.stores.close();
  }
}

/** The first whole second at or after a moment, as the log writes it: no entry lies between them. */
function wholeSecond(moment: Date): string {
  return `${new Date(Math.ceil(moment.getTime() / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

function toOutcome({ entries, size, files, isFiltered, erasedNames }: LogExport): Outcome {
  const say = words.cli.auditExport;
  const listed = counted(say.entries, entries);
  return done({ entries, logEntries: size, files, filtered: isFiltered, erasedNames }, [
    fill(isFiltered ? say.part : say.whole, { entries: listed, size }),
    ...(entries === 0 ? [words.cli.audit.noneMatch] : []),
    ...files.map((file) => fill(say.file, { file })),
    ...(isFiltered ? [say.unproven] : []),
    ...(erasedNames > 0 ? [counted(say.erased, erasedNames)] : []),
  ]);
}
