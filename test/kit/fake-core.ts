// A core that plays its part over the same port, so that the page can be looked at in every state without keys, eNBs
// or a store. It knows the contract, and nothing of the real core but the words of faults.
import type { RunningCore, Port } from '../../main/host/index.ts';
import { problemsCsv } from '../../main/api/problems-csv.ts';
import { faultView } from '../../main/api/views.ts';
import {
  calls,
  clientMessage,
  type AppState,
  type CallName,
  type CoreMessage,
  type FaultView,
  type FileHandle,
  type JobState,
  type JobView,
  type NetworkView,
  type Output,
  type RunView,
  type Topic,
} from '../../preload/contract/index.ts';
import * as data from './fake-data.ts';

type Parsed<Name extends CallName> = import('zod').output<(typeof calls)[Name]['input']>;
type Answer<T> = T | FaultView | Promise<T | FaultView>;
type Handlers = { readonly [Name in CallName]: (input: Parsed<Name>) => Answer<Output<Name>> };

/** What a test sets up; all of it can be changed while the page is open. */
export interface FakeState {
  app: AppState;
  jobs: JobView[];
  network: NetworkView;
  found: Output<'enbs.found'>;
  /** Who answers on a way; nobody else does. */
  enbs: Record<string, string>;
  drives: Output<'drives.list'>;
  /** What is on a drive that came back. */
  collected: Output<'drives.collect'>['receipts'];
  /** Why the eNB at a way cannot be identified. */
  faults: Record<string, FaultView>;
  operators: Output<'operators.list'>;
  runs: RunView[];
  roots: Output<'vendors.list'>;
  /** Milliseconds that each step of a delivery, and each tenth of a run, takes. */
  pace: number;
  /** The delivery stays in this state until stopped. */
  holdAt: JobState | undefined;
  log: Output<'log.list'>['rows'];
  /** Where the page's own dialog may look. */
  folders: readonly FileHandle[];
}

function isFault(value: unknown): value is FaultView {
  return typeof value === 'object' && value !== null && 'mendedBy' in value && 'code' in value;
}

const folder = { id: 'f'.repeat(32), name: 'jobs' };
let handles = 0;
const handle = (name: string): FileHandle => ({ id: (++handles).toString(16).padStart(32, '0'), name });

export function fakeState(more: Partial<FakeState> = {}): FakeState {
  return {
    app: { version: '0.1.0', shell: 'browser', door: 'site', training: false, theme: 'system' },
    jobs: data.manyJobs(),
    network: { problem: null, interfaces: [{ name: 'eth0', link: 'up', addresses: ['192.0.2.9/24'] }] },
    found: { enbs: [{ kind: 'ethernet', way: '192.0.2.10:4443', label: 'AR1000041' }] },
    enbs: { '192.0.2.10:4443': 'AR1000041', '192.0.2.11:4443': 'AR1000046' },
    drives: [data.drive],
    collected: [],
    faults: {},
    operators: structuredClone(data.operators),
    runs: [data.run()],
    roots: [
      {
        fingerprint: data.sha256('acme'),
        subject: 'CN=Acme Radio Root CA,O=Acme Radio,C=FI',
        until: '2045-01-01T00:00:00Z',
      },
    ],
    pace: 150,
    holdAt: undefined,
    log: data.log(),
    folders: [folder],
    ...more,
  };
}

/** The fake core; `serve` as the real one's. */
export class FakeCore implements Pick<RunningCore, 'serve'> {
  state: FakeState;
  readonly #ports = new Set<Port>();
  readonly #stopped = new Set<string>();

  constructor(more: Partial<FakeState> = {}) {
    this.state = fakeState(more);
  }

