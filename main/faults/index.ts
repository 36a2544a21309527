/**
 * The ground that everything stands on: faults as values, the catalogue of their codes, and the words in which
 * people read them. Imports nothing of the product.
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
export {
  checkSentence,
  explain,
  faultLines,
  faultRecord,
  faultSentence,
  logSentence,
  whyPhrase,
  type Explanation,
  type FaultRecord,
} from './words.ts';
export { visibleText, visibleValue } from './visible-text.ts';
export { isRule, type Rule } from './rule.ts';
