import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';

/** Adds a command. commander passes the options to `run` as `declare` has declared them. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- each command names its own options
export type Add = <Options extends object>(
  parent: Command,
  name: string,
  description: string,
  declare: (command: Command) => Command,
  run: (args: readonly string[], options: Options) => Promise<Outcome> | Outcome,
) => void;
