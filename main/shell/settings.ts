/** What the shell takes from its surroundings. */
export interface Settings {
  /** A Node binary to run the core on, instead of a utility process; not heeded in a packaged app. */
  readonly coreNode: string | undefined;
  /** With this exit code the shell asks the program that started it for the browser host; undefined without one. */
  readonly browserHostExitCode: number | undefined;
  /** Writes a line for the program that started the shell, if one did that waits for it. */
  readonly tellLauncher: (line: string) => void;
}

/** The one place of the shell that reads the environment. `npm start` sets what it reads (tools/start.ts). */
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
