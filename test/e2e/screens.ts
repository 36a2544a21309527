// Every screen of the page, as data: where it is, what the core says, and what is pressed to bring it about.
import type { Page } from '@playwright/test';
import { faultView } from '../../main/api/views.ts';
import {
  carriedStates,
  type AppState,
  type CarriedView,
  type JobView,
  type PathView,
  type PolicyView,
  type RefusedFiles,
  type RunView,
  type StepsView,
  type StepView,
} from '../../preload/contract/index.ts';
import type { Answers, FakeState } from '../kit/fake-core.ts';
import { chooseFile, send } from './flows.ts';
import {
  comparedRun,
  delivered,
  drive,
  job as fakeJob,
  logVerdict,
  logView,
  manyJobs,
  manyOperators,
  minutesAgo,
  operators,
  path,
  pathOf,
  run,
  stepList,
  training,
  workOf,
  warnings,
} from '../kit/fake-data.ts';

export interface ScreenCase {
  readonly name: string;
  readonly hash: string;
  readonly state?: Partial<FakeState>;
  readonly answers?: Partial<Answers>;
  readonly act?: (page: Page) => Promise<void>;
  /** What is seen when it is there. */
  readonly shows: string | RegExp;
}

const address = '192.0.2.10:4443';
const onDrive = 'drive:7066-8977';

/** Something is different about the first job. */
function firstJob(more: Partial<JobView>): JobView[] {
  const [first, ...others] = manyJobs();
  return [{ ...first!, ...more }, ...others];
}

/** The eNB of the second job has its configuration, and reports its steps. */
function stepJobs(
  list: NonNullable<Parameters<typeof stepList>[0]>,
  more: Partial<StepsView> = {},
): JobView[] {
  const steps = { list: stepList(list), needsTunnel: false, reportedAt: minutesAgo(0), ...more };
  return manyJobs().map((one) => (one.id === 'job-2' ? { ...one, steps } : one));
}

/** The eNB is followed now. */
const working = { work: workOf('job-2', 'following') };

/** A step that took a minute. */
function done(minutes: number): Partial<StepView> {
  return { state: 'done', startedAt: minutesAgo(minutes + 1), endedAt: minutesAgo(minutes) };
}

/** The gateway refused the eNB. */
const refusedByGateway: Partial<StepView> = {
  state: 'failed',
  phase: 'answered',
  startedAt: minutesAgo(2),
  endedAt: minutesAgo(1),
  fault: faultView({
    code: 'ike-peer-refused',
    found: 'AUTHENTICATION_FAILED',
    where: { address: 'seg-1.example.net' },
  }),
};

/** The second job is at step 0.5, and its path is like this. */
function tunnelJobs(
  step: Partial<StepView>,
  more: Partial<JobView> = {},
  steps: Partial<StepsView> = {},
): JobView[] {
  const jobs = stepJobs({ 'initial-ipsec': step }, { needsTunnel: true, ...steps });
  return jobs.map((one) => (one.id === 'job-2' ? { ...one, address, path: path(), ...more } : one));
}

const skipped = { outcome: 'skipped', figure: undefined } as const;
const notPossible = { outcome: 'not-possible', figure: undefined } as const;

/** The gateway does not answer the eNB. */
const silentGateway = path(
  {
    answer: {
      outcome: 'failed',
      figure: undefined,
      fault: faultView({ code: 'ike-no-answer', where: { address: 'seg-1.example.net' } }),
    },
    'vendor-root': skipped,
    'port-4500': skipped,
    sizes: skipped,
    'traffic-gateway': skipped,
  },
  notFromLaptop(),
);

/** Checked whenever somebody looks. */
function justNow(place: PathView['places'][number]): PathView['places'][number] {
  return {
    ...place,
    get checkedAt() {
      return new Date().toISOString();
    },
  };
}

/** What a laptop that is not on the backhaul can find out. */
function notFromLaptop(): Parameters<typeof path>[1] {
  const fault = faultView({ code: 'ike-no-answer' });
  return {
    answer: { ...notPossible, fault },
    'vendor-root': skipped,
    'port-4500': notPossible,
    sizes: notPossible,
    'traffic-gateway': notPossible,
    'ra-silent': skipped,
  };
}

/** The gateway does not list the vendor's root. */
const withoutRoot = path({
  'vendor-root': {
    outcome: 'failed',
    figure: undefined,
    fault: faultView({ code: 'seg-lacks-vendor-root', where: { address: 'seg-1.example.net' } }),
  },
});

/** The operator refused the certificate. */
const refusedByOperator: Partial<StepView> = {
  state: 'failed',
  phase: 'requested',
  startedAt: minutesAgo(2),
  endedAt: minutesAgo(1),
  fault: faultView({ code: 'cmp-refused', found: 'badRequest: no registration for this serial number' }),
};

/** The first job is on a drive. */
function onDriveJobs(more: Pick<CarriedView, 'state'> & Partial<CarriedView>): JobView[] {
  const { volume, name } = drive;
  return firstJob({ carried: { volume, drive: name, since: minutesAgo(2), ...more } });
}

/** Jobs in every state that there is on a drive. */
function onDrives(): JobView[] {
  const { volume, name } = drive;
  return carriedStates.map((state, place) => ({
    ...fakeJob(place + 1),
    carried: { state, volume, drive: name, since: minutesAgo(2) },
  }));
}

const partNames = {
  'to-do': 'To do',
  'under-way': 'Under way',
  problem: 'Problem',
  done: 'Done',
  'put-away': 'Put away',
} as const;

/** Jobs in every part of the list. */
function partJobs(): JobView[] {
  const { volume, name } = drive;
  const carried = { state: 'carried', volume, drive: name, since: minutesAgo(2) } as const;
  return [
    ...manyJobs().slice(0, 10),
    fakeJob(11, { carried }),
    fakeJob(12, { isSuperseded: true, newer: { id: 'job-6', sequence: 8 } }),
    fakeJob(13, { ...delivered('AR1000053'), isSuperseded: true, newer: { id: 'job-7', sequence: 8 } }),
    fakeJob(14, { ...delivered('AR1000054'), isArchived: true }),
  ];
}

