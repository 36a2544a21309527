import { ok, visibleText } from '../faults/index.ts';
import { logSentence } from '../words/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';

/** The audit log of the current store, in sentences. */
export function logHandlers(context: ApiContext): Handlers<'log.list'> {
  return {
    'log.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.log.list(request);
      return ok({
        total,
        rows: rows.map(({ sequence, time, actor, action, subject, facts }) => {
          const texts = Object.entries({ ...subject, ...facts }).map(
            ([name, value]) => [name, visibleText(String(value))] as const,
          );
          const named = Object.fromEntries(texts);
          return {
            sequence,
            time,
            actor: actor.name,
            action,
            sentence: logSentence(action, named),
            facts: named,
          };
        }),
      });
    },
  };
}
