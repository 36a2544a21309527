import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, openCredential, type StepName } from '../bundle/index.ts';
import { withSession } from '../device/index.ts';
import { ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { checkSentence, faultSentence, fill, words } from '../words/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import { cmpEnroller, rootFile } from '../lab/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import {
  connectionTo,
  createCore,
  deliverFile,
  permit,
  prepareBundles,
  readCertificates,
  readKey,
  stepFault,
  stepsOfEnb,
  unlockWith,
  withoutPolicy,
  type Core,
  type EnbAddress,
  type PrepareControls,
  type Surroundings,
} from '../core/index.ts';
import { startLabEnb } from './lab-enb.ts';
import { networkOf, startLabGateway, type GatewayFault, type RunningLabGateway } from './lab-gateway.ts';
import {
  connectToLab,
  labGateways,
  labOperator,
  makeLabOperator,
  raHost,
  type LabOperator,
} from './lab-operator.ts';
import { startLabRaCa } from './lab-ra-ca.ts';
import { writeRegistrations } from './lab-registrations.ts';

/** What the demonstration showed. */
export interface DemoReport {
  readonly bundle: string;
  readonly receipt: string;
  /** The fault codes of the five refused attempts. */
  readonly refusals: readonly string[];
}

/**
 * The main job from end to end, with its own lab in the training store: prepare, deliver, receipt, the steps from 0.5 to 2
 * with a stand-in for IPsec, renewal, then five attempts that must be refused. `say` receives the story, line by line.
 */
export async function runDemo(
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<Result<DemoReport>> {
  const permitted = permit(surroundings, 'training');
  if (!permitted.ok) return permitted;
  // A policy is about the connections to real eNBs. Those of the demonstration run in this process.
  const core = createCore({ ...surroundings, policy: ok(withoutPolicy) });
  const { stores } = core;
  const claimed = stores.claim();
  if (!claimed.ok) return claimed;
  const folder = join(stores.folder(true), 'demo');
  try {
    rmSync(folder, { recursive: true, force: true });
    makeFolder(folder, 0o700);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: folder }, found: systemErrorCode(error) });
  }
  const running: Running[] = [];
  try {
    const lab = await DemoLab.make(folder, core, running);
    if (!lab.ok) return lab;
    return await tell(lab.value, (part, values = {}) => {
      for (const line of words.demo[part]) say(fill(line, values));
    });
  } finally {
    for (const one of running) await one.close();
    stores.close();
  }
}

/** Something that runs until the story ends. */
interface Running {
  close(): Promise<void>;
}

/** Reports one part of the story, with its values. */
type Say = (
  part: Exclude<keyof typeof words.demo, 'notRefused'>,
  values?: Readonly<Record<string, string | number>>,
) => void;

/** Runs the story. Any part with an unexpected result stops it. */
async function tell(lab: DemoLab, say: Say): Promise<Result<DemoReport>> {
  const [first] = lab.enbs;
  say('lab');
  say('office');
  const prepared = await lab.prepare('first');
  if (!prepared.ok) return prepared;
  say('prepared', { count: prepared.value });
  say('site', { serialNumber: first.serialNumber });
  const address = await lab.start(first);
  if (!address.ok) return address;
  const bundle = lab.bundle('first', first);
  const delivered = await lab.deliver(bundle, address.value);
  if (!delivered.ok) return delivered;
  const { verdict, receipt, fault } = delivered.value;
  if (fault || !receipt) return fault ? refused(fault) : refuse('internal-error');
  say('delivered');
  for (const { ok, code } of verdict?.checks ?? []) if (ok) say('check', { check: checkSentence(code) });
  say('receipt', { file: receipt });
  const certified = await tellSteps(lab, address.value, say);
  if (!certified.ok) return certified;
  const refusals = await tellRefusals(lab, address.value, say);
  return refusals.ok ? ok({ bundle, receipt, refusals: refusals.value }) : refusals;
}

async function tellSteps(lab: DemoLab, address: EnbAddress, say: Say): Promise<Result<void>> {
  const [{ serialNumber }] = lab.enbs;
  say('initialIpsec', { serialNumber });
  const connected = await lab.makeStep('initial-ipsec', address);
  if (!connected.ok) return connected;
  say('connected');
  say('enrolment', { serialNumber });
  const enrolled = await lab.makeStep('enrolment', address);
  if (!enrolled.ok) return enrolled;
  say('enrolled');
  say('backhaulIpsec', { serialNumber });
  const inService = await lab.makeStep('backhaul-ipsec', address);
  if (!inService.ok) return inService;
  say('inService');
  const renewed = await lab.makeStep('renewal', address);
  if (renewed.ok) say('renewed');
  return renewed;
}

