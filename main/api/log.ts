import { join } from 'node:path';
import type { LogFilter as AskedFilter, LogRow } from '../../preload/contract/index.ts';
import { ReadableEntry, type AuditLog, type LogEntry } from '../audit/index.ts';
import { saveHead } from '../core/index.ts';
import { logActions, ok, refuse, visibleText, type LogAction, type Result } from '../faults/index.ts';
import type { LogFilter } from '../store/index.ts';
import { logLabel, logValue } from '../words/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';
import { LogWork, stampOf } from './log-work.ts';

/** The audit log of the current store, in sentences, and the names of the people in it. */
export function logHandlers(
  context: ApiContext,
): Handlers<
  | 'log.list'
  | 'log.get'
  | 'log.head'
  | 'log.declareName'
  | 'log.eraseName'
  | 'log.verify'
  | 'log.export'
  | 'log.saveHead'
> {
  const work = new LogWork(context);
  return {
    'log.list': ({ filter, ...page }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { log } = opened.value;
      const { total, rows } = log.list(storeFilter(filter), page);
      return ok({ total, rows: rows.map((entry) => rowView(log, entry)) });
    },
    'log.get': () => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { log } = opened.value;
      const current = log.people.currentId();
      const head = log.newestHead();
      return ok({
        ...(head && { origin: head.origin }),
        entries: head?.size ?? 0,
        ...work.view(opened.value),
        people: log.people
          .all()
          .map(({ id, name }) => ({ id, ...(name !== undefined && { name }), isCurrent: id === current })),
        isNameDeclared: log.people.isDeclared(),
      });
    },
    'log.head': () => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const text = opened.value.log.giveHead();
      return ok({ size: opened.value.log.newestHead()?.size ?? 0, text });
    },
    'log.declareName': ({ name }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      opened.value.log.people.declare(name);
      context.changed('log');
      return ok({});
    },
    'log.eraseName': ({ person }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { people } = opened.value.log;
      if (people.nameOf(person) === undefined) return refuse('not-found', { where: { field: 'person' } });
      people.erase(person);
      context.changed('log');
      return ok({});
    },
    'log.verify': ({ heads, byPerson }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const paths: string[] = [];
      for (const head of heads) {
        const path = context.pathOf(head);
        if (!path.ok) return path;
        paths.push(path.value);
      }
      return ofWork(work.verify(opened.value, paths, byPerson));
    },
    'log.export': ({ format, filter, folder }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const path = context.pathOf(folder);
      if (!path.ok) return path;
      return ofWork(work.export(opened.value, { format, filter: storeFilter(filter), folder: path.value }));
    },
    'log.saveHead': async ({ folder }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const path = context.pathOf(folder);
      if (!path.ok) return path;
      const fileName = `siteseal-log-head-${stampOf(context.surroundings.now())}.json`;
      const saved = await saveHead(opened.value, join(path.value, fileName));
      context.changed('log');
      return saved.ok ? ok({ fileName }) : saved;
    },
  };
}

/** The answer to a call that ends with its work. */
async function ofWork(work: Promise<Result<void>>): Promise<Result<Record<string, never>>> {
  const ended = await work;
  return ended.ok ? ok({}) : ended;
}

/** The filter as the store takes it. */
export function storeFilter({ kind, ...filter }: AskedFilter): LogFilter {
  const actions = Object.keys(logActions).filter((action) => logActions[action as LogAction] === kind);
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(kind && { actions }) };
}

function rowView(log: AuditLog, entry: LogEntry): LogRow {
  const { sequence, time, actor, action } = entry;
  const readable = new ReadableEntry(entry, log.people.nameOf(actor.id));
  const { person, kind, site, serialNumber, sentence, texts } = readable;
  return {
    sequence,
    time,
    ...(person !== undefined && { person }),
    personId: actor.id,
    action,
    ...(kind && { kind }),
    sentence,
    ...(site !== undefined && { site: visibleText(site) }),
    ...(serialNumber !== undefined && { serialNumber: visibleText(serialNumber) }),
    facts: Object.entries(texts).map(([name, value]) => ({
      label: logLabel(name),
      value: logValue(name, visibleText(value)),
    })),
  };
}