  serve(port: Port): void {
    this.#ports.add(port);
    port.onClose(() => this.#ports.delete(port));
    port.onMessage((raw) => {
      const message = clientMessage.parse(raw);
      void this.#answer(port, message);
    });
    port.postMessage({ kind: 'hello', version: this.state.app.version } satisfies CoreMessage);
  }

  /** Answers a call in another way from now on. */
  answer<Name extends CallName>(name: Name, handler: Handlers[Name]): void {
    this.#handlers = { ...this.#handlers, [name]: handler };
  }

  changed(...topics: Topic[]): void {
    for (const port of this.#ports) port.postMessage({ kind: 'changed', topics } satisfies CoreMessage);
  }

  async #answer(
    port: Port,
    { id, name, input }: { id: number; name: string; input: unknown },
  ): Promise<void> {
    const handler = this.#handlers[name as CallName] as (input: unknown) => unknown;
    const parsed = calls[name as CallName].input.parse(input);
    const isGone =
      name.startsWith('jobs.') && 'id' in parsed && !this.state.jobs.some((job) => job.id === parsed.id);
    const value = isGone ? faultView({ code: 'not-found', where: { field: 'job' } }) : await handler(parsed);
    port.postMessage(
      (isFault(value)
        ? { kind: 'result', id, ok: false, fault: value }
        : {
            kind: 'result',
            id,
            ok: true,
            value: calls[name as CallName].output.parse(value),
          }) satisfies CoreMessage,
    );
  }

  #job(id: string): JobView {
    const job = this.state.jobs.find((each) => each.id === id);
    if (!job) throw new Error(`no job ${id}`);
    return job;
  }

