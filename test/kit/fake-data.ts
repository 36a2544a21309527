// What the fake core shows: invented data in the shape of the real core's.
import { createHash } from 'node:crypto';
import { faultView } from '../../main/api/views.ts';
import { warningCodes } from '../../main/faults/index.ts';
import { warningSentence } from '../../main/words/index.ts';
import { checkSentence } from '../../main/words/index.ts';
import { acceptanceCodes } from '../../main/bundle/index.ts';
import {
  jobCounts,
  jobParts,
  jobRow,
  type CheckView,
  type DriveView,
  type FileHandle,
  type IdentifiedView,
  type JobPart,
  type JobSelection,
  type JobView,
  type LogHead,
  type LogRow,
  type LogVerdict,
  type LogView,
  type OperatorView,
  type Output,
  type ParsedInput,
  type PathCheckView,
  type PathView,
  type RunRow,
  type RunView,
  type SoftwarePart,
  type StepName,
  stepNames,
  type StepView,
  trainingFaults,
  type TrainingView,
} from '../../preload/contract/index.ts';
import type { PathCheckName, PathPlace } from '../../preload/contract/steps.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A handle of a file or folder for the page. */
export function handle(name: string): FileHandle {
  return { id: sha256(name).slice(0, 32), name };
}

/** Parts of Siteseal by others. */
export const parts: SoftwarePart[] = [
  { name: '@mantine/core', version: '9.7.4', licence: 'MIT', text: mit('Vitaly Rtishchev') },
  { name: 'better-sqlite3', version: '13.2.0', licence: 'MIT', text: mit('Joshua Wise') },
  { name: 'brotli', version: '1.3.3', licence: 'MIT', text: '' },
  { name: 'chromium', licence: 'BSD-3-Clause', text: '' },
  { name: 'electron', version: '45.4.1', licence: 'MIT', text: '' },
  { name: 'react', version: '19.3.1', licence: 'MIT', text: mit('Meta Platforms, Inc. and affiliates.') },
];

function mit(holder: string): string {
  return `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction.`;
}

interface Part {
  readonly offset?: number;
  readonly limit?: number;
}

/** The requested part of a list. */
export function listOf<Row>(
  all: readonly Row[],
  { offset = 0, limit = all.length }: Part = {},
): { total: number; rows: Row[] } {
  return { total: all.length, rows: all.slice(offset, offset + limit) };
}

/** The part of the list that a job is in. */
function partOf(job: JobView): JobPart {
  const { isArchived, isSuperseded, state, work, expiry, carried, lastStep, hasStepsLeft } = job;
  if (work || carried?.work) return 'under-way';
  if (isArchived || isSuperseded) return 'put-away';
  if (state === 'receipt' && lastStep?.state === 'failed') return 'problem';
  if (state === 'receipt') return hasStepsLeft ? 'under-way' : 'done';
  if (state === 'refused' || expiry === 'expired') return 'problem';
  if (carried?.state === 'writing' || carried?.state === 'damaged') return 'problem';
  return state === 'selected' && !carried ? 'to-do' : 'under-way';
}

/** The requested part of the list of jobs, which all match the filter. */
export function jobList(
  jobs: readonly JobView[],
  { show = 'active', ...part }: Part & { readonly show?: JobSelection } = {},
): Output<'jobs.list'> {
  const isIn = (one: JobSelection) => (job: JobView) =>
    one === 'all' || (one === 'active' ? partOf(job) !== 'put-away' : partOf(job) === one);
  const shown = jobs.filter(isIn(show)).map((each) => jobRow.strip().parse(each));
  const counts = Object.fromEntries(jobParts.map((one) => [one, jobs.filter(isIn(one)).length]));
  return { ...listOf(shown, part), counts: jobCounts.parse(counts) };
}

const places = [
  'Harbour',
  'Mill Lane',
  'Old Town',
  'Airport',
  'Castle Hill',
  'Riverside',
  'Station',
  'North Quay',
];

