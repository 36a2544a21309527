// A core of canned answers over the same port, so that tests see the page in every state without keys, eNBs or a store.
// It uses the contract, and nothing of the real core except the words of faults. A test supplies any other answers that
// it needs.
import type { RunningCore, Port } from '../../main/host/index.ts';
import { faultView } from '../../main/api/views.ts';
import {
  calls,
  clientMessage,
  type AppState,
  type CallName,
  type ClientMessage,
  type CoreMessage,
  type FaultView,
  type FileHandle,
  type FileKind,
  type JobView,
  type LogView,
  type NetworkView,
  type Output,
  type ParsedInput,
  type RunView,
  type Topic,
} from '../../preload/contract/index.ts';
import * as data from './fake-data.ts';

type Answer<T> = T | FaultView | Promise<T | FaultView>;

/** The core's answer to each call. */
export type Answers = { readonly [Name in CallName]: (input: ParsedInput<Name>) => Answer<Output<Name>> };

/** The state that a test sets up. All of it can change while the page is open. */
export interface FakeState {
  app: AppState;
  jobs: readonly JobView[];
  network: NetworkView;
  found: Output<'enbs.found'>;
  /** The eNB that answers on each connection; no other connection has one. */
  enbs: Readonly<Record<string, string>>;
  drives: Output<'drives.list'>;
  /** The contents of a drive that came back. */
  collected: Output<'drives.collect'>['receipts'];
  operators: Output<'operators.list'>;
  runs: readonly RunView[];
  roots: Output<'vendors.list'>;
  training: Output<'training.get'>;
  log: LogView;
  /** The folders that the page's own dialog may look into. */
  folders: readonly FileHandle[];
}

/** The fake core; `serve` works like the real one's. */
export class FakeCore implements Pick<RunningCore, 'serve'> {
  readonly state: FakeState;
  #answers: Answers;
  readonly #ports = new Set<Port>();

  constructor(state: Partial<FakeState> = {}, answers: Partial<Answers> = {}) {
    this.state = {
      app: { version: '0.1.0', shell: 'browser', mode: 'site', training: false, theme: 'system' },
      jobs: data.manyJobs(),
      network: { problem: null, interfaces: [{ name: 'eth0', link: 'up', addresses: ['192.0.2.9/24'] }] },
      found: { enbs: [{ kind: 'ethernet', address: '192.0.2.10:4443', label: 'AR1000041' }] },
      enbs: { '192.0.2.10:4443': 'AR1000041', '192.0.2.11:4443': 'AR1000046' },
      drives: [data.drive],
      collected: [],
      operators: data.operators(),
      runs: [data.run()],
      roots: [data.root],
      training: data.training(),
      log: data.logView(),
      folders: [data.handle('jobs')],
      ...state,
    };
    this.#answers = { ...cannedAnswers(this), ...answers };
  }

