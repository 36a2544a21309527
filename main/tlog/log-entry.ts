/** What a verifier reads of an entry. */
export interface ReadEntry {
  readonly action: string;
  readonly actorId: string;
  readonly nameSha256: string;
  readonly sequence: number;
  /** RFC 3339, UTC, whole seconds. */
  readonly time: string;
  readonly training: boolean;
}

/** The most bytes of an entry, as C2SP tlog-tiles bounds them. */
const mostBytes = 65_535;

// Canonical JSON (RFC 8785) has one text for each value, so that one expression reads an entry. It is linear: at each
// character, one branch at most fits.
const string = String.raw`"(?:[^"\\\0-\x1f]|\\(?:["\\bfnrt]|u(?:00[01]|d[89a-f][0-9a-f])[0-9a-f]))*"`;
const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?`;
const strings = `\\[(?:${string}(?:,${string})*)?\\]`;
const object = (value: string) => `\\{(?:${string}:${value}(?:,${string}:${value})*)?\\}`;
const day = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const form = new RegExp(
  String.raw`^\{"action":"([a-z][a-z0-9-]*)","actor":\{"id":"([0-9a-f]{16})","nameSha256":"([0-9a-f]{64})","proof":"declared"\},` +
    `"bootId":${string},"facts":(${object(`(?:${string}|${number}|true|false|${strings})`)}),` +
    String.raw`"format":"siteseal-log-entry/1","monotonicMs":(?:0|[1-9]\d*),"sequence":(0|[1-9]\d{0,15}),` +
    `"subject":(${object(string)}),` +
    String.raw`"time":"(${day}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ)","training":(true|false)\}$`,
);

/** Reads an entry strictly, and says which rule it breaks otherwise. */
export function readEntry(text: string): ReadEntry | 'log-entry-size' | 'log-entry-form' {
  if (3 * text.length > mostBytes && new TextEncoder().encode(text).length > mostBytes)
    return 'log-entry-size';
  // Halves of characters would all have the bytes, and so the leaf, of U+FFFD.
  const found = text.isWellFormed() ? form.exec(text) : null;
  if (!found || !hasSortedNames(found[4] as string) || !hasSortedNames(found[6] as string))
    return 'log-entry-form';
  return {
    action: found[1] as string,
    actorId: found[2] as string,
    nameSha256: found[3] as string,
    sequence: Number(found[5]),
    time: found[7] as string,
    training: found[8] === 'true',
  };
}

/** Finds the name of each member in turn, given that the text has the form above. */
const nextName = new RegExp(`(${string}):(?:${string}|${strings}|[^,]*)[,}]`, 'y');

/** Whether an object has its members in the order of RFC 8785, and no name twice. */
function hasSortedNames(object: string): boolean {
  let before: string | undefined;
  for (nextName.lastIndex = 1; nextName.lastIndex < object.length - 1;) {
    const quoted = nextName.exec(object)?.[1];
    if (quoted === undefined) return false;
    const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
    if (before !== undefined && name <= before) return false;
    before = name;
  }
  return true;
}
