import type { LogAction } from '../faults/index.ts';

// What each action says: the members of its subject and of its facts. They are data, so that the compiler checks what is
// appended, and a test checks that every member has a label.

/** A member of a subject or of facts. `Value` is the type of its value in the entry. */
export interface LogMember<Value = unknown> {
  /** The codes that it can have. Absent for any other value. */
  readonly codes?: readonly string[];
  readonly isOptional?: true;
  /** Only for the compiler. */
  readonly value?: Value;
}

type OptionalMember<Value> = LogMember<Value> & { readonly isOptional: true };

/** An identifier, a digest in lower-case hex, a time (RFC 3339) or a code of `main/faults/`. */
const text: LogMember<string> = {};
const count: LogMember<number> = {};
const flag: LogMember<boolean> = { codes: ['true', 'false'] };
/** Codes of `main/faults/`. There are so few that an entry holds them all. */
const list: LogMember<readonly string[]> = {};

function code<const Code extends string>(...codes: readonly Code[]): LogMember<Code> {
  return { codes };
}

function optional<Value>(member: LogMember<Value>): OptionalMember<Value> {
  return { ...member, isOptional: true };
}

/** An eNB, of a site where one is known. */
const enb = { serialNumber: text, hwType: text, site: optional(text) };
/** The eNB of a site. */
const siteEnb = { serialNumber: text, hwType: text, site: text };
/** A configuration key. */
const key = { operator: text, vendor: text };
/** The volume of a drive. Labels and folders of drives may bear someone's name. */
const drive = { drive: optional(text) };
/** Why something did not work: the code, and the broken rule if the code has several. */
const reason = { fault: text, rule: optional(text) };
const maybeReason = { fault: optional(text), rule: optional(text) };
/** A bundle that is a configuration. */
const bundle = { bundleId: text, sequence: count, bundleSha256: text };
const step = {
  step: code('initial-ipsec', 'enrolment', 'backhaul-ipsec', 'renewal'),
  number: optional(text),
};
/** How far an eNB was with a step. */
const phase = code(
  'key',
  'requested',
  'waiting',
  'issued',
  'confirming',
  'sent',
  'answered',
  'authenticated',
);