function manyIds(length: number): string[] {
  return Array.from({ length }, (_, place) => `job-${place}`);
}

/** Bundle files that were refused, by cause. */
function refusedGroups(): RefusedFiles[] {
  const names = (length: number, from: number) =>
    Array.from({ length }, (_, place) => `AR${1_000_000 + from + place}.bundle.p7m`);
  const subject = 'C=SE,O=Nörd Funk,CN=Nörd Funk Root CA';
  return [
    {
      fault: faultView({
        code: 'vendor-not-trusted',
        expected: 'Nörd Funk',
        where: { certificate: subject },
      }),
      count: 38,
      names: names(38, 100),
      missingRoot: { vendor: 'Nörd Funk', subject },
    },
    { fault: faultView({ code: 'bundle-expired' }), count: 2, names: names(2, 200) },
    { fault: faultView({ code: 'bundle-malformed' }), count: 1, names: names(1, 300) },
  ];
}

/** Where a run makes its bundles. */
const folder = '/home/preparer/south-coast-bundles';

/** The run while the user has paused it. */
function paused(run: RunView): RunView {
  return run.work ? { ...run, work: { ...run.work, isPaused: true } } : run;
}

/** A run at work. */
function atWork(phase: 'checking' | 'making', done: number, total: number): RunView {
  const made = phase === 'making' ? done : 0;
  return run({
    state: phase,
    endedAt: undefined,
    folder,
    made,
    work: { id: 'work', phase, done, total, rate: 310.4 },
  });
}

const app = { version: '0.1.0', shell: 'browser', mode: null, training: false, theme: 'system' } as const;
const inTraining = { ...app, mode: 'training', training: true } as const;
const job = (number: number, step: string, at = '') =>
  `#/site/job/job-${number}/${step}${at && `?address=${at}`}`;

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

function chooses(opener: string, file: string): (page: Page) => Promise<void> {
  return (page) => chooseFile(page, opener, file);
}

async function openTraining(page: Page): Promise<void> {
  await page.getByText('Training: simulated eNBs, stick and faults').click();
}

