import type { Fault } from '../faults/index.ts';
import type { AuditLog } from './log.ts';

/** A file that was refused. */
export interface Refusal {
  readonly fault: Fault;
  /** The SHA-256 of the file, in lower-case hex. Undefined if it could not be read. */
  readonly sha256?: string | undefined;
}

/** How many refusals of one import have an entry each. */
const mostOwn = 100;

/**
 * Logs refused files: an entry each, and beyond the first 100 one entry for each cause, with the number of files. So the
 * entries of one import are bounded. The caller has a transaction open.
 */
export function appendRefusals(
  log: AuditLog,
  action: 'bundle-not-opened' | 'receipt-refused',
  refusals: readonly Refusal[],
): void {
  for (const { fault, sha256 } of refusals.slice(0, mostOwn)) {
    if (action === 'receipt-refused')
      log.append({
        action,
        subject: {},
        facts: { ...reasonOf(fault), ...(sha256 && { receiptSha256: sha256 }) },
      });
    else
      log.append({
        action,
        subject: {},
        facts: { ...reasonOf(fault), ...(sha256 && { fileSha256: sha256 }) },
      });
  }
  for (const [, { fault, files }] of causesOf(refusals.slice(mostOwn)))
    log.append({ action, subject: {}, facts: { ...reasonOf(fault), files } });
}

function causesOf(
  refusals: readonly Refusal[],
): ReadonlyMap<string, { readonly fault: Fault; readonly files: number }> {
  const causes = new Map<string, { readonly fault: Fault; readonly files: number }>();
  for (const { fault } of refusals) {
    const cause = `${fault.code} ${fault.rule ?? ''}`;
    causes.set(cause, { fault, files: (causes.get(cause)?.files ?? 0) + 1 });
  }
  return causes;
}

/** A fault as an entry holds it. What was found and where may hold a path, or a text that anyone chose. */
export function reasonOf({ code, rule }: Fault): { readonly fault: string; readonly rule?: string } {
  return { fault: code, ...(rule && { rule }) };
}