/** RFC 3339 of a moment some minutes before noon on a fixed day. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 23, 12) - minutes * 60_000).toISOString();
}

export function checks(failed?: string): CheckView[] {
  const end = acceptanceCodes.findIndex((code) => code === failed);
  return acceptanceCodes.map((code, place) => {
    const sentence = checkSentence(code);
    if (end === -1 || place < end) return { code, sentence, ok: true };
    if (place === end) return { code, sentence, ok: false };
    return { code, sentence, ok: null, why: `not checked, because of ${failed}` };
  });
}

/** The steps of a configuration with every gateway. `more` says which ones are not waiting. */
export function stepList(more: Partial<Record<StepName, Partial<StepView>>> = {}): StepView[] {
  return stepNames.flatMap((step) =>
    step === 'renewal' && !more[step] ? [] : [{ step, state: 'waiting', isSigned: false, ...more[step] }],
  );
}

/** Running work. On the fake core its id is that of what it works on. */
export function workOf<const Phase extends string>(id: string, phase: Phase) {
  return { id, phase, done: 0, total: 0 };
}

/** Checks of the path that were made from one place, and when. */
export function pathOf(place: PathPlace, checks: PathCheckView[]): PathView['places'][number] {
  return { place, checkedAt: minutesAgo(place === 'laptop' ? 2 : 1), checks };
}

/**
 * The path to a first and a traffic gateway. From the laptop, which is on another network, little can be checked. `enb`
 * says what is different from the eNB, by check.
 */
export function path(
  enb: Partial<Record<PathCheckName, Partial<PathCheckView>>> = {},
  laptop: Partial<Record<PathCheckName, Partial<PathCheckView>>> = {},
): PathView {
  const [first, traffic] = ['seg-1.example.net', 'seg-2.example.net'];
  const passed = (check: PathCheckName, gateway?: string, figure?: string): PathCheckView => ({
    check,
    outcome: 'passed',
    ...(gateway !== undefined && { gateway }),
    ...(figure !== undefined && { figure }),
  });
  const all = [
    passed('name', first, '203.0.113.7'),
    passed('answer', first, '14 ms, aes256-sha256-ecp256'),
    passed('vendor-root', first, 'Acme Radio Root CA'),
    passed('port-4500', first, '15 ms'),
    passed('sizes', first, '1,400 bytes'),
    passed('name', traffic, '203.0.113.8'),
    passed('traffic-gateway', traffic),
    passed('ra-silent', undefined, 'ra.example.net'),
    passed('clock', undefined, '2 s apart'),
  ];
  const differing = (more: Partial<Record<PathCheckName, Partial<PathCheckView>>>) =>
    all.map((view) => ({ ...view, ...more[view.check] }));
  return { places: [pathOf('laptop', differing(laptop)), pathOf('enb', differing(enb))] };
}

export function job(number: number, more: Partial<JobView> = {}): JobView {
  const serialNumber = `AR10000${String(40 + number)}`;
  return {
    id: `job-${number}`,
    siteId: `S${String(number).padStart(5, '0')}`,
    siteName: `${places[number % places.length]} ${number}`,
    serialNumber,
    operator: 'Example Mobile',
    sequence: 7,
    validFrom: '2026-11-01T00:00:00Z',
    validUntil: '2027-05-01T00:00:00Z',
    state: 'selected',
    updatedAt: minutesAgo(number * 37),
    hwType: '1.3.6.1.4.1.99999.1.1',
    bundleSha256: sha256(serialNumber),
    vendor: 'Acme Radio',
    vendorRoot: 'CN=Acme Radio Root CA,O=Acme Radio,C=FI',
    steps: { list: stepList(), needsTunnel: false },
    isSuperseded: false,
    isArchived: false,
    ...more,
  };
}

export function receiptOf(serialNumber: string): NonNullable<JobView['receipt']> {
  return {
    number: 1,
    fileName: `${serialNumber}-1.receipt.p7m`,
    accepted: true,
    sha256: sha256(`receipt ${serialNumber}`),
    receivedAt: minutesAgo(5),
    firmware: '4.2.1',
  };
}

