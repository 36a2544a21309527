/** What the shell takes from its environment. */
export interface Settings {
  /** A Node binary to run the core on, instead of a utility process; ignored in a packaged app. */
  readonly coreNode: string | undefined;
  /** The exit code that asks the launching program for the browser host; undefined without a launching program. */
  readonly browserHostExitCode: number | undefined;
  /** Writes a line for the program that launched the shell; does nothing without one. */
  readonly tellLauncher: (line: string) => void;
}

/** The only place in the shell that reads the environment. `npm start` sets these variables (tools/start.ts). */
export function readSettings(): Settings {
  // eslint-disable-next-line no-restricted-properties -- the shell is an entry: nobody could pass it in
  const { SITESEAL_CORE_NODE: coreNode, SITESEAL_BROWSER_HOST_EXIT: exitCode } = process.env;
  const hasLauncher = exitCode !== undefined && /^\d+$/.test(exitCode);
  return {
    coreNode: coreNode === '' ? undefined : coreNode,
    browserHostExitCode: hasLauncher ? Number(exitCode) : undefined,
    tellLauncher: (line) => {
      if (hasLauncher) process.stdout.write(`siteseal-shell: ${line}\n`);
    },
  };
}
