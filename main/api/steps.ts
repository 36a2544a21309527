import { isDeepStrictEqual } from 'node:util';
import {
  lastStarted,
  stepNames,
  type JobRow,
  type StepName,
  type StepsView,
  type StepView,
} from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import type { Receipt } from '../bundle/index.ts';
import { usbAddress } from '../device/index.ts';
import { ok, visibleText, type Result } from '../faults/index.ts';
import { askedBy, stepFault, stepsOfJob, type EnbConnection, type Steps } from '../core/index.ts';
import type { JobRecord, ReceiptRecord, Store } from '../store/index.ts';
import type { Work } from '../work/index.ts';
import type { ApiContext } from './context.ts';
import { faultView, workView } from './views.ts';

/** Follows the steps of eNBs as work, one connection to an eNB at a time. */
export class Followers {
  readonly #context: ApiContext;
  /** By job: the connection on which its eNB was followed, or checked its path, last. */
  readonly #connections = new Map<string, string>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** Notes that the eNB of a job is used on a connection. */
  use(jobId: string, { transport: { name } }: EnbConnection): void {
    this.#connections.set(jobId, name);
  }

  /**
   * Stops following, and checks of the path, on a connection that is needed for something else. An eNB serves one
   * connection at a time.
   */
  async release({ transport: { name } }: EnbConnection): Promise<void> {
    const isSame = (other: string) => name === other || (isUsb(name) && isUsb(other));
    const jobs = [...this.#connections].filter(([, other]) => isSame(other)).map(([id]) => id);
    const { works } = this.#context;
    await Promise.all(jobs.flatMap((id) => [works.end('steps', id), works.end('path', id)]));
  }

  /**
   * Follows the steps of a job until none runs. With `start`, starts that step first. A failure after the connection is
   * tried shows in the job's view, and is not returned.
   */
  async follow(
    { job, ...opened }: OpenedStore & { readonly job: JobRecord },
    connection: EnbConnection,
    start?: StepName,
  ): Promise<Result<void>> {
    const { works } = this.#context;
    await this.release(connection);
    await works.end('steps', job.id);
    this.use(job.id, connection);
    const phase = start ? 'starting' : 'connecting';
    const kind = { kind: 'steps', subject: job.id, phase, about: start, keepsFault: true } as const;
    const followed = await works.run(kind, (work) =>
      stepsOfJob(
        this.#context,
        opened,
        job,
        { ...connection, signal: work.signal },
        () => work.report({ phase: 'following', done: 0, total: 0 }),
        start,
      ),
    );
    const isShown = !followed.ok && isDeepStrictEqual(works.faultOf('steps', job.id), followed.fault);
    return followed.ok || isShown || followed.fault.code === 'cancelled' ? ok(undefined) : followed;
  }
}

/** USB eNBs are told apart only by a serial number that may be left out. */
function isUsb(name: string): boolean {
  return name.startsWith(usbAddress(undefined));
}

/** What is known of the steps of a job's eNB: from its last report, or from the receipt if that is newer. */
export function stepsView(
  { works }: ApiContext,
  job: JobRecord,
  store: Store,
  receipt: (Receipt & ReceiptRecord) | undefined,
): StepsView {
  const { asked, needsTunnel } = askedBy(job.bundle);
  const signed = receipt?.verdict.accepted === true ? receipt : undefined;
  const report = store.stepReports.get(job.bundleSha256);
  const isReport = report !== undefined && (!signed || report.reportedAt >= signed.receivedAt);
  const newest = isReport ? report.steps : signed?.steps;
  const reportedAt = isReport ? report.reportedAt : signed?.receivedAt;
  const work = works.find('steps', job.id);
  const fault = works.faultOf('steps', job.id);
  const ipsecKind = ipsecKindOf(receipt?.firmware);
  return {
    list: stepNames.flatMap((step) => {
      const found = newest?.find((one) => one.step === step) ?? { step, state: 'waiting' };
      if (!asked.includes(step) && found.state === 'waiting') return [];
      return [stepView(found, signed?.steps)];
    }),
    needsTunnel,
    ...(ipsecKind && { ipsecKind }),
    ...(reportedAt !== undefined && { reportedAt }),
    ...(reportedAt !== undefined && !isReport && { isFromReceipt: true as const }),
    ...(work && { work: { ...workView(work), ...startedBy(work) } }),
    ...(fault && { fault: faultView(fault) }),
  };
}

/** The step that a follower asks the eNB to start. */
function startedBy({ about }: Work): { readonly start?: StepName } {
  const start = stepNames.find((name) => name === about);
  return start ? { start } : {};
}

/** What the firmware of the reference eNB says about its IPsec; undefined if that is real. */
export function ipsecKindOf(firmware = ''): StepsView['ipsecKind'] {
  return ipsecKinds.find((kind) => firmware.endsWith(`(IPsec: ${kind})`));
}

const ipsecKinds = ['stand-in', 'childless'] as const;

/** One step. The eNB chooses the texts. */
function stepView(step: Steps[number], signed: Steps = []): StepView {
  const { phase, fault, ...plain } = step;
  return {
    ...plain,
    ...(phase !== undefined && { phase: visibleText(phase) }),
    ...(fault && { fault: faultView(stepFault(fault)) }),
    isSigned: signed.some((one) => isDeepStrictEqual(one, step)),
  };
}

/** What a job's eNB reported last about its steps, for a list. */
export function lastReport(
  { works }: ApiContext,
  job: JobRecord,
  store: Store,
): Pick<JobRow, 'lastStep' | 'hasStepsLeft'> {
  const report = store.stepReports.get(job.bundleSha256);
  const last = lastStarted(report?.steps ?? []);
  const left = report?.hasStepsLeft && ({ hasStepsLeft: true } as const);
  if (!last || last.state === 'waiting') return { ...left };
  const isLost = last.state === 'running' && !works.find('steps', job.id);
  return { ...left, lastStep: { step: last.step, state: isLost ? 'unfinished' : last.state } };
}
