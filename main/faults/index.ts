/**
 * Faults as values, and the lists of all codes: faults, rules, warnings, log actions. Imports nothing else of the product.
 * `words/` turns the codes into sentences.
 */
export { catalogue, exitCodes, type Category, type FaultCode } from './catalogue.ts';
export {
  assertNever,
  fault,
  ok,
  prependWhere,
  refuse,
  refused,
  type Fault,
  type Refused,
  type Result,
  type Where,
} from './fault.ts';
export { placeOfBug } from './bug.ts';
export { visibleText, visibleValue } from './visible-text.ts';
export { isRule, rules, type Rule } from './rule.ts';
export { logActions, logKinds, type LogAction, type LogKind } from './log-action.ts';
export { warningCodes, type RowWarning, type RunWarning, type WarningCode } from './warning.ts';
export { isStop, stopFault, type StopCode } from './stop-fault.ts';
export { unlessAborted } from './unless-aborted.ts';
