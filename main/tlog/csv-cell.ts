/**
 * A spreadsheet runs a cell that begins with one of these signs, also the full-width ones. Some countries separate cells
 * by semicolons, so that such a cell can begin inside an entry.
 */
const formula = /(?<=[,;][ "]*)[=+\-@\uff0b\uff0d\uff1d\uff20]/g;

/** An escape of JSON, as a whole, with the code of a sign that `cellOfEntry` escapes. */
const escape = /\\(?:u(00(?:2b|2d|3d|40)|ff(?:0b|0d|1d|20))|.)/gs;

/**
 * An entry as the text of a cell in CSV: the same JSON, with `\uXXXX` for each sign that could start a formula. Canonical
 * JSON has no such escapes, so that `entryOfCell` finds the exact entry.
 */
export function cellOfEntry(entry: string): string {
  return entry.replace(formula, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The exact entry of a cell that `cellOfEntry` made. */
export function entryOfCell(cell: string): string {
  return cell.replace(escape, (found, code: string | undefined) =>
    code === undefined ? found : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