/** The members of a job whose eNB has signed for its configuration. */
export function delivered(serialNumber: string) {
  const verdict = { accepted: true, checks: checks() };
  return { state: 'receipt', verdict, receipt: receiptOf(serialNumber) } as const;
}

/** What the eNB with a serial number answers when a job connects to it. */
export function identified({ hwType, serialNumber, vendor }: JobView, found: string): IdentifiedView {
  const same = (subject: string, value: string) => ({
    subject,
    expected: value,
    found: value,
    isEqual: true,
  });
  const isTheRightOne = found === serialNumber;
  return {
    serialNumber: found,
    hwType,
    vendor,
    firmware: '4.2.1',
    lastSequence: 0,
    clock: minutesAgo(1),
    certificateSha256: sha256(`certificate ${found}`),
    comparisons: [
      { subject: 'serial-number', expected: serialNumber, found, isEqual: isTheRightOne },
      same('hardware-type', hwType),
      same('vendor', vendor),
    ],
    isTheRightOne,
  };
}

/** A trusted vendor root. */
export const root = {
  fingerprint: sha256('acme'),
  name: 'Acme Radio',
  subject: 'CN=Acme Radio Root CA,O=Acme Radio,C=FI',
  until: '2045-01-01T00:00:00Z',
};

/** A training in which nothing has been tried. */
export function training(more: Partial<TrainingView> = {}): TrainingView {
  return {
    enbs: ['LAB0001', 'LAB0002', 'LAB0003'],
    stick: { at: 'laptop' },
    fault: null,
    faults: [...trainingFaults],
    tried: [],
    isAllDone: false,
    ...more,
  };
}

export const drive: DriveView = {
  volume: '7066-8977',
  name: 'SITES, Field Flash Drive',
  size: 16e9,
  free: 15.2e9,
};

/** Jobs in every state, and many to page through. */
export function manyJobs(): JobView[] {
  const fixed = [
    job(1),
    job(2, delivered('AR1000042')),
    job(3, {
      state: 'refused',
      verdict: { accepted: false, checks: checks('sequence-rollback') },
      deliveryFault: faultView({ code: 'sequence-rollback', expected: 'a number above 7', found: '7' }),
    }),
    job(4, {
      state: 'sent',
      address: '192.0.2.10:4443',
      deliveryFault: faultView({ code: 'device-closed', where: { address: '192.0.2.10:4443' } }),
    }),
    job(5, {
      validUntil: '2026-10-01T00:00:00Z',
      expiry: 'expired',
      fault: faultView({
        code: 'bundle-expired',
        expected: 'after 2026-11-23T12:00:00Z',
        found: '2026-10-01T00:00:00Z',
      }),
    }),
  ];
  return [...fixed, ...Array.from({ length: 118 }, (_, place) => job(place + 6))];
}

/** An operator with two vendors; the key for the second is unlocked. */
export function operators(acme: Partial<OperatorView['vendors'][number]> = {}): OperatorView[] {
  const vendors: OperatorView['vendors'] = [
    {
      name: 'Acme Radio',
      keyFile: 'acme-configuration.p12',
      state: 'locked',
      rootFingerprints: [sha256('acme')],
      ...acme,
    },
    {
      name: 'Boundary Networks',
      keyFile: 'boundary-configuration.p12',
      state: 'unlocked',
      unlockedUntil: minutesAgo(-15),
      scope: ['AR1000000 to AR1899999', 'BX10 to BX99', 'BX200 to BX299', 'CC1 to CC9'],
      until: '2029-12-31T23:59:59Z',
      rootFingerprints: [sha256('boundary'), sha256('boundary 2')],
    },
  ];
  return [
    {
      id: 'operator-1',
      name: 'Example Mobile',
      plmn: '24499',
      training: false,
      canGenerateCredentials: true,
      vendors,
    },
  ];
}

