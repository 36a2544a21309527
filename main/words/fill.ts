import { language } from './locales.ts';

/** Puts values into the `{places}` of a sentence. A place without a value stays. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A number with its noun, in the plural form that the language requires. */
export function counted(
  forms: { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>,
  count: number,
): string {
  return fill(forms[new Intl.PluralRules(language).select(count)] ?? forms.other, { count });
}
