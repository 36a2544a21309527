import { join } from 'node:path';
import {
  triedInTraining,
  type TrainingFault,
  type TrainingView,
  type Tried,
} from '../../preload/contract/index.ts';
import { permit, unforeseen, type Core, type Surroundings } from '../core/index.ts';
import type { FoundEnb } from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { spawner, type Part, type Spawn } from '../spawn/index.ts';
import { labOperator, type LabOperatorRaCa } from './lab-operator.ts';
import type { LabEnbRequest } from './lab-enb.ts';
import type { LabGatewayFiles, RunningLabGateway } from './lab-gateway.ts';
import { setUpTraining } from './set-up.ts';
import { faultEffects, isOperatorFault, type FaultEffects } from './training-faults.ts';
import { trainingNetwork } from './training-network.ts';
import { TrainingStick } from './training-stick.ts';
import { TrainingUsbBus, type LabPort } from './training-usb.ts';

const serialNumbers = ['LAB0001', 'LAB0002', 'LAB0003'];

/** The worker thread that runs the eNBs, their RA/CA and their security gateways; the ports are in the order of the requests. */
export interface TrainingEnbs {
  readonly options: {
    readonly requests: readonly LabEnbRequest[];
    readonly raCa: LabOperatorRaCa;
    readonly gateways: readonly LabGatewayFiles[];
  };
  readonly info: {
    readonly ports: readonly number[];
    readonly gateways: readonly Pick<RunningLabGateway, 'address' | 'udp'>[];
  };
  readonly question:
    | {
        readonly kind: 'fail';
        readonly failure: FaultEffects['failure'];
        readonly isCrossed: boolean;
        readonly raCa: FaultEffects['raCa'];
        readonly gateway: FaultEffects['gateway'];
      }
    | { readonly kind: 'drive'; readonly serialNumber: string; readonly folder: string };
  /** Of a drive: what the eNB did with what it found there. */
  readonly answer: 'done' | 'accepted' | 'refused' | 'nothing' | 'failed';
}

const spawnEnbs = spawner<TrainingEnbs>('training-enbs', import.meta.dirname);

/** What is remembered as tried, in the settings of the training store. */
const triedSetting = 'tried';

/**
 * The lab behind the training choice: an operator with bundles to deliver, and emulated eNBs, USB and a removable drive
 * to deliver them with.
 */
export class TrainingLab {
  readonly #core: Core;
  readonly #spawn: Spawn<TrainingEnbs>;
  readonly #usb = new TrainingUsbBus();
  readonly #stick = new TrainingStick(() => join(this.#folder(), 'stick'), serialNumbers);
  #surroundings: Surroundings | undefined;
  #started: Promise<Result<void>> | undefined;
  #restarting: Promise<Result<void>> | undefined;
  #part: Part<TrainingEnbs> | undefined;
  #enbs: readonly LabPort[] = [];
  #gateways: TrainingEnbs['info']['gateways'] = [];
  #fault: TrainingFault | null = null;
  #onDrive: TrainingView['stick']['read'];
  #tell: () => void = () => undefined;
  #hasRestarted = false;
  #isStopped = false;

  constructor(core: Core, spawn: Spawn<TrainingEnbs> = spawnEnbs) {
    this.#core = core;
    this.#spawn = spawn;
  }

  /** The surroundings in training: those of the core, with the lab's networks, USB and removable drive. */
  get surroundings(): Surroundings {
    return (this.#surroundings ??= {
      ...this.#core.surroundings,
      discovery: { watch: () => () => undefined, list: () => this.#found() },
      usb: this.#usb,
      drives: this.#stick,
      network: trainingNetwork(
        () => this.#gateways,
        () => this.#fault !== null && faultEffects[this.#fault].raCa === 'outside',
      ),
    });
  }

  /** Calls back when the lab's eNBs, jobs, operator, stick or fault changed. */
  onChanged(listener: () => void): void {
    this.#tell = listener;
  }

