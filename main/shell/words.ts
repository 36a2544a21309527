import en from '../../assets/locales/en.json' with { type: 'json' };

/** The words of the shell itself: dialogs, menu and what it says when there is no core. */
export const words = en.shell;

/** Puts values into a sentence with places such as `{name}`. */
export function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
