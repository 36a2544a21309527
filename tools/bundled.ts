/**
 * The packages that the build puts into its programs. One file loads faster than many. They are no `dependencies` of
 * package.json, because those are packed beside the programs.
 */
export const bundledPackages: readonly string[] = ['ws', 'zod'];
