import { isRule, visibleText } from '../faults/index.ts';
import { words } from './locales.ts';

type Facts = Readonly<Record<string, string>>;

/** What an entry of the log says, by the names of its members. */
export interface LogTextSource {
  readonly subject: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The members of an entry's subject and its facts as texts. Lists are separated by commas. */
export function logTexts({ subject, facts }: LogTextSource): Facts {
  const members = Object.entries({ ...subject, ...facts });
  return Object.fromEntries(members.map(([name, value]) => [name, String(value)]));
}

/** Actions whose sentence depends on the facts, and the suffix of their key in the locale. */
const variants: Readonly<Record<string, (facts: Facts) => string>> = {
  recovered: ({ tail }) => (tail === 'uncertain' ? '-uncertain' : ''),
  'log-verified': ({ fault, heads }) => {
    if (fault === undefined) return '';
    return heads !== '0' && (fault === 'log-foreign' || fault === 'log-training-mismatch')
      ? '-other'
      : '-broken';
  },
  'key-locked': ({ reason }) => (/^(unused|ended|sleep)$/.test(reason ?? '') ? `-${reason}` : ''),
  'profile-removed': ({ operator }) => (operator === undefined ? '-unreadable' : ''),
  'introduction-taken': ({ compared }) => (compared === 'true' ? '-compared' : ''),
  'pack-opened': ({ stoppedBy }) => (stoppedBy === undefined ? '' : '-stopped'),
  'bundle-not-opened': many,
  'enb-identified': ({ verdict }) => (verdict === 'other' || verdict === 'counterfeit' ? `-${verdict}` : ''),
  'prepare-run': ({ stoppedBy }) => (stoppedBy === undefined ? '' : '-stopped'),
  'drive-bundle-written': ({ fault }) => (fault === undefined ? '' : '-failed'),
  'drive-bundle-verified': ({ fault }) => (fault === undefined ? '' : '-damaged'),
  'receipt-kept': ({ accepted }) => (accepted === 'false' ? '-refusal' : ''),
  'receipt-refused': many,
  'bundle-delivery': ({ state, accepted }) => {
    if (state === 'receipt') return '-proven';
    if (accepted === 'false') return '-refused';
    if (state === 'sending') return '-unknown';
    return state === 'sent' || state === 'read-back' || state === 'verdict' ? '-unproven' : '';
  },
  confirmed: ({ what }) => (what === 'skip-bad-rows' ? `-${what}` : ''),
  'path-checked': ({ place }) => (place === 'enb' ? '-enb' : ''),
  'step-started': (facts) => `${renewal(facts)}${facts['site'] === undefined ? '-anywhere' : ''}`,
  'step-ended': (facts) => `${facts['state'] === 'failed' ? '-failed' : ''}${renewal(facts)}`,
};

/** One entry for several files with the same problem. */
function many({ files }: Facts): string {
  return files === undefined ? '' : '-many';
}

/** Renewal has no number. */
function renewal({ number }: Facts): string {
  return number === undefined ? '-renewal' : '';
}

/**
 * A log entry as a sentence.
 * @param facts as `logTexts` has them
 */
export function logSentence(action: string, facts: Facts): string {
  const variant = Object.hasOwn(variants, action) ? (variants[action]?.(facts) ?? '') : '';
  // An action that a newer Siteseal wrote and that has no words here appears as its code.
  const sentence = wordOf(words.log, `${action}${variant}`) ?? action;
  return sentence
    .replace(/\{(\w+)\}/g, (_, name: string) => visibleText(logValue(name, facts[name] ?? '')))
    .trimEnd();
}

/** The label of a member of a subject or of facts. One that only a newer Siteseal has appears as its name. */
export function logLabel(name: string): string {
  return wordOf(words.logLabels.members, name) ?? name;
}

/** The value of a member, in words if it is a code. Lists are separated by commas. */
export function logValue(name: string, value: string): string {
  if (name === 'fault' || name === 'stoppedBy') return faultWords(value);
  if (name === 'faults') return value.split(',').map(faultWords).join(' ');
  if (name === 'rule') return ruleWords(value);
  return wordOf(wordOf(words.logLabels.codes, name) ?? {}, value) ?? value;
}

function faultWords(code: string): string {
  return wordOf(words.faults, code)?.meaning ?? code;
}

/** What the rule asks for. The entry does not hold the value that some rules ask for. */
function ruleWords(rule: string): string {
  const text = isRule(rule) ? words.rules[rule] : rule;
  return text.includes('{expected}') ? rule : text;
}

function wordOf<Word>(all: Readonly<Record<string, Word>>, name: string): Word | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
