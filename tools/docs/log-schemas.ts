// The documents of the audit log, as schemas. `main/tlog` reads them by other means, because it runs in browsers too.
import { z } from 'zod';
import { fields } from '../../main/json/index.ts';

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const count = z.int().min(0);
const sha256 = hex(64);

/** `siteseal-log-entry/1` */
export const logEntrySchema = z.strictObject({
  action: z.string().regex(/^[a-z][a-z0-9-]*$/),
  actor: z.strictObject({ id: hex(16), nameSha256: sha256, proof: z.literal('declared') }),
  bootId: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  format: z.literal('siteseal-log-entry/1'),
  monotonicMs: count,
  sequence: count,
  subject: z.record(z.string(), z.string()),
  time: fields.time,
  training: z.boolean(),
});

const filter = z
  .strictObject({
    text: z.string(),
    from: fields.time,
    to: fields.time,
    site: z.string(),
    serialNumber: z.string(),
    person: z.string(),
    actions: z.array(z.string()),
  })
  .partial();

/** A line of `siteseal-log-proof/1` */
export const logProofSchema = z.union([
  z.strictObject({
    format: z.literal('siteseal-log-proof/1'),
    origin: z.string(),
    training: z.boolean(),
    listed: count,
    filter: filter.optional(),
  }),
  z.strictObject({ listed: z.int().min(1) }),
  z.strictObject({ entry: z.string() }),
  z.strictObject({ skipped: z.int().min(1), hashes: z.array(sha256).min(1).max(104) }),
  z.strictObject({ checkpoint: z.string() }),
  z.strictObject({
    person: z.strictObject({ id: hex(16), name: z.string(), salt: hex(32) }),
  }),
]);
