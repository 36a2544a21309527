import { openAuthEnvelopedData, parseAuthEnvelopedData } from '../cms/index.ts';
import {
  isAuthorised,
  isTrainingCertificate,
  toSeconds,
  type Certificate,
  type Clock,
  type VendorConfigurationAuthorisation,
} from '../pki/index.ts';
import type { AcceptanceContext, CheckResults, JudgingEnb } from './acceptance-checks.ts';
import { checkConfiguration, operatorRoots } from './check-configuration.ts';
import { maximumSequence, type Configuration } from './configuration.ts';
import { bindingOf } from './make-bundle.ts';
import { parseSealed, type SealedBinding, type SealedContent } from './sealed.ts';

/** Makes the checks from `enb-out-of-scope` to `training-mismatch`, on an authentic bundle. */
export function judgeContent(
  configuration: Configuration,
  authorisation: VendorConfigurationAuthorisation,
  root: Certificate,
  contentSha256: string,
  context: AcceptanceContext,
  results: CheckResults,
): void {
  const { enb, training } = configuration;
  results.record('enb-out-of-scope', isAuthorised(authorisation, enb), {
    found: describeEnb(enb),
  });
  judgeTarget(configuration, context.enb, results);
  judgeValidity(configuration, context.clock, results);
  judgeSequence(configuration, authorisation.epoch, context, contentSha256, results);
  const isTraining = isTrainingCertificate(root);
  const isAllTraining = (operatorRoots(configuration) ?? []).every(
    (one) => isTrainingCertificate(one) === isTraining,
  );
  results.record('training-mismatch', training === isTraining && isAllTraining, {
    expected: String(isTraining),
    found: String(!isTraining),
  });
}

/**
 * Within an epoch, a lower sequence number is always refused. An equal one is accepted only for the bundle that the eNB
 * already holds. Bundles are compared by their signed content: anyone can change unsigned parts, such as the CRLs, and
 * that must not make it a different bundle. A higher epoch restarts the sequence. If the eNB's epoch is unknown, the
 * bundle's is assumed.
 */
function judgeSequence(
  { sequence }: Configuration,
  epoch: number,
  { lastEpoch = epoch, lastSequence, storedContentSha256 }: AcceptanceContext,
  contentSha256: string,
  results: CheckResults,
): void {
  if (epoch > lastEpoch) {
    results.hold('sequence-rollback');
    return;
  }
  const isRepeat = sequence === lastSequence;
  if (lastSequence === undefined || (isRepeat && storedContentSha256 === undefined)) {
    results.skip('sequence-rollback', 'not-given');
    return;
  }
  const holds = isRepeat ? storedContentSha256 === contentSha256 : sequence > lastSequence;
  const expected = String(Math.min(lastSequence + 1, maximumSequence));
  results.record('sequence-rollback', holds, { expected, found: String(sequence) });
}

function judgeTarget({ enb }: Configuration, target: JudgingEnb | undefined, results: CheckResults): void {
  if (!target) {
    results.skip('bundle-for-another-enb', 'not-given');
    return;
  }
  const isSameDevice =
    enb.serialNumber === target.serialNumber && (target.hwType === undefined || target.hwType === enb.hwType);
  const isSameKey =
    !target.certificate ||
    enb.certificateSha256 === undefined ||
    enb.certificateSha256 === target.certificate.sha256;
  results.record('bundle-for-another-enb', isSameDevice && isSameKey, {
    expected: describeEnb(target),
    found: describeEnb(enb),
    ...(isSameDevice && { rule: 'another-certificate' }),
  });
}

function describeEnb({ serialNumber, hwType }: JudgingEnb): string {
  return hwType === undefined ? serialNumber : `${serialNumber} (${hwType})`;
}

function judgeValidity(
  { notBefore, notAfter }: Configuration,
  { now, isExact }: Clock,
  results: CheckResults,
): void {
  const found = toSeconds(now);
  const hasStarted = new Date(notBefore) <= now;
  if (hasStarted || isExact)
    results.record('bundle-not-yet-valid', hasStarted, { expected: notBefore, found });
  else results.skip('bundle-not-yet-valid', 'no-clock');
  const hasEnded = new Date(notAfter) < now;
  if (hasEnded || isExact) results.record('bundle-expired', !hasEnded, { expected: notAfter, found });
  else results.skip('bundle-expired', 'no-clock');
}

/** Makes the checks `sealed-*`. Returns the sealed part if it belongs to this bundle. */
export function judgeSealed(
  configuration: Configuration,
  signer: Certificate,
  { enb, enbKey }: AcceptanceContext,
  results: CheckResults,
): SealedContent | undefined {
  const codes = ['sealed-undecryptable', 'sealed-binding-mismatch'] as const;
  if (configuration.sealed === undefined) {
    for (const code of codes) results.hold(code);
    return undefined;
  }
  if (!results.holdsUpTo('bundle-for-another-enb')) return undefined;
  const encrypted = Buffer.from(configuration.sealed, 'base64');
  if (!enbKey || !enb) {
    // Its form and its recipient can be checked without the key.
    const parsed = parseAuthEnvelopedData(encrypted, enb?.certificate);
    if (parsed.ok) for (const code of codes) results.skip(code, enbKey ? 'not-given' : 'no-key');
    else results.failBecause('sealed-undecryptable', parsed);
    return undefined;
  }
  const opened = openAuthEnvelopedData(encrypted, enbKey, enb.certificate);
  const sealed = opened.ok ? parseSealed(opened.value) : opened;
  if (opened.ok) opened.value.fill(0);
  if (!sealed.ok) {
    results.failBecause('sealed-undecryptable', sealed);
    return undefined;
  }
  results.hold('sealed-undecryptable');
  const wrong = mismatch(sealed.value, configuration, signer);
  results.record(
    'sealed-binding-mismatch',
    wrong === undefined,
    wrong === undefined ? {} : { where: { field: wrong } },
  );
  return wrong === undefined ? sealed.value : undefined;
}

/** The first member of the sealed part that differs from the bundle. */
function mismatch(
  sealed: SealedContent,
  configuration: Configuration,
  signer: Certificate,
): string | undefined {
  const expected = Object.entries(bindingOf(configuration, signer));
  return expected.find(([name, value]) => sealed[name as keyof SealedBinding] !== value)?.[0];
}

/** Makes the check `configuration-invalid`. */
export function judgeConfiguration(
  configuration: Configuration,
  sealed: SealedContent | undefined,
  results: CheckResults,
): void {
  const checked = checkConfiguration(configuration);
  if (!checked.ok) {
    results.fail('configuration-invalid', checked.fault);
    return;
  }
  const lacksCredential = configuration.enrolment.protection === 'mac' && sealed && !sealed.credential;
  results.record('configuration-invalid', !lacksCredential, {
    rule: 'credential-not-sealed',
    where: { field: 'sealed' },
  });
}
