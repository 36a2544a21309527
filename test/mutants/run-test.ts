import { spawn } from 'node:child_process';

/** The result of a test file. `hung`: it exceeded its time and was killed, with everything it had started. */
export type TestOutcome = 'passed' | 'failed' | 'hung';

/** Runs a script of a tree with arguments, for at most `deadline` milliseconds. */
export function runScript(
  tree: string,
  args: readonly string[],
  deadline: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestOutcome> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { cwd: tree, env, stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    let isOver = false;
    const end = setTimeout(() => {
      isOver = true;
      endGroup(child.pid);
    }, deadline);
    child.on('exit', (code) => {
      clearTimeout(end);
      endGroup(child.pid);
      resolve(isOver ? 'hung' : code === 0 ? 'passed' : 'failed');
    });
  });
}

/** Runs one test file alone. */
export function runTest(
  tree: string,
  test: string,
  deadline: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestOutcome> {
  return runScript(tree, [test], deadline, environment);
}

/** Ends the processes that a test has left running, too. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}
