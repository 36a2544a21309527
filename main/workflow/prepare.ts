import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { AuditLog } from '../audit/index.ts';
import { makeBundle } from '../bundle/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import type { Store } from '../store/index.ts';
import { BundleFiles, bundleFileNames } from './bundle-files.ts';
import { checkInventory, type CheckedRow, type RowPlan } from './check-inventory.ts';
import { readFile, writeFileAtomically } from './files.ts';
import { openInventory, foundText, type Inventory, type InventoryRow } from './inventory.ts';
import { readProfile, type Profile, type UnlockedVendor, type Vendor } from './profile.ts';
import { reportCsv } from './report.ts';
import { toConfiguration } from './to-configuration.ts';

/** What the person asks for. Paths are absolute. */
export interface PrepareRequest {
  readonly inventory: string;
  readonly profile: string;
  /** The folder that gets `bundles/` and `report.csv`. */
  readonly out: string;
  /** Make the good rows although others are bad. */
  readonly skipBad: boolean;
  /** Continue a run that was interrupted. */
  readonly resume: boolean;
  /** Check everything and make nothing. */
  readonly dryRun: boolean;
}

/** The surroundings of a run. */
export interface PrepareSurroundings {
  /** The store and log for real data or for training. */
  readonly openStore: (training: boolean) => Result<{ readonly store: Store; readonly log: AuditLog }>;
  readonly takeLease: (store: Store, work: string) => Result<void>;
  /** Gives the vendor with its key unlocked: a person is asked, or was asked before. */
  readonly unlock: (vendor: Vendor) => Promise<Result<UnlockedVendor>>;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly onProgress: (progress: PrepareProgress) => void;
  readonly signal: AbortSignal;
}

export interface PrepareProgress {
  readonly phase: 'checking' | 'making';
  readonly done: number;
  readonly total: number;
}

/** What became of one row. `made`: its bundle is there; `skipped`: nothing is wrong with it, and there is none. */
export interface PreparedRow {
  readonly row: number;
  readonly line: number;
  readonly siteId: string;
  readonly serialNumber: string;
  readonly state: 'made' | 'refused' | 'skipped';
  readonly fault?: Fault;
}

export interface PrepareReport {
  readonly made: number;
  readonly refused: number;
  readonly rows: readonly PreparedRow[];
  /** Why the run ended before its end; what is `made` is made all the same. */
  readonly stoppedBy?: Fault;
}

/**
 * Makes a bundle for each eNB of an inventory. The whole inventory is checked before anything is made, and nothing is
 * made when a row is bad, unless `skipBad`. Each bundle is on the disk whole or not at all; a run that was interrupted
 * goes on with `resume`.
 */
export async function prepare(
  request: PrepareRequest,
  surroundings: PrepareSurroundings,
): Promise<Result<PrepareReport>> {
  const profile = readProfile(request.profile);
  if (!profile.ok) return profile;
  const inventory = openInventory(request.inventory);
  if (!inventory.ok) return inventory;
  try {
    const opened = surroundings.openStore(profile.value.training);
    if (!opened.ok) return opened;
    const vendors = await unlockVendors(inventory.value, profile.value, surroundings);
    if (!vendors.ok) return vendors;
    const run = new Run(request, surroundings, opened.value, profile.value);
    return await run.prepare(inventory.value, vendors.value);
  } finally {
    inventory.value.wipe();
  }
}

/** Unlocks the keys of the vendors that the inventory names, and no others. */
async function unlockVendors(
  inventory: Inventory,
  { vendors }: Profile,
  { unlock }: PrepareSurroundings,
): Promise<Result<ReadonlyMap<string, UnlockedVendor>>> {
  const unlocked = new Map<string, UnlockedVendor>();
  for (const name of new Set(inventory.rows.map(({ cells }) => cells.vendor))) {
    const vendor = vendors.get(name);
    if (!vendor) continue; // a fault of its row
    const opened = await unlock(vendor);
    if (!opened.ok) return opened;
    unlocked.set(name, opened.value);
  }
  return ok(unlocked);
}

/** How long the event loop may stand still, in milliseconds: progress and cancellation wait no longer. */
const breathEvery = 50;

class Run {
  readonly #request: PrepareRequest;
  readonly #surroundings: PrepareSurroundings;
  readonly #store: Store;
  readonly #log: AuditLog;
  readonly #profile: Profile;
  #lastBreath = 0;

