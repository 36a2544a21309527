import { hash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { ResultTree, type AuditLog, type OpenedStore } from '../audit/index.ts';
import { Bundle, makeBundle } from '../bundle/index.ts';
import { ok, refuse, refused, stopFault, type Fault, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { storeFault, type Store } from '../store/index.ts';
import { cellText } from '../words/index.ts';
import { bundleFileNames, type BundleFiles } from './bundle-files.ts';
import { checkInventory, type CheckedRow, type RowPlan } from './check-inventory.ts';
import { underLease, type TakeLease } from '../work/index.ts';
import { openInventory, type Inventory, type InventoryRow } from './inventory.ts';
import {
  bundleFiles,
  checkSameRun,
  reportFile,
  runMark,
  writeMark,
  writeOutput,
  type RunMark,
} from './output-folder.ts';
import {
  enrolmentNames,
  keyFacts,
  readProfile,
  type Profile,
  type UnlockedVendor,
  type Vendor,
} from './profile.ts';
import { reportCsv, type PreparedRow, type PrepareReport } from './report.ts';
import { countWarnings } from './row-warnings.ts';
import { toConfiguration } from './to-configuration.ts';

/** What the user asks for. Paths are absolute. */
export interface PrepareRequest {
  readonly inventory: string;
  readonly profile: string;
  /** The output folder, for `bundles/` and `report.csv`. */
  readonly out: string;
  /** The paths to inventory and profile must not follow a symbolic link below these folders. */
  readonly folders?: readonly string[];
  /** Make bundles for the good rows even if other rows are bad. */
  readonly skipBad: boolean;
  /** Continue an interrupted run. */
  readonly resume: boolean;
  /** Check everything, but make no bundles. */
  readonly dryRun: boolean;
}

/** What a run needs from its caller. */
export interface PrepareSurroundings {
  /** Opens the store and log for training (`true`) or for real data. */
  readonly openStore: (training: boolean) => Result<OpenedStore>;
  readonly takeLease: TakeLease;
  /** Unlocks the vendor's key. May ask the user for a passphrase, or use one entered earlier. */
  readonly unlock: (vendor: Vendor, owner: KeyOwner) => Promise<Result<UnlockedVendor>>;
  /** Called with each unlocked key when the run needs it no more, if it was unlocked for this run alone. */
  readonly lock?: (vendor: UnlockedVendor, owner: KeyOwner) => void;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly onProgress: (progress: PrepareProgress) => void;
  readonly signal: AbortSignal;
}

/** Whose configuration key it is, and the log of its store. */
export interface KeyOwner {
  /** The operator's name. */
  readonly operator: string;
  readonly log: AuditLog;
}

/** How far a run has come. */
export interface PrepareProgress {
  readonly phase: 'checking' | 'making';
  /** Rows checked, or bundles made. Bundles from the interrupted run that this one continues count as made. */
  readonly done: number;
  readonly total: number;
}

/**
 * Makes a bundle for each eNB of an inventory. Checks the whole inventory before it makes any bundle. If a row is bad,
 * it makes none, unless `skipBad` is set. Writes each bundle to disk atomically. `resume` continues an interrupted run.
 */
export function prepare(
  request: PrepareRequest,
  surroundings: PrepareSurroundings,
): Promise<Result<PrepareReport>> {
  return withRun(request, surroundings, (run, inventory, vendors) => run.prepare(inventory, vendors));
}

/** What the operator's RA/CA must know of an eNB before it can enrol. The credential is a view of the inventory. */
export interface PreparedRegistration {
  readonly enb: EnbIdentity;
  readonly protection: RowPlan['protection'];
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credential?: InventoryRow['credential'];
}

/**
 * Checks an inventory like `prepare`, and hands over what the RA/CA must know of its eNBs. The credentials are wiped
 * when `take` returns. If a row is bad, nothing is handed over, unless `skipBad` is set.
 */
export function prepareRegistrations(
  request: Pick<PrepareRequest, 'inventory' | 'profile' | 'skipBad'>,
  surroundings: PrepareSurroundings,
  take: (registrations: readonly PreparedRegistration[]) => Result<void>,
): Promise<Result<PrepareReport>> {
  const dryRun = { ...request, out: '', resume: false, dryRun: true };
  return withRun(dryRun, surroundings, (run, inventory, vendors) => run.register(inventory, vendors, take));
}

async function withRun(
  request: PrepareRequest,
  surroundings: PrepareSurroundings,
  work: (
    run: Run,
    inventory: Inventory,
    vendors: ReadonlyMap<string, UnlockedVendor>,
  ) => Promise<Result<PrepareReport>>,
): Promise<Result<PrepareReport>> {
  // Taken before reading: if a file changes during the run, a resumed run must treat it as a different file.
  const mark = runMark(request.inventory, request.profile);
  const profile = readProfile(request.profile, request.folders);
  if (!profile.ok) return profile;
  const inventory = openInventory(request.inventory, request.folders);
  if (!inventory.ok) return inventory;
  try {
    const opened = surroundings.openStore(profile.value.training);
    if (!opened.ok) return opened;
    const owner = { operator: profile.value.document.name, log: opened.value.log };
    const unlocked = new Map<string, UnlockedVendor>();
    try {
      const vendors = await unlockVendors(inventory.value, profile.value, surroundings, owner, unlocked);
      if (!vendors.ok) return vendors;
      const run = new Run(request, surroundings, opened.value, profile.value, mark);
      return await work(run, inventory.value, unlocked);
    } finally {
      for (const vendor of unlocked.values()) surroundings.lock?.(vendor, owner);
    }
  } catch (error) {
    return storeFault(error);
  } finally {
    inventory.value.wipe();
  }
}

/** Unlocks the keys of only those vendors that the inventory names. */
async function unlockVendors(
  inventory: Inventory,
  { vendors }: Profile,
  { unlock }: PrepareSurroundings,
  owner: KeyOwner,
  unlocked: Map<string, UnlockedVendor>,
): Promise<Result<void>> {
  const named = inventory.rows.vendorsAmong(vendors.keys());
  for (const [name, vendor] of vendors) {
    if (!named.has(name)) continue;
    const opened = await unlock(vendor, owner);
    if (!opened.ok) return opened;
    unlocked.set(name, opened.value);
  }
  return ok(undefined);
}

/** How many refused rows a report lists. More than this have a common cause, so nobody reads them one by one. */
export const maximumListed = 10_000;

/** An inventory, with the results of checking its rows. */
interface Checked {
  readonly inventory: Inventory;
  /** All rows except refused ones beyond `maximumListed`. */
  readonly rows: readonly CheckedRow[];
  readonly refused: number;
}

/** How long to block the event loop at a time, in milliseconds. Progress and cancellation wait this long at most. */
const longestSlice = 50;

class Run {
  readonly #request: PrepareRequest;
  readonly #surroundings: PrepareSurroundings;
  readonly #store: Store;
  readonly #log: AuditLog;
  readonly #profile: Profile;
  readonly #mark: RunMark;
  #sliceStart = 0;
  #phase: PrepareProgress['phase'] = 'checking';

  constructor(
    request: PrepareRequest,
    surroundings: PrepareSurroundings,
    { store, log }: OpenedStore,
    profile: Profile,
    mark: RunMark,
  ) {
    this.#request = request;
    this.#surroundings = surroundings;
    this.#store = store;
    this.#log = log;
    this.#profile = profile;
    this.#mark = mark;
  }

  async prepare(
    inventory: Inventory,
    vendors: ReadonlyMap<string, UnlockedVendor>,
  ): Promise<Result<PrepareReport>> {
    if (this.#request.dryRun) {
      const checked = await this.#check(inventory, vendors);
      return checked.ok ? ok(toReport(checked.value, () => 'skipped')) : checked;
    }
    const { takeLease } = this.#surroundings;
    return underLease(this.#store, takeLease, `prepare ${this.#request.out}`, async () => {
      const files = bundleFiles(this.#request.out);
      const existing = files.list();
      if (!existing.ok) return existing;
      const fit = this.#checkFolder(existing.value);
      if (!fit.ok) return fit;
      const checked = await this.#check(inventory, vendors);
      return checked.ok ? await this.#make(checked.value, files, existing.value) : checked;
    });
  }

  async register(
    inventory: Inventory,
    vendors: ReadonlyMap<string, UnlockedVendor>,
    take: (registrations: readonly PreparedRegistration[]) => Result<void>,
  ): Promise<Result<PrepareReport>> {
    const checked = await this.#check(inventory, vendors);
    if (!checked.ok) return checked;
    if (checked.value.refused > 0 && !this.#request.skipBad)
      return ok(toReport(checked.value, () => 'skipped'));
    const good = checked.value.rows.filter((row) => row.ok);
    const taken = take(
      good.map(({ row, plan: { enb, protection } }) => ({
        enb,
        protection,
        ...enrolmentNames(this.#profile, enb.serialNumber),
        ...(protection === 'mac' && { credential: inventory.rows.read(row).credential }),
      })),
    );
    if (!taken.ok) return taken;
    return ok(toReport(checked.value, () => 'made'));
  }

  /** Refuses to add to a folder that holds another run's bundles. */
  #checkFolder(existing: ReadonlySet<string>): Result<void> {
    const { out, resume } = this.#request;
    if (existing.size === 0) return ok(undefined);
    return resume ? checkSameRun(out, this.#mark) : refuse('output-not-empty', { where: { file: out } });
  }

  async #check(inventory: Inventory, vendors: ReadonlyMap<string, UnlockedVendor>): Promise<Result<Checked>> {
    const question = {
      profile: this.#profile,
      vendors,
      now: this.#surroundings.now(),
      folder: dirname(resolve(this.#request.inventory)),
      storedCertificates: (vendor: string, serialNumber: string) =>
        this.#store.enbs
          .bySerialNumber(vendor, serialNumber)
          .flatMap(({ certificate }) => (certificate ? [certificate] : [])),
      lastEpoch: ({ hwType, serialNumber }: EnbIdentity) =>
        this.#store.enbs.lastSequence(hwType, serialNumber).epoch,
    };
    const rows: CheckedRow[] = [];
    let bad = 0;
    for (const row of checkInventory(inventory, question)) {
      if (!row.ok) bad++;
      if (row.ok || bad <= maximumListed) rows.push(row);
      const stopped = await this.#pause('checking', row.row, inventory.rows.length);
      if (stopped) return refused(stopped);
    }
    return ok({ inventory, rows, refused: bad });
  }

  /** Reports progress and yields to the event loop every `longestSlice`. Returns a fault once the run must stop. */
  async #pause(phase: PrepareProgress['phase'], done: number, total: number): Promise<Fault | undefined> {
    const now = performance.now();
    if (now - this.#sliceStart > longestSlice || done === total || phase !== this.#phase) {
      this.#sliceStart = now;
      this.#phase = phase;
      this.#surroundings.onProgress({ phase, done, total });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { signal } = this.#surroundings;
    return signal.aborted ? stopFault(signal) : undefined;
  }

  async #make(
    checked: Checked,
    files: BundleFiles,
    existing: ReadonlySet<string>,
  ): Promise<Result<PrepareReport>> {
    const { rows } = checked.inventory;
    const good = checked.rows.filter((row) => row.ok);
    const names = bundleFileNames(good.map(({ plan }) => plan.enb));
    const named = good.map((row, index) => ({ ...row, name: names[index] ?? '' }));
    // Every bundle in the folder counts as made, including those from an interrupted run.
    const reportOn = (there: ReadonlySet<string>) => {
      const made = new Set(named.filter(({ name }) => there.has(name)).map(({ row }) => row));
      return toReport(checked, ({ row }) => (made.has(row) ? 'made' : 'skipped'));
    };
    /** By file name: the SHA-256 of each bundle in the folder. */
    const digests = new Map<string, string>();
    let stoppedBy: Fault | undefined;
    for (const { name, plan } of named) {
      const bundle = existing.has(name) ? bundleIn(files, name, plan) : undefined;
      if (!bundle) continue;
      digests.set(name, bundle.sha256);
      stoppedBy = await this.#pause('checking', rows.length - 1, rows.length); // reading it is part of checking
      if (stoppedBy) break;
    }
    const isHeldBack = checked.refused > 0 && !this.#request.skipBad;
    const earlier: ReadonlySet<string> = new Set(digests.keys());
    if (isHeldBack) return ok(this.#writeReport(reportOn(earlier)));
    const opened = files.open();
    if (!opened.ok) return opened;
    const marked = writeMark(this.#request.out, this.#mark);
    if (!marked.ok) return marked;
    const todo = named.filter(({ name }) => !earlier.has(name));
    const there = earlier.size;
    // Pause here so that a cancelled run takes no sequence numbers, and so that progress does not end at 'checking'.
    stoppedBy ??= await this.#pause('making', there, named.length);
    const sequences = this.#start(checked, stoppedBy ? [] : todo.map(({ plan }) => plan));
    const signed = new Map<UnlockedVendor, number>();
    for (const [index, { row, plan, name }] of todo.entries()) {
      if (stoppedBy) break;
      const bundle = await this.#makeOne(rows.read(row), plan, sequences[index] ?? 0);
      digests.set(name, hash('sha256', bundle));
      signed.set(plan.vendor, (signed.get(plan.vendor) ?? 0) + 1);
      const written = await files.write(name, bundle);
      stoppedBy = written.ok ? await this.#pause('making', there + index + 1, named.length) : written.fault;
    }
    const flushed = await files.flush();
    if (!flushed.ok) stoppedBy = flushed.fault;
    const listed = files.list();
    if (!listed.ok) stoppedBy ??= listed.fault;
    // If the folder has become unreadable, report the bundles it held before.
    const report = reportOn(listed.ok ? listed.value : existing);
    const digestOf = new Map(named.map(({ row, name }) => [row, digests.get(name)]));
    const results = await this.#results(report, (row) => digestOf.get(row));
    this.#logEnd({ ...report, ...(stoppedBy && { stoppedBy }) }, results, signed);
    return ok(this.#writeReport(stoppedBy ? { ...report, stoppedBy } : report));
  }

  /**
   * Logs that the run starts, and assigns every eNB its next sequence number, in one transaction, before any bundle uses
   * it.
   */
  #start({ inventory, refused }: Checked, plans: readonly RowPlan[]): readonly number[] {
    const { document, sha256: profileSha256 } = this.#profile;
    const subject = { operator: document.name };
    return this.#store.transaction(() => {
      const facts = { rows: inventory.rows.length, refused, profileSha256 };
      this.#log.append({ action: 'run-started', subject, facts });
      if (refused > 0)
        this.#log.append({ action: 'confirmed', subject, facts: { what: 'skip-bad-rows', rows: refused } });
      return plans.map(({ enb, vendor, certificate }) => {
        const known = this.#store.enbs.lastSequence(enb.hwType, enb.serialNumber);
        const { epoch } = vendor.authorisation;
        const sequence = known.epoch === epoch ? known.sequence + 1 : 1;
        this.#store.enbs.note({
          ...enb,
          vendor: vendor.name,
          last: { epoch, sequence },
          ...(certificate && { certificate: certificate.der }),
        });
        return sequence;
      });
    });
  }

  #makeOne(row: InventoryRow, plan: RowPlan, sequence: number): Promise<Uint8Array> {
    const { certificate } = plan;
    const issue = { bundleId: this.#surroundings.newId(), sequence, issuedAt: this.#surroundings.now() };
    const configuration = toConfiguration(row, plan, this.#profile, issue);
    const hasCredential = row.credential.secret.length > 0;
    const sealing =
      certificate && (hasCredential || row.secrets.size > 0)
        ? {
            recipient: certificate,
            secrets: row.secrets,
            ...(hasCredential && { credential: row.credential }),
          }
        : undefined;
    return makeBundle(configuration, sealing, plan.vendor.signing);
  }

  /**
   * The root of the tree over the results, in lower-case hex. A leaf is a row of the report, in order: row, line, site,
   * serial number, state, and of a refused row the fault's code, of a made one the SHA-256 of its bundle. So it can be
   * computed again from `report.csv` and the bundles. It has no bundle's digest where the run stopped before it read it.
   */
  async #results({ rows }: PrepareReport, digestOf: (row: number) => string | undefined): Promise<string> {
    const tree = new ResultTree();
    for (const [index, { row, line, siteId, serialNumber, state, fault: reason }] of rows.entries()) {
      const bundleSha256 = state === 'made' ? digestOf(row) : undefined;
      tree.add({
        row,
        line,
        siteId: cellText(siteId),
        serialNumber: cellText(serialNumber),
        state,
        ...(bundleSha256 !== undefined && { bundleSha256 }),
        ...(reason && { fault: reason.code }),
      });
      if (index % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve));
    }
    return tree.root();
  }

  #logEnd(
    { made, refused, total: rows, unlisted, stoppedBy }: PrepareReport,
    results: string,
    signed: ReadonlyMap<UnlockedVendor, number>,
  ): void {
    const operator = this.#profile.document.name;
    this.#store.transaction(() => {
      for (const [vendor, bundles] of signed) {
        const subject = { operator, vendor: vendor.name };
        this.#log.append({ action: 'key-used', subject, facts: { ...keyFacts(vendor), bundles } });
      }
      this.#log.append({
        action: 'prepare-run',
        subject: { operator },
        facts: {
          rows,
          made,
          refused,
          ...(unlisted > 0 && { unlisted }),
          results,
          ...(stoppedBy && { stoppedBy: stoppedBy.code }),
        },
      });
    });
  }

  #writeReport(report: PrepareReport): PrepareReport {
    const csv = Buffer.from(reportCsv(report));
    const written = writeOutput(join(this.#request.out, reportFile), csv);
    return written.ok ? report : { stoppedBy: written.fault, ...report };
  }
}

/** The complete bundle that an earlier run left for this eNB in the file, if any. A failing disk may have truncated it. */
function bundleIn(files: BundleFiles, name: string, { vendor, enb }: RowPlan): Bundle | undefined {
  const bytes = files.read(name);
  const bundle = bytes && new Bundle(bytes);
  return bundle?.isFrom(vendor.signing.signer.certificate, enb) ? bundle : undefined;
}

function toReport(checked: Checked, stateOf: (row: CheckedRow) => 'made' | 'skipped'): PrepareReport {
  const rows = checked.rows.map((one): PreparedRow => {
    const { row, line, siteId, serialNumber } = one;
    const name = { row, line, siteId, serialNumber };
    return one.ok
      ? {
          ...name,
          state: stateOf(one),
          contents: one.contents,
          ...(one.warnings.length > 0 && { warnings: one.warnings }),
        }
      : { ...name, state: 'refused', fault: one.fault };
  });
  const total = checked.inventory.rows.length;
  return {
    made: rows.filter(({ state }) => state === 'made').length,
    refused: checked.refused,
    total,
    rows,
    unlisted: total - rows.length,
    warnings: countWarnings(checked.rows.map((row) => (row.ok ? row.warnings : []))),
  };
}
