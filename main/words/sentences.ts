import { visibleText, type RunWarning } from '../faults/index.ts';
import { counted, fill } from './fill.ts';
import { words, type Locale } from './locales.ts';

/** What a check of the acceptance asserts, as a sentence without its full stop. */
export function checkSentence(code: keyof Locale['checks']['checks']): string {
  return words.checks.checks[code];
}

/** Why a check was skipped: `not-given`, `no-key`, `no-clock` or `prevented-by:CODE`. */
export function whyPhrase(why: string): string {
  const [kind = '', code = ''] = why.split(':');
  const phrases: Readonly<Record<string, string>> = words.checks.why;
  return (Object.hasOwn(phrases, kind) && phrases[kind]?.replace('{code}', code)) || why;
}

type Facts = Readonly<Record<string, string>>;

/** Actions whose sentence depends on the facts, and the suffix of their key in the locale. */
const variants: Readonly<Record<string, (facts: Facts) => string>> = {
  recovered: ({ tail }) => (tail === 'uncertain' ? '-uncertain' : ''),
  'log-verified': ({ fault }) => (fault === undefined ? '' : '-broken'),
  'enb-identified': ({ verdict }) => (verdict === 'other' || verdict === 'counterfeit' ? `-${verdict}` : ''),
  'prepare-run': ({ stoppedBy }) => (stoppedBy === undefined ? '' : '-stopped'),
  'bundle-delivery': ({ state, accepted }) => {
    if (state === 'receipt') return '-proven';
    if (accepted === 'false') return '-refused';
    if (state === 'sending') return '-unknown';
    return state === 'sent' || state === 'verdict' ? '-unproven' : '';
  },
  'path-checked': ({ place }) => (place === 'enb' ? '-enb' : ''),
  'step-started': renewal,
  'step-ended': (facts) => `${facts['state'] === 'failed' ? '-failed' : ''}${renewal(facts)}`,
};

/** Renewal has no number. */
function renewal({ number }: Facts): string {
  return number === undefined ? '-renewal' : '';
}

/** A log entry as a sentence. An action that a newer Siteseal wrote and that has no words here appears as its code. */
export function logSentence(action: string, facts: Facts): string {
  const variant = Object.hasOwn(variants, action) ? (variants[action]?.(facts) ?? '') : '';
  const key = `${action}${variant}`;
  const sentences: Readonly<Record<string, string>> = words.log;
  const sentence = (Object.hasOwn(sentences, key) && sentences[key]) || action;
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => visibleText(facts[name] ?? ''));
}

/** A warning about a run as a sentence. */
export function warningSentence({ code, rows }: RunWarning): string {
  return counted(words.warnings[code], rows);
}

/** What a verification of the log found proven, or not, as a sentence. */
export function verificationSentence(
  code: keyof Locale['verification'],
  facts: Readonly<Record<string, string | number>>,
): string {
  const forms = words.verification[code];
  const shown = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, visibleText(String(value))]),
  );
  return fill(typeof forms === 'string' ? forms : counted(forms, Number(facts['count'])), shown);
}