  constructor(
    request: PrepareRequest,
    surroundings: PrepareSurroundings,
    { store, log }: { readonly store: Store; readonly log: AuditLog },
    profile: Profile,
  ) {
    this.#request = request;
    this.#surroundings = surroundings;
    this.#store = store;
    this.#log = log;
    this.#profile = profile;
  }

  async prepare(
    inventory: Inventory,
    vendors: ReadonlyMap<string, UnlockedVendor>,
  ): Promise<Result<PrepareReport>> {
    const checked = await this.#check(inventory, vendors);
    if (!checked.ok) return checked;
    const bad = checked.value.filter((row) => !row.ok);
    const isHeldBack = this.#request.dryRun || (bad.length > 0 && !this.#request.skipBad);
    if (isHeldBack) {
      const report = toReport(checked.value, () => 'skipped');
      return this.#request.dryRun ? ok(report) : this.#writeReport(report);
    }
    const work = `prepare ${this.#request.out}`;
    const lease = this.#surroundings.takeLease(this.#store, work);
    if (!lease.ok) return lease;
    try {
      return await this.#make(checked.value);
    } finally {
      this.#store.releaseLease(work);
    }
  }

  async #check(
    inventory: Inventory,
    vendors: ReadonlyMap<string, UnlockedVendor>,
  ): Promise<Result<readonly CheckedRow[]>> {
    const question = {
      profile: this.#profile,
      vendors,
      now: this.#surroundings.now(),
      folder: dirname(resolve(this.#request.inventory)),
      storedCertificates: (vendor: string, serialNumber: string) =>
        this.#store
          .enbsBySerialNumber(vendor, serialNumber)
          .flatMap(({ certificate }) => (certificate ? [certificate] : [])),
    };
    const checked: CheckedRow[] = [];
    for (const row of checkInventory(inventory, question)) {
      checked.push(row);
      const stopped = await this.#breathe('checking', checked.length, inventory.rows.length);
      if (stopped) return refused(stopped);
    }
    return ok(checked);
  }

  /** Lets the event loop turn now and then; a fault when the person has asked to stop. */
  async #breathe(phase: PrepareProgress['phase'], done: number, total: number): Promise<Fault | undefined> {
    const now = performance.now();
    if (now - this.#lastBreath > breathEvery || done === total) {
      this.#lastBreath = now;
      this.#surroundings.onProgress({ phase, done, total });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#surroundings.signal.aborted ? fault('cancelled') : undefined;
  }

  async #make(checked: readonly CheckedRow[]): Promise<Result<PrepareReport>> {
    const files = new BundleFiles(join(this.#request.out, 'bundles'));
    const existing = files.open();
    if (!existing.ok) return existing;
    const begun = this.#begin(existing.value);
    if (!begun.ok) return begun;
    const good = checked.filter((row) => row.ok);
    const names = bundleFileNames(good.map(({ plan }) => plan.enb));
    const alreadyMade = new Set(existing.value);
    const todo = good.flatMap((row, index) => {
      const name = names[index] ?? '';
      return alreadyMade.has(name) ? [] : [{ ...row, name }];
    });
    const sequences = this.#reserveSequences(todo.map(({ plan }) => plan));
    // What an earlier, interrupted run has made is part of this one.
    const made = new Set(
      good.filter((_, index) => alreadyMade.has(names[index] ?? '')).map(({ row }) => row),
    );
    let stoppedBy: Fault | undefined;
    for (const [index, { row, plan, name }] of todo.entries()) {
      const written = await files.write(name, this.#makeOne(row, plan, sequences[index] ?? 0));
      stoppedBy = written.ok ? await this.#breathe('making', index + 1, todo.length) : written.fault;
      if (written.ok) made.add(row);
      if (stoppedBy) break;
    }
    const flushed = await files.flush();
    if (!flushed.ok) return flushed; // which of the last ones are there is for `resume` to find out
    const report = toReport(checked, (row) => (made.has(row) ? 'made' : 'skipped'));
    this.#logRun(report, stoppedBy);
    const finished = stoppedBy ? { ...report, stoppedBy } : report;
    return this.#writeReport(finished);
  }

  /** Notes what this run is made of; refuses to add to a folder that holds another run's bundles. */
  #begin(existing: readonly string[]): Result<void> {
    const { out, inventory, profile, resume } = this.#request;
    const file = join(out, 'run.json');
    const mark: RunMark = { format: runFormat, inventory: markOf(inventory), profile: markOf(profile) };
    if (existing.length > 0) {
      const earlier = readFile(file, 65536);
      const parsed = earlier.ok ? readDocument(earlier.value, runFormat, runSchema) : earlier;
      const isSame = parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(mark);
      if (!resume) return refuse('output-not-empty', { where: { file: out } });
      if (!isSame) return refuse('output-not-empty', { rule: 'same-run', where: { file: out } });
    }
    return writeFileAtomically(file, Buffer.from(JSON.stringify(mark)));
  }

  /** Gives every eNB its next sequence number, in one transaction and before anything is made with it. */
  #reserveSequences(plans: readonly RowPlan[]): readonly number[] {
    return this.#store.transaction(() =>
      plans.map(({ enb, vendor, certificate }) => {
        const lastSequence = this.#store.lastSequence(enb.hwType, enb.serialNumber) + 1;
        this.#store.noteEnb({
          ...enb,
          vendor: vendor.name,
          lastSequence,
          ...(certificate && { certificate }),
        });
        return lastSequence;
      }),
    );
  }

  #makeOne(row: InventoryRow, plan: RowPlan, sequence: number): Uint8Array {
    const certificate = plan.certificate && readCheckedCertificate(plan.certificate);
    const issue = { bundleId: this.#surroundings.newId(), sequence, issuedAt: this.#surroundings.now() };
    const configuration = toConfiguration(row, plan, certificate, this.#profile, issue);
    const hasCredential = row.credential.secret.length > 0;
    const sealing =
      certificate && (hasCredential || row.secrets.size > 0)
        ? {
            recipient: certificate,
            secrets: row.secrets,
            ...(hasCredential && { credential: row.credential }),
          }
        : undefined;
    return makeBundle(configuration, sealing, plan.vendor.signer);
  }

  #logRun({ made, refused, rows }: PrepareReport, stoppedBy: Fault | undefined): void {
    this.#log.append({
      action: 'prepare-run',
      subject: { operator: this.#profile.document.name },
      facts: { rows: rows.length, made, refused, ...(stoppedBy && { stoppedBy: stoppedBy.code }) },
    });
  }

  #writeReport(report: PrepareReport): Result<PrepareReport> {
    const folder = new BundleFiles(this.#request.out).open();
    if (!folder.ok) return folder;
    const written = writeFileAtomically(
      join(this.#request.out, 'report.csv'),
      Buffer.from(reportCsv(report.rows)),
    );
    return written.ok ? ok(report) : written;
  }
}

