import { createCore, personOf, type LogEntry, type OpenedStore } from '../core/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { fill, logSentence, logTexts, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';

const say = words.cli.audit;

/** The most entries that are shown. An export has them all. */
const mostShown = 1_000;

interface ShowOptions {
  readonly from?: Date;
  readonly to?: Date;
  readonly site?: string;
  readonly enb?: string;
  readonly actor?: string;
  readonly last: number;
  readonly training: boolean;
}

/** `siteseal audit show` */
export function auditShow(_: readonly string[], options: ShowOptions): Outcome {
  const core = createCore();
  try {
    const opened = core.stores.open(options.training);
    if (!opened.ok) return failed(opened.fault);
    const filter = filterOf(opened.value, options);
    if (!filter.ok) return failed(filter.fault);
    const { log } = opened.value;
    const limit = Math.min(options.last, mostShown);
    const { total, rows } = log.list(filter.value, { descending: true, offset: 0, limit });
    const entries = rows.toReversed();
    const lines = entries.map((entry) => lineOf(entry, log.people.nameOf(entry.actor.id)));
    const left = total - entries.length;
    return done({ total, entries }, [...(left > 0 ? [fill(say.left, { left })] : []), ...lines]);
  } finally {
    core.stores.close();
  }
}

function filterOf(opened: OpenedStore, { from, to, site, enb, actor }: ShowOptions) {
  const person: Result<string | undefined> = actor === undefined ? ok(undefined) : personOf(opened, actor);
  if (!person.ok) return person;
  return ok({
    ...(from && { from: seconds(from) }),
    ...(to && { to: seconds(to) }),
    ...(site !== undefined && { site }),
    ...(enb !== undefined && { serialNumber: enb }),
    ...(person.value !== undefined && { person: person.value }),
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

/** RFC 3339, UTC, whole seconds. */
function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
