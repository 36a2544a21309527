import { resolve } from 'node:path';
import { exportLog, type LogExport, type LogExportFormat } from '../core/index.ts';
import { counted, fill, words } from '../words/index.ts';
import { filterOf, type FilterOptions } from './audit-filter.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { untilInterrupted } from './interrupt.ts';
import { systemTerminal } from './terminal.ts';
import { withLog, type LogOptions } from './with-log.ts';

interface Options extends FilterOptions, LogOptions {
  readonly format: LogExportFormat;
  readonly out: string;
}

/** `siteseal audit export` */
export function auditExport(_: readonly string[], options: Options): Promise<Outcome> {
  return withLog(options, async (opened, { surroundings }) => {
    const filter = filterOf(opened, options);
    if (!filter.ok) return failed(filter.fault);
    const terminal = systemTerminal();
    const exported = await untilInterrupted((signal) =>
      exportLog(opened, {
        format: options.format,
        filter: filter.value,
        out: resolve(options.out),
        now: surroundings.now(),
        signal,
        onProgress: (passed, total) =>
          terminal.progress(fill(words.cli.auditExport.progress, { done: passed, total })),
      }),
    );
    terminal.endProgress();
    return exported.ok ? toOutcome(exported.value) : failed(exported.fault);
  });
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
