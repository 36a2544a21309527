import { hash } from 'node:crypto';
import { openCredential, type Configuration } from '../bundle/index.ts';
import type { Credentials } from '../cmp/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { signerWithKey } from '../keys/index.ts';
import type { StepDevice } from './enb-device.ts';
import {
  certificatesOf,
  obtainCertificate,
  type Enroller,
  type EnrolmentOrder,
  type EnrolmentProgress,
  type ObtainedCertificate,
} from './enb-enrolment.ts';
import type { EnbKeys } from './enb-keys.ts';
import type { RaWay } from './enb-ra-way.ts';
import type { EnbStateFile, OperatorCredential } from './enb-state.ts';
import type { AcceptedConfiguration, StepRecords } from './enb-step-records.ts';
import { through, type EnbTunnels } from './enb-tunnels.ts';

/** The operator certificate of an eNB: the first by enrolment, the next ones by renewal. */
export class EnbCertificates {
  readonly #device: StepDevice;
  readonly #enroller: Enroller;
  readonly #state: EnbStateFile;
  readonly #records: StepRecords;
  readonly #keys: EnbKeys;
  readonly #tunnels: EnbTunnels | undefined;

  /** @param tunnels undefined if the eNB makes no tunnels */
  constructor(
    device: StepDevice,
    enroller: Enroller,
    state: EnbStateFile,
    records: StepRecords,
    keys: EnbKeys,
    tunnels: EnbTunnels | undefined,
  ) {
    this.#device = device;
    this.#enroller = enroller;
    this.#state = state;
    this.#records = records;
    this.#keys = keys;
    this.#tunnels = tunnels;
  }

  /** Enrols with the accepted bundle. The new certificate then replaces the older one. */
  async enrol(signal: AbortSignal): Promise<Result<void>> {
    const { accepted } = this.#records;
    if (!accepted) return ok(undefined);
    const way = await this.#wayToEnrol(accepted.configuration, signal);
    if (!way.ok) return way;
    const enrolled = await through(way.value.tunnel, signal, (until) =>
      this.#enrol(accepted, way.value, signal, until),
    );
    // After an abort, the tunnel there is that of another bundle.
    if (enrolled.ok && !signal.aborted) await this.#tunnels?.endInitial();
    return enrolled;
  }

