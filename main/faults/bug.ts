/**
 * Where a bug was thrown: the error's name and its stack frames, one a line. It leaves out the message, which could hold
 * a secret.
 */
export function placeOfBug(error: unknown): readonly [name: string, ...frames: string[]] {
  if (!(error instanceof Error)) return [typeof error];
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [error.name, ...frames];
}
