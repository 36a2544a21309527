import type { LogAction, LogKind } from '../../faults/index.ts';
import type { ReadableEntry } from '../readable.ts';
import type { LogSource } from './line-format.ts';

/** What the classes of OCSF 1.7.0 require besides what all events have. */
type Members = (entry: ReadableEntry, source: LogSource) => Readonly<Record<string, unknown>>;

/** A class of OCSF, with the activities that are used. */
interface EventClass {
  readonly uid: number;
  readonly name: string;
  readonly category: number;
  readonly categoryName: string;
  readonly activities: Readonly<Record<string, number>>;
}

const classes = {
  base: { uid: 0, name: 'Base Event', category: 0, categoryName: 'Uncategorized', activities: {} },
  authentication: {
    uid: 3002,
    name: 'Authentication',
    category: 3,
    categoryName: 'Identity & Access Management',
    activities: { Logon: 1, Logoff: 2 },
  },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    category: 3,
    categoryName: 'Identity & Access Management',
    activities: { Create: 1, Read: 2, Update: 3, Delete: 4, Enable: 8, Disable: 9 },
  },
  device: {
    uid: 5019,
    name: 'Device Config State Change',
    category: 5,
    categoryName: 'Discovery',
    activities: { Log: 1 },
  },
  lifecycle: {
    uid: 6002,
    name: 'Application Lifecycle',
    category: 6,
    categoryName: 'Application Activity',
    activities: { Start: 3, Stop: 4 },
  },
  api: {
    uid: 6003,
    name: 'API Activity',
    category: 6,
    categoryName: 'Application Activity',
    activities: { Create: 1, Read: 2, Update: 3, Delete: 4 },
  },
} as const satisfies Readonly<Record<string, EventClass>>;

type ClassName = keyof typeof classes;

/** How an action appears in OCSF. */
interface Mapping {
  readonly class: EventClass;
  /** A name of the class's activities. Any other is the class's activity 99, "Other", with this name. */
  readonly activity: string;
  readonly members: Members;
}

function mapping<Name extends ClassName>(
  name: Name,
  activity: (keyof (typeof classes)[Name]['activities'] & string) | { readonly other: string },
  members: Members,
): Mapping {
  return {
    class: classes[name],
    activity: typeof activity === 'string' ? activity : activity.other,
    members,
  };
}

/** Something of the log or the office that the user manages. `uid` is the member of the entry that names it. */
function entity(activity: Parameters<typeof mapping<'entity'>>[1], type: string, uid?: string): Mapping {
  return mapping('entity', activity, (entry, { origin }) => {
    const name = uid === undefined ? origin : entry.texts[uid];
    return { entity: { type, type_id: 99, ...(name === undefined ? { name: type } : { uid: name }) } };
  });
}

/** Someone in the log, as the entity. */
function person(activity: Parameters<typeof mapping<'entity'>>[1]): Mapping {
  return mapping('entity', activity, (entry) => {
    const uid = entry.texts['person'] ?? entry.entry.actor.id;
    return { entity: { type: 'User', type_id: 2, uid, user: { uid } } };
  });
}

/** The key that signs for an operator. */
function key(activity: Parameters<typeof mapping<'authentication'>>[1]): Mapping {
  return mapping('authentication', activity, (entry) => ({
    user: userOf(entry),
    service: { name: 'configuration key', ...optional('uid', entry.texts['vendor']) },
  }));
}

/** What Siteseal does on this laptop. The log's name stands for the laptop, because the log does not name it. */
function operation(activity: Parameters<typeof mapping<'api'>>[1]): Mapping {
  return mapping('api', activity, (entry, { origin }) => ({
    api: { operation: entry.entry.action },
    src_endpoint: { uid: origin },
    ...optional('resources', resourcesOf(entry)),
  }));
}

/** The state of an eNB. */
const device: Mapping = mapping('device', 'Log', (entry) => ({ device: enbOf(entry) }));

const lifecycle = (activity: Parameters<typeof mapping<'lifecycle'>>[1]): Mapping =>
  mapping('lifecycle', activity, (_, source) => ({ app: productOf(source) }));

/** For all other actions. */
const kinds: Readonly<Record<LogKind, Mapping>> = {
  log: entity('Update', 'audit log'),
  keys: entity('Update', 'configuration key', 'vendor'),
  trust: entity('Update', 'trust', 'vendor'),
  preparing: operation({ other: 'Prepare' }),
  delivery: operation({ other: 'Deliver' }),
  steps: device,
};

