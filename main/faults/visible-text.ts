/**
 * Characters that are invisible or change how their surroundings read: controls, bidirectional and other format
 * characters, fillers, blanks other than the space, halves of surrogate pairs, noncharacters. Excludes the Arabic,
 * Syriac, Kaithi and Egyptian signs that Unicode counts as format characters, because they are visible.
 */
const unseen =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800[\p{Zs}--[ ]][\p{Cf}--[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{13430}-\u{1343f}]]]/gv;

/**
 * Characters that belong to writing after a letter, mark or symbol beyond ASCII: the joiners of Persian, Indic scripts
 * and emoji, variation selectors, and the blank of Chinese and Japanese. Anywhere else they are merely invisible.
 */
const writing =
  /(?<=[[\p{L}\p{M}\p{S}]--[\p{ASCII}]])[\u034f\u180b-\u180d\u180f\u200c\u200d\u3000\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gv;

/** Text without anything to look for, which most texts are. */
const plain = /^[ -~]*$/;

/**
 * Makes untrusted text safe to show. Each invisible character becomes its code point, such as `⟨U+202E⟩`. The text can
 * then not control a terminal, start a line, reverse what follows, or pass for another text. All other text is
 * unchanged, in any script.
 */
export function visibleText(text: string): string {
  if (plain.test(text)) return text;
  const kept = new Set(Array.from(text.matchAll(writing), ({ index }) => index));
  return text.replace(unseen, (character, index: number) =>
    kept.has(index) ? character : codePoint(character),
  );
}

/** Like `visibleText`, for a single value: also shows spaces at its ends. */
export function visibleValue(text: string): string {
  return visibleText(text).replace(/^ +| +$/g, (spaces) => codePoint(' ').repeat(spaces.length));
}

function codePoint(character: string): string {
  const digits = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `⟨U+${digits}⟩`;
}
