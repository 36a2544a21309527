import type { CertificateImport } from '../../preload/contract/index.ts';
import { importEnbCertificates } from '../core/index.ts';
import { isStop, ok, type Fault, type Result } from '../faults/index.ts';
import type { ImportReport } from '../office/index.ts';
import type { OperatorRecord } from '../store/index.ts';
import type { ApiContext } from './context.ts';
import { faultView } from './views.ts';

/** Imports certificates of eNBs under an operator's profile. */
export async function importCertificates(
  context: ApiContext,
  { id, profileFile }: OperatorRecord,
  paths: readonly string[],
): Promise<Result<CertificateImport>> {
  const request = { paths, profile: profileFile, folders: context.options.folders };
  const start = { kind: 'certificate-import', subject: id, phase: 'importing' } as const;
  const report = await context.works.run(start, (work) =>
    importEnbCertificates(context, request, {
      onProgress: ({ certificates }) => work.report({ phase: 'importing', done: certificates, total: 0 }),
      signal: work.signal,
    }),
  );
  return report.ok ? ok(importView(report.value)) : report;
}

function importView({ known, older, problems, stoppedBy, ...counts }: ImportReport): CertificateImport {
  const { files, added, replaced, authorities, refused } = counts;
  return {
    ...{ files, added, replaced, unchanged: known + older, authorities, refused },
    problems: [...Map.groupBy(problems, causeOf).values()].flatMap((all) => {
      const [first] = all;
      return first ? [{ fault: faultView(first), count: all.length }] : [];
    }),
    ...(stoppedBy && !isStop(stoppedBy) && { stoppedBy: faultView(stoppedBy) }),
  };
}

function causeOf({ code, rule, because }: Fault): string {
  return [code, rule, because?.code, because?.rule].join(' ');
}
