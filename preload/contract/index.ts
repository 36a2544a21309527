/**
 * The contract between the page and the core: every call with the schemas of its input and output, and the events. Both
 * sides take their types from it, and the core parses its input with it. The page imports only types, the steps
 * and the commands.
 */
export { calls, type CallName, type Input, type Output, type ParsedInput } from './calls.ts';
export { clientMessage, type ClientMessage, type CoreMessage, type Topic } from './messages.ts';
export * from './domain.ts';
export * from './steps.ts';
export { fileKinds, type FileKind, type LookedAtKind, type OpenableKind } from './file-kinds.ts';