/** Opens a screen and waits for its heading: the banner appears earlier. */
export async function reach(page: Page, { act, shows }: ScreenCase): Promise<void> {
  await act?.(page);
  await page.getByText(shows).first().waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** A laptop whose administrator allows only cables. */
const limited: PolicyView = {
  file: '/etc/siteseal/policy.json',
  training: false,
  connections: ['ethernet', 'usb'],
  language: 'en',
};

/** A laptop whose administrator made a mistake. */
const unclear: PolicyView = {
  file: '/etc/siteseal/policy.json',
  training: false,
  connections: [],
  fault: faultView({
    code: 'policy-invalid',
    rule: 'policy-owner',
    found: '/etc/siteseal/policy.json: mode 0664',
    where: { file: '/etc/siteseal/policy.json' },
  }),
};

const atSite: AppState = { ...app, mode: 'site' };

export const screens: readonly ScreenCase[] = [
  { name: 'start', hash: '', state: { app }, shows: 'I review the log' },
  { name: 'jobs', hash: '#/site', shows: 'Old Town 2' },
  {
    name: 'jobs-training',
    hash: '#/site',
    state: { app: inTraining, jobs: [] },
    shows: 'TRAINING',
  },
  {
    name: 'jobs-training-done',
    hash: '#/site',
    state: {
      app: inTraining,
      jobs: manyJobs().slice(0, 3),
      training: training({ tried: ['ethernet', 'usb', 'drive'], isAllDone: true }),
    },
    shows: 'Start training again…',
  },
  {
    name: 'connect-training',
    hash: job(1, 'connect'),
    state: { app: inTraining },
    shows: 'Simulated',
  },
  {
    name: 'training-panel',
    hash: job(1, 'connect'),
    state: { app: inTraining },
    act: openTraining,
    shows: 'Simulated stick',
  },
  {
    name: 'training-fault',
    hash: job(1, 'connect'),
    state: {
      app: inTraining,
      training: training({ fault: 'stick-loses-data', stick: { at: 'hand' }, tried: ['ethernet'] }),
    },
    act: openTraining,
    shows: 'Back to normal',
  },
  {
    name: 'receipts-training',
    hash: '#/site/receipts',
    state: {
      app: inTraining,
      training: training({ stick: { at: 'LAB0003', read: 'accepted' } }),
      drives: [],
    },
    act: openTraining,
    shows: 'LAB0003 took its configuration',
  },
  {
    name: 'training-restart',
    hash: '#/setup',
    state: { app: inTraining },
    act: (page) => press(page, 'Start training again…'),
    shows: 'Keep this training',
  },
  { name: 'gone', hash: '#/site/job/gone', shows: 'Back to jobs' },
  {
    name: 'files',
    hash: '#/site',
    act: async (page) => {
      await press(page, 'Open bundle files');
      await press(page, 'jobs');
    },
    shows: 'AR1000099.bundle.p7m',
  },
  {
    name: 'files-none',
    hash: '#/site',
    state: { folders: [] },
    act: (page) => press(page, 'Open bundle files'),
    shows: 'npm start -- --browser --folder DIR',
  },
  {
    name: 'jobs-refused',
    hash: '#/site',
    act: chooses('Open bundle files', 'AR1000099'),
    shows: 'issuer-unknown',
  },
  ...(['to-do', 'under-way', 'problem', 'done', 'put-away'] as const).map((part) => ({
    name: `jobs-${part}`,
    hash: '#/site',
    state: { jobs: partJobs() },
    act: (page: Page) => page.getByRole('radio', { name: new RegExp(`^${partNames[part]}`) }).check(),
    shows: part === 'done' ? 'Put away all done jobs' : /of 11 done/,
  })),
  {
    name: 'jobs-part-empty',
    hash: '#/site',
    state: { jobs: [fakeJob(1)] },
    act: (page) => page.getByRole('radio', { name: /^Problem/ }).check(),
    shows: 'No job has a problem.',
  },
  {
    name: 'jobs-added',
    hash: '#/site',
    answers: {
      'jobs.open': () => ({ added: manyIds(6), known: 2, superseded: 0, refused: [] }),
    },
    act: chooses('Open bundle files', 'AR1000041.bundle'),
    shows: '6 jobs added',
  },
  {
    name: 'jobs-refused-groups',
    hash: '#/site',
    answers: {
      'jobs.open': () => ({ added: manyIds(20), known: 0, superseded: 0, refused: refusedGroups() }),
    },
    act: chooses('Open bundle files', 'AR1000041.bundle'),
    shows: '38 bundles: the vendor root of Nörd Funk is not trusted here',
  },
  {
    name: 'trust-expected',
    hash: '#/site',
    answers: { 'jobs.open': () => ({ added: [], known: 0, superseded: 0, refused: refusedGroups() }) },
    act: async (page) => {
      await chooseFile(page, 'Open bundle files', 'AR1000041.bundle');
      await press(page, 'Trust the root of Nörd Funk');
    },
    shows: 'Choose the certificate file of Nörd Funk',
  },
  {
    name: 'superseded',
    hash: job(1, 'connect'),
    state: { jobs: firstJob({ isSuperseded: true, newer: { id: 'job-6', sequence: 8 } }) },
    shows: 'Open configuration 8',
  },
  {
    name: 'job-put-away',
    hash: job(2, 'finish'),
    state: { jobs: manyJobs().map((one) => (one.id === 'job-2' ? { ...one, isArchived: true } : one)) },
    shows: 'This job is put away.',
  },
  {
    name: 'run-jobs-refused',
    hash: '#/office/run/run-1',
    state: { runs: [run({ state: 'done', made: 1154, folder })] },
    answers: {
      'jobs.openRun': () => ({ added: manyIds(1116), known: 0, superseded: 0, refused: refusedGroups() }),
    },
    act: (page) => press(page, 'Make jobs on this laptop'),
    shows: '1,116 jobs added',
  },
  {
    name: 'trust',
    hash: '#/site',
    act: chooses('Trust a vendor root', 'acme-root.pem'),
    shows: /I compared/,
  },
  {
    name: 'connect',
    hash: job(1, 'connect'),
    state: {
      found: {
        enbs: [
          { kind: 'ethernet', address, label: 'AR1000041' },
          { kind: 'usb', address: 'usb:AR1000046', label: 'AR1000046' },
        ],
      },
    },
    shows: 'Found: AR1000046',
  },
  {
    name: 'usb',
    hash: job(1, 'usb'),
    state: {
      found: {
        enbs: ['AR1000041', 'AR1000046'].map((label) => ({ kind: 'usb', address: `usb:${label}`, label })),
      },
    },
    shows: 'AR1000046',
  },
  { name: 'usb-device-missing', hash: job(1, 'usb'), shows: 'No eNB is connected over USB' },
  {
    name: 'usb-unavailable',
    hash: job(1, 'usb'),
    state: { found: { enbs: [], usbFault: faultView({ code: 'usb-unavailable' }) } },
    shows: 'Siteseal cannot use USB on this computer',
  },
  ...(
    ['usb-device-ambiguous', 'usb-no-permission', 'usb-wrong-driver', 'usb-busy', 'usb-unplugged'] as const
  ).map((code) => ({
    name: code,
    hash: job(1, 'identify', 'usb:AR1000041'),
    answers: { 'jobs.identify': () => faultView({ code }) },
    act: (page: Page) => page.getByText('Fault details for support').click(),
    shows: code,
  })),
  { name: 'drives', hash: job(1, 'drives'), shows: 'Field Flash Drive' },
  {
    name: 'drives-unfit',
    hash: job(1, 'drives'),
    state: {
      drives: [
        {
          ...drive,
          volume: 'A',
          name: 'COMPANY, Field Portable SSD',
          fault: faultView({ code: 'drive-encrypted', found: 'BitLocker' }),
        },
        { ...drive, volume: 'B', fault: faultView({ code: 'drive-read-only-policy' }) },
        { ...drive, volume: 'C', name: 'CARD', fault: faultView({ code: 'drive-read-only' }) },
      ],
    },
    shows: /even one that you have unlocked/,
  },
  { name: 'drives-none', hash: job(1, 'drives'), state: { drives: [] }, shows: /as soon as you plug it in/ },
  { name: 'drive', hash: job(1, 'drive', onDrive), shows: 'Add more jobs to this drive' },
  {
    name: 'drive-confirm',
    hash: job(1, 'drive', onDrive),
    act: async (page) => {
      await page.getByRole('checkbox').nth(1).check();
      await press(page, 'Write…');
    },
    shows: 'You can write now.',
  },
  ...(['writing', 'verifying', 'waiting-for-unplug', 'waiting-for-plug'] as const).map((phase) => ({
    name: `drive-${phase}`,
    hash: job(1, 'drive'),
    state: { jobs: onDriveJobs({ state: 'written', work: { id: 'work', phase, done: 3, total: 8 } }) },
    shows: phase.startsWith('waiting') ? 'notices the drive automatically' : 'Leave it plugged in',
  })),
  ...(
    [
      ['writing', 'drive-gone'],
      ['written', 'drive-busy'],
      ['damaged', 'drive-damaged'],
      ['verified', 'drive-eject-failed'],
      ['carried', undefined],
    ] as const
  ).map(([state, code]) => ({
    name: `drive-is-${state}`,
    hash: job(1, 'drive'),
    state: { jobs: onDriveJobs({ state, ...(code && { fault: faultView({ code }) }) }) },
    shows: code ?? 'Carry it to the eNB',
  })),
  { name: 'jobs-on-drives', hash: '#/site', state: { jobs: onDrives() }, shows: 'Written, not yet verified' },
  {
    name: 'carry',
    hash: job(1, 'carry'),
    state: { jobs: onDriveJobs({ state: 'carried' }) },
    shows: 'What to do',
  },
  {
    name: 'carry-none',
    hash: job(1, 'carry'),
    state: { jobs: onDriveJobs({ state: 'carried' }), collected: [{ kind: 'known', name: 'AR1000043' }] },
    act: (page) => press(page, 'Read the receipt'),
    shows: /no new receipt/,
  },
  { name: 'not-verified', hash: job(1, 'carry'), shows: 'No verified drive yet' },
  { name: 'no-drive', hash: job(1, 'drive'), shows: 'Choose a drive first' },
  {
    name: 'receipts',
    hash: '#/site/receipts',
    state: {
      collected: [
        { kind: 'proven', name: 'AR1000041' },
        { kind: 'proven', name: 'AR1000042' },
        {
          kind: 'refused',
          name: 'AR1000043',
          fault: faultView({ code: 'bundle-refused', found: 'sequence-rollback' }),
        },
        { kind: 'unusable', name: 'AR1000044', fault: faultView({ code: 'receipt-unexpected' }) },
        { kind: 'known', name: 'AR1000045' },
      ],
    },
    act: (page) => press(page, 'Read the receipts'),
    shows: 'Unusable',
  },
  { name: 'ethernet', hash: job(1, 'ethernet'), shows: 'Another address' },
  {
    name: 'ethernet-link-local',
    hash: job(1, 'ethernet'),
    state: {
      found: {
        enbs: [
          { kind: 'ethernet', address: '[fe80::2%eth0]:8443', label: 'AR1000041', needsNoAddress: true },
          { kind: 'ethernet', address: '192.0.2.11:8443', label: 'AR1000042' },
        ],
      },
    },
    shows: /this laptop needs no address/,
  },
  {
    name: 'ethernet-none',
    hash: job(1, 'ethernet'),
    state: { found: { enbs: [] } },
    shows: 'eNB address',
  },
  ...(['no-interface', 'no-link', 'no-address'] as const).map((problem) => ({
    name: problem,
    hash: job(1, 'ethernet'),
    state: {
      found: { enbs: [] },
      network: { problem, interfaces: [{ name: 'eth0', link: 'down' as const, addresses: [] }] },
    },
    shows: 'Check, in this order',
  })),
  { name: 'bundle-unusable', hash: job(5, 'connect'), shows: 'bundle-expired' },
  { name: 'identify', hash: job(1, 'identify', address), shows: 'This is the right base station (eNB)' },
  {
    name: 'identifying',
    hash: job(1, 'identify', address),
    answers: { 'jobs.identify': () => new Promise(() => undefined) },
    shows: /asking the eNB to prove its identity/,
  },
  { name: 'identify-fault', hash: job(1, 'identify', '192.0.2.99'), shows: 'device-unreachable' },
  {
    name: 'wrong-enb',
    hash: job(1, 'identify', '192.0.2.11:4443'),
    shows: /Open its job/,
  },
  { name: 'send', hash: job(1, 'step-0', address), shows: /over Ethernet at/ },
  {
    name: 'confirm',
    hash: job(1, 'step-0', address),
    act: (page) => press(page, 'Send…'),
    shows: 'You can send now.',
  },
  {
    name: 'sending',
    hash: job(1, 'step-0', address),
    state: { jobs: firstJob({ state: 'sent', attempt: 'sent', work: workOf('job-1', 'sent') }) },
    act: (page) => press(page, 'Stop…'),
    shows: 'Stop now',
  },
  {
    name: 'verdict',
    hash: job(1, 'step-0', address),
    act: async (page) => {
      await send(page);
      await page.getByText('All 16 checks passed').click();
    },
    shows: 'The signature is valid',
  },
  {
    name: 'broken-again',
    hash: job(2, 'step-0', address),
    state: {
      jobs: manyJobs().map((one) =>
        one.id === 'job-2'
          ? { ...one, attempt: 'sending', deliveryFault: faultView({ code: 'device-closed' }) }
          : one,
      ),
    },
    shows: 'Proven so far',
  },
  {
    name: 'send-again',
    hash: job(2, 'identify', address),
    state: { enbs: { [address]: 'AR1000042' } },
    act: (page) => press(page, 'Send again…'),
    shows: /You do not need to send it again/,
  },
  { name: 'refused', hash: job(3, 'step-0', address), shows: 'sequence-rollback' },
  { name: 'unproven', hash: job(4, 'step-0', address), shows: 'device-closed' },
  {
    name: 'path-checking',
    hash: job(2, 'step-05', address),
    state: {
      jobs: tunnelJobs(
        {},
        {
          path: {
            places: [pathOf('laptop', path().places[0]!.checks.slice(0, 3))],
            work: workOf('job-2', 'laptop'),
          },
        },
      ),
    },
    shows: 'Checking from this laptop',
  },
  {
    name: 'path-passed',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({}) },
    shows: 'Every check passed.',
  },
  {
    name: 'path-root-missing',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({}, { path: withoutRoot }) },
    shows: 'The security gateway does not trust the vendor of this eNB.',
  },
  {
    name: 'path-gateway-silent',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({}, { path: silentGateway }) },
    shows: 'ike-no-answer',
  },
  {
    name: 'path-not-from-laptop',
    hash: job(2, 'step-05', address),
    state: {
      jobs: tunnelJobs(
        {},
        {
          path: {
            places: [
              path({}, notFromLaptop()).places[0]!,
              { ...pathOf('enb', []), fault: faultView({ code: 'device-unreachable', where: { address } }) },
            ],
          },
        },
      ),
    },
    act: (page) => page.getByText('What each check does, precisely').click(),
    shows: /No problem found/,
  },
  {
    name: 'path-too-soon',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({}, { path: { places: path().places.map(justNow) } }) },
    shows: 'You can check again in half a minute.',
  },
  { name: 'tunnel-by-drive', hash: job(2, 'step-05'), shows: 'A drive cannot carry that' },
  ...([undefined, 'sent', 'answered', 'authenticated'] as const).map((phase) => ({
    name: `tunnel-${phase ?? 'starting'}`,
    hash: job(2, 'step-05', address),
    state: {
      jobs: tunnelJobs(
        phase ? { state: 'running', phase, startedAt: minutesAgo(0) } : {},
        {},
        {
          work: phase
            ? workOf('job-2', 'following')
            : { ...workOf('job-2', 'starting'), start: 'initial-ipsec' },
        },
      ),
    },
    shows: 'Stop watching',
  })),
  {
    name: 'tunnel-gone',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({ state: 'running', phase: 'sent', startedAt: minutesAgo(1) }) },
    shows: 'Look again',
  },
  {
    name: 'tunnel-refused',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs(refusedByGateway) },
    shows: 'ike-peer-refused',
  },
  {
    name: 'tunnel-up',
    hash: job(2, 'step-05', address),
    state: { jobs: tunnelJobs({ ...done(1), isSigned: true }) },
    shows: 'AR1000042: the tunnel is up',
  },
  {
    name: 'tunnel-stand-in',
    hash: job(2, 'step-05', address),
    state: {
      app: inTraining,
      jobs: tunnelJobs({ ...done(1), isSigned: true }, {}, { ipsecKind: 'stand-in' }),
    },
    shows: 'Its tunnels are a stand-in',
  },
  {
    name: 'tunnel-sunlight',
    hash: job(2, 'step-05', address),
    state: {
      jobs: tunnelJobs({}, { path: withoutRoot }),
      app: { ...app, mode: 'site', theme: 'sunlight' },
    },
    shows: 'The security gateway does not trust the vendor of this eNB.',
  },
  { name: 'finish', hash: job(2, 'finish', address), shows: 'Look now' },
  {
    name: 'finish-sunlight',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        { enrolment: { state: 'running', phase: 'requested', startedAt: minutesAgo(1) } },
        working,
      ),
      app: { ...app, mode: 'site', theme: 'sunlight' },
    },
    shows: 'asking the operator for its certificate',
  },
  {
    name: 'finish-by-drive',
    hash: job(2, 'finish'),
    shows: 'Connect to the eNB',
  },
  {
    name: 'step-1-waiting',
    hash: job(2, 'finish', address),
    state: { jobs: stepJobs({ 'initial-ipsec': done(3) }) },
    shows: 'Start enrolment',
  },
  {
    name: 'step-1-needs-tunnel',
    hash: job(2, 'finish', address),
    state: { jobs: stepJobs({}, { needsTunnel: true }) },
    shows: 'Next: Step 0.5',
  },
  {
    name: 'step-1-starting',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        { 'initial-ipsec': done(3), enrolment: refusedByOperator },
        { work: { ...workOf('job-2', 'starting'), start: 'enrolment' } },
      ),
    },
    shows: 'waiting to start',
  },
  {
    name: 'step-0-5-starting',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        {},
        { work: { ...workOf('job-2', 'starting'), start: 'initial-ipsec' }, needsTunnel: false },
      ),
    },
    shows: /step 0\.5 is about to start/,
  },
  {
    name: 'step-1-not-required',
    hash: job(2, 'finish', address),
    state: { jobs: stepJobs({}, { isFromReceipt: true }) },
    shows: 'not required',
  },
  {
    name: 'step-1-key',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        { 'initial-ipsec': done(3), enrolment: { state: 'running', phase: 'key', startedAt: minutesAgo(1) } },
        working,
      ),
    },
    shows: 'making its key',
  },
  {
    name: 'step-1-polling',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        {
          'initial-ipsec': done(3),
          enrolment: { state: 'running', phase: 'waiting', startedAt: minutesAgo(1) },
        },
        working,
      ),
    },
    shows: "waiting for the operator's answer",
  },
  {
    name: 'step-1-done',
    hash: job(2, 'finish', address),
    state: { jobs: stepJobs({ 'initial-ipsec': done(3), enrolment: done(1) }) },
    shows: 'Start step 2',
  },
  {
    name: 'step-2-running',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        {
          'initial-ipsec': done(3),
          enrolment: done(1),
          'backhaul-ipsec': { state: 'running', phase: 'answered', startedAt: minutesAgo(0) },
        },
        working,
      ),
    },
    shows: 'AR1000042: step 2 is running',
  },
  {
    name: 'step-2-refused',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs({ 'initial-ipsec': done(3), enrolment: done(1), 'backhaul-ipsec': refusedByGateway }),
    },
    shows: 'Try step 2 again',
  },
  {
    name: 'all-steps-done',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs({
        'initial-ipsec': { ...done(3), isSigned: true },
        enrolment: { ...done(2), isSigned: true },
        'backhaul-ipsec': done(1),
      }),
    },
    shows: /You can leave/,
  },
  {
    name: 'step-1-refused',
    hash: job(2, 'finish', address),
    state: { jobs: stepJobs({ 'initial-ipsec': done(3), enrolment: refusedByOperator }) },
    shows: 'Try enrolment again',
  },
  {
    name: 'step-1-foreign-fault',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs({
        enrolment: {
          state: 'failed',
          phase: 'vendor-phase-7',
          fault: faultView({ code: 'step-failed', found: 'x-acme-17: radio module not calibrated' }),
        },
      }),
    },
    shows: /x-acme-17/,
  },
  {
    name: 'step-1-enb-gone',
    hash: job(2, 'finish', address),
    state: {
      jobs: stepJobs(
        { enrolment: { state: 'running', phase: 'requested', startedAt: minutesAgo(2) } },
        { fault: faultView({ code: 'device-closed', where: { address } }) },
      ),
    },
    shows: 'Look again',
  },
  {
    name: 'jobs-steps',
    hash: '#/site',
    state: {
      jobs: (['running', 'unfinished', 'failed', 'done'] as const).map((state, place) => {
        const serialNumber = `AR100005${place}`;
        return fakeJob(place + 10, {
          ...delivered(serialNumber),
          lastStep: { step: 'enrolment', state },
          hasStepsLeft: true,
        });
      }),
    },
    shows: 'Step 1 failed',
  },
  { name: 'report', hash: '#/site/report/job-2', shows: /declared by the computer/ },
  {
    name: 'report-steps',
    hash: '#/site/report/job-2',
    state: {
      jobs: stepJobs({ 'initial-ipsec': { ...done(3), isSigned: true }, enrolment: refusedByOperator }),
    },
    shows: 'Steps seen',
  },
  {
    name: 'report-path',
    hash: '#/site/report/job-2',
    state: {
      jobs: tunnelJobs({ ...done(1), isSigned: true }, { path: withoutRoot }, { ipsecKind: 'childless' }),
    },
    shows: 'The path to the security gateway',
  },
  { name: 'not-delivered', hash: job(1, 'finish'), shows: 'Nothing to report yet' },
  { name: 'office', hash: '#/office', shows: 'south-coast.csv' },
  {
    name: 'office-operator-open',
    hash: '#/office',
    act: (page) => page.getByRole('button', { name: 'Example Mobile' }).first().click(),
    shows: 'boundary-configuration.p12',
  },
  {
    name: 'certificates-importing',
    hash: '#/office',
    state: {
      operators: operators().map((one) => ({
        ...one,
        importing: { id: 'work', phase: 'importing', done: 12_400, total: 0 },
      })),
    },
    act: (page) => page.getByRole('button', { name: 'Example Mobile' }).first().click(),
    shows: '12,400 certificates',
  },
  {
    name: 'certificates-imported',
    hash: '#/office',
    act: async (page) => {
      await page.getByRole('button', { name: 'Example Mobile' }).first().click();
      await press(page, 'Import a folder');
      await press(page, 'jobs');
      await press(page, 'older');
      await press(page, 'Choose this folder');
    },
    shows: '6 times',
  },
  { name: 'office-operators', hash: '#/office', state: { operators: manyOperators() }, shows: 'Key ends on' },
  {
    name: 'office-no-runs',
    hash: '#/office',
    state: { runs: [] },
    shows: 'No inventory has been checked yet',
  },
  {
    name: 'office-none',
    hash: '#/office',
    state: { operators: [], runs: [] },
    shows: 'Start with your operator profile',
  },
  {
    name: 'office-fault',
    hash: '#/office',
    act: chooses('Add an operator profile', 'operator.json'),
    shows: 'profile-invalid',
  },
  {
    name: 'unlock-wrong',
    hash: '#/office',
    act: async (page) => {
      await press(page, 'Unlock the key for Acme Radio');
      await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
      await press(page, 'Unlock');
    },
    shows: 'This passphrase does not open the key',
  },
  {
    name: 'unlock-one-of-several',
    hash: '#/office',
    state: {
      operators: manyOperators().map((operator) => ({
        ...operator,
        vendors: operator.vendors.map((vendor) => ({ ...vendor, state: 'locked', unlockedUntil: undefined })),
      })),
    },
    act: (page) => press(page, 'Unlock a key of Example Mobile'),
    shows: 'Key for',
  },
  {
    name: 'prepare-sunlight',
    hash: '#/office/prepare',
    state: { app: { ...app, mode: 'office', theme: 'sunlight' } },
    shows: 'Choose a CSV file',
  },
  {
    name: 'prepare-chosen',
    hash: '#/office/prepare',
    state: { operators: manyOperators() },
    act: chooses('Choose a CSV file', 'south-coast.csv'),
    shows: 'Choose another file',
  },
  { name: 'prepare', hash: '#/office/prepare', shows: 'Choose a CSV file' },
  {
    name: 'run-checking',
    hash: '#/office/run/run-1',
    state: { runs: [atWork('checking', 620, 1240)] },
    shows: /310 per second/,
  },
  {
    name: 'run-paused',
    hash: '#/office/run/run-1',
    state: { runs: [paused(atWork('making', 620, 1240))] },
    shows: 'Paused. 620 of 1,240',
  },
  {
    name: 'run-locked',
    hash: '#/office/run/run-1',
    state: {
      runs: [
        run({
          ...{ state: 'failed', rows: 0, refused: 0, locked: ['Acme Radio'] },
          fault: faultView({ code: 'passphrase-missing' }),
        }),
      ],
    },
    shows: 'The key for Acme Radio is locked',
  },
  { name: 'run-checked', hash: '#/office/run/run-1', shows: 'must be a whole number from 1 to 4094' },
  {
    name: 'run-problem-open',
    hash: '#/office/run/run-1',
    act: (page) => page.getByRole('row', { name: 'vlan 5000' }).first().click(),
    shows: 'field-invalid',
  },
  {
    name: 'run-good-rows',
    hash: '#/office/run/run-1',
    act: (page) => page.getByRole('radio', { name: /^Ready/ }).check({ force: true }),
    shows: '198.51.100.1/24',
  },
  {
    name: 'run-all-rows',
    hash: '#/office/run/run-1',
    act: (page) => page.getByRole('radio', { name: /^All/ }).check({ force: true }),
    shows: 'Mill Lane 1',
  },
  {
    name: 'run-all-good',
    hash: '#/office/run/run-1',
    state: { runs: [run({ rows: 12, refused: 0, folder })] },
    shows: 'All 12 rows are ready',
  },
  {
    name: 'run-warnings',
    hash: '#/office/run/run-1',
    state: { runs: [run({ rows: 12, refused: 0, folder, warnings: warnings(3) })] },
    shows: 'does not request a certificate',
  },
  {
    name: 'run-comparing',
    hash: '#/office/run/run-1',
    state: {
      runs: [
        {
          ...atWork('checking', 620, 1240),
          work: { id: 'work', phase: 'comparing', done: 620, total: 1240 },
        },
      ],
    },
    shows: 'Rows compared with earlier bundles',
  },
  {
    name: 'run-compared',
    hash: '#/office/run/run-1',
    state: { runs: [comparedRun({ refused: 0, folder })] },
    shows: 'VLAN: 101 → 102',
  },
  {
    name: 'run-change-open',
    hash: '#/office/run/run-1',
    state: { runs: [comparedRun({ folder })] },
    act: async (page) => {
      await page.getByRole('radio', { name: /^Changed/ }).check({ force: true });
      await page
        .getByRole('row', { name: /and 2 more/ })
        .first()
        .click();
    },
    shows: 'Gateway 1: address',
  },
  {
    name: 'run-nothing-changed',
    hash: '#/office/run/run-1',
    state: { runs: [run({ rows: 12, refused: 0, unchanged: 12 })] },
    shows: 'No eNB needs a new bundle',
  },
  {
    name: 'run-credentials-made',
    hash: '#/office/run/run-1',
    state: {
      runs: [
        run({
          ...{ state: 'done', rows: 12, refused: 0, made: 12, folder },
          ...{ generateCredentials: true, registrations: ['registration.p7m'] },
        }),
      ],
    },
    shows: 'Nothing else has the credentials',
  },
  {
    name: 'run-changes-made',
    hash: '#/office/run/run-1',
    state: { runs: [run({ state: 'done', rows: 40, refused: 0, made: 15, unchanged: 25, folder })] },
    shows: '25 rows change nothing',
  },
  {
    name: 'run-folder-refused',
    hash: '#/office/run/run-1',
    act: async (page) => {
      await press(page, 'Choose a folder');
      await press(page, 'jobs');
      await press(page, 'older');
      await press(page, 'Choose this folder');
    },
    answers: {
      'runs.setFolder': ({ folder: { name } }) =>
        faultView({ code: 'output-not-empty', found: 'operator.key', where: { file: name } }),
    },
    shows: 'output-not-empty',
  },
  {
    name: 'run-making',
    hash: '#/office/run/run-1',
    state: { runs: [atWork('making', 700, 1154)] },
    shows: /700 of 1,154/,
  },
  {
    name: 'run-stopped',
    hash: '#/office/run/run-1',
    state: {
      runs: [run({ ...{ state: 'stopped', made: 700, folder }, fault: faultView({ code: 'cancelled' }) })],
    },
    shows: 'Continue',
  },
  {
    name: 'run-done',
    hash: '#/office/run/run-1',
    state: { runs: [run({ state: 'done', made: 1154, folder })] },
    shows: 'Make jobs on this laptop',
  },
  {
    name: 'run-folder-not-opened',
    hash: '#/office/run/run-1',
    state: { runs: [run({ state: 'done', rows: 12, refused: 0, made: 12, folder })] },
    answers: {
      'runs.openFolder': () =>
        faultView({ code: 'folder-not-opened', found: 'xdg-open: ENOENT', where: { file: folder } }),
    },
    act: (page) => press(page, 'Open the folder'),
    shows: 'folder-not-opened',
  },
  {
    name: 'log',
    hash: '#/log',
    state: { log: logView({ entries: 100_000, verdict: logVerdict({ entries: 99_998 }) }) },
    act: (page) =>
      page
        .getByRole('row', { name: /accepted configuration 7/ })
        .first()
        .click(),
    shows: 'Number in the log',
  },
  {
    name: 'log-sunlight',
    hash: '#/log',
    state: { app: { ...app, mode: 'log', theme: 'sunlight' } },
    shows: /accepted configuration 7/,
  },
  {
    name: 'log-scrolled',
    hash: '#/log',
    state: { log: logView({ entries: 100_000 }) },
    act: async (page) => {
      await page
        .getByRole('row', { name: /accepted configuration 7/ })
        .first()
        .focus();
      await page.keyboard.press('End');
    },
    shows: '14 Sept 2026, 08:00:07',
  },
  {
    name: 'log-verifying',
    hash: '#/log',
    state: {
      log: logView({
        entries: 100_000,
        verdict: undefined,
        verifying: { id: 'work', phase: 'reading', done: 31_250, total: 100_000 },
      }),
    },
    shows: '31,250 of 100,000',
  },
  {
    name: 'log-broken',
    hash: '#/log',
    state: {
      log: logView({
        verdict: logVerdict({
          intact: false,
          proven: ['Entries 0 to 41 are as they were written.'],
          unproven: manyIds(6).map((name) => `Something about ${name}.`),
          fault: faultView({ code: 'signature-invalid' }),
        }),
      }),
    },
    act: (page) => page.getByText('3 more').click(),
    shows: 'The log is not intact',
  },
  {
    name: 'log-of-other',
    hash: '#/log',
    state: {
      log: logView({
        verdict: logVerdict({ intact: false, isOfOther: true, fault: faultView({ code: 'log-foreign' }) }),
      }),
    },
    shows: 'That file belongs to another log',
  },
  {
    name: 'log-unverified',
    hash: '#/log',
    state: { log: logView({ verdict: undefined }) },
    answers: { 'log.verify': () => faultView({ code: 'work-busy' }) },
    shows: 'work-busy',
  },
  {
    name: 'log-empty',
    hash: '#/log',
    state: { log: logView({ entries: 0, verdict: undefined, people: [] }) },
    shows: 'The log is empty',
  },
  {
    name: 'log-filtered',
    hash: '#/log',
    act: async (page) => {
      await page.getByLabel('Site', { exact: true }).fill('S00002');
      await page.getByLabel('Person').selectOption({ label: 'Ada Sørensen' });
      await page.getByRole('radio', { name: 'Delivery' }).check();
      await page.getByLabel('From').fill('2026-09-14');
    },
    shows: /of 64 entries/,
  },
  {
    name: 'log-no-match',
    hash: '#/log',
    act: (page) => page.getByRole('searchbox').fill('nothing like it'),
    shows: /No entry matches/,
  },
  {
    name: 'log-export',
    hash: '#/log',
    state: { log: logView({ entries: 100_000 }) },
    act: async (page) => {
      await page.getByLabel('Site', { exact: true }).fill('S00002');
      await page.getByText('of 100,000 entries').waitFor();
      await press(page, 'Export…');
    },
    shows: /entries of site S00002/,
  },
  {
    name: 'log-export-pdf',
    hash: '#/log',
    state: { log: logView({ entries: 100_000 }) },
    act: async (page) => {
      await press(page, 'Export…');
      await page.getByRole('radio', { name: /^PDF/ }).check();
    },
    shows: /A PDF holds at most 10,000 entries/,
  },
  {
    name: 'log-exporting',
    hash: '#/log',
    state: {
      log: logView({
        entries: 100_000,
        exporting: { id: 'work', phase: 'writing', done: 52_000, total: 100_000 },
      }),
    },
    shows: '52,000 of 100,000',
  },
  {
    name: 'log-exported',
    hash: '#/log',
    state: {
      log: logView({
        exported: { format: 'csv', entries: 64, files: ['log-2026-11-23.csv', 'log-2026-11-23.csv.proof'] },
      }),
    },
    shows: 'Exported 64 entries as CSV',
  },
  {
    name: 'log-export-failed',
    hash: '#/log',
    state: {
      log: logView({
        exported: { format: 'pdf', entries: 0, files: [], fault: faultView({ code: 'output-unwritable' }) },
      }),
    },
    shows: 'output-unwritable',
  },
  {
    name: 'name-asked',
    hash: '#/site',
    state: { log: logView({ isNameDeclared: false }) },
    shows: 'What is your name?',
  },
  {
    name: 'name-asked-office',
    hash: '#/office',
    state: { log: logView({ isNameDeclared: false }) },
    shows: 'What is your name?',
  },
  {
    name: 'setup-people',
    hash: '#/setup',
    act: async (page) => {
      await page.getByText('People in this log').click();
      await press(page, 'Another name');
    },
    shows: 'Erase this name…',
  },
  {
    name: 'erase-name',
    hash: '#/setup',
    act: async (page) => {
      await page.getByText('People in this log').click();
      await press(page, 'installer@laptop-7: Erase this name…');
    },
    shows: 'Erase this name for good?',
  },
  {
    name: 'finish-head',
    hash: job(2, 'finish', address),
    act: (page) => page.getByText('Head of the log as a QR code').click(),
    shows: 'It seals the log as it is now.',
  },
  { name: 'setup', hash: '#/setup', shows: 'Back to the start screen' },
  {
    name: 'policy-start',
    hash: '',
    state: { app: { ...app, policy: limited } },
    shows: 'Your administrator has switched training off',
  },
  {
    name: 'policy-connect',
    hash: job(1, 'connect'),
    state: { app: { ...atSite, policy: limited } },
    shows: 'Your administrator allows no other connection',
  },
  {
    name: 'policy-no-connection',
    hash: job(1, 'connect'),
    state: { app: { ...atSite, policy: { ...limited, connections: [] } } },
    shows: 'allows no connection to eNBs',
  },
  {
    name: 'policy-setup',
    hash: '#/setup',
    state: { app: { ...atSite, policy: limited } },
    shows: 'What your administrator allows',
  },
  {
    name: 'policy-forbidden',
    hash: '#/site/receipts',
    state: { app: { ...atSite, policy: limited } },
    answers: {
      'drives.list': () =>
        faultView({
          code: 'forbidden-by-policy',
          expected: 'ethernet, usb',
          found: 'drive',
          where: { file: '/etc/siteseal/policy.json', field: 'connections' },
        }),
    },
    shows: 'has switched this off',
  },
  {
    name: 'policy-invalid-start',
    hash: '',
    state: { app: { ...app, policy: unclear } },
    shows: 'cannot follow the administrator',
  },
  {
    name: 'policy-invalid-connect',
    hash: job(1, 'connect'),
    state: { app: { ...atSite, policy: unclear } },
    shows: 'cannot follow the administrator',
  },
  {
    name: 'policy-invalid-setup',
    hash: '#/setup',
    state: { app: { ...atSite, policy: unclear } },
    shows: 'What your administrator allows',
  },
  {
    name: 'help',
    hash: '#/site',
    act: async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('F1');
    },
    shows: 'What can go wrong',
  },
  {
    name: 'help-shortcuts',
    hash: '#/site',
    act: async (page) => {
      await press(page, 'Help');
      await page.getByText('Keyboard shortcuts').click();
    },
    shows: 'Press the main button of the screen',
  },
  {
    name: 'about',
    hash: '#/setup',
    act: (page) => press(page, 'About Siteseal'),
    shows: 'Runs on',
  },
  {
    name: 'about-not-built',
    hash: '#/setup',
    answers: { 'app.about': () => faultView({ code: 'sbom-missing' }) },
    act: (page) => press(page, 'About Siteseal'),
    shows: 'has no list of its parts',
  },
  {
    name: 'licences',
    hash: '#/setup',
    act: async (page) => {
      await press(page, 'About Siteseal');
      await page.getByRole('dialog').locator('summary').first().click();
    },
    shows: 'Permission is hereby granted',
  },
];
