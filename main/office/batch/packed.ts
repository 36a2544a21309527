/**
 * Many byte strings, one after the other: a thread gets one piece of memory instead of a hundred thousand. A place may
 * be empty.
 */
export interface Packed {
  readonly bytes: Uint8Array;
  /** Where each one ends. */
  readonly ends: Uint32Array;
}

export function pack(all: readonly (Uint8Array | undefined)[]): Packed {
  const bytes = new Uint8Array(all.reduce((sum, one) => sum + (one?.length ?? 0), 0));
  const ends = new Uint32Array(all.length);
  let end = 0;
  for (const [index, one] of all.entries()) {
    if (one) bytes.set(one, end);
    end += one?.length ?? 0;
    ends[index] = end;
  }
  return { bytes, ends };
}

/** One of the byte strings, as a view. Undefined if it is empty. */
export function unpack({ bytes, ends }: Packed, index: number): Uint8Array | undefined {
  const one = bytes.subarray(ends[index - 1] ?? 0, ends[index]);
  return one.length > 0 ? one : undefined;
}
