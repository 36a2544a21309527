// The user's files as streams and texts.
import { UnreadableExport } from '../../main/tlog/index.ts';
import type { Work } from './work.ts';

/** A file cannot be read as what it should be. */
export class Unreadable extends Error {
  readonly reason: UnreadableExport['reason'] | 'unreadable';
  /** The file's name. */
  readonly file: string;

  constructor(reason: Unreadable['reason'], file: string) {
    super(reason);
    this.reason = reason;
    this.file = file;
  }
}

/** The bytes of a file in chunks. Ends early if the work is stopped. */
export async function* bytesOf(file: File, work: Work): AsyncGenerator<Uint8Array, void> {
  const reader = file.stream().getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  work.signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new Unreadable('unreadable', file.name);
      });
      if (done) return;
      work.took(value.length);
      yield value;
    }
  } finally {
    work.signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Batches from a file, so that what is wrong with it bears its name. */
export async function* named<Batch>(
  { name }: File,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch, void> {
  try {
    yield* batches;
  } catch (error) {
    throw error instanceof UnreadableExport ? new Unreadable(error.reason, name) : error;
  }
}

/** The text of a small file. Undefined if it is larger than this, or not text in UTF-8. */
export async function smallText(file: File, most: number): Promise<string | undefined> {
  if (file.size > most) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}