const actions: Readonly<Partial<Record<LogAction, Mapping>>> = {
  'log-key': entity('Create', 'log key', 'key'),
  started: lifecycle('Start'),
  stopped: lifecycle('Stop'),
  recovered: lifecycle({ other: 'Recover' }),
  'clock-set-back': entity('Update', 'clock'),
  'name-declared': person('Create'),
  'name-erased': person('Delete'),
  'log-exported': entity('Read', 'audit log'),
  'log-verified': entity('Read', 'audit log'),
  'head-saved': entity('Read', 'audit log'),
  'head-witnessed': entity('Update', 'witnessed log', 'origin'),
  'head-refused': entity({ other: 'Refuse' }, 'witnessed log', 'origin'),
  'witness-key': entity('Create', 'witness key', 'key'),
  'key-unlocked': key('Logon'),
  'key-unlock-failed': key('Logon'),
  'key-locked': key('Logoff'),
  'key-used': operation({ other: 'Sign' }),
  'office-key-made': entity('Create', 'office key', 'operator'),
  'office-key-certified': entity('Update', 'office key', 'operator'),
  'profile-added': entity('Create', 'operator profile', 'operator'),
  'profile-removed': entity('Delete', 'operator profile', 'operator'),
  'vendor-root-trusted': entity('Enable', 'vendor root', 'vendor'),
  'vendor-root-distrusted': entity('Disable', 'vendor root', 'vendor'),
  'introduction-made': operation('Create'),
  'introduction-taken': entity('Update', 'operator', 'operator'),
  'introduction-refused': entity({ other: 'Refuse' }, 'operator'),
  'pack-made': operation('Create'),
  'pack-opened': operation('Read'),
  'pack-refused': operation('Read'),
  'enb-certificates-imported': operation('Create'),
  'run-started': operation('Create'),
  'prepare-run': operation('Create'),
  'bundles-opened': operation('Read'),
  'bundle-opened': operation('Read'),
  'bundle-not-opened': operation('Read'),
  'enb-identified': mapping('authentication', 'Logon', (entry) => ({
    user: { type: 'System', type_id: 3, ...named(entry.texts['found'] ?? entry.serialNumber) },
    service: { name: 'eNB identity' },
  })),
  'drive-written': operation('Create'),
  'drive-bundle-written': operation('Create'),
  'drive-verified': operation('Read'),
  'drive-bundle-verified': operation('Read'),
  'receipts-collected': operation('Read'),
  'receipt-kept': operation('Create'),
  'receipt-refused': operation('Create'),
  'bundle-sending': device,
  'bundle-delivery': device,
};

const unknown: Mapping = mapping('base', { other: '' }, () => ({}));

/** How an entry appears in OCSF: `base_event` for an action that this version does not have. */
export function mappingOf({ entry, kind }: ReadableEntry): Mapping {
  if (kind === undefined) return { ...unknown, activity: entry.action };
  return actions[entry.action as LogAction] ?? kinds[kind];
}

/** The product that reports the events. */
export function productOf({ version }: LogSource) {
  return { name: 'Siteseal', vendor_name: 'Siteseal', version };
}

/** Who did it. Without a name once it is erased. */
export function userOf({ entry, person: name }: ReadableEntry) {
  return { uid: entry.actor.id, ...optional('name', name) };
}

function enbOf(entry: ReadableEntry) {
  const { serialNumber, site } = entry;
  return {
    type: 'eNB',
    type_id: 99,
    ...named(serialNumber),
    ...(serialNumber !== undefined && { hw_info: { serial_number: serialNumber } }),
    ...(site !== undefined && { location: { desc: site } }),
  };
}

function resourcesOf({ site, serialNumber }: ReadableEntry) {
  const resources = [
    ...(site === undefined ? [] : [{ type: 'site', uid: site }]),
    ...(serialNumber === undefined ? [] : [{ type: 'eNB', uid: serialNumber }]),
  ];
  return resources.length === 0 ? undefined : resources;
}

function named(uid: string | undefined) {
  return uid === undefined ? { name: 'unknown' } : { uid };
}

function optional(name: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [name]: value };
}