/** The members of each action. Entries hold nobody's name, no path, no secret and no text for display. */
export const logMembers = {
  'log-key': { subject: {}, facts: { epoch: count, key: text, reason: code('first', 'rotated', 'lost') } },
  'log-migrated': { subject: {}, facts: { entries: count } },
  started: { subject: {}, facts: { process: count, version: text } },
  stopped: { subject: {}, facts: { process: count, version: text } },
  recovered: {
    subject: {},
    facts: { process: count, startedAt: text, tail: code('certain', 'uncertain') },
  },
  'clock-set-back': { subject: {}, facts: { from: text, to: text } },
  'name-declared': { subject: { person: text }, facts: {} },
  'name-erased': { subject: { person: text }, facts: {} },
  'log-exported': {
    subject: {},
    facts: {
      entries: count,
      format: code('csv', 'jsonl', 'pdf', 'ocsf', 'cef', 'proof'),
      /** The size of the log whose head the export bears. */
      size: optional(count),
      filtered: optional(flag),
      fileSha256: optional(text),
    },
  },
  'log-verified': { subject: {}, facts: { entries: count, heads: optional(count), ...maybeReason } },
  'head-saved': { subject: {}, facts: { size: count } },
  'head-witnessed': { subject: {}, facts: { origin: text, size: count, root: text, key: text } },
  'head-refused': { subject: {}, facts: { origin: text, size: count, seen: optional(count), ...reason } },
  'head-cosigned': { subject: {}, facts: { witness: text, size: count } },
  'witness-key': { subject: {}, facts: { key: text, reason: code('first', 'lost', 'retired') } },
  'key-unlocked': { subject: key, facts: { certificateSha256: text } },
  'key-unlock-failed': { subject: key, facts: reason },
  'key-locked': {
    subject: key,
    facts: { certificateSha256: text, reason: code('by-user', 'unused', 'ended', 'sleep') },
  },
  'key-used': { subject: key, facts: { certificateSha256: text, bundles: count } },
  'office-key-made': { subject: { operator: text }, facts: { keySha256: text } },
  'office-key-certified': {
    subject: { operator: text },
    facts: { keySha256: text, certificateSha256: text },
  },
  'profile-added': { subject: { operator: text, profile: text }, facts: { profileSha256: text } },
  'profile-removed': { subject: { operator: optional(text), profile: text }, facts: {} },
  'vendor-root-trusted': { subject: { vendor: text }, facts: { fingerprint: text } },
  'vendor-root-distrusted': { subject: { vendor: text }, facts: { fingerprint: text } },
  'introduction-made': {
    subject: { operator: text },
    facts: { introduction: count, rootSha256: text, fileSha256: text },
  },
  'introduction-taken': {
    subject: { operator: text },
    facts: {
      /** Its version. */
      introduction: count,
      /** Of the operator root. */
      rootSha256: text,
      fileSha256: text,
      /** Whether the user compared the fingerprint of the root. */
      compared: flag,
      /** How many vendor roots are new, and how many are gone. */
      rootsAdded: count,
      rootsRemoved: count,
    },
  },
  'introduction-refused': { subject: {}, facts: { ...reason, fileSha256: text } },
  'enb-certificates-imported': {
    subject: { operator: text },
    facts: {
      added: count,
      /** Those that took the place of an earlier one. */
      replaced: count,
      /** Those that the store had, or has a later one for. */
      unchanged: count,
      refused: count,
      profileSha256: text,
      stoppedBy: optional(text),
    },
  },
  'run-started': {
    subject: { operator: text },
    facts: { rows: count, refused: count, profileSha256: text },
  },
  'prepare-run': {
    subject: { operator: text },
    facts: {
      rows: count,
      made: count,
      refused: count,
      /** How many refused rows the results leave out. */
      unlisted: optional(count),
      /** How many good rows have no bundle because it would change nothing. */
      unchangedRows: optional(count),
      /** How many credentials the run has made, and the certificate that they are encrypted to. */
      credentials: optional(count),
      recipientSha256: optional(text),
      /** See `runResults`. */
      results: text,
      stoppedBy: optional(text),
    },
  },
  'pack-made': {
    subject: { operator: text },
    facts: { pack: text, bundles: count, expires: text },
  },
  'pack-opened': {
    subject: { operator: text },
    facts: {
      pack: text,
      manifestSha256: text,
      taken: count,
      known: count,
      refused: count,
      stoppedBy: optional(text),
    },
  },
  'pack-refused': { subject: {}, facts: reason },
  'bundles-opened': {
    subject: {},
    facts: { taken: count, known: count, refused: count, stoppedBy: optional(text) },
  },
  'bundle-opened': { subject: siteEnb, facts: bundle },
  'bundle-not-opened': {
    subject: {},
    facts: { ...reason, fileSha256: optional(text), files: optional(count) },
  },
  'enb-identified': {
    subject: siteEnb,
    facts: {
      verdict: code('right', 'other', 'counterfeit'),
      /** Of the eNB that answered. */
      certificateSha256: optional(text),
      /** The eNB that answered in the place of the right one. */
      found: optional(text),
      foundHwType: optional(text),
      ...maybeReason,
    },
  },
  'drive-written': { subject: drive, facts: { bundles: count, written: count } },
  'drive-bundle-written': { subject: { ...siteEnb, ...drive }, facts: { ...bundle, ...maybeReason } },
  'drive-verified': {
    subject: drive,
    facts: {
      verdict: code('verified', 'verified-not-ejected', 'damaged'),
      bundles: count,
      damaged: count,
    },
  },
  'drive-bundle-verified': {
    subject: { ...enb, ...drive },
    facts: { bundleSha256: text, ...maybeReason },
  },
  'receipts-collected': {
    subject: {},
    facts: { proven: count, refused: count, unusable: count, stoppedBy: optional(text) },
  },
  'receipt-kept': {
    subject: enb,
    facts: { receiptNumber: count, receiptSha256: text, bundleSha256: text, accepted: flag },
  },
  'receipt-refused': {
    subject: { serialNumber: optional(text), hwType: optional(text), site: optional(text) },
    facts: { ...reason, receiptSha256: optional(text), files: optional(count) },
  },
  'bundle-sending': { subject: siteEnb, facts: bundle },
  'bundle-delivery': {
    subject: siteEnb,
    facts: {
      ...bundle,
      state: code(
        'selected',
        'connected',
        'identified',
        'sending',
        'sent',
        'read-back',
        'verdict',
        'receipt',
      ),
      accepted: optional(flag),
      ...maybeReason,
    },
  },
  confirmed: {
    subject: {
      operator: optional(text),
      serialNumber: optional(text),
      hwType: optional(text),
      site: optional(text),
    },
    facts: { what: code('serial-number', 'skip-bad-rows'), rows: optional(count) },
  },
  'path-checked': {
    subject: siteEnb,
    facts: { place: code('laptop', 'enb'), checks: count, failed: count, faults: list },
  },
  'step-started': { subject: enb, facts: step },
  'step-ended': {
    subject: enb,
    facts: {
      ...step,
      state: code('done', 'failed'),
      phase: optional(phase),
      fault: optional(text),
      reported: optional(text),
    },
  },
} as const satisfies Readonly<Record<LogAction, ActionMembers>>;

/** Members of facts that only entries of earlier versions have. */
export const earlierMembers: readonly string[] = ['serialNumbers'];

interface ActionMembers {
  readonly subject: Readonly<Record<string, LogMember<string>>>;
  readonly facts: Readonly<Record<string, LogMember<string | number | boolean | readonly string[]>>>;
}

type ValueOf<Member> = Member extends LogMember<infer Value> ? Value : never;

type Optional<Members> = {
  [Name in keyof Members]: Members[Name] extends { readonly isOptional: true } ? Name : never;
}[keyof Members];

/** The values of members. */
type Values<Members> = keyof Members extends never
  ? Readonly<Record<string, never>>
  : { readonly [Name in Exclude<keyof Members, Optional<Members>>]: ValueOf<Members[Name]> } & {
      readonly [Name in Optional<Members>]?: ValueOf<Members[Name]>;
    };

/** What happened, to what, and what else an entry says about it. */
export type LogEvent<Action extends LogAction = LogAction> = {
  readonly [One in Action]: {
    readonly action: One;
    /** What it was done to: a site, an eNB, an operator. */
    readonly subject: Values<(typeof logMembers)[One]['subject']>;
    readonly facts: Values<(typeof logMembers)[One]['facts']>;
  };
}[Action];
