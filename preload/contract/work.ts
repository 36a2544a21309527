import { z } from 'zod';

/** Long work that is running; `work.stop` stops it by its `id`. */
export function workView<const Phase extends string>(phases: readonly Phase[]) {
  return z.strictObject({
    id: z.string(),
    phase: z.enum(phases),
    done: z.number(),
    /** 0 while unknown. */
    total: z.number(),
    /** Per second, over the last seconds; absent while unknown. */
    rate: z.number().optional(),
    isPaused: z.literal(true).optional(),
  });
}