  serve(port: Port): void {
    this.#ports.add(port);
    port.onClose(() => this.#ports.delete(port));
    port.onMessage((raw) => void this.#answer(port, clientMessage.parse(raw)));
    port.postMessage({ kind: 'hello', version: this.state.app.version } satisfies CoreMessage);
  }

  /** Changes the answer to a call from now on. */
  answer<Name extends CallName>(name: Name, answer: Answers[Name]): void {
    this.#answers = { ...this.#answers, [name]: answer };
  }

  changed(...topics: Topic[]): void {
    for (const port of this.#ports) port.postMessage({ kind: 'changed', topics } satisfies CoreMessage);
  }

  /** Changes the job from now on, and notifies the pages. */
  change(id: string, more: Partial<JobView>): JobView | FaultView {
    this.state.jobs = this.state.jobs.map((job) => (job.id === id ? { ...job, ...more } : job));
    this.changed('jobs', 'log');
    return this.ofJob(id, (job) => job);
  }

  /** Changes the training from now on, and notifies the pages. */
  changeTraining(more: Partial<Output<'training.get'>>): Output<'training.get'> {
    this.state.training = { ...this.state.training, ...more };
    this.changed('training');
    return this.state.training;
  }

  /** Changes the log from now on, and notifies the pages. */
  changeLog(more: Partial<LogView>): void {
    this.state.log = { ...this.state.log, ...more };
    this.changed('log');
  }

  /** A view of a job, or a fault if the job does not exist. */
  ofJob<T>(id: string, view: (job: JobView) => T): T | FaultView {
    const job = this.state.jobs.find((each) => each.id === id);
    return job ? view(job) : faultView({ code: 'not-found', where: { field: 'job' } });
  }

  async #answer(port: Port, { id, name, input }: ClientMessage): Promise<void> {
    const { input: given, output } = calls[name as CallName];
    const answer = this.#answers[name as CallName] as (input: unknown) => unknown;
    const value = await answer(given.parse(input));
    port.postMessage(
      (isFault(value)
        ? { kind: 'result', id, ok: false, fault: value }
        : { kind: 'result', id, ok: true, value: output.parse(value) }) satisfies CoreMessage,
    );
  }
}

function isFault(value: unknown): value is FaultView {
  return typeof value === 'object' && value !== null && 'mendedBy' in value && 'code' in value;
}

/** The default answers. A list comes in its usual order, whatever the filter. */
function cannedAnswers(core: FakeCore): Answers {
  const { state } = core;
  return {
    'app.get': () => state.app,
    'app.enter': ({ mode }) => (state.app = { ...state.app, mode, training: mode === 'training' }),
    'app.leave': () => (state.app = { ...state.app, mode: null, training: false }),
    'app.about': () => ({ node: '24.21.0', parts: data.parts }),
    'app.sbom': () => ({ fileName: 'siteseal.cdx.json', text: '{"bomFormat":"CycloneDX"}\n' }),
    'app.theme': () => state.app,
    'jobs.list': (page) => data.jobList(state.jobs, page),
    'jobs.get': ({ id }) => core.ofJob(id, (job) => job),
    'jobs.ofEnb': ({ serialNumber }) => {
      const jobs = state.jobs.filter((job) => job.serialNumber === serialNumber);
      return { rows: data.jobList(jobs, { show: 'all' }).rows };
    },
    'jobs.open': () => ({
      added: [],
      known: 0,
      superseded: 0,
      refused: [
        {
          count: 1,
          names: ['AR1000099.bundle.p7m'],
          fault: faultView({ code: 'issuer-unknown', found: 'CN=Other Root' }),
        },
      ],
    }),
    'jobs.openRun': () => ({
      added: Array.from({ length: 12 }, (_, place) => `job-${place + 1}`),
      known: 0,
      superseded: 0,
      refused: [],
    }),
    'jobs.archive': ({ ids, archived }) => {
      for (const id of ids) core.change(id, { isArchived: archived });
      return {};
    },
    'jobs.archiveDone': () => {
      const done = data.jobList(state.jobs, { show: 'done' }).rows;
      for (const { id } of done) core.change(id, { isArchived: true });
      return { archived: done.length };
    },
    'jobs.checkAddress': () => ({}),
    'jobs.identify': ({ id, address }) => {
      const found = state.enbs[address];
      if (found === undefined) return faultView({ code: 'device-unreachable', where: { address: address } });
      return core.ofJob(id, (job) => data.identified(job, found));
    },
    'jobs.send': ({ id, address }) =>
      core.ofJob(id, ({ serialNumber }) =>
        core.change(id, { ...data.delivered(serialNumber), address, attempt: 'receipt' }),
      ),
    'jobs.follow': ({ id }) => core.ofJob(id, (job) => job),
    'jobs.checkPath': ({ id }) => core.ofJob(id, (job) => job),
    'jobs.report': ({ id }) =>
      core.ofJob(id, (job) => ({
        job,
        by: 'installer@laptop-7',
        training: state.app.training,
      })),
    'jobs.receipt': ({ id }) =>
      core.ofJob(id, ({ receipt }) => ({
        fileName: receipt?.fileName ?? '',
        base64: Buffer.from(`receipt of ${id}`).toString('base64'),
      })),
    'network.get': () => state.network,
    'enbs.found': () => state.found,
    'drives.list': () => state.drives,
    'drives.write': () => ({}),
    'drives.verify': () => ({}),
    'drives.eject': () => ({}),
    'drives.collect': () => ({ drive: data.drive.name, receipts: state.collected }),
    'receipts.read': () => ({ receipts: state.collected }),
    'vendors.list': () => state.roots,
    'vendors.look': () => ({ ...data.root, fingerprint: data.sha256('new root') }),
    'vendors.trust': () => ({}),
    'vendors.distrust': () => ({}),
    'operators.list': () => state.operators,
    'operators.add': () =>
      faultView({
        code: 'profile-invalid',
        rule: 'plmn',
        found: '24X99',
        where: { file: 'operator.json', field: 'plmn' },
      }),
    'operators.remove': () => ({}),
    'operators.unlock': () => faultView({ code: 'passphrase-wrong' }),
    'operators.lock': () => data.operators()[0]!,
    'runs.list': (page) => data.listOf(state.runs, page),
    'runs.get': ({ id }) =>
      state.runs.find((run) => run.id === id) ?? faultView({ code: 'not-found', where: { field: 'run' } }),
    'runs.check': () => data.run(),
    'runs.checkAgain': () => data.run(),
    'runs.setFolder': () => data.run(),
    'runs.make': () => data.run(),
    'runs.rows': (input) => data.runRows(state.runs.find(({ id }) => id === input.id) ?? data.run(), input),
    'runs.openFolder': () => ({}),
    'runs.template': () => ({ csv: 'site_id\r\n' }),
    'operators.importCertificates': () => ({
      ...{ files: 41, added: 1_240, replaced: 3, unchanged: 12, authorities: 2, refused: 7 },
      problems: [
        { fault: faultView({ code: 'enb-certificate-expired', where: { file: 'AR1000042.crt' } }), count: 6 },
        {
          fault: faultView({ code: 'file-unreadable', found: 'EACCES', where: { file: 'old.p7b' } }),
          count: 1,
        },
      ],
    }),
    'runs.changes': () => ({ csv: 'row\r\n' }),
    'runs.problems': () => ({ csv: ['row', ...data.problems().map(({ row }) => row)].join('\r\n') }),
    'files.list': ({ folder, kind }) => ({
      entries: folder ? filesOf(kind) : state.folders.map((handle) => ({ handle, isFolder: true })),
    }),
    'files.makeFolder': ({ name }) => data.handle(name),
    'work.stop': () => ({}),
    'work.setPaused': () => ({}),
    'training.get': () => state.training,
    'training.setFault': ({ fault }) => core.changeTraining({ fault }),
    'training.moveStick': ({ to: at }) => core.changeTraining({ stick: { at } }),
    'training.restart': () => core.changeTraining(data.training()),
    'log.list': (page) => data.logList(state.log.entries, page),
    'log.get': () => state.log,
    'log.head': () => data.logHead,
    'log.verify': () => ({}),
    'log.export': () => ({}),
    'log.saveHead': () => ({ fileName: 'head-64.json' }),
    'log.declareName': ({ name }) => {
      const people = state.log.people.map((one) => ({ ...one, isCurrent: false }));
      core.changeLog({
        isNameDeclared: true,
        people: [{ id: 'person-4', name, isCurrent: true }, ...people],
      });
      return {};
    },
    'log.eraseName': ({ person }) => {
      const people = state.log.people.map((one) =>
        one.id === person ? { id: one.id, isCurrent: one.isCurrent } : one,
      );
      core.changeLog({ people });
      return {};
    },
  };
}

function filesOf(kind: FileKind): Output<'files.list'>['entries'] {
  const names: Partial<Record<FileKind, readonly string[]>> = {
    inventory: ['south-coast.csv', 'north-coast.csv'],
    'operator-profile': ['operator.json'],
    bundles: ['AR1000041.bundle.p7m', 'AR1000099.bundle.p7m'],
    'vendor-root': ['acme-root.pem'],
    'enb-certificates': ['AR1000041.crt', 'AR1000042.crt'],
    'log-heads': ['AR1000042-1.receipt.p7m', 'head-of-october.json'],
  };
  const files = (names[kind] ?? []).map((name) => ({ handle: data.handle(name), isFolder: false }));
  return [{ handle: data.handle('older'), isFolder: true }, ...files];
}
