import text from '../../assets/locales/en/verifier.json' with { type: 'json' };

/** The words of this page. Those of faults, entries and what is proven are Siteseal's. */
export const words = text;

export { fill } from '../../main/words/index.ts';

const numbers = new Intl.NumberFormat('en-GB');
const plurals = new Intl.PluralRules('en');

/** A number as people read it. */
export function number(value: number): string {
  return numbers.format(value);
}

/** A number with its noun. */
export function counted(forms: { readonly one: string; readonly other: string }, value: number): string {
  const form = plurals.select(value) === 'one' ? forms.one : forms.other;
  return form.replace('{count}', number(value));
}

/** An RFC 3339 time of an entry as people read it. */
export function time(value: string): string {
  return value.replace('T', ' ').replace('Z', ' UTC');
}
