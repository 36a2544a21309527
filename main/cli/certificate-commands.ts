import { resolve } from 'node:path';
import {
  importEnbCertificates,
  verifyCertificate,
  type ImportProgress,
  type ImportReport,
} from '../core/index.ts';
import { counted, faultRecord, fill, words } from '../words/index.ts';
import { untilInterrupted } from './interrupt.ts';
import { done, endedWith, failed, problemLines, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';
import { withCore } from './with-log.ts';

interface Options extends TrustOptions {
  readonly requireCrl: boolean;
  readonly at?: Date;
  readonly purpose: 'configuration' | 'enb' | 'any';
}

/** `siteseal certificate verify` */
export function certificateVerify([file = '']: readonly string[], options: Options): Outcome {
  const verdict = verifyCertificate({
    file: resolve(file),
    trust: trustFiles(options),
    at: options.at ?? new Date(),
    requireCrl: options.requireCrl,
    purpose: options.purpose,
  });
  if (!verdict.ok) return failed(verdict.fault, { valid: false });
  if (!verdict.value.valid) return failed(verdict.value.fault, { valid: false });
  const { path, revocationChecked } = verdict.value;
  return done(verdict.value, [
    words.cli.certificate.valid,
    ...(revocationChecked ? [] : [words.cli.certificate.revocationUnchecked]),
    ...path.map(({ subject }) => `  ${subject}`),
  ]);
}

/** `siteseal certificate import`. The first Ctrl-C stops it after the current certificate. */
export function certificateImport(
  paths: readonly string[],
  { profile }: { readonly profile: string },
): Promise<Outcome> {
  const terminal = systemTerminal();
  return withCore(async (core) => {
    const request = { paths: paths.map((path) => resolve(path)), profile: resolve(profile) };
    const onProgress = (progress: ImportProgress) => terminal.progress(progressText(progress));
    const report = await untilInterrupted((signal) =>
      importEnbCertificates(core, request, { onProgress, signal }),
    );
    terminal.endProgress();
    return report.ok ? importOutcome(report.value) : failed(report.fault, nothingImported);
  });
}

function progressText({ certificates, files, refused }: ImportProgress): string {
  const { certificate, prepare } = words.cli;
  const said = fill(certificate.importing, { certificates, files: counted(certificate.files, files) });
  return refused > 0
    ? fill(prepare.paceAndProblems, { said, problems: counted(prepare.problems, refused) })
    : said;
}

const nothingImported = {
  files: 0,
  added: 0,
  replaced: 0,
  known: 0,
  older: 0,
  authorities: 0,
  refused: 0,
  problems: [],
} satisfies ImportReport;

function importOutcome({ problems, stoppedBy, ...counts }: ImportReport): Outcome {
  const say = words.cli.certificate;
  const { files, older, authorities, refused } = counts;
  const document = { ...counts, problems: problems.map(faultRecord) };
  const lines = [
    ...problemLines(problems, refused),
    fill(say.imported, { ...counts, files: counted(say.files, files) }),
    ...(older > 0 ? [counted(say.older, older)] : []),
    ...(authorities > 0 ? [counted(say.authorities, authorities)] : []),
  ];
  return endedWith({ document, lines, problems, stoppedBy });
}
