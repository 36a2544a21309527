import { join } from 'node:path';
import type { OpenedStore } from '../audit/index.ts';
import {
  fault,
  ok,
  prependWhere,
  refuse,
  refused,
  stopFault,
  type Fault,
  type Result,
} from '../faults/index.ts';
import type { Certificate, EnbIdentity } from '../pki/index.ts';
import { storeFault, type BatchRecord } from '../store/index.ts';
import { underLease } from '../work/index.ts';
import type { MakeQuestion } from './batch/batch-worker.ts';
import { CheckedRows, type Shard } from './batch/checked-rows.ts';
import { earlierEnbs } from './batch/earlier-enbs.ts';
import { inOrder } from './batch/in-order.ts';
import { Journal } from './batch/journal.ts';
import type { Lanes } from './batch/lanes.ts';
import { bundleFileNames, type BundleFiles } from './bundle-files.ts';
import { changesCsv } from './changes.ts';
import type { RowFinding, RowPlan } from './check-row.ts';
import { withCorrections } from './corrections.ts';
import type { GeneratedCredentials } from './generated-credentials.ts';
import type { Inventory, InventoryRow } from './inventory.ts';
import {
  bundleFiles,
  changesFile,
  findBatch,
  problemsFile,
  reportFile,
  writeBatch,
  writeOutput,
} from './output-folder.ts';
import type { PrepareProgress, PrepareRequest, PrepareSurroundings } from './prepare-request.ts';
import { enrolmentNames, keyFacts, type Profile, type UnlockedVendor } from './profile.ts';
import { problemsCsv } from './problems.ts';
import { credentialsAtOnce, Registrar } from './registrar.ts';
import { reportCsv, type PrepareReport } from './report.ts';
import { resultsRoot } from './results-root.ts';
import { RowOrder } from './row-order.ts';

/** What the operator's RA/CA must know of an eNB before it can enrol. The credential is a view of the inventory. */
export interface PreparedRegistration {
  readonly enb: EnbIdentity;
  readonly protection: RowPlan['protection'];
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credential?: InventoryRow['credential'];
}

/** How long the event loop is blocked at a time, in milliseconds. Progress and cancellation wait this long at most. */
const longestSlice = 50;

/** How many rows go to a worker at a time: at most so many, and so few that a small run can be followed and stopped. */
const shardSize = { most: 64, leastShards: 8 } as const;

/** How many shards get their sequence numbers together, because that takes a flush to the disk. */
const shardsPerReservation = 16;

/** What a run works with. */
export interface RunParts extends OpenedStore {
  readonly request: PrepareRequest;
  readonly surroundings: PrepareSurroundings;
  readonly profile: Profile;
  readonly inventory: Inventory;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  /** The credentials that this run makes, and the RA/CA that learns them. */
  readonly generated?: { readonly credentials: GeneratedCredentials; readonly recipient: Certificate };
  readonly marks: Omit<BatchRecord, 'id'>;
  readonly lanes: Lanes;
}