/** Operators whose keys are in different states, one of which cannot be read. */
export function manyOperators(): OperatorView[] {
  const [first] = operators();
  const key = (name: string, more: Partial<OperatorView['vendors'][number]> = {}) => ({
    name,
    keyFile: 'configuration.p12',
    state: 'locked' as const,
    rootFingerprints: [sha256(name)],
    ...more,
  });
  return [
    first!,
    {
      id: 'operator-2',
      name: 'Nordic Rail Radio',
      plmn: '24407',
      training: false,
      canGenerateCredentials: false,
      vendors: [
        key('Acme Radio', {
          state: 'unlocked',
          unlockedUntil: minutesAgo(-12),
          scope: ['NR1 to NR9'],
          until: '2026-12-12T23:59:59Z',
          expiry: 'soon',
        }),
      ],
    },
    {
      id: 'operator-3',
      name: 'Harbour Net',
      plmn: '24412',
      training: false,
      canGenerateCredentials: false,
      vendors: [key('Acme Radio')],
    },
    {
      id: 'operator-4',
      name: 'old-operator.json',
      plmn: '',
      training: false,
      canGenerateCredentials: false,
      vendors: [],
      fault: faultView({
        code: 'file-unreadable',
        found: 'ENOENT',
        where: { file: 'old-operator.json' },
      }),
    },
  ];
}

export function run(more: Partial<RunView> = {}): RunView {
  return {
    id: 'run-1',
    operatorId: 'operator-1',
    operator: 'Example Mobile',
    inventory: 'south-coast.csv',
    state: 'checked',
    rows: 1240,
    made: 0,
    refused: 86,
    unchanged: 0,
    changed: 0,
    onlyChanged: false,
    generateCredentials: false,
    registrations: [],
    locked: [],
    warnings: [],
    startedAt: minutesAgo(90),
    endedAt: minutesAgo(89),
    ...more,
  };
}

/** A run whose rows were compared with the bundles that are out. */
export function comparedRun(more: Partial<RunView> = {}): RunView {
  const compared = run({ unchanged: 1, changed: 1, ...more });
  const rows = goodRows(compared);
  return {
    ...compared,
    unchanged: rows.filter(({ state }) => state === 'unchanged').length,
    changed: rows.filter(({ differences }) => differences).length,
  };
}

/** What a bundle changes: one value, many, or nobody knows. */
function differencesOf(row: number): NonNullable<RunRow['differences']> {
  const vlan = { field: 'backhaul.vlan', before: '101', after: '102' };
  const kinds = [
    [],
    [vlan],
    [
      { field: 'backhaul.mtu', before: '1400', after: '1380' },
      vlan,
      { field: 'backhaul.ikeIdentity', after: `enb${row}.backhaul.example` },
      { field: 'securityGateways[0].address', before: 'seg1.backhaul.example', after: '2001:db8:5::22' },
      {
        field: 'initialIpsec.proposals',
        before: 'aes128gcm16-prfsha256-ecp256',
        after: 'aes256gcm16-prfsha384-ecp384',
      },
    ],
  ];
  return kinds[row % kinds.length] ?? [];
}

/** Every warning, about this many rows. */
export function warnings(rows: number): RunView['warnings'] {
  return warningCodes.map((code) => ({ code, message: warningSentence({ code, rows }) }));
}

/** The rows of a run that have a problem: every fourteenth of all rows. */
export function problems(): RunRow[] {
  const kinds = [
    {
      field: 'vlan',
      fault: faultView({
        code: 'field-invalid',
        rule: 'vlan',
        found: '5000',
        where: { file: 'south-coast.csv', row: 14, line: 15, field: 'vlan' },
      }),
    },
    {
      field: 'enb_serial',
      fault: faultView({
        code: 'duplicate-enb',
        found: 'AR1000077',
        where: { file: 'south-coast.csv', row: 28, line: 29, field: 'enb_serial' },
      }),
    },
    {
      fault: faultView({
        code: 'enb-out-of-scope',
        expected: 'AR1000000 to AR1899999',
        found: 'ZZ1',
        where: { row: 42, line: 43 },
      }),
    },
  ];
  return Array.from({ length: 86 }, (_, place): RunRow => {
    const row = 14 * (place + 1);
    return {
      row,
      line: row + 1,
      siteId: `S${String(row).padStart(5, '0')}`,
      serialNumber: `AR${1_000_040 + row}`,
      state: 'refused',
      ...kinds[(place + 1) % kinds.length],
    };
  });
}