async function tellRefusals(lab: DemoLab, address: EnbAddress, say: Say): Promise<Result<string[]>> {
  const [first, second] = lab.enbs;
  const codes: string[] = [];
  const tellRefusal = (
    who: 'notSent' | 'refused' | 'notIssued' | 'notConnected',
    reason: Fault | undefined,
  ) => {
    codes.push(reason?.code ?? 'accepted');
    say(who, { reason: reason ? faultSentence(reason) : words.demo.notRefused });
  };
  say('refusals');
  say('wrong', { serialNumber: second.serialNumber });
  const wrong = await lab.deliver(lab.bundle('first', second), address);
  if (!wrong.ok) return wrong;
  tellRefusal('notSent', wrong.value.fault);

  say('tampered');
  const tampered = readFileSync(lab.bundle('first', first));
  tampered[200] = (tampered[200] ?? 0) ^ 1;
  const verdict = await lab.sendUnchecked(tampered, address);
  if (!verdict.ok) return verdict;
  tellRefusal('refused', verdict.value);

  say('old');
  const again = await lab.prepare('second');
  if (!again.ok) return again;
  const newer = await lab.deliver(lab.bundle('second', first), address);
  if (!newer.ok) return newer;
  if (newer.value.fault) return refused(newer.value.fault);
  const old = await lab.deliver(lab.bundle('first', first), address);
  if (!old.ok) return old;
  tellRefusal('notSent', old.value.fault);

  say('stolen', { serialNumber: first.serialNumber });
  const stolen = await lab.enrolAnotherKey(first);
  tellRefusal('notIssued', stolen.ok ? undefined : { code: stolen.fault.code });

  say('foreign', { serialNumber: first.serialNumber });
  const foreign = await lab.connectToAnotherOperator(address);
  tellRefusal('notConnected', foreign.ok ? undefined : { code: foreign.fault.code });
  return ok(codes);
}

/** A port on which nothing listens. */
const unused = 1;

/** The lab's keys are not encrypted. */
const noPassphrase = () => Promise.resolve(ok(undefined));

/** The lab of the demonstration: its files, its eNBs, and the actions on them. */
class DemoLab {
  readonly #core: Core;
  readonly #running: Running[];
  readonly #operator: LabOperator;
  readonly #passphrase = randomBytes(16).toString('hex');
  #raCaPort = 0;
  readonly #gateways: RunningLabGateway[] = [];
  #gatewayFault: GatewayFault | undefined;

  private constructor(folder: string, core: Core, running: Running[]) {
    this.#core = core;
    this.#running = running;
    this.#operator = labOperator(folder, ['LAB0001', 'LAB0002']);
  }

