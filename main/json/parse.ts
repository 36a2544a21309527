import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { isPlain, type JsonValue } from './canonical.ts';

const maximumDepth = 32;

/** No document has more values. Each costs some microseconds every time it is looked at. */
const maximumValues = 20_000;

class JsonError extends Error {
  readonly rule: Rule;
  readonly offset: number;
  constructor(rule: Rule, offset: number) {
    super(rule);
    this.rule = rule;
    this.offset = offset;
  }
}

/**
 * Reads UTF-8 JSON strictly, as I-JSON (RFC 7493). Refuses duplicate names, lone surrogates and noncharacters, a byte
 * order mark, numbers that a double does not hold exactly as an integer or finite fraction, and anything after the
 * value. Objects have no prototype. Refuses with `json-malformed`, the line and the column.
 *
 * @param most how many values it may have
 */
export function parseJson(bytes: Uint8Array, most = maximumValues): Result<JsonValue, 'json-malformed'> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const isUtf16 = /^(fffe|feff)/.test(Buffer.from(bytes.subarray(0, 2)).toString('hex'));
    const found = isUtf16 ? { found: 'UTF-16' } : {};
    return refuse('json-malformed', { rule: 'json-utf8', ...found, where: placeOf(beforeFault(bytes)) });
  }
  try {
    return ok(new Parser(text, most).document());
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return refuse('json-malformed', { rule: error.rule, where: placeOf(text.slice(0, error.offset)) });
  }
}

/**
 * Reads unsigned JSON that the user has edited. Like `parseJson`, but allows the byte order mark that editors on
 * Windows write.
 */
export function parseEditedJson(bytes: Uint8Array): Result<JsonValue, 'json-malformed'> {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return parseJson(hasMark ? bytes.subarray(3) : bytes);
}

/** The line and column right after a text, as editors count them: both from 1, columns in characters. */
function placeOf(before: string): { readonly line: number; readonly column: number } {
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 };
}

/** The text before the first byte that is not UTF-8. */
function beforeFault(bytes: Uint8Array): string {
  let [text, end, bad] = ['', 0, bytes.length + 1];
  while (bad - end > 1) {
    const middle = Math.floor((end + bad) / 2);
    try {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      text = decoder.decode(bytes.subarray(0, middle), { stream: true }); // The cut may split a character.
      end = middle;
    } catch {
      bad = middle;
    }
  }
  return text;
}

class Parser {
  readonly #text: string;
  readonly #most: number;
  #at = 0;
  #count = 0;

  constructor(text: string, most: number) {
    this.#text = text;
    this.#most = most;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('json-syntax');
    return value;
  }

  #value(depth: number): JsonValue {
    if (++this.#count > this.#most) this.#fail('json-values');
    this.#space();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonValue {
    const object = Object.create(null) as Record<string, JsonValue>;
    this.#open(depth);
    if (this.#take('}')) return object;
    do {
      this.#space();
      const start = this.#at;
      const name = this.#string();
      if (name in object) this.#fail('json-duplicate-name', start);
      if (!this.#take(':')) this.#fail('json-syntax');
      object[name] = this.#value(depth);
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('json-syntax');
    return object;
  }

  #array(depth: number): JsonValue {
    const array: JsonValue[] = [];
    this.#open(depth);
    if (this.#take(']')) return array;
    do array.push(this.#value(depth));
    while (this.#take(','));
    if (!this.#take(']')) this.#fail('json-syntax');
    return array;
  }

  /** Takes the bracket that opens an object or array, which contains the values at `depth`. */
  #open(depth: number): void {
    if (depth > maximumDepth) this.#fail('json-depth');
    this.#at++;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') this.#fail('json-syntax');
    const quote = this.#text.indexOf('"', start + 1);
    const plain = this.#text.slice(start + 1, Math.max(quote, start + 1));
    if (quote > start && isPlain(plain)) {
      this.#at = quote + 1;
      return plain;
    }
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const value = this.#unescape(this.#text.slice(start, end + 1));
    this.#at = end + 1;
    if (!value.isWellFormed() || /\p{Noncharacter_Code_Point}/u.test(value))
      this.#fail('json-surrogate', start);
    return value;
  }

  /** Leaves escapes and allowed characters of strings to ECMAScript. */
  #unescape(token: string): string {
    try {
      return JSON.parse(token) as string;
    } catch {
      return this.#fail('json-syntax');
    }
  }

  #number(): number {
    const start = this.#at;
    const token = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    token.lastIndex = start;
    const match = token.exec(this.#text);
    if (!match) this.#fail('json-syntax');
    this.#at = token.lastIndex;
    const value = Number(match[0]);
    const isInteger = match[1] === undefined && match[2] === undefined;
    // Not every program rounds 6.99999999999999999999 to 7. No program rounds a number of up to fifteen digits.
    const digits = match[0].replace(/[eE].*|\D/g, '').replace(/^0+/, '').length;
    const isExact = isInteger ? Number.isSafeInteger(value) : !Number.isInteger(value) || digits <= 15;
    if (!Number.isFinite(value) || !isExact) this.#fail('json-number', start);
    return value;
  }

  #literal<Value extends JsonValue>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('json-syntax');
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }

  #fail(rule: Rule, offset = this.#at): never {
    throw new JsonError(rule, offset);
  }
}
