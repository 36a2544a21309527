import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256 } from './disk.ts';
import type { Claim } from './messages.ts';
import type { DriveStep, PlannedFault } from './plan.ts';
import type { Attempt, DeliveryEntry } from './record.ts';
import type { Prepared } from './scene.ts';
import { entryOf, toolFaultOf, type Answered, type Site } from './site.ts';
import { Stick } from './stick.ts';

/** More steps than a delivery takes with all its planned faults. */
const maximumSteps = 24;

/** Delivers by a removable drive: written, verified, to the eNB and back. Each step is repeated if it failed. */
export async function deliverByDrive(site: Site, delivery: Prepared): Promise<DeliveryEntry> {
  const trip = new Trip(site, delivery);
  await trip.go();
  return trip.entry();
}

class Trip {
  readonly #site: Site;
  readonly #delivery: Prepared;
  readonly #attempts: Attempt[] = [];
  readonly #lies: string[] = [];
  readonly #receipts: string[] = [];
  #faults: readonly PlannedFault[];
  #sticks = 0;
  #stick: Stick;
  #stickFolder = '';
  /** The drive was with the eNB, and its answer has not been read yet. */
  #isBack = false;

  constructor(site: Site, delivery: Prepared) {
    this.#site = site;
    this.#delivery = delivery;
    this.#faults = delivery.faults;
    this.#stick = this.#newStick();
  }

  entry(): DeliveryEntry {
    return entryOf(this.#delivery, this.#attempts, this.#lies, this.#receipts);
  }

  async go(): Promise<void> {
    let step: DriveStep | undefined = 'write';
    while (step && this.#attempts.length < maximumSteps) {
      if (this.#delivery.isAbandoned && this.#faults.length === 0) return;
      await this.#do(step);
      step = this.#next();
    }
  }

  /** What the user does next, judging by what the tool reports and where the drive is. */
  #next(): DriveStep | undefined {
    const { claim } = this.#attempts.at(-1) ?? {};
    const { delivery, carried } = claim ?? { delivery: 'none', carried: 'none' };
    if (delivery === 'receipt') return undefined;
    if (this.#isBack) return 'collect';
    switch (carried) {
      case 'none': // nothing is on its way: it was not written, or the eNB refused it
        return delivery === 'refused' && this.#delivery.isRival ? undefined : 'write';
      case 'writing':
      case 'damaged':
        return 'write';
      case 'written':
        return 'verify';
      case 'verified':
      case 'carried':
        return this.#wasLost() ? 'write' : 'visit';
    }
  }

  #wasLost(): boolean {
    const last = this.#attempts.at(-1);
    return last?.fault?.kind === 'drive-lost' && last.fired;
  }

  async #do(step: DriveStep): Promise<void> {
    const fault = this.#faults.find((one) => one.step === step);
    this.#faults = this.#faults.filter((one) => one !== fault);
    const work = { write: this.#write, verify: this.#verify, visit: this.#visit, collect: this.#collect }[
      step
    ];
    const made = await this.#site.attempt(this.#delivery, step, fault, () => work.call(this, fault));
    this.#attempts.push(made.attempt);
    this.#lies.push(...made.lies, ...this.#judgeStick(step, made.attempt.claim));
  }

  #newStick(): Stick {
    this.#stickFolder = join(this.#site.folder, 'sticks', `${this.#delivery.id}-${++this.#sticks}`);
    return new Stick(this.#stickFolder);
  }

  #common(fault: PlannedFault | undefined) {
    this.#stick.plugIn();
    return {
      stick: this.#stickFolder,
      vendorRoot: this.#site.vendorRoot,
      fault: toolFaultOf(fault),
      ailments: {
        lies: fault?.kind === 'lying-drive',
        readOnly: fault?.kind === 'read-only',
        ejectFails: fault?.kind === 'eject-fails',
      },
    };
  }

  #write(fault: PlannedFault | undefined): Promise<Answered> {
    const { bundle } = this.#delivery;
    return this.#site.askTool({ kind: 'write', bundle, ...this.#common(fault) });
  }

  #verify(fault: PlannedFault | undefined): Promise<Answered> {
    return this.#site.askTool({ kind: 'verify', ...this.#common(fault) });
  }

  async #visit(fault: PlannedFault | undefined): Promise<Answered> {
    this.#stick.unmount();
    if (fault?.kind === 'drive-lost') {
      this.#site.fire();
      this.#stick = this.#newStick();
      return { answer: 'lost', states: [] };
    }
    const { serial } = this.#delivery;
    const { folder } = this.#site;
    const { medium: drive } = this.#stick;
    const answer = await this.#site.askEnb({
      kind: 'visit',
      serial,
      folder,
      drive,
      ...(fault && { fault }),
    });
    this.#isBack = answer !== undefined;
    const receipt = this.#onMedium('receipt.p7m');
    if (fault?.kind === 'receipt-cut' && existsSync(receipt) && statSync(receipt).size > Number(fault.at)) {
      truncateSync(receipt, Number(fault.at));
      this.#site.fire();
    }
    return { answer, states: [] };
  }

  async #collect(fault: PlannedFault | undefined): Promise<Answered> {
    const answered = await this.#site.askTool({ kind: 'collect', ...this.#common(fault) });
    const { answer } = answered;
    // A tool that was killed is asked again. An answer it could not use, the eNB must give again.
    if (answer !== undefined) this.#isBack = false;
    const files = Array.isArray(answer) ? (answer as readonly { readonly file?: string }[]) : [];
    this.#receipts.push(...files.flatMap(({ file }) => (file === undefined ? [] : [basename(file)])));
    return answered;
  }

  #onMedium(name: string): string {
    return join(this.#stick.medium, 'siteseal', this.#delivery.serial, name);
  }

  /** Whatever the tool reports about a drive must be true of the drive. */
  #judgeStick(step: DriveStep, { carried }: Claim): readonly string[] {
    const says = `${this.#delivery.id}: the tool says ${carried}`;
    if (step !== 'verify' || (carried !== 'verified' && carried !== 'carried')) return [];
    const file = this.#onMedium('bundle.p7m');
    const isThere = existsSync(file) && sha256(readFileSync(file)) === this.#delivery.bundleSha256;
    return isThere ? [] : [`${says}, and the drive does not hold the octets of the bundle`];
  }
}
