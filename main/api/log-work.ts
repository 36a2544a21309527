import { join } from 'node:path';
import type { LogVerdict, LogView } from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { exportLog, noteVerified, verifyLog, type LogPoint, type LogVerification } from '../core/index.ts';
import { ok, type Result } from '../faults/index.ts';
import type { LogFilter, Store } from '../store/index.ts';
import { verificationSentence } from '../words/index.ts';
import type { ApiContext } from './context.ts';
import { faultView, workView } from './views.ts';

type Exported = NonNullable<LogView['exported']>;

/** What to export. */
interface ExportOrder {
  readonly format: Exported['format'];
  readonly filter: LogFilter;
  /** The path of a folder. */
  readonly folder: string;
}

/** The long work on a log: its verification and its exports, and how the last of each ended. */
export class LogWork {
  readonly #context: ApiContext;
  /** By store: training and real data have a log each. */
  readonly #verdicts = new WeakMap<Store, LogVerdict>();
  readonly #exports = new WeakMap<Store, Exported>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** Verifies the log against itself and the heads in these files. The log notes it if the user asked for it. */
  async verify(opened: OpenedStore, heads: readonly string[], byPerson: boolean): Promise<Result<void>> {
    const isTraining = this.#context.stores.isTraining(opened);
    const start = { kind: 'log-verification', subject: subjectOf(isTraining), phase: 'reading' } as const;
    const verified = await this.#context.works.run(start, async (work) => {
      const found = await verifyLog(opened, {
        heads,
        isTraining,
        onProgress: (done, total) => work.report({ phase: 'reading', done, total }),
        pause: () => work.pause(),
      });
      if (!found.ok) return found;
      if (byPerson) noteVerified(opened, found.value, heads.length);
      this.#verdicts.set(opened.store, verdictView(found.value, this.#context.timestamp()));
      return ok(undefined);
    });
    return verified.ok || verified.fault.code === 'cancelled' ? ok(undefined) : verified;
  }

  /** Exports entries into a folder, under a name with the date. */
  async export(opened: OpenedStore, { format, filter, folder }: ExportOrder): Promise<Result<void>> {
    const isTraining = this.#context.stores.isTraining(opened);
    const start = { kind: 'log-export', subject: subjectOf(isTraining), phase: 'writing' } as const;
    this.#exports.delete(opened.store);
    const now = this.#context.surroundings.now();
    const exported = await this.#context.works.run(start, (work) =>
      exportLog(opened, {
        format,
        filter,
        out: join(folder, exportName(format, now)),
        now,
        signal: work.signal,
        onProgress: (done, total) => work.report({ phase: 'writing', done, total }),
        pause: () => work.pause(),
      }),
    );
    if (!exported.ok && (exported.fault.code === 'work-busy' || exported.fault.code === 'cancelled'))
      return exported.fault.code === 'cancelled' ? ok(undefined) : exported;
    const { entries, files } = exported.ok ? exported.value : { entries: 0, files: [] };
    this.#exports.set(opened.store, {
      format,
      entries,
      files: files.map((file) => this.#context.registerFile(file).name),
      ...(!exported.ok && { fault: faultView(exported.fault) }),
    });
    this.#context.changed('log');
    return ok(undefined);
  }

  /** What is known of both. */
  view(opened: OpenedStore): Pick<LogView, 'verdict' | 'verifying' | 'exporting' | 'exported'> {
    const subject = subjectOf(this.#context.stores.isTraining(opened));
    const verifying = this.#context.works.find('log-verification', subject);
    const exporting = this.#context.works.find('log-export', subject);
    const verdict = this.#verdicts.get(opened.store);
    const exported = this.#exports.get(opened.store);
    return {
      ...(verdict && !verifying && { verdict }),
      ...(verifying && { verifying: workView(verifying) }),
      ...(exporting && { exporting: workView(exporting) }),
      ...(exported && { exported }),
    };
  }
}

/** Training and real data each have a log. */
function subjectOf(isTraining: boolean): string {
  return isTraining ? 'training' : 'log';
}

/** The name of an export's file. */
function exportName(format: Exported['format'], now: Date): string {
  return `siteseal-log-${stampOf(now)}.${extensions[format]}`;
}

/** A time in UTC for a file name, so that none replaces another. */
export function stampOf(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

const extensions: Readonly<Record<Exported['format'], string>> = {
  csv: 'csv',
  jsonl: 'jsonl',
  pdf: 'pdf',
  ocsf: 'ocsf.jsonl',
  cef: 'cef',
  proof: 'tlog-proof',
};

function verdictView(
  { intact, entries, proven, unproven, fault, isOfOther }: LogVerification,
  checkedAt: string,
): LogVerdict {
  const sentences = (points: readonly LogPoint[]) =>
    points.map(({ code, facts }) => verificationSentence(code, facts));
  return {
    intact,
    entries,
    checkedAt,
    proven: sentences(proven),
    unproven: sentences(unproven),
    ...(fault && { fault: faultView(fault) }),
    ...(isOfOther && { isOfOther }),
  };
}