function readCheckedCertificate(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der);
  if (!certificate.ok) throw new Error('A checked certificate can be read');
  return certificate.value;
}

const runFormat = 'siteseal-run/1';
const markSchema = z.strictObject({ size: z.int(), modifiedAt: z.number() });
/** What a run was made of. No digest of the inventory: its secrets could be guessed against it. */
const runSchema = z.strictObject({ format: fields.text, inventory: markSchema, profile: markSchema });
type RunMark = z.infer<typeof runSchema>;

function markOf(file: string): RunMark['inventory'] {
  const { size, mtimeMs } = statSync(file);
  return { size, modifiedAt: mtimeMs };
}

function toReport(
  checked: readonly CheckedRow[],
  stateOf: (row: InventoryRow) => 'made' | 'skipped',
): PrepareReport {
  const rows = checked.map((one): PreparedRow => {
    const { row, line, cells } = one.row;
    const shown = {
      row,
      line,
      siteId: shownCell(one.row, cells.site_id),
      serialNumber: shownCell(one.row, cells.enb_serial),
    };
    return one.ok ? { ...shown, state: stateOf(one.row) } : { ...shown, state: 'refused', fault: one.fault };
  });
  return {
    made: rows.filter(({ state }) => state === 'made').length,
    refused: rows.filter(({ state }) => state === 'refused').length,
    rows,
  };
}

/** Where cells have slipped, a secret may stand in any column. */
function shownCell({ credential, secrets }: InventoryRow, text: string): string {
  return foundText(text, [credential.reference, credential.secret, ...secrets.values()]).found ?? '';
}
