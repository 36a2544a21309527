import en from '../../assets/locales/en.json' with { type: 'json' };

/** A rule that a value can break: the sentence for it says what was expected. */
export type Rule = keyof typeof en.rules;

/** Whether a text is the code of a rule. */
export function isRule(text: string): text is Rule {
  return Object.hasOwn(en.rules, text);
}
