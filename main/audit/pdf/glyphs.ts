/** A piece of text that is drawn at once. */
export interface Piece {
  readonly shown: string;
  /** The text that it stands for, where the fonts cannot show it. */
  readonly actual?: string;
}

/** What breaking lines needs to know of the fonts. */
export interface Measure {
  /** Whether they can show a character. */
  readonly shows: (character: string) => boolean;
  /** The width of a text that they can show. */
  readonly widthOf: (text: string) => number;
}

/**
 * The parts of a text between which a line may end, each with the spaces after it. A character that the fonts lack appears as its number, such as
 * `[U+738B U+5C0F]` for two, and keeps itself for search, copying and screen readers.
 */
export function wordsOf(text: string, shows: Measure['shows']): readonly Piece[] {
  const pieces: Piece[] = [];
  let word = '';
  const end = () => {
    if (word !== '') pieces.push({ shown: word });
    word = '';
  };
  // Siteseal shows invisible characters in brackets that the fonts lack.
  const characters = Array.from(text.normalize('NFC').replaceAll('⟨', '[').replaceAll('⟩', ']'));
  const isLacking = characters.map((character) => !shows(character));
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
 */
export function breakLines(text: string, width: number, { shows, widthOf }: Measure): readonly Line[] {
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
  for (const piece of wordsOf(text, shows)) {
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