  #update(id: string, more: Partial<JobView>): void {
    this.state.jobs = this.state.jobs.map((job) => (job.id === id ? { ...job, ...more } : job));
    this.changed('jobs', 'log');
  }

  #run(id: string): RunView {
    const run = this.state.runs.find((each) => each.id === id);
    if (!run) throw new Error(`no run ${id}`);
    return run;
  }

  #updateRun(id: string, more: Partial<RunView>): RunView {
    this.state.runs = this.state.runs.map((run) => (run.id === id ? { ...run, ...more } : run));
    this.changed('runs');
    return this.#run(id);
  }

  async #deliver(id: string): Promise<void> {
    const before = this.#job(id);
    const { deliveryFault: _fault, verdict: _verdict, ...clean } = before;
    this.state.jobs = this.state.jobs.map((job) => (job.id === id ? clean : job));
    for (const state of [
      'selected',
      'connected',
      'identified',
      'sending',
      'sent',
      'read-back',
      'verdict',
    ] as const) {
      const verdict = state === 'verdict' && { verdict: { accepted: true, checks: data.checks() } };
      this.#update(id, { state, attempt: state, work: data.workOf(id, state), ...verdict });
      do await pause(this.state.pace);
      while (this.state.holdAt === state && !this.#stopped.has(id));
      if (this.#stopped.delete(id)) {
        const proven = before.receipt && { state: before.state, verdict: before.verdict };
        this.#update(id, { ...proven, work: undefined, deliveryFault: faultView({ code: 'cancelled' }) });
        return;
      }
    }
    this.#update(id, {
      state: 'receipt',
      attempt: 'receipt',
      work: undefined,
      receipt: data.receiptOf(this.#job(id).serialNumber),
    });
  }

  async #work(id: string, phase: 'checking' | 'making', end: Partial<RunView>): Promise<void> {
    const { rows, refused } = this.#run(id);
    const total = phase === 'making' ? rows - refused : rows;
    for (let tenth = 0; tenth <= 10; tenth += 1) {
      if (this.#run(id).state !== phase) return;
      const done = Math.round((total * tenth) / 10);
      this.#updateRun(id, {
        work: { ...data.workOf(id, phase), done, total, rate: 310 },
        ...(phase === 'making' && { made: done }),
      });
      await pause(this.state.pace);
    }
    this.#updateRun(id, { work: undefined, endedAt: data.minutesAgo(0), ...end });
  }

  #check(run: Partial<RunView>): RunView {
    const started = data.run({
      id: `run-${this.state.runs.length + 1}`,
      state: 'checking',
      endedAt: undefined,
      ...run,
    });
    this.state.runs = [started, ...this.state.runs];
    void this.#work(started.id, 'checking', { state: 'checked' });
    return started;
  }

  #carried(volume: string): NonNullable<JobView['carried']> {
    return { state: 'carried', volume, drive: data.drive.name, since: data.minutesAgo(2) };
  }

  /** What is on a drive is verified, and the drive ejected. */
  #carry(volume: string): Record<string, never> {
    for (const { id, carried } of this.state.jobs) {
      if (carried?.volume === volume) this.#update(id, { carried: this.#carried(volume) });
    }
    return {};
  }

  #handlers: Handlers = {
    'app.get': () => this.state.app,
    'app.enter': ({ door }) => (this.state.app = { ...this.state.app, door, training: door === 'training' }),
    'app.leave': () =>
      this.state.jobs.some(({ work }) => work)
        ? faultView({ code: 'work-under-way', found: 'delivery' })
        : (this.state.app = { ...this.state.app, door: null, training: false }),
    'app.theme': ({ theme }) => (this.state.app = { ...this.state.app, theme }),
    'jobs.list': (input) =>
      listOf(this.state.jobs, input, (job) => `${job.siteId} ${job.siteName} ${job.serialNumber}`, rowOf),
    'jobs.get': ({ id }) => this.#job(id),
    'jobs.open': () => ({
      added: [],
      refused: [
        {
          name: 'AR1000099.bundle.p7m',
          fault: faultView({ code: 'issuer-unknown', found: 'CN=Other Root' }),
        },
      ],
    }),
    'jobs.openRun': () => ({ added: 12 }),
    'jobs.checkWay': ({ way }) => (/\s/.test(way) ? faultView({ code: 'address-invalid', found: way }) : {}),
    'jobs.identify': async ({ id, way }) => {
      await pause(this.state.pace);
      const job = this.#job(id);
      const fault = this.state.faults[way];
      if (fault) return fault;
      const found = this.state.enbs[way];
      if (found === undefined) return faultView({ code: 'device-unreachable', where: { address: way } });
      if (found === job.serialNumber) this.#update(id, { way });
      return identified(job, found);
    },
    'jobs.send': async ({ id }) => {
      await this.#deliver(id);
      return this.#job(id);
    },
    'jobs.report': ({ id }) => ({
      job: this.#job(id),
      writtenAt: data.minutesAgo(0),
      by: 'installer@laptop-7',
      training: this.state.app.training,
    }),
    'jobs.receipt': ({ id }) => ({
      fileName: this.#job(id).receipt?.fileName ?? '',
      base64: Buffer.from(`receipt of ${id}`).toString('base64'),
    }),
    'network.get': () => this.state.network,
    'enbs.found': () => this.state.found,
    'drives.list': () => this.state.drives,
    'drives.write': ({ volume, jobIds }) => {
      for (const id of jobIds) this.#update(id, { carried: this.#carried(volume) });
      return {};
    },
    'drives.verify': ({ volume }) => this.#carry(volume),
    'drives.eject': ({ volume }) => this.#carry(volume),
    'drives.collect': () => ({ drive: data.drive.name, receipts: this.state.collected }),
    'vendors.list': () => this.state.roots,
    'vendors.look': () => ({ ...this.state.roots[0]!, fingerprint: data.sha256('new root') }),
    'vendors.trust': ({ fingerprint }) => {
      this.state.roots = [...this.state.roots, { ...this.state.roots[0]!, fingerprint }];
      return {};
    },
    'vendors.distrust': ({ fingerprint }) => {
      this.state.roots = this.state.roots.filter((root) => root.fingerprint !== fingerprint);
      return {};
    },
    'operators.list': () => this.state.operators,
    'operators.add': () =>
      faultView({
        code: 'profile-invalid',
        rule: 'plmn',
        found: '24X99',
        where: { file: 'operator.json', field: 'plmn' },
      }),
    'operators.remove': ({ id }) => {
      this.state.operators = this.state.operators.filter((operator) => operator.id !== id);
      return {};
    },
    'operators.unlock': ({ id, vendor, passphrase }) =>
      passphrase === 'right'
        ? this.#setKeys(id, vendor, 'unlocked')
        : faultView({ code: 'passphrase-wrong' }),
    'operators.lock': ({ id }) => this.#setKeys(id, undefined, 'locked'),
    'runs.list': (input) =>
      listOf(
        this.state.runs,
        input,
        (run) => run.inventory,
        (run) => run,
      ),
    'runs.get': ({ id }) => this.#run(id),
    'runs.check': ({ inventory }) => this.#check({ inventory: inventory.name }),
    'runs.checkAgain': ({ id }) => this.#check({ inventory: this.#run(id).inventory }),
    'runs.setFolder': ({ id, folder }) =>
      folder.name === 'older'
        ? faultView({ code: 'output-not-empty', found: 'operator.key', where: { file: folder.name } })
        : this.#updateRun(id, { folder: `/home/preparer/${folder.name}` }),
    'runs.make': ({ id }) => {
      void this.#work(id, 'making', { state: 'done', made: 1154 });
      return this.#updateRun(id, { state: 'making', fault: undefined, endedAt: undefined });
    },
    'runs.rows': ({ id, onlyRefused, ...input }) => {
      const rows = data.rows(this.#run(id)).filter(({ state }) => !onlyRefused || state === 'refused');
      return listOf(
        rows,
        input,
        (row) => `${row.siteId} ${row.serialNumber} ${row.fault?.message ?? ''}`,
        (row) => row,
      );
    },
    'runs.problems': ({ id }) => {
      const rows = data.rows(this.#run(id)).filter(({ state }) => state === 'refused');
      return { csv: problemsCsv(rows, rows.length) };
    },
    'files.list': ({ folder: inside, kind }) => ({
      entries: inside ? filesOf(kind) : this.state.folders.map((handle) => ({ handle, isFolder: true })),
    }),
    'files.makeFolder': ({ name }) =>
      name === 'older' ? faultView({ code: 'folder-not-made', found: 'EEXIST' }) : handle(name),
    'work.stop': async ({ id }) => {
      if (this.state.jobs.some((job) => job.id === id)) {
        this.#stopped.add(id);
        while (this.#job(id).work) await pause(20);
      }
      if (this.state.runs.some((run) => run.id === id)) {
        this.#updateRun(id, {
          state: 'stopped',
          work: undefined,
          endedAt: data.minutesAgo(0),
          fault: faultView({ code: 'cancelled' }),
        });
      }
      return {};
    },
    'log.list': (input) =>
      listOf(
        this.state.log,
        input,
        (row) => row.sentence,
        (row) => row,
      ),
  };

  #setKeys(id: string, vendor: string | undefined, state: 'locked' | 'unlocked') {
    const operator = this.state.operators.find((each) => each.id === id)!;
    for (const each of operator.vendors) {
      if (vendor !== undefined && each.name !== vendor) continue;
      each.state = state;
      each.unlockedUntil = state === 'unlocked' ? data.minutesAgo(-15) : undefined;
    }
    return operator;
  }
}

