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

/** A warning about a run as a sentence. */
export function warningSentence({ code, rows, from = '' }: RunWarning): string {
  return fill(counted(words.warnings[code], rows), { from });
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
