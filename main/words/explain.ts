import { prependWhere, visibleValue, type Fault, type FaultCode, type Where } from '../faults/index.ts';
import { fill } from './fill.ts';
import { words, type Advice, type Fixer, type SystemWords } from './locales.ts';

/** A fault in words. */
export interface Explanation {
  readonly meaning: string;
  readonly expected?: string;
  readonly found?: string;
  /** One phrase: `inventory.csv, row 3, line 4, field vlan`. */
  readonly where?: string;
  readonly cause: string;
  /** Who can fix it: a role, and its words. */
  readonly fixer: Fixer;
  readonly mendedBy: string;
  readonly next: string;
  readonly because?: Explanation;
}

/**
 * Puts a fault into words. If the runtime lacks an algorithm, Siteseal learned nothing about the data, so the words
 * report only that. Text from files and other devices appears as `visibleValue` shows it.
 *
 * @param place where the user reads it: the window has buttons where the terminal has commands
 */
export function explain(whole: Fault, place: 'terminal' | 'window' = 'terminal'): Explanation {
  const fault = lackBeneath(whole) ?? whole;
  const { inWindow, ...general } = words.faults[fault.code];
  const inPlace = { ...general, ...(place === 'window' && inWindow) };
  const { meaning, cause, mendedBy, next } = { ...inPlace, ...systemWords(fault), ...adviceOn(fault) };
  const value = fault.expected === undefined ? undefined : visibleValue(fault.expected);
  const expected = fault.rule ? words.rules[fault.rule].replace('{expected}', () => value ?? '') : value;
  const found = foundPhrase(fault);
  return {
    meaning,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    ...(fault.where && { where: wherePhrase(fault.where) }),
    cause,
    fixer: mendedBy,
    mendedBy: words.explanation.mendedBy[mendedBy],
    next,
    ...(fault.because && { because: explain(fault.because, place) }),
  };
}

/** The missing algorithm that caused a fault, with the place of that fault. */
function lackBeneath({ because, where = {} }: Fault): Fault | undefined {
  if (because === undefined) return undefined;
  const lack = because.code === 'runtime-lacks-algorithm' ? because : lackBeneath(because);
  return lack && prependWhere(lack, where);
}

function systemWordsOf(code: string | undefined): SystemWords | undefined {
  const { system } = words.explanation;
  return code !== undefined && Object.hasOwn(system, code) ? system[code] : undefined;
}

/** Faults whose cause and remedy depend on the system's error code. */
const explainedBySystem: ReadonlySet<FaultCode> = new Set(['device-unreachable', 'runtime-lacks-algorithm']);

function systemWords({ code, found }: Fault): Partial<SystemWords> {
  const { cause, next } = (explainedBySystem.has(code) && systemWordsOf(found)) || {};
  return { ...(cause !== undefined && { cause }), ...(next !== undefined && { next }) };
}

function adviceOn({ rule }: Fault): Advice | undefined {
  return rule && words.advice[rule];
}

/** Faults of an answer that nobody has authenticated, so that what was found there may be anyone's. */
const unauthenticated: ReadonlySet<FaultCode> = new Set([
  'cmp-unauthentic',
  'cmp-algorithm',
  'cmp-signer-unfit',
]);

function foundPhrase({ code, found }: Fault): string | undefined {
  if (code === 'bundle-refused') return failedChecks(found);
  if (code === 'work-under-way' || code === 'work-busy') return found?.split(', ').map(workPhrase).join('; ');
  if (unauthenticated.has(code) && found !== undefined)
    return fill(words.explanation.notAuthenticated, { text: visibleValue(found) });
  const system = systemWordsOf(found);
  if (system) return `${system.found} (${found})`;
  return found === undefined ? undefined : visibleValue(found);
}

function workPhrase(kind: string): string {
  const { work } = words.explanation;
  return Object.hasOwn(work, kind) ? work[kind as keyof typeof work] : visibleValue(kind);
}

/** The failed checks in words, from their codes, which `, ` separates. */
function failedChecks(codes: string | undefined): string | undefined {
  return codes
    ?.split(', ')
    .map((code) =>
      isCheck(code)
        ? fill(words.checks.failed, { check: words.checks.checks[code], code })
        : visibleValue(code),
    )
    .join('; ');
}

function isCheck(code: string): code is keyof typeof words.checks.checks {
  return Object.hasOwn(words.checks.checks, code);
}

const whereOrder = [
  'file',
  'row',
  'line',
  'column',
  'field',
  'certificate',
  'address',
  'offset',
  'entry',
  'lastEntry',
] as const;

function wherePhrase(where: Where): string {
  const parts = whereOrder.flatMap((name) => {
    const value = where[name];
    if (value === undefined) return [];
    const shown = visibleValue(String(value));
    return name === 'file' ? [shown] : [`${words.explanation.where[name]} ${shown}`];
  });
  return parts.join(', ');
}

/** One or two sentences: what happened and where, with what was expected and found. */
export function faultSentence(fault: Fault): string {
  const { meaning, expected, found, where, because } = explain(fault);
  const { headings } = words.explanation;
  const facts = [
    where,
    expected === undefined ? undefined : `${headings.expected} ${expected}`,
    found === undefined ? undefined : `${headings.found} ${found}`,
  ].filter((part) => part !== undefined);
  const own = facts.length > 0 ? `${meaning.replace(/\.$/, '')}: ${facts.join('; ')}.` : meaning;
  return because && fault.because ? `${own} ${faultSentence(fault.because)}` : own;
}

/** The lines that the terminal shows. */
export function faultLines(fault: Fault): readonly string[] {
  const { cause, mendedBy, next } = explain(fault);
  const { headings } = words.explanation;
  return [
    `${fault.code}: ${faultSentence(fault)}`,
    `  ${headings.cause}: ${cause}`,
    `  ${headings.mendedBy}: ${mendedBy}`,
    `  ${headings.next}: ${next}`,
  ];
}

/** A fault as scripts read it: its code, its facts unchanged, and the words. */
export interface FaultRecord extends Omit<Fault, 'because'> {
  readonly message: string;
  readonly cause: string;
  readonly mendedBy: string;
  readonly next: string;
  readonly because?: FaultRecord;
}

/** The fault for JSON output, with its words and those of the faults that caused it. */
export function faultRecord(fault: Fault): FaultRecord {
  const { meaning: message, expected, cause, mendedBy, next } = explain(fault);
  const { because, ...facts } = fault;
  return {
    ...facts,
    ...(expected !== undefined && { expected }),
    message,
    cause,
    mendedBy,
    next,
    ...(because && { because: faultRecord(because) }),
  };
}
