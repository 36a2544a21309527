import type { LogFilter } from '../../store/index.ts';
import type { LogPoint } from '../../tlog/index.ts';
import { fill, verificationSentence, words } from '../../words/index.ts';
import type { Names } from '../readable.ts';

/** What a filter asks for, in words, a line each. */
export function filterLines(filter: LogFilter, names: Names): readonly string[] {
  const say = words.cli.auditExport.filter;
  const { person } = filter;
  const values = {
    ...filter,
    actions: filter.actions?.join(', '),
    person: person === undefined ? undefined : (names.get(person) ?? person),
  };
  return Object.entries(say).flatMap(([name, sentence]) => {
    const value = values[name as keyof typeof say];
    return value === undefined || value === '' ? [] : [fill(sentence, { value })];
  });
}

/** The points of a verification as sentences. */
export function sentencesOf(points: readonly LogPoint[]): readonly string[] {
  return points.map(({ code, facts }) => verificationSentence(code, facts));
}