type Counts = Pick<RunView, 'rows' | 'made' | 'refused' | 'unchanged' | 'changed'>;

/** The rows of a run without a problem, all the others. Of a compared run, most change nothing, and some something. */
function goodRows({ rows, made, unchanged, changed }: Counts): RunRow[] {
  const refused = new Set(problems().map(({ row }) => row));
  const all = Array.from({ length: rows }, (_, place) => place + 1);
  return all
    .filter((row) => !refused.has(row))
    .map((row) => ({
      row,
      line: row + 1,
      siteId: `S${String(row).padStart(5, '0')}`,
      serialNumber: `AR${1_000_040 + row}`,
      state:
        row <= made ? 'made' : (changed === 0 || row % 16 > 3) && unchanged > 0 ? 'unchanged' : 'skipped',
      ...(row % 16 < 3 && changed > 0 && { differences: differencesOf(row) }),
      contents: {
        siteName: `${places[row % places.length]} ${row}`,
        vendor: row % 3 === 0 ? 'Boundary Networks' : 'Acme Radio',
        outerIp: row % 5 === 0 ? 'dhcp' : `198.51.100.${row % 250}/24`,
        vlan: row % 5 === 0 ? '' : '101',
        validUntil: '2027-11-01T00:00:00Z',
      },
    }));
}

/** The rows of a run, and how many of each kind match the filter, like the core. */
export function runRows(
  run: Counts,
  { filter, show, ...part }: ParsedInput<'runs.rows'>,
): Output<'runs.rows'> {
  const matching = (rows: readonly RunRow[]) =>
    rows.filter((row) => JSON.stringify(row).toLowerCase().includes(filter.toLowerCase()));
  const refused = matching(run.refused > 0 ? problems() : []);
  const good = matching(goodRows(run));
  const all = [...refused, ...good].sort((a, b) => a.row - b.row);
  const kinds = {
    ...{ all, refused, good: good.filter(({ state }) => state !== 'unchanged') },
    changed: good.filter(({ differences }) => differences),
    unchanged: good.filter(({ state }) => state === 'unchanged'),
  };
  const counts = {
    ...{ all: all.length, refused: refused.length, good: kinds.good.length },
    ...{ changed: kinds.changed.length, unchanged: kinds.unchanged.length },
  };
  return { ...listOf(kinds[show], part), counts };
}

/** What the log says, over and over, with what it is about. */
const logged: readonly Pick<LogRow, 'action' | 'kind' | 'sentence' | 'facts' | 'site' | 'serialNumber'>[] = [
  {
    action: 'vendor-root-trusted',
    kind: 'trust',
    sentence: 'The vendor root of Acme Radio is now trusted.',
    facts: [{ label: 'Fingerprint of the root (SHA-256)', value: sha256('acme') }],
  },
  {
    action: 'enb-identified',
    kind: 'delivery',
    sentence: 'The device at 192.0.2.10:4443 proved to be eNB AR1000042.',
    site: 'S00002',
    serialNumber: 'AR1000042',
    facts: [
      { label: 'Site', value: 'S00002' },
      { label: 'Serial number', value: 'AR1000042' },
      { label: 'Address', value: '192.0.2.10:4443' },
    ],
  },
  {
    action: 'bundle-delivery',
    kind: 'delivery',
    sentence: 'eNB AR1000042 of site S00002 accepted configuration 7, and signed that.',
    site: 'S00002',
    serialNumber: 'AR1000042',
    facts: [
      { label: 'Site', value: 'S00002' },
      { label: 'Serial number', value: 'AR1000042' },
      { label: 'Configuration', value: '7' },
      { label: 'Receipt (SHA-256)', value: sha256('receipt AR1000042') },
    ],
  },
  {
    action: 'step-ended',
    kind: 'steps',
    sentence: 'eNB AR1000042 of site S00002 reports that step 1 is done.',
    site: 'S00002',
    serialNumber: 'AR1000042',
    facts: [
      { label: 'Site', value: 'S00002' },
      { label: 'Serial number', value: 'AR1000042' },
      { label: 'Step', value: '1' },
    ],
  },
  {
    action: 'prepare-run',
    kind: 'preparing',
    sentence: 'The run of south-coast.csv made 1,154 bundles and refused 86 rows.',
    facts: [{ label: 'Inventory', value: 'south-coast.csv' }],
  },
];

