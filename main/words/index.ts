/** The language of this process, and faults, checks and log entries as sentences in it. */
export {
  explain,
  faultLines,
  faultRecord,
  faultSentence,
  type Explanation,
  type FaultRecord,
} from './explain.ts';
export { csvLine, cellText, writeCsv } from './csv.ts';
export { counted, fill } from './fill.ts';
export { language, languageOf, locales, words, type Advice } from './locales.ts';
export { logLabel, logSentence, logTexts, logValue, type LogTextSource } from './log-words.ts';
export { checkSentence, verificationSentence, warningSentence, whyPhrase } from './sentences.ts';
