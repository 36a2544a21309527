import { visibleText } from '../faults/index.ts';
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

/** A log entry as a sentence. An action that a newer Siteseal wrote and that has no words here appears as its code. */
export function logSentence(action: string, facts: Readonly<Record<string, string>>): string {
  const key = facts['stoppedBy'] === undefined ? action : `${action}-stopped`;
  const sentences: Readonly<Record<string, string>> = words.log;
  const sentence = (Object.hasOwn(sentences, key) && sentences[key]) || action;
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => visibleText(facts[name] ?? ''));
}
