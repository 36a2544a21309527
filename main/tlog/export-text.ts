// The files of an export as streams: lines, and the records of a CSV. No file is held whole.

/** A file cannot be read as what it should be. */
export class UnreadableExport extends Error {
  readonly reason: 'not-text' | 'not-csv' | 'too-long';

  constructor(reason: UnreadableExport['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** The most characters of a line or record. An entry has at most 65,535 bytes, and formats can double them. */
const longest = 1_048_576;

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of bytes) yield decode(decoder, chunk);
  yield decode(decoder);
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new UnreadableExport('not-text');
  }
}

/** The lines of a file, in batches, without their ends. An empty line at the end does not count. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of textOf(bytes)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) throw new UnreadableExport('too-long');
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  if (rest !== '') yield [rest];
}

/** The records of a CSV (RFC 4180), in batches. Its first record shows which character separates cells. */
export async function* recordsOf(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly (readonly string[])[]> {
  let rest = '';
  let separator: string | undefined;
  for await (const chunk of textOf(bytes)) {
    rest += chunk;
    separator ??= /[,;\t]/.exec(rest)?.[0];
    if (separator === undefined) {
      if (rest.length > longest) throw new UnreadableExport('too-long');
      continue;
    }
    const { records, end } = splitRecords(rest, separator);
    rest = rest.slice(end);
    if (rest.length > longest) throw new UnreadableExport('too-long');
    yield records;
  }
  if (rest === '') return;
  const { records, end } = splitRecords(`${rest}\n`, separator ?? ',');
  yield records;
  if (end <= rest.length) throw new UnreadableExport('not-csv');
}

/** The complete records at the start of a text, and where they end. */
function splitRecords(
  text: string,
  separator: string,
): { readonly records: readonly (readonly string[])[]; readonly end: number } {
  const records: string[][] = [];
  // A cell is quoted, with quotes doubled, or bare. What ends it shows whether a record ends.
  const cell = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n)`, 'y');
  let record: string[] = [];
  let end = 0;
  for (let match = cell.exec(text); match; match = cell.exec(text)) {
    const [, quoted, bare = '', ending] = match;
    record.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (ending === separator) continue;
    records.push(record);
    record = [];
    end = cell.lastIndex;
  }
  return { records, end };
}

/** Takes items one by one from batches. Only a new batch costs a promise. */
export class Queue<Item> {
  readonly #batches: AsyncGenerator<readonly Item[]>;
  #batch: readonly Item[] = [];
  #at = 0;

  constructor(batches: AsyncGenerator<readonly Item[]>) {
    this.#batches = batches;
  }

  /** The next item if it is here already. */
  ready(): Item | undefined {
    return this.#batch[this.#at++];
  }

  /** Waits for the next item. Undefined at the end. */
  async next(): Promise<Item | undefined> {
    while (this.#at >= this.#batch.length) {
      const next = await this.#batches.next();
      if (next.done === true) return undefined;
      this.#batch = next.value;
      this.#at = 0;
    }
    return this.#batch[this.#at++];
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}
