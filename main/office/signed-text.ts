import { nameFromText } from '../pki/index.ts';

/**
 * Characters that signed names must not contain. They are invisible or change the reading order of the text around
 * them, so that one name can pass for another. The joiners U+200C and U+200D are allowed: some scripts need them.
 */
const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** Whether a text contains a hidden character, directly or as an escape in a distinguished name. */
export function hidesCharacter(text: string): boolean {
  if (hidden.test(text)) return true;
  if (!text.includes('\\')) return false;
  const name = nameFromText(text);
  return name.ok && name.value.rdns.some((rdn) => rdn.some(({ value }) => hidden.test(value)));
}
