/** A piece of text that is drawn at once. */
export interface Piece {
  readonly shown: string;
  /** The text that it stands for, where the fonts cannot show it. */
  readonly actual?: string;
}

/** The characters that the fonts in assets/fonts/ can show: Latin, and the signs around it. */
const covered =
  /[ -~\u00a0-\u00ac\u00ae-\u00b4\u00b6-\u0107\u010a-\u0113\u0116-\u011b\u011e-\u0123\u0126\u0127\u012a\u012b\u012e-\u0133\u0136\u0137\u0139-\u013e\u0141-\u0148\u0150-\u0155\u0158-\u015b\u015e-\u0165\u016a\u016b\u016e-\u017e\u0192\u0218-\u021b\u0237\u02c6\u02c7\u02c9\u02da\u02dc\u02dd\u0300\u0301\u0303\u0304\u0308\u1e80-\u1e85\u1e9e\u1ef2\u1ef3\u2009\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020\u2022\u2026\u2039\u203a\u2044\u20ac\u2122\u2212\u2215]/u;

/** Whether the fonts can show a character. */
export function isCovered(character: string): boolean {
  return covered.test(character);
}

/**
 * The parts of a text between which a line may end, each with the spaces after it. A character that the fonts lack appears as its number, such as
 * `[U+738B U+5C0F]` for two, and keeps itself for search, copying and screen readers.
 */
export function wordsOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let word = '';
  const end = () => {
    if (word !== '') pieces.push({ shown: word });
    word = '';
  };
  // Siteseal shows invisible characters in brackets that the fonts lack.
  const characters = Array.from(text.normalize('NFC').replaceAll('⟨', '[').replaceAll('⟩', ']'));
  const isLacking = characters.map((character) => !isCovered(character));
  for (const [index, character] of characters.entries()) {
    if (isLacking[index]) {
      end();
      const start = isLacking[index - 1] ? '' : '[';
      const stop = isLacking[index + 1] ? ' ' : ']';
      pieces.push({ shown: `${start}${codePoint(character)}${stop}`, actual: character });
    } else {
      if (character !== ' ' && /(\w-| )$/.test(word)) end();
      word += character;
    }
  }
  end();
  return pieces;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A line of text, as pieces from left to right. */
export type Line = readonly Piece[];

/**
 * Breaks a text into lines that fit a width. Breaks after spaces, and inside a word only if the word alone is too wide.
 *
 * @param widthOf the width of a text in the unit of `width`
 */
export function breakLines(text: string, width: number, widthOf: (text: string) => number): readonly Line[] {
  const lines: Piece[][] = [];
  let line: Piece[] = [];
  let used = 0;
  const add = (piece: Piece): void => {
    const last = line.at(-1);
    const isSame = last !== undefined && (last.actual === undefined) === (piece.actual === undefined);
    if (isSame) line[line.length - 1] = joined(last, piece);
    else line.push(piece);
    used += widthOf(piece.shown);
  };
  const next = (): void => {
    lines.push(line);
    line = [];
    used = 0;
  };
  for (const piece of wordsOf(text)) {
    const needed = widthOf(piece.shown.trimEnd());
    if (used > 0 && used + needed > width) next();
    if (needed <= width || piece.actual !== undefined) {
      add(piece);
      continue;
    }
    for (const character of piece.shown) {
      if (used > 0 && used + widthOf(character.trimEnd()) > width) next();
      add({ shown: character });
    }
  }
  if (line.length > 0) next();
  return lines;
}

function joined(one: Piece, other: Piece): Piece {
  const shown = one.shown + other.shown;
  return one.actual === undefined ? { shown } : { shown, actual: one.actual + (other.actual ?? '') };
}