  /** @param until ends the requests; `signal` ends the step */
  async #enrol(
    { content, configuration }: AcceptedConfiguration,
    way: RaWay,
    signal: AbortSignal,
    until: AbortSignal,
  ): Promise<Result<void>> {
    const { enrolment, operatorRootCertificates: roots } = configuration;
    const credentials = this.#firstCredentials(configuration);
    if (!credentials.ok) return credentials;
    try {
      const binding = bindingOf(enrolment, credentials.value);
      const obtained = await this.#obtain(
        { kind: 'ir', enrolment, roots: certificatesOf(roots), credentials: credentials.value, way },
        {
          attempt: this.#earlierAttempt(content, binding),
          save: (phase, attempt) => {
            signal.throwIfAborted();
            this.#records.reach('enrolment', phase, { enrolment: { ...attempt, content, binding } });
          },
        },
        until,
      );
      if (!obtained.ok || signal.aborted) return obtained.ok ? ok(undefined) : obtained;
      const { operator: older } = this.#state.get();
      // The RA/CA may have given the certificate again that the eNB has already, and may have replaced it by a renewal whose
      // confirmation got no answer.
      const isSame = older?.certificate === obtained.value.issued.certificate;
      const { uptime, isRenewed, attempt } = isSame ? older : { uptime: 0, isRenewed: false };
      const operator = {
        ...{ ...inUse(obtained.value), content, binding, enrolment, roots, uptime, isRenewed, failures: 0 },
        needsTunnel: way.isTunnelRequired,
        ...(attempt && { attempt }),
      };
      this.#records.end('enrolment', undefined, { operator, enrolment: undefined });
      return ok(undefined);
    } finally {
      if (credentials.value.kind === 'mac') credentials.value.secret.fill(0);
    }
  }

  /**
   * Replaces the operator certificate by one for a new key. The older one signs, and stays until the end. The request goes
   * through the tunnel of step 2, or before that as the enrolment did.
   */
  async renew(signal: AbortSignal): Promise<Result<void>> {
    const { operator } = this.#state.get();
    if (!operator) return ok(undefined);
    const way = await this.#wayToRenew(operator, signal);
    if (!way.ok) return way;
    const { tunnel } = way.value;
    const renewed = await through(tunnel, signal, (until) => this.#renew(operator, way.value, signal, until));
    if (tunnel && tunnel === this.#tunnels?.openInitial) await this.#tunnels.endInitial();
    return renewed;
  }

  async #renew(
    operator: OperatorCredential,
    way: RaWay,
    signal: AbortSignal,
    until: AbortSignal,
  ): Promise<Result<void>> {
    const { enrolment, roots, certificate, chain, content, binding, needsTunnel } = operator;
    const key = this.#keys.read(operator.key);
    if (!key.ok) return key;
    const signer = signerWithKey(key.value, certificatesOf([certificate, ...chain]));
    if (!signer.ok) return signer;
    const credentials = { kind: 'signature', signer: signer.value } as const;
    const obtained = await this.#obtain(
      { kind: 'kur', enrolment, roots: certificatesOf(roots), credentials, way },
      {
        attempt: operator.attempt,
        save: (phase, attempt) => {
          signal.throwIfAborted();
          const current = this.#state.get().operator ?? operator;
          this.#records.reach('renewal', phase, { operator: { ...current, attempt } });
        },
      },
      until,
    );
    if (!obtained.ok || signal.aborted) return obtained.ok ? ok(undefined) : obtained;
    const renewed = inUse(obtained.value);
    const next = {
      ...{ ...renewed, content, binding, enrolment, roots, uptime: 0, isRenewed: true, failures: 0 },
      ...(needsTunnel !== undefined && { needsTunnel }),
    };
    const { service } = this.#state.get();
    const isServed = service?.key === operator.key;
    this.#records.end('renewal', undefined, {
      operator: next,
      ...(isServed && { service: { ...service, ...renewed } }),
    });
    return ok(undefined);
  }

  /** Deletes the keys that nothing needs any more. */
  dropKeys(): void {
    const { enrolment, operator, service } = this.#state.get();
    this.#keys.keepOnly([enrolment?.key, operator?.key, operator?.attempt?.key, service?.key]);
  }

  /** With a tunnel that the bundle requires, else with one that is up anyway. */
  async #wayToEnrol(
    { initialIpsec: { required } }: Configuration,
    signal: AbortSignal,
  ): Promise<Result<RaWay>> {
    if (!required) return ok({ tunnel: this.#tunnels?.openInitial, isTunnelRequired: false });
    if (!this.#tunnels) return refuse('ra-outside-tunnel');
    const tunnel = await this.#tunnels.initial(signal);
    return tunnel.ok ? ok({ tunnel: tunnel.value, isTunnelRequired: true }) : tunnel;
  }

  async #wayToRenew(
    { content, needsTunnel: isTunnelRequired = false }: OperatorCredential,
    signal: AbortSignal,
  ): Promise<Result<RaWay>> {
    const traffic = await this.#tunnels?.traffic();
    // The first tunnel is that of the accepted bundle, and of no other.
    const mayBeInitial = isTunnelRequired && this.#records.accepted?.content === content;
    const tunnel = traffic ?? (mayBeInitial ? await this.#tunnels?.initial(signal) : undefined);
    if (tunnel && !tunnel.ok) return isTunnelRequired ? tunnel : ok({ isTunnelRequired });
    return ok({ tunnel: tunnel?.value, isTunnelRequired });
  }

  /**
   * Where an earlier enrolment has stopped. For another bundle with the same credential only its key counts: the RA/CA
   * has bound the credential to that key, and refuses any other.
   */
  #earlierAttempt(content: string, binding: string): EnrolmentProgress['attempt'] {
    const { enrolment, operator } = this.#state.get();
    const earlier = [enrolment, operator].find((one) => one?.binding === binding);
    if (!earlier) return undefined;
    return earlier === enrolment && earlier.content === content ? enrolment : { key: earlier.key };
  }

  #obtain(
    terms: Omit<EnrolmentOrder, 'key' | 'clock'>,
    progress: EnrolmentProgress,
    signal: AbortSignal,
  ): Promise<Result<ObtainedCertificate>> {
    const { certificate, clock } = this.#device;
    const tools = { keys: this.#keys, keyLike: certificate.publicKey, enroller: this.#enroller };
    return obtainCertificate({ ...terms, clock }, tools, progress, signal);
  }

  /** What protects the first request: the credential of the sealed part, or the vendor certificate. */
  #firstCredentials(configuration: Configuration): Result<Credentials> {
    const { key, certificate, chain } = this.#device;
    if (configuration.enrolment.protection === 'mac') {
      const opened = openCredential(configuration, { key, certificate });
      return opened.ok ? ok({ kind: 'mac', ...opened.value }) : opened;
    }
    const signer = signerWithKey(key, [certificate, ...chain]);
    return signer.ok ? ok({ kind: 'signature', signer: signer.value }) : signer;
  }
}

/** What an RA/CA binds to a key at first use: the credential, or the eNB itself. */
function bindingOf({ caName }: Configuration['enrolment'], credentials: Credentials): string {
  const reference = credentials.kind === 'mac' ? Buffer.from(credentials.reference).toString('hex') : '';
  return hash('sha256', JSON.stringify([caName, credentials.kind, reference]));
}

/** A confirmed certificate as the one in use, from now. */
function inUse({ key, issued: { certificate, chain } }: ObtainedCertificate) {
  return { key, certificate, chain } satisfies Partial<OperatorCredential>;
}
