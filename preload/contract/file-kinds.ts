/**
 * The kinds of files that the user can be asked to choose. In a separate file for the shell and the bridge, which do
 * not load the schemas.
 */
export const fileKinds = [
  'inventory',
  'operator-profile',
  'bundles',
  'vendor-root',
  'output-folder',
  'log-heads',
] as const;
export type FileKind = (typeof fileKinds)[number];