/** The people of the log. The name of the last one is erased. */
export const people: LogView['people'] = [
  { id: 'person-1', name: 'Ada Sørensen', isCurrent: true },
  { id: 'person-2', name: 'installer@laptop-7', isCurrent: false },
  { id: 'person-3', isCurrent: false },
];

/** An entry of the log, from the first at 0. Each is a minute after the one before. */
export function logEntry(sequence: number): LogRow {
  const { id, name } = people[Math.floor(sequence / 7) % people.length]!;
  return {
    sequence,
    time: new Date(Date.UTC(2026, 8, 14, 8, 0, 7) + sequence * 61_000).toISOString(),
    personId: id,
    ...(name !== undefined && { person: name }),
    ...logged[sequence % logged.length]!,
  };
}

/** A part of a log with this many entries. */
export function logList(
  size: number,
  { filter, descending, offset, limit }: ParsedInput<'log.list'>,
): Output<'log.list'> {
  const { text = '', kind, site, serialNumber, person, from = '', to = '~' } = filter;
  const isWanted = (row: LogRow) =>
    row.sentence.toLowerCase().includes(text.toLowerCase()) &&
    (kind ?? row.kind) === row.kind &&
    (site ?? row.site) === row.site &&
    (serialNumber ?? row.serialNumber) === row.serialNumber &&
    (person ?? row.personId) === row.personId &&
    row.time >= from &&
    row.time < to;
  const all = Array.from({ length: size }, (_, sequence) => sequence);
  const wanted =
    Object.keys(filter).length === 0 ? all : all.filter((sequence) => isWanted(logEntry(sequence)));
  const ordered = descending ? wanted.reverse() : wanted;
  return { total: wanted.length, rows: ordered.slice(offset, offset + limit).map(logEntry) };
}

/** A verified log of 64 entries. `more` says what is different. */
export function logView(more: Partial<LogView> = {}): LogView {
  return {
    origin: 'siteseal.invalid/log/1abc38aefddb56a5',
    entries: 64,
    verdict: logVerdict(),
    people: [...people],
    isNameDeclared: true,
    ...more,
  };
}

/** A verdict over a log. `more` says what is different. */
export function logVerdict(more: Partial<LogVerdict> = {}): LogVerdict {
  return {
    intact: true,
    entries: 64,
    checkedAt: minutesAgo(3),
    proven: [
      'All 64 entries are as they were written: none was changed, removed, inserted or moved.',
      'Each of the 3 keys of this log was signed out by the one before.',
      'The head of 21 Nov 2026, of 52 entries, belongs to this log.',
    ],
    unproven: [
      'Who a person is. Names are declared.',
      'The time of an entry. It is what the clock of this laptop said.',
    ],
    ...more,
  };
}

/** The newest head of the log. */
export const logHead: LogHead = {
  size: 64,
  text: [
    'siteseal.invalid/log/5f3c09a1b2d4e687',
    '64',
    Buffer.from(sha256('root'), 'hex').toString('base64'),
    '',
    `\u2014 siteseal.invalid/log/5f3c09a1b2d4e687 ${Buffer.from(sha256('a') + sha256('b') + '00c0ffee', 'hex').toString('base64')}`,
    '',
  ].join('\n'),
};
