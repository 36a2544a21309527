import { nameFromText } from '../pki/index.ts';

/**
 * Characters that may not stand in a name that is signed: they cannot be seen, or change the order in which their
 * surroundings are read, so that one name passes for another. The joiners U+200C and U+200D are part of writing.
 */
const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** Whether a text that is to be signed holds such a character, also behind the escapes of a distinguished name. */
export function hidesCharacter(text: string): boolean {
  if (hidden.test(text)) return true;
  if (!text.includes('\\')) return false;
  const name = nameFromText(text);
  return name.ok && name.value.rdns.some((rdn) => rdn.some(({ value }) => hidden.test(value)));
}
