/**
 * The same command with core dumps switched off, for it and for all processes that it starts: a dump would hold keys
 * and passphrases. Node cannot set the limit, so a shell sets it and then becomes the command. With a limit of 1 byte
 * Linux does not even start the program that collects dumps. Where that limit cannot be set, it is 0. Windows has no
 * such limit.
 * @param {readonly [string, ...string[]]} command
 * @returns {readonly [string, ...string[]]}
 */
export function withoutCoreDumps(command) {
  if (process.platform === 'win32') return command;
  const limit = 'prlimit --core=1 --pid $$ 2>/dev/null || ulimit -c 0';
  return ['/bin/sh', '-c', `${limit}; exec "$@"`, 'siteseal', ...command];
}
