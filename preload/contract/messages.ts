import { z } from 'zod';
import type { FaultView } from './domain.ts';

/** What can change without an action of the page. An event names topics, and the page asks again for what it shows. */
export type Topic = 'app' | 'jobs' | 'operators' | 'runs' | 'log' | 'enbs' | 'training';

const id = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What the page sends. Each call's own schema checks `name` and `input`; each call has a unique id. */
export const clientMessage = z.strictObject({
  kind: z.literal('call'),
  id,
  name: z.string().max(64),
  input: z.unknown(),
});
export type ClientMessage = z.infer<typeof clientMessage>;

/**
 * What the core sends. Every call gets exactly one `result`, whatever happens. Reading the progress of long work and
 * stopping it are also calls (`jobs.get` and `work.stop`), because the work outlives the page that started it.
 */
export type CoreMessage =
  | { readonly kind: 'hello'; readonly version: string }
  | { readonly kind: 'result'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly ok: false; readonly fault: FaultView }
  | { readonly kind: 'changed'; readonly topics: readonly Topic[] };
