/** What a person can be asked to choose. It stands by itself, for the shell and the bridge, which have no schemas. */
export const fileKinds = [
  'inventory',
  'operator-profile',
  'bundles',
  'vendor-root',
  'output-folder',
] as const;
export type FileKind = (typeof fileKinds)[number];