/** A run over an inventory whose files are open and whose keys are unlocked. */
export class Run {
  readonly #parts: RunParts;
  #sliceStart = 0;
  #phase: PrepareProgress['phase'] = 'checking';
  #refused = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  async prepare(): Promise<Result<PrepareReport>> {
    const { store, request, surroundings, marks } = this.#parts;
    const { dryRun, resume, out } = request;
    if (dryRun) {
      const checked = await this.#checkAndCompare();
      return checked.ok ? ok(checked.value.report(() => false)) : checked;
    }
    return underLease(store, surroundings.takeLease, `prepare ${out}`, async () => {
      const files = bundleFiles(out);
      const existing = files.list();
      if (!existing.ok) return existing;
      const { size } = existing.value;
      // Adds nothing to a folder that holds another run's bundles.
      if (size > 0 && !resume) return refuse('output-not-empty', { where: { file: out } });
      const found = findBatch(store.batches, out, marks, size);
      if (!found.ok) return found;
      const batch = found.value;
      const run = async () => {
        const checked = await this.#checkAndCompare();
        return checked.ok ? this.#make(checked.value, files, existing.value, batch) : checked;
      };
      // A copy of the folder, or another path to it, has the same journal.
      return batch ? underLease(store, surroundings.takeLease, `batch ${batch.id}`, run) : run();
    });
  }

  async register(
    take: (registrations: readonly PreparedRegistration[]) => Result<void>,
  ): Promise<Result<PrepareReport>> {
    const { profile, inventory, request } = this.#parts;
    const checked = await this.#check();
    if (!checked.ok) return checked;
    if (checked.value.refused > 0 && !request.skipBad) return ok(checked.value.report(() => false));
    const taken = take(
      Array.from(checked.value.good(), ({ row, enb, protection }) => ({
        enb,
        protection,
        ...enrolmentNames(profile, enb.serialNumber),
        ...(protection === 'mac' && { credential: inventory.rows.read(row).credential }),
      })),
    );
    return taken.ok ? ok(checked.value.report(() => true)) : taken;
  }

  async #check(): Promise<Result<CheckedRows>> {
    const { store, inventory, lanes, surroundings } = this.#parts;
    const lastEpoch = ({ hwType, serialNumber }: EnbIdentity) =>
      store.enbs.lastSequence(hwType, serialNumber).epoch;
    const checked = new CheckedRows(inventory, new RowOrder(lastEpoch));
    const total = inventory.rows.length;
    surroundings.onProgress({ phase: 'checking', done: 0, total, refused: 0 });
    const size = Math.min(shardSize.most, Math.ceil(total / shardSize.leastShards));
    const shards = Array.from({ length: Math.ceil(total / size) }, (_, index) => ({
      first: index * size + 1,
      last: Math.min(total, (index + 1) * size),
    }));
    for await (const [{ last }, found] of inOrder(shards, lanes.ahead, (shard) => this.#find(shard))) {
      if (!found.ok) return found;
      checked.add(found.value);
      this.#refused = checked.refused;
      const stopped = (await this.#pause('checking', last, total)) ?? this.#lockedFault();
      if (stopped) return refused(stopped);
    }
    return ok(checked);
  }

  async #checkAndCompare(): Promise<Result<CheckedRows>> {
    const { compare, onlyChanged, dryRun } = this.#parts.request;
    const checked = await this.#check();
    if (!checked.ok || !(compare || onlyChanged)) return checked;
    const stopped = await this.#compare(checked.value);
    if (!onlyChanged && !dryRun) checked.value.wantAll();
    return stopped ? refused(stopped) : checked;
  }

  /** Finds what the good rows change for eNBs that have a bundle. Returns why it must stop. */
  async #compare(checked: CheckedRows): Promise<Fault | undefined> {
    const { store, lanes, inventory } = this.#parts;
    const total = inventory.rows.length;
    const asked = inOrder(earlierEnbs(checked, store), lanes.ahead, ({ question }) =>
      lanes.compare(question),
    );
    for await (const [{ question, numbers, last }, answer] of asked) {
      if (!answer.ok) return answer.fault;
      for (const [index, { row }] of question.enbs.entries()) {
        const [differences = [], number] = [answer.value.differences[index], numbers[index]];
        if (differences.length > 0 || !number) checked.changes(row, differences);
        else checked.changesNothing(row, number);
      }
      const stopped = (await this.#pause('comparing', last, total)) ?? this.#lockedFault();
      if (stopped) return stopped;
    }
    return undefined;
  }

  /** Whether the user must look again before anything is signed. */
  #isHeldBack({ changed, unchanged, refused: bad }: CheckedRows): boolean {
    const { skipBad, agreed } = this.#parts.request;
    const isAsAgreed = !agreed || (changed === agreed.changed && unchanged === agreed.unchanged);
    return (bad > 0 && !skipBad) || !isAsAgreed;
  }

  async #find(shard: {
    readonly first: number;
    readonly last: number;
  }): Promise<Result<readonly RowFinding[]>> {
    const { store, lanes } = this.#parts;
    const question = { kind: 'check', ...shard } as const;
    const first = await lanes.check(question);
    if (!first.ok) return first;
    if (first.value.kind === 'checked') return ok(first.value.findings);
    const stored = new Map(
      first.value.serialNumbers.map((serialNumber) => [
        serialNumber,
        store.enbCertificates.bySerialNumber(serialNumber),
      ]),
    );
    const second = await lanes.check({ ...question, stored });
    return second.ok ? ok(second.value.kind === 'checked' ? second.value.findings : []) : second;
  }

  /**
   * Waits while the run is paused. Reports progress and yields to the event loop every `longestSlice`. Returns a fault once
   * the run must stop.
   */
  async #pause(phase: PrepareProgress['phase'], done: number, total: number): Promise<Fault | undefined> {
    const { onProgress, untilContinued, signal } = this.#parts.surroundings;
    await untilContinued?.();
    const now = performance.now();
    if (now - this.#sliceStart > longestSlice || done === total || phase !== this.#phase) {
      this.#sliceStart = now;
      this.#phase = phase;
      onProgress({ phase, done, total, refused: this.#refused });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return signal.aborted ? stopFault(signal) : undefined;
  }

  async #make(
    checked: CheckedRows,
    files: BundleFiles,
    existing: ReadonlySet<string>,
    batch: BatchRecord | undefined,
  ): Promise<Result<PrepareReport>> {
    const { request, surroundings, store, vendors, inventory, marks } = this.#parts;
    const names = namesByRow(checked);
    const nameOf = (row: number) => names.get(row) ?? '';
    const { newId, now } = surroundings;
    const differencesOf = (row: number) => checked.differencesOf(row);
    const journal = new Journal(batch?.id ?? newId(), {
      ...{ store, files, vendors, now, newId, nameOf, differencesOf },
    });
    /** The SHA-256 of each bundle that is made, by row. */
    const digests = new Map<number, string>();
    for (const shard of batch ? checked.shards : []) {
      for (const { row, differences } of journal.planned(shard)) checked.planned(row, differences);
      for (const { row, sha256 } of journal.made(shard, existing)) digests.set(row, sha256);
      const stopped = await this.#pause('checking', inventory.rows.length - 1, inventory.rows.length);
      // A report now would know only some of the bundles.
      if (stopped) return refused(stopped);
    }
    if (this.#isHeldBack(checked)) {
      const report = checked.report((row) => digests.has(row));
      return ok(this.#writeReport({ ...report, isHeldBack: true }, false));
    }
    const opened = files.open();
    if (!opened.ok) return opened;
    const marked = writeBatch(request.out, journal.id);
    if (!marked.ok) return marked;
    const earlier = new Set(digests.keys());
    const lastRow = lastOf(checked, request.first);
    const needed = new Set(Array.from(checked.wanted(), ({ row }) => row));
    const wanted = Math.min(request.first ?? needed.size, needed.size);
    // Pause here so that a cancelled run takes no sequence numbers, and so that progress does not end at 'checking'.
    let stoppedBy = (await this.#pause('making', earlier.size, wanted)) ?? this.#lockedFault();
    store.transaction(() => {
      if (!batch) store.batches.begin({ id: journal.id, ...marks });
      this.#logStart(checked);
    });
    const isDone = (row: number) => row > lastRow || digests.has(row) || !needed.has(row);
    const registrar = this.#registrar(batch !== undefined);
    const groups = registrar ? grouped(checked.shards, credentialsAtOnce) : [checked.shards];
    for (const shards of groups) {
      if (stoppedBy) break;
      const rows = shards.flatMap((shard) => shard.rows.filter(({ row }) => !isDone(row)));
      const registered = (await registrar?.register(rows)) ?? ok(undefined);
      stoppedBy = registered.ok
        ? await this.#makeAll(shards, journal, digests, isDone, wanted)
        : registered.fault;
    }
    const flushed = await files.flush();
    if (!flushed.ok) stoppedBy = flushed.fault;
    const listed = files.list();
    if (!listed.ok) stoppedBy ??= listed.fault;
    stoppedBy ??= this.#overtakenFault(checked);
    // If the folder has become unreadable, report the bundles it held before.
    const there = listed.ok ? listed.value : existing;
    const report = checked.report((row) => digests.has(row) && there.has(nameOf(row)));
    const ended = {
      ...report,
      ...(registrar && { registrations: registrar.files }),
      ...(stoppedBy && { stoppedBy }),
    };
    const results = await resultsRoot(report, (row) => digests.get(row));
    const signed = Array.from(checked.good()).filter(({ row }) => digests.has(row) && !earlier.has(row));
    this.#logEnd(ended, registrar?.facts, results, countBy(signed.map(({ vendor }) => vendor)));
    return ok(this.#writeReport(ended, true));
  }

  /** Why rows that changed nothing may now change something: another run has made bundles for their eNBs meanwhile. */
  #overtakenFault(checked: CheckedRows): Fault | undefined {
    const { enbs } = this.#parts.store;
    const rows = checked.dropOvertaken(({ hwType, serialNumber }) => enbs.lastSequence(hwType, serialNumber));
    return rows > 0 ? fault('run-overtaken', { found: String(rows) }) : undefined;
  }

  /** Makes the credentials and registers them, if this run does. */
  #registrar(isContinued: boolean): Registrar | undefined {
    const { generated, request, surroundings, profile, inventory, vendors } = this.#parts;
    return (
      generated &&
      new Registrar({
        ...{ out: request.out, isContinued, profile, inventory, vendors, ...generated },
        newId: surroundings.newId,
        now: surroundings.now,
      })
    );
  }

  /** Makes the bundles that are not done, and adds their digests. Returns why it stopped early. */
  async #makeAll(
    shards: readonly Shard[],
    journal: Journal,
    digests: Map<number, string>,
    isDone: (row: number) => boolean,
    total: number,
  ): Promise<Fault | undefined> {
    const { lanes, surroundings } = this.#parts;
    const make = async (question: Result<MakeQuestion>) =>
      question.ok ? lanes.make(question.value, surroundings.signal) : question;
    let stoppedBy: Fault | undefined;
    const questions = this.#reserve(shards, journal, isDone, () => stoppedBy !== undefined);
    try {
      for await (const [, answer] of inOrder(questions, lanes.ahead, make)) {
        if (!answer.ok) {
          stoppedBy ??= answer.fault;
          continue;
        }
        const { made, fault } = answer.value;
        journal.note(made);
        for (const { row, sha256 } of made) digests.set(row, sha256);
        const stopped = await this.#pause('making', digests.size, total);
        stoppedBy ??= fault ?? stopped ?? this.#lockedFault();
      }
    } catch (error) {
      // The store is full or busy. What is made is reported all the same.
      const unusable = storeFault(error);
      stoppedBy ??= unusable.fault;
    }
    return stoppedBy;
  }

  /** Why the run cannot go on: a key that it uses is locked. */
  #lockedFault(): Fault | undefined {
    const { vendors, surroundings } = this.#parts;
    return [...vendors.values()].map((vendor) => surroundings.lockedFault?.(vendor)).find((one) => one);
  }

  /** What to ask the lanes for. Every bundle gets its sequence number in the store before a lane is asked for it. */
  *#reserve(
    shards: readonly Shard[],
    journal: Journal,
    isDone: (row: number) => boolean,
    isStopped: () => boolean,
  ): Generator<Result<MakeQuestion>> {
    const { store, surroundings, inventory } = this.#parts;
    for (let at = 0; at < shards.length && !isStopped(); at += shardsPerReservation) {
      const reserved = store.transaction(() =>
        shards.slice(at, at + shardsPerReservation).map((shard) => journal.reserve(shard, isDone)),
      );
      for (const question of reserved) {
        if (isStopped()) return;
        if (!question.ok) {
          const { row = 1 } = question.fault.where ?? {};
          const { line } = inventory.rows.read(row);
          yield refused(prependWhere(question.fault, { file: inventory.file, line }));
          return;
        }
        if (question.value.orders.length > 0) yield ok({ ...question.value, issuedAt: surroundings.now() });
      }
    }
  }

  #logStart({ refused: bad }: CheckedRows): void {
    const { log, profile, inventory } = this.#parts;
    const subject = { operator: profile.document.name };
    const facts = { rows: inventory.rows.length, refused: bad, profileSha256: profile.sha256 };
    log.append({ action: 'run-started', subject, facts });
    if (bad > 0) log.append({ action: 'confirmed', subject, facts: { what: 'skip-bad-rows', rows: bad } });
  }

  #logEnd(
    { made, refused: bad, total: rows, unlisted, unchanged, stoppedBy }: PrepareReport,
    credentials: Registrar['facts'] | undefined,
    results: string,
    signed: ReadonlyMap<string, number>,
  ): void {
    const { store, log, profile, vendors } = this.#parts;
    const operator = profile.document.name;
    store.transaction(() => {
      for (const [name, bundles] of signed) {
        const vendor = vendors.get(name);
        if (!vendor) continue;
        const facts = { ...keyFacts(vendor), bundles };
        log.append({ action: 'key-used', subject: { operator, vendor: name }, facts });
      }
      log.append({
        action: 'prepare-run',
        subject: { operator },
        facts: {
          rows,
          made,
          refused: bad,
          ...(unlisted > 0 && { unlisted }),
          ...(unchanged > 0 && { unchangedRows: unchanged }),
          ...credentials,
          results,
          ...(stoppedBy && { stoppedBy: stoppedBy.code }),
        },
      });
    });
  }

  /**
   * Writes the report, and the problems for the person who corrects them.
   * @param keepsCorrections leaves the file of the corrections as it is, because bundles were made with it
   */
  #writeReport(report: PrepareReport, keepsCorrections: boolean): PrepareReport {
    const { request, inventory } = this.#parts;
    const write = (name: string, csv: string) => writeOutput(join(request.out, name), Buffer.from(csv));
    const written = write(reportFile, reportCsv(report));
    if (!written.ok) return { stoppedBy: written.fault, ...report };
    if (request.onlyChanged || report.changed > 0) {
      const changes = write(changesFile, changesCsv(report.rows));
      if (!changes.ok) return { stoppedBy: changes.fault, ...report };
    }
    const problems = report.rows.filter(({ state }) => state === 'refused');
    const isInUse = keepsCorrections && request.corrections === join(request.out, problemsFile);
    if (problems.length === 0 || isInUse) return report;
    const told = write(problemsFile, problemsCsv(withCorrections(inventory, problems), report.refused));
    return told.ok ? report : { stoppedBy: told.fault, ...report };
  }
}

/** Groups of shards with about so many rows each, in order. */
function* grouped(shards: readonly Shard[], size: number): Generator<readonly Shard[]> {
  let group: Shard[] = [];
  let rows = 0;
  for (const shard of shards) {
    group.push(shard);
    rows += shard.rows.length;
    if (rows < size) continue;
    yield group;
    [group, rows] = [[], 0];
  }
  if (group.length > 0) yield group;
}

/** The last row of the first wave, or of all. */
function lastOf(checked: CheckedRows, first: number | undefined): number {
  if (first === undefined) return Infinity;
  let left = first;
  for (const { row } of checked.wanted()) if (--left === 0) return row;
  return Infinity;
}

/** The name of the bundle of each good row. */
function namesByRow(checked: CheckedRows): ReadonlyMap<number, string> {
  const good = [...checked.good()];
  const names = bundleFileNames(good.map(({ enb }) => enb));
  return new Map(good.map(({ row }, index) => [row, names[index] ?? '']));
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
