import type { LogEntry } from '../core/index.ts';
import { fill, logSentence, logTexts, words } from '../words/index.ts';
import { filterOf, type FilterOptions } from './audit-filter.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { withLog, type LogOptions } from './with-log.ts';

const say = words.cli.audit;

/** The most entries that are shown. An export has them all. */
const mostShown = 1_000;

interface ShowOptions extends FilterOptions, LogOptions {
  readonly last: number;
}

/** `siteseal audit show` */
export function auditShow(_: readonly string[], options: ShowOptions): Promise<Outcome> {
  return withLog(options, (opened) => {
    const filter = filterOf(opened, options);
    if (!filter.ok) return failed(filter.fault);
    const { log } = opened;
    const limit = Math.min(options.last, mostShown);
    const { total, rows } = log.list(filter.value, { descending: true, offset: 0, limit });
    const entries = rows.toReversed();
    const lines = entries.map((entry) => lineOf(entry, log.people.nameOf(entry.actor.id)));
    const left = total - entries.length;
    const isFiltered = Object.keys(filter.value).length > 0;
    if (total === 0) lines.push(isFiltered ? say.noneMatch : say.none);
    return done({ total, entries }, [...(left > 0 ? [fill(say.left, { left })] : []), ...lines]);
  });
}

/** One line: when, to the second and in this computer's zone, who, and what. */
function lineOf({ sequence, time, actor, action, ...entry }: LogEntry, name = say.erased): string {
  const sentence = logSentence(action, logTexts(entry));
  return fill(say.line, { sequence, time: localTime(new Date(time)), name: name || actor.id, sentence });
}

/** `2026-11-15 13:00:00 +01:00` */
function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const local = new Date(date.getTime() + offset * 60_000).toISOString();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone}`;
}
