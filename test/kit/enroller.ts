/** An RA/CA for the reference eNB, without CMP: it keeps its journal, and waits or fails where a test says so. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { Issued } from '../../main/cmp/index.ts';
import { refused, ok, type Fault, type Result } from '../../main/faults/index.ts';
import type { Enroller, EnrolmentOrder, ReferenceEnb } from '../../main/lab/index.ts';
import { spkiOf, type Certificate } from '../../main/pki/index.ts';
import type { Scene } from './bundle.ts';
import { issueCertificate } from './issue-certificate.ts';

/** One call of the eNB. */
export interface EnrollerCall {
  readonly call: 'request' | 'confirm';
  readonly kind: EnrolmentOrder['kind'];
  /** SHA-256 of the public key. */
  readonly key: string;
  /** The reference of the MAC, or the subject of the signer. */
  readonly by: string;
}

/** What happens at a call before it is answered: nothing, a fault, or a wait. */
export type Obstacle = (
  call: EnrollerCall,
  helpers: {
    readonly onWaiting: () => void;
    readonly signal: AbortSignal;
    readonly way: EnrolmentOrder['way'];
  },
) => Fault | undefined | Promise<Fault | undefined>;

/** Waits until the eNB gives up or the process ends. */
export const hang: Obstacle = (_call, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

export interface LabEnroller extends Enroller {
  readonly calls: readonly EnrollerCall[];
  /** What was issued, by the SHA-256 of the public key. The same key gets the same certificate. */
  readonly issued: ReadonlyMap<string, Certificate>;
  readonly confirmed: ReadonlySet<string>;
  /** The secrets of the MAC requests, as the eNB passed them. */
  readonly secrets: readonly Uint8Array[];
  obstacle: Obstacle | undefined;
  /** Whether certificates need no confirmation. */
  isImplicit: boolean;
}

export interface EnrollerOptions {
  readonly notBefore?: () => Date;
  readonly life?: number;
}

const day = 86_400_000;

/** An RA/CA whose root is the operator root of the scene. */
export function makeEnroller(
  { operatorRoot }: Pick<Scene, 'operatorRoot'>,
  { notBefore = () => new Date('2026-11-15T12:00:00Z'), life = 100 * day }: EnrollerOptions = {},
): LabEnroller {
  const calls: EnrollerCall[] = [];
  const issued = new Map<string, Certificate>();
  const confirmed = new Set<string>();
  const secrets: Uint8Array[] = [];
  const meet = async (
    call: EnrollerCall['call'],
    { kind, credentials, key, way }: EnrolmentOrder,
    onWaiting: () => void,
    signal: AbortSignal,
  ): Promise<Result<string>> => {
    const id = hash('sha256', spkiOf(key));
    const by =
      credentials.kind === 'mac'
        ? Buffer.from(credentials.reference).toString()
        : credentials.signer.certificate.sha256;
    if (credentials.kind === 'mac') secrets.push(credentials.secret);
    const made = { call, kind, key: id, by } as const;
    calls.push(made);
    const problem = await enroller.obstacle?.(made, { onWaiting, signal, way });
    return problem ? refused(problem) : ok(id);
  };
  const enroller: LabEnroller = {
    ...{ calls, issued, confirmed, secrets, obstacle: undefined, isImplicit: false },
    async request(order, onWaiting, signal): Promise<Result<Issued>> {
      const met = await meet('request', order, onWaiting, signal);
      if (!met.ok) return met;
      const from = notBefore();
      const contents = {
        subject: order.enrolment.subject,
        notBefore: from,
        notAfter: new Date(from.getTime() + life),
        keyUsage: ['digitalSignature'] as const,
        training: false,
      };
      const certificate = issued.get(met.value) ?? issueCertificate(contents, order.key, operatorRoot);
      issued.set(met.value, certificate);
      if (enroller.isImplicit) confirmed.add(met.value);
      const pending = { id: met.value.slice(0, 8), nonce: '00' };
      return ok({
        certificate,
        chain: [operatorRoot.certificate],
        ...(!enroller.isImplicit && { pending }),
      });
    },
    async confirm(order, { certificate, pending }, signal): Promise<Result<void>> {
      const met = await meet('confirm', order, () => undefined, signal);
      if (!met.ok) return met;
      assert.equal(issued.get(met.value)?.sha256, certificate.sha256);
      assert.deepEqual(pending, { id: met.value.slice(0, 8), nonce: '00' });
      confirmed.add(met.value);
      return ok(undefined);
    },
  };
  return enroller;
}

/** Resolves when no step of the eNB runs. */
export function settled(enb: ReferenceEnb): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (enb.isStepRunning) return;
      stop();
      resolve();
    };
    const stop = enb.onStepChange(look);
    look();
  });
}
