/**
 * The switches of Electron and Chromium that a packaged Siteseal takes. All others end it: many open the page or the
 * process to other programs, or weaken the sandbox, and each version of Chromium has new ones.
 */
const allowed: ReadonlySet<string> = new Set([
  // What Siteseal's own starter sets, for commands.
  'ozone-platform',
  'log-level',
  // What a display, a graphics card or a user's eyes may need.
  'disable-gpu',
  'force-device-scale-factor',
  'force-high-contrast',
  'force-renderer-accessibility',
  'lang',
  'ozone-platform-hint',
  'password-store',
  // Node's inspector: a fuse makes them ineffective. See tools/package/fuses.ts.
  'inspect',
  'inspect-brk',
]);

/** How a process was started. */
export interface Invocation {
  /** The arguments after the program. */
  readonly args: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** White space as Chromium knows it on Windows: with U+0085, which JavaScript does not count. */
const surroundingSpace = /^[\s\u0085]+|[\s\u0085]+$/g;

/**
 * The first switch of the command line that is not allowed, as it was written; undefined if all are. Looks at the
 * arguments as Chromium does (base/command_line.cc): it ignores white space around them, and ends at `--`.
 */
export function refusedSwitch({ args, platform }: Invocation): string | undefined {
  const isWindows = platform === 'win32';
  const prefix = isWindows ? /^(--?|\/)/ : /^--?/;
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end))
    .map((argument) => argument.replace(surroundingSpace, ''))
    .filter((argument) => prefix.test(argument) && argument !== '-')
    .find((argument) => {
      const [name = ''] = argument.replace(prefix, '').split('=');
      return !allowed.has(isWindows ? name.toLowerCase() : name);
    });
}