  /**
   * Makes the lab the first time, and starts its eNBs. Calling it again changes nothing. A stopped lab is `cancelled`.
   * Refuses with `forbidden-by-policy` where the policy forbids training.
   */
  start(): Promise<Result<void>> {
    const permitted = permit(this.#core.surroundings, 'training');
    if (!permitted.ok) return Promise.resolve(permitted);
    if (this.#isStopped) return Promise.resolve(refuse('cancelled'));
    this.#started ??= this.#start()
      .catch(unforeseen)
      .then((result) => {
        if (!result.ok) this.#started = undefined; // the next attempt starts again
        return result;
      });
    return this.#started;
  }

  /** What the user sees of the lab. */
  view(): Result<TrainingView> {
    const opened = this.#core.stores.open(true);
    if (!opened.ok) return opened;
    const { jobs, settings, stepReports } = opened.value.store;
    const now = this.#core.surroundings.now();
    const listed = (part: 'active' | 'put-away', limit: number) =>
      jobs.list({
        ...{ filter: '', sort: 'updatedAt', descending: false, offset: 0, limit },
        ...{ part, now, running: [] },
      });
    const { counts } = listed('active', 0);
    const isEachActiveDone = counts.done === counts.active && counts.active + counts['put-away'] > 0;
    const tried = (settings.get(triedSetting) ?? '').split(' ');
    return ok({
      enbs: this.#enbs.map(({ serialNumber }) => serialNumber),
      stick: { at: this.#stick.where(), ...(this.#onDrive && { read: this.#onDrive }) },
      fault: this.#fault,
      faults: Object.keys(faultEffects) as TrainingFault[],
      tried: triedInTraining.filter((one) => tried.includes(one)),
      // To put a job away is not to deliver it. A job with a newer one needs no receipt.
      isAllDone:
        isEachActiveDone &&
        listed('put-away', -1).rows.every(
          ({ id, state, bundleSha256 }) =>
            (state === 'receipt' && stepReports.get(bundleSha256)?.hasStepsLeft !== true) ||
            jobs.newer(id, now) !== undefined,
        ),
    });
  }

  /** Remembers that the user has tried this. */
  noteTried(what: Tried): void {
    const opened = this.#core.stores.open(true);
    if (!opened.ok) return;
    const { settings } = opened.value.store;
    const tried = new Set((settings.get(triedSetting) ?? '').split(' ').filter(Boolean));
    if (tried.has(what)) return;
    settings.set(triedSetting, [...tried.add(what)].join(' '));
    this.#tell();
  }

  /** Something goes wrong from now on. Null ends that. */
  async setFault(fault: TrainingFault | null): Promise<Result<void>> {
    this.#fault = fault;
    const done = await this.#applyFault();
    if (done.ok && fault !== null) this.noteTried(isOperatorFault(fault) ? 'operator-fault' : 'fault');
    this.#tell();
    return done;
  }

  /** Moves the stick to `laptop` or `hand`, or into the eNB with this serial number, which then reads it. */
  async moveStick(to: string): Promise<Result<void>> {
    const isPlace = to === 'laptop' || to === 'hand' || serialNumbers.includes(to);
    if (!isPlace) return refuse('not-found', { where: { field: 'to' } });
    const moved = this.#stick.move(to);
    if (!moved.ok) return moved;
    const read = await this.#readStick();
    this.#tell();
    return read;
  }

  /**
   * Deletes everything of training, and starts a new one. Refuses with `store-locked` while another process has the
   * training store open.
   * @param refuseIfBusy is called right before; its fault keeps everything
   * @param onDeleted is called once everything is deleted, whether or not the new training then starts
   */
  restart(refuseIfBusy: () => Result<void>, onDeleted: () => void): Promise<Result<void>> {
    this.#restarting ??= this.#restart(refuseIfBusy, onDeleted).finally(() => (this.#restarting = undefined));
    return this.#restarting;
  }

  async #restart(refuseIfBusy: () => Result<void>, onDeleted: () => void): Promise<Result<void>> {
    await this.#started;
    const idle = refuseIfBusy();
    if (!idle.ok) return idle;
    const discarded = this.#core.stores.discardTraining();
    if (!discarded.ok) return discarded;
    onDeleted();
    const part = this.#part;
    this.#switchOff();
    this.#hasRestarted = false;
    this.#fault = null;
    this.#onDrive = undefined;
    await part?.stop();
    const started = await this.start();
    this.#tell();
    return started;
  }

  /** The folder of everything emulated. */
  #folder(): string {
    return join(this.#core.stores.folder(true), 'lab');
  }

  async #start(): Promise<Result<void>> {
    const operator = labOperator(this.#folder(), serialNumbers);
    const made = await setUpTraining(this.#core, operator);
    if (!made.ok) return made;
    const requests = operator.enbs.map((enb) => operator.enbRequest(enb));
    const part = await this.#spawn({ requests, raCa: operator.raCa, gateways: operator.gateways }, () =>
      this.#onDeath(),
    );
    if (!part.ok) return part;
    this.#part = part.value;
    const { ports, gateways } = part.value.info;
    this.#gateways = gateways;
    this.#enbs = operator.enbs.map(({ serialNumber }, index) => ({ serialNumber, port: ports[index] ?? 0 }));
    this.#usb.setEnbs(this.#enbs);
    await this.#applyFault();
    await this.#readStick(); // It may have been there when Siteseal ended.
    this.#tell();
    return ok(undefined);
  }

  /** The eNBs on the network, as a search would find them. */
  #found(): readonly FoundEnb[] {
    const host = '127.0.0.1';
    return this.#enbs.map(({ serialNumber, port }) => ({
      serialNumber,
      port,
      host,
      address: `${host}:${port}`,
    }));
  }

  async #applyFault(): Promise<Result<void>> {
    const {
      failure,
      isCrossed = false,
      usb,
      stick,
      raCa,
      gateway,
    }: FaultEffects = this.#fault ? faultEffects[this.#fault] : {};
    this.#usb.setFault(usb);
    this.#stick.setFault(stick);
    const done = await this.#part?.ask({ kind: 'fail', failure, isCrossed, raCa, gateway });
    return done && !done.ok ? done : ok(undefined);
  }

  /** Has the eNB that holds the stick read it. */
  async #readStick(): Promise<Result<void>> {
    const serialNumber = this.#stick.where();
    this.#onDrive = undefined;
    if (!serialNumbers.includes(serialNumber)) return ok(undefined);
    const read = await this.#part?.ask({ kind: 'drive', serialNumber, folder: this.#stick.path() });
    if (read && !read.ok) return read;
    if (read && read.value !== 'done') this.#onDrive = read.value;
    return ok(undefined);
  }

  /** The eNBs have ended; the next start starts them again. */
  #switchOff(): void {
    this.#enbs = [];
    this.#gateways = [];
    this.#usb.setEnbs([]);
    this.#started = undefined;
    this.#part = undefined;
  }

  /** The eNBs are off. They restart once automatically. If they die again, they stay off until the user starts them. */
  #onDeath(): void {
    this.#switchOff();
    this.#tell();
    if (this.#hasRestarted) return;
    this.#hasRestarted = true;
    void this.start();
  }

  /** Stops the eNBs for good, including those that are still starting. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#restarting;
    await this.#started;
    const part = this.#part;
    this.#switchOff();
    await part?.stop();
  }
}
