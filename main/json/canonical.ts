/** A value of JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object. Objects from `parseJson` have no prototype. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * The canonical form of RFC 8785: no white space, members sorted by their UTF-16 code units, numbers and strings as
 * ECMAScript writes them. The input must be I-JSON (no lone surrogates, finite numbers), as `parseJson` ensures.
 */
export function canonicalise(value: JsonValue): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalise).join(',')}]`;
  const object = value as JsonObject;
  let members = '';
  for (const name of Object.keys(object).sort())
    members += `${members && ','}${quote(name)}:${canonicalise(object[name] as JsonValue)}`;
  return `{${members}}`;
}

/** Avoids the slower JSON.stringify: most strings have nothing to escape. */
function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** Whether a text is ASCII that a JSON string holds as it is. */
export function isPlain(text: string): boolean {
  return /^[ !#-[\]-~]*$/.test(text);
}
