export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * The canonical form of RFC 8785: no white space, members sorted by their UTF-16 code units, numbers and strings as
 * ECMAScript writes them. Input must be I-JSON (no lone surrogates, finite numbers), as `parseJson` ensures.
 */
export function canonicalise(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalise).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as JsonObject;
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalise(object[name] as JsonValue)}`);
  return `{${members.join(',')}}`;
}