  /** Makes the files of the lab in the folder, and starts its RA/CA and its gateways. */
  static async make(folder: string, core: Core, running: Running[]): Promise<Result<DemoLab>> {
    const lab = new DemoLab(folder, core, running);
    const made = await makeLabOperator(lab.#operator, core.surroundings.now(), lab.#passphrase);
    if (!made.ok) return made;
    const started = await lab.#startRaCa();
    if (!started.ok) return started;
    const connected = await lab.#startGateways();
    return connected.ok ? ok(lab) : connected;
  }

  /** The eNB that is connected, and the other. */
  get enbs(): readonly [EnbIdentity, EnbIdentity] {
    const [first, second] = this.#operator.enbs;
    if (!first || !second) throw new Error('The lab lacks one of its two eNBs');
    return [first, second];
  }

  bundle(run: string, { serialNumber }: EnbIdentity): string {
    return join(this.#operator.folder, run, 'bundles', `${serialNumber}.p7m`);
  }

  /** Returns the number of bundles made. */
  async prepare(run: string): Promise<Result<number>> {
    const { folder, inventory, profile } = this.#operator;
    const report = await prepareBundles(
      this.#core,
      { inventory, profile, out: join(folder, run), skipBad: false, resume: false, dryRun: false },
      this.#controls(),
    );
    if (!report.ok) return report;
    const bad = report.value.rows.find((row) => row.fault)?.fault;
    return bad ? refused(bad) : ok(report.value.made);
  }

  /** Starts an eNB with its factory data, on a port of this computer. */
  async start(enb: EnbIdentity): Promise<Result<EnbAddress>> {
    const connectTo = connectToLab({
      raCa: () => this.#raCaPort,
      outside: () => unused,
      gateway: (wanted) => this.#gateways.find(({ address }) => address === wanted)?.port ?? unused,
    });
    const request = { ...this.#operator.enbRequest(enb), connectTo };
    const running = await startLabEnb(request, this.#core.surroundings, noPassphrase);
    if (!running.ok) return running;
    this.#running.push(running.value);
    const trust = { roots: [this.#operator.vendorRoot], untrusted: [], crls: [] };
    return ok({ ethernet: `127.0.0.1:${running.value.port}`, trust });
  }

  deliver(bundle: string, address: EnbAddress) {
    const out = join(this.#operator.folder, 'receipts');
    return deliverFile(this.#core, bundle, address, () => undefined, out);
  }

  /** Starts a step of the eNB, and waits for its end. */
  async makeStep(step: StepName, address: EnbAddress): Promise<Result<void>> {
    const connection = connectionTo(this.#core, address);
    if (!connection.ok) return connection;
    const steps = await stepsOfEnb(this.#core, connection.value, () => undefined, step);
    if (!steps.ok) return steps;
    const made = steps.value.find((one) => one.step === step);
    if (made?.state === 'done') return ok(undefined);
    return made?.fault ? refused(stepFault(made.fault)) : refuse('step-failed');
  }

  /** Starts step 0.5 while the gateway shows the certificate of another operator. */
  async connectToAnotherOperator(address: EnbAddress): Promise<Result<void>> {
    this.#gatewayFault = 'other-operator';
    return this.makeStep('initial-ipsec', address);
  }

  /** Asks the RA/CA for a certificate with the eNB's credential and another key, as a thief might. */
  async enrolAnotherKey(enb: EnbIdentity): Promise<Result<void>> {
    const files = this.#operator.enbRequest(enb);
    const { configuration } = new Bundle(readFileSync(this.bundle('first', enb)));
    if (!configuration.ok) return configuration;
    const { enrolment } = configuration.value;
    const identity = readCertificates(files.identity);
    if (!identity.ok) return identity;
    const roots = readCertificates(join(this.#operator.raCa.state, rootFile));
    if (!roots.ok) return roots;
    const key = await readKey(files.key, noPassphrase);
    if (!key.ok) return key;
    const credential = openCredential(configuration.value, {
      key: key.value,
      certificate: identity.value[0],
    });
    if (!credential.ok) return credential;
    try {
      const { now } = this.#core.surroundings;
      const order = {
        ...{ kind: 'ir' as const, enrolment, roots: roots.value },
        credentials: { kind: 'mac' as const, ...credential.value },
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
        clock: () => ({ now: now(), isExact: true }),
        way: { isTunnelRequired: false },
      };
      const enroller = cmpEnroller({ connectTo: { [raHost]: `127.0.0.1:${this.#raCaPort}` } });
      const issued = await enroller.request(order, () => undefined, new AbortController().signal);
      return issued.ok ? ok(undefined) : issued;
    } finally {
      credential.value.secret.fill(0);
    }
  }

  /** Starts the operator's RA/CA on a port of this computer, with the eNBs of the inventory. */
  async #startRaCa(): Promise<Result<void>> {
    const { inventory, profile, registrations: file, raCa } = this.#operator;
    const terms = { inventory, profile, file, skipBad: false };
    const registered = await writeRegistrations(this.#core, terms, this.#controls());
    if (!registered.ok) return registered;
    const silent = { onAnswered: () => undefined, onError: () => undefined };
    const running = await startLabRaCa({ ...raCa, ...silent }, this.#core.surroundings.now, noPassphrase);
    if (!running.ok) return running;
    this.#running.push(running.value);
    this.#raCaPort = running.value.port;
    return ok(undefined);
  }

  /** Starts the operator's gateways on ports of this computer. Behind them is the RA/CA. */
  async #startGateways(): Promise<Result<void>> {
    const behind = networkOf((place) => (place === raHost ? this.#raCaPort : undefined));
    for (const [index, files] of this.#operator.gateways.entries()) {
      const { subnets, pool } = labGateways[index] ?? labGateways[0];
      const request = { ...files, subnets, pool, behind, fault: () => this.#gatewayFault };
      const running = await startLabGateway(request, this.#core.surroundings.now);
      if (!running.ok) return running;
      this.#running.push(running.value);
      this.#gateways.push(running.value);
    }
    return ok(undefined);
  }

  #controls(): PrepareControls {
    return {
      ...unlockWith(this.#core, () => Promise.resolve(ok(Buffer.from(this.#passphrase)))),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    };
  }

  /**
   * Sends a bundle without checking it first, as a tool other than Siteseal might. Returns the first check that fails.
   */
  async sendUnchecked(bundle: Uint8Array, address: EnbAddress): Promise<Result<Fault | undefined>> {
    const connection = connectionTo(this.#core, address);
    if (!connection.ok) return connection;
    const { transport, trust } = connection.value;
    const verdict = await withSession(transport, trust, undefined, (session) => session.putBundle(bundle));
    if (!verdict.ok) return verdict;
    const failed = verdict.value.checks.find((check) => check.ok === false);
    return ok(failed && { code: failed.code });
  }
}
