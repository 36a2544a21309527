/** JSON for signed documents: strict reading as I-JSON (RFC 7493), the canonical form of RFC 8785, and schemas. */
export { canonicalise, type JsonObject, type JsonValue } from './canonical.ts';
export { fields, readDocument, readValue } from './document.ts';
export { parseEditedJson, parseJson } from './parse.ts';
