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
  'enb-certificates',
  'certificate-folder',
] as const;
export type FileKind = (typeof fileKinds)[number];

/** What a file can be that the user drops onto the window, or opens again. */
export const openableKinds = [
  'bundles',
  'inventory',
  'operator-profile',
  'vendor-root',
  'receipts',
  'log-heads',
] as const;
export type OpenableKind = (typeof openableKinds)[number];

/** What a path turns out to be. `unknown`: no file that Siteseal opens. */
export type LookedAtKind = OpenableKind | 'folder' | 'unknown';

/** Whether it is such a kind. Both ends of a channel check it. */
export function isLookedAtKind(value: unknown): value is LookedAtKind {
  return value === 'folder' || value === 'unknown' || isOpenableKind(value);
}

/** Whether files of this kind can be opened. */
export function isOpenableKind(value: unknown): value is OpenableKind {
  return (openableKinds as readonly unknown[]).includes(value);
}
