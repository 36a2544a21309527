import type { CallName, Output, ParsedInput } from '../../preload/contract/index.ts';
import type { Result } from '../faults/index.ts';

/** The functions that answer calls, by call name. Their inputs are already checked. */
export type Handlers<Name extends CallName = CallName> = {
  readonly [N in Name]: (input: ParsedInput<N>) => Result<Output<N>> | Promise<Result<Output<N>>>;
};
