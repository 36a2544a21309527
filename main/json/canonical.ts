/** What a JSON text can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object; one that `parseJson` has made has no prototype. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * The canonical form of RFC 8785: no white space, members sorted by their UTF-16 code units, numbers and strings as
 * ECMAScript writes them. Input must be I-JSON (no lone surrogates, finite numbers), as `parseJson` ensures.
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

/** Most strings have no character that is to be escaped, and JSON.stringify takes its time to find that out. */
function quote(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}
