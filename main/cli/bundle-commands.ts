import { resolve } from 'node:path';
import { inspectBundle, verifyBundle, type Acceptance } from '../core/index.ts';
import { checkSentence, faultRecord, faultSentence, fill, whyPhrase, words } from '../words/index.ts';
import { done, exitCodeOf, failed, type Outcome } from './outcome.ts';
import { passphraseOf } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

interface VerifyOptions extends TrustOptions {
  readonly enb?: string;
  readonly enbKey?: string;
  readonly lastEpoch?: number;
  readonly lastSequence?: number;
  readonly passphraseFile?: string;
  readonly at?: Date;
}

/** `siteseal bundle verify` */
export async function bundleVerify([file = '']: readonly string[], options: VerifyOptions): Promise<Outcome> {
  const { enb, enbKey, lastEpoch, lastSequence, at, passphraseFile } = options;
  const acceptance = await verifyBundle(
    {
      file: resolve(file),
      trust: trustFiles(options),
      at: at ?? new Date(),
      ...(enb !== undefined && { enb }),
      ...(enbKey !== undefined && { enbKey: resolve(enbKey) }),
      ...(lastEpoch !== undefined && { lastEpoch }),
      ...(lastSequence !== undefined && { lastSequence }),
    },
    passphraseOf(passphraseFile),
  );
  return acceptance.ok ? toOutcome(acceptance.value) : failed(acceptance.fault);
}

function toOutcome({ accepted, assumed, checks, configuration }: Acceptance): Outcome {
  const document = {
    accepted,
    assumed,
    checks: checks.map((check) =>
      'detail' in check ? { ...check, detail: faultRecord(check.detail) } : check,
    ),
    ...(configuration && { configuration }),
  };
  const failures = checks.flatMap((check) => ('detail' in check ? [check.detail] : []));
  const [first] = failures;
  return {
    document,
    lines: [
      ...checks.map(checkLine),
      '',
      ...failures.map((one) => `${one.code}: ${faultSentence(one)}`),
      accepted ? acceptedLine(assumed.length) : words.cli.bundle.refused,
    ],
    exitCode: first ? exitCodeOf(first) : 0,
  };
}

function acceptedLine(assumed: number): string {
  const { accepted, acceptedIf } = words.cli.bundle;
  return assumed === 0 ? accepted : fill(acceptedIf, { count: assumed });
}

function checkLine(check: Acceptance['checks'][number]): string {
  const { passed, failed, notMade } = words.cli.check;
  const sentence = checkSentence(check.code);
  if (check.ok === null) return fill(notMade, { check: sentence, why: whyPhrase(check.why) });
  return fill(check.ok ? passed : failed, { check: sentence });
}

/** `siteseal bundle inspect` */
export function bundleInspect([file = '']: readonly string[]): Outcome {
  const inspection = inspectBundle(resolve(file));
  if (!inspection.ok) return failed(inspection.fault);
  const { bundleSha256, size, certificates, crlIssuers, configuration } = inspection.value;
  const { sealed, ...shown } = configuration;
  const say = words.cli.bundle;
  return done({ verified: false, ...inspection.value }, [
    say.unverified,
    fill(say.digest, { digest: bundleSha256, size }),
    ...certificates.map(({ subject, notAfter }) => fill(say.certificate, { subject, until: notAfter })),
    ...crlIssuers.map((issuer) => fill(say.crl, { issuer })),
    ...JSON.stringify(shown, undefined, 2).split('\n'),
    sealed === undefined ? say.notSealed : fill(say.sealed, { size: Buffer.from(sealed, 'base64').length }),
  ]);
}
