import { visibleText } from '../faults/index.ts';

/**
 * Detects damage that spreadsheets do to text they misinterpret. Everything here works on UTF-8 bytes, because a secret
 * must never become a string.
 */

/**
 * Whether a spreadsheet has clearly changed a cell. Signs are an error value, a number in scientific notation, a blank
 * or invisible character at either end, and typographic quotes around the text.
 */
export function isChangedBySpreadsheet(cell: Uint8Array): boolean {
  if (cell.length === 0) return false;
  const [first, last] = [codePointAt(cell, 0), codePointAt(cell, lastStart(cell))];
  if (isUnseen(first) || isUnseen(last)) return true;
  if (typographicQuotes.has(first) && typographicQuotes.has(last)) return true;
  return isErrorValue(cell) || isScientific(cell);
}

/** Whether UTF-8 bytes from `start` to `end` hold only blanks and invisible characters. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const point = codePointAt(bytes, at);
    if (point > 0x20 && point < 0x7f) return false; // nearly every cell ends the loop here
    if (!/[\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(String.fromCodePoint(point))) return false;
    at += lengthOf(bytes[at] ?? 0);
  }
  return true;
}

/** How many bytes a UTF-8 character has that starts with this byte. */
export function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = lengthOf(first);
  if (length === 1) return first;
  let point = first & (0x7f >> length);
  for (const byte of bytes.subarray(at + 1, at + length)) point = (point << 6) | (byte & 0x3f);
  return point;
}

/** Where the last character starts. */
function lastStart(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}

/** Whether a character is a blank of any kind, or invisible. */
function isUnseen(point: number): boolean {
  if (point > 0x20 && point < 0x7f) return false;
  const character = String.fromCodePoint(point);
  return character === ' ' || visibleText(character) !== character;
}

const points = (text: string): ReadonlySet<number> =>
  new Set(Array.from(text, (one) => one.codePointAt(0) ?? 0));
const typographicQuotes = points('“”„‟‘’‚‛«»‹›');

const code = (character: string) => character.charCodeAt(0);
const longestErrorValue = 32;

/** Matches `#NAME?`, `#REF!`, `#DIV/0!`, `#N/A` and their translations, `####`, and `Err:502`. */
function isErrorValue(cell: Uint8Array): boolean {
  if (cell.every((byte) => byte === code('#'))) return true;
  if (cell.length > longestErrorValue) return false;
  if (cell.length === 7 && startsWith(cell, 'Err:')) return cell.subarray(4).every(isDigit);
  const isMarked = cell.at(-1) === code('!') || cell.at(-1) === code('?');
  const name = cell.subarray(1, isMarked ? -1 : undefined);
  return cell[0] === code('#') && name.length > 0 && name.every(isOfErrorName);
}

function startsWith(cell: Uint8Array, text: string): boolean {
  return Array.from(text).every((character, at) => cell[at] === code(character));
}

/** A capital letter, a byte beyond ASCII, or one of `errorNameSigns`. */
function isOfErrorName(byte: number): boolean {
  const isCapital = byte >= code('A') && byte <= code('Z');
  return isCapital || byte >= 0x80 || errorNameSigns.has(byte);
}

const errorNameSigns = points('/_. 0');

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= code('0') && byte <= code('9');
}

/** Matches `^[+-]?\d([.,]\d+)?E[+-]\d+$`. */
function isScientific(cell: Uint8Array): boolean {
  const isOneOf = (at: number, characters: string) => {
    const byte = cell[at];
    return byte !== undefined && characters.includes(String.fromCharCode(byte));
  };
  const digitsEnd = (start: number) => {
    let at = start;
    while (isDigit(cell[at])) at++;
    return at;
  };
  let at = isOneOf(0, '+-') ? 1 : 0;
  if (!isDigit(cell[at])) return false;
  at++;
  if (isOneOf(at, '.,')) {
    const end = digitsEnd(at + 1);
    if (end === at + 1) return false;
    at = end;
  }
  if (!isOneOf(at, 'E') || !isOneOf(at + 1, '+-')) return false;
  return digitsEnd(at + 2) > at + 2 && digitsEnd(at + 2) === cell.length;
}