function filesOf(kind: string) {
  const names: Readonly<Record<string, readonly string[]>> = {
    inventory: ['south-coast.csv', 'north-coast.csv'],
    'operator-profile': ['operator.json'],
    bundles: ['AR1000041.bundle.p7m', 'AR1000099.bundle.p7m'],
    'vendor-root': ['acme-root.pem'],
  };
  const files = (names[kind] ?? []).map((name) => ({ handle: handle(name), isFolder: false }));
  return [{ handle: handle('older'), isFolder: true }, ...files];
}

function rowOf({
  id,
  siteId,
  siteName,
  serialNumber,
  operator,
  sequence,
  validUntil,
  expiry,
  state,
  work,
  updatedAt,
  carried,
}: JobView) {
  return {
    id,
    siteId,
    siteName,
    serialNumber,
    operator,
    sequence,
    validUntil,
    expiry,
    state,
    work,
    updatedAt,
    carried,
  };
}

interface ListInput {
  readonly filter: string;
  readonly sort: string;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

function listOf<T, Row>(
  all: readonly T[],
  input: ListInput,
  text: (each: T) => string,
  row: (each: T) => Row,
) {
  const wanted = input.filter.toLowerCase();
  const key = (each: T) => (each as Record<string, string | number>)[input.sort] ?? '';
  const found = all
    .filter((each) => text(each).toLowerCase().includes(wanted))
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (input.descending ? -1 : 1));
  return { total: found.length, rows: found.slice(input.offset, input.offset + input.limit).map(row) };
}

function identified(job: JobView, found: string): Output<'jobs.identify'> {
  const line = (subject: string, expected: string, is: string) => ({
    subject,
    expected,
    found: is,
    isEqual: expected === is,
  });
  const vendor = 'CN=Acme Radio Root CA,O=Acme Radio,C=FI';
  return {
    serialNumber: found,
    hwType: job.hwType,
    vendor: job.vendor,
    firmware: '4.2.1',
    lastSequence: 0,
    clock: data.minutesAgo(1),
    certificateSha256: data.sha256(`certificate ${found}`),
    comparisons: [
      line('serial-number', job.serialNumber, found),
      line('hardware-type', job.hwType, job.hwType),
      line('vendor', vendor, vendor),
    ],
    isTheRightOne: found === job.serialNumber,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
