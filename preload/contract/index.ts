/**
 * The contract between the page and the core: every call with the schema of what goes in and what comes out, and the
 * events. Both sides are typed by it; the core parses what comes in by it. The page imports types only, and the steps.
 */
export { calls, type CallName, type Input, type Output, type ParsedInput } from './calls.ts';
export { clientMessage, type ClientMessage, type CoreMessage, type Topic } from './messages.ts';
export * from './domain.ts';
export * from './steps.ts';
export { fileKinds, type FileKind } from './file-kinds.ts';
