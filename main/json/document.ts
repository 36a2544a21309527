import { z } from 'zod';
import { isRule, ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { parseJson } from './parse.ts';

/** A string with a pattern, and the rule that a fault reports when it does not match. */
function pattern(expression: RegExp, rule: Rule) {
  return z.string().regex(expression, rule);
}

const timePattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** The values that signed documents share, each in its only allowed form. */
export const fields = {
  /** RFC 3339, UTC, `Z`, whole seconds, an existing calendar day. */
  time: pattern(timePattern, 'json-time').refine(
    (text) => !timePattern.test(text) || new Date(text).toISOString() === text.replace('Z', '.000Z'),
    'json-time' satisfies Rule,
  ),
  sha256: pattern(/^[0-9a-f]{64}$/, 'json-digest'),
  oid: pattern(/^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d{0,38}))(?:\.(?:0|[1-9]\d{0,38})){0,31}$/, 'json-oid'),
  uuid: pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'json-uuid'),
  /** Padded, on one line, unused bits zero: one text for each value. */
  base64: z
    .string()
    .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'json-base64' satisfies Rule),
  /** 1 to 1024 UTF-16 code units. The code that uses the text checks what it may contain. */
  text: z
    .string()
    .min(1, 'json-empty' satisfies Rule)
    .max(1024, 'json-long' satisfies Rule),
};

/**
 * Reads a JSON document strictly, against its schema. The first member must be `format`, with the schema's value.
 * Unknown members are refused. Optional members are absent, never null. Refuses with `json-malformed`, the rule and
 * the member.
 *
 * @param most how many values it may have; by default as many as `parseJson` allows
 */
export function readDocument<Schema extends z.ZodType>(
  bytes: Uint8Array,
  format: string,
  schema: Schema,
  most?: number,
): Result<z.infer<Schema>, 'json-malformed'> {
  const parsed = parseJson(bytes, most);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const [first] = isObject ? Object.entries(value) : [];
  if (first?.[0] !== 'format' || first[1] !== format) {
    const found =
      first?.[0] === 'format' && typeof first[1] === 'string'
        ? { found: first[1].slice(0, 64).toWellFormed() }
        : {};
    return refuse('json-malformed', { rule: 'json-format', expected: format, ...found });
  }
  return readValue(value, schema);
}

/** Checks a value against a schema. */
export function readValue<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): Result<z.infer<Schema>, 'json-malformed'> {
  const checked = schema.safeParse(value);
  if (checked.success) return ok(checked.data);
  const [issue] = checked.error.issues;
  return refuse('json-malformed', issue ? describeIssue(issue) : {});
}

/** Never includes the values: they may be secret. */
function describeIssue(issue: z.core.$ZodIssue): {
  readonly rule: Rule;
  readonly where?: { readonly field: string };
} {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const field = path.map(String).join('.').slice(0, 200).toWellFormed();
  if (issue.code === 'unrecognized_keys') return { rule: 'json-unknown-member', where: { field } };
  const rule = isRule(issue.message) ? issue.message : 'json-type';
  return field === '' ? { rule } : { rule, where: { field } }; // the document itself has no name
}
