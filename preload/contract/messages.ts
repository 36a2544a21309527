import { z } from 'zod';
import type { FaultView } from './domain.ts';

/** What can change behind the page's back; an event names topics, and the page asks again for what it shows. */
export type Topic = 'app' | 'jobs' | 'operators' | 'runs' | 'log' | 'enbs';

const id = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What the page sends. `name` and `input` are judged by the call's own schema; each call has an id of its own. */
export const clientMessage = z.strictObject({
  kind: z.literal('call'),
  id,
  name: z.string().max(64),
  input: z.unknown(),
});
export type ClientMessage = z.infer<typeof clientMessage>;

/**
 * What the core sends. Every call gets exactly one `result`, whatever happens. How far long work has come, and that it
 * is to stop, are calls as well (`jobs.get` and `work.stop`): the work outlives the page that started it.
 */
export type CoreMessage =
  | { readonly kind: 'hello'; readonly version: string }
  | { readonly kind: 'result'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly ok: false; readonly fault: FaultView }
  | { readonly kind: 'changed'; readonly topics: readonly Topic[] };
