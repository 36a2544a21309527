// A report as elements of the page.
import { visibleText, visibleValue, type Fault } from '../../main/faults/index.ts';
import { explain, logSentence } from '../../main/words/index.ts';
import { element, facts, icon, listed } from './dom.ts';
import { mostShown, type ListedEntry, type LogKey, type Report } from './report.ts';
import { fill, number, time, words } from './words.ts';

/** The verdict, and what it rests on. */
export function showReport(report: Report): readonly HTMLElement[] {
  const { fault, compared, proven, unproven, head, filter, keys } = report;
  return [
    element(
      'div',
      { class: fault ? 'verdict bad' : 'verdict good' },
      element('span', { class: 'seal' }, icon(fault ? 'bad' : 'good')),
      element('h2', {}, fault ? words.broken : words.intact),
      element('p', {}, fault ? explain(fault, 'window').meaning : report.result),
    ),
    ...(head.training === true ? [element('p', { class: 'training' }, words.log.training)] : []),
    ...(fault ? [showFault(fault)] : []),
    listed(words.compared.title, compared.map(visibleText)),
    listed(words.proven, proven.length > 0 ? proven.map(visibleText) : [words.provenNothing]),
    ...(unproven.length > 0 ? [listed(words.unproven, unproven.map(visibleText))] : []),
    element(
      'section',
      {},
      element('h3', {}, words.log.title),
      facts([
        [words.log.origin, head.origin === undefined ? undefined : mono(visibleValue(head.origin))],
        [words.log.size, head.size === undefined ? undefined : number(head.size)],
        [words.log.root, head.root === undefined ? undefined : digest(head.root)],
        [words.log.filter, filter && filterText(filter)],
      ]),
      ...(keys.length > 0 ? [showKeys(keys)] : []),
    ),
  ];
}

/** What is announced when the verification ends. */
export function verdictText({ fault, result }: Report): string {
  return fault ? `${words.broken}. ${explain(fault, 'window').meaning}` : `${words.intact}. ${result}`;
}

function showFault(fault: Fault): HTMLElement {
  const { cause, next, where, expected, found } = explain(fault, 'window');
  return element(
    'section',
    { class: 'fault' },
    facts([
      [words.fault.where, where],
      [words.fault.expected, expected],
      [words.fault.found, found],
      [words.fault.cause, cause],
      [words.fault.next, element('strong', {}, next)],
      [words.fault.code, mono(fault.code)],
    ]),
  );
}

function showKeys(keys: readonly LogKey[]): HTMLElement {
  const rows = keys.map(({ epoch, entry, since, key }) =>
    element(
      'li',
      {},
      fill(words.log.key, { epoch: number(epoch), entry: number(entry), since: time(since) }),
      element('br'),
      mono(visibleValue(key)),
    ),
  );
  return element(
    'details',
    {},
    element('summary', {}, `${words.log.keys}: ${number(keys.length)}`),
    element('ul', {}, ...rows),
  );
}

/** The first entries of an export. */
export function showEntries({ entries, listed: all, fault }: Report): readonly HTMLElement[] {
  if (entries.length === 0) return [];
  const isPart = !fault && all > entries.length;
  return [
    element('h2', {}, words.list.title),
    element('p', { class: 'quiet' }, words.sentences),
    ...(fault ? [element('p', {}, words.list.before)] : []),
    ...(isPart
      ? [element('p', {}, fill(words.list.first, { shown: number(mostShown), all: number(all) }))]
      : []),
    element('ol', { class: 'entries' }, ...entries.map(showEntry)),
  ];
}

function showEntry({
  sequence,
  time: when,
  action,
  personId,
  person,
  facts: texts,
}: ListedEntry): HTMLElement {
  const visible = Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, visibleText(value)]),
  );
  const who = person === undefined ? `${words.list.erased} (${personId})` : visibleValue(person);
  return element(
    'li',
    {},
    element('p', {}, visibleText(logSentence(action, visible))),
    element('p', { class: 'quiet' }, `${number(sequence)} · ${time(when)} · ${who}`),
    element(
      'details',
      {},
      element('summary', {}, fill(words.list.facts, { sequence: number(sequence) })),
      facts([
        [words.list.action, mono(visibleValue(action))],
        [words.list.person, mono(visibleValue(personId))],
        ...Object.entries(texts).map(
          ([name, value]) => [visibleText(name), mono(visibleValue(value))] as const,
        ),
      ]),
    ),
  );
}

function mono(text: string): HTMLElement {
  return element('span', { class: 'mono' }, text);
}

/** A digest in groups of four, as it is compared. */
function digest(hex: string): HTMLElement {
  return element(
    'span',
    { class: 'mono digest' },
    ...(hex.match(/.{4}/g) ?? []).map((four) => element('span', {}, four)),
  );
}

function filterText(filter: Readonly<Record<string, string>>): string {
  return Object.entries(filter)
    .map(([name, value]) => `${visibleText(name)}: ${visibleValue(value)}`)
    .join(', ');
}
