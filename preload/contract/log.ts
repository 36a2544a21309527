// The audit log: its entries, what proves them, and exports.
import { z } from 'zod';
import { faultView } from './app.ts';
import { logFormats, logKinds } from './log-kinds.ts';
import { workView } from './work.ts';

export * from './log-kinds.ts';

/** RFC 3339, UTC, whole seconds. */
const time = z.iso.datetime({ precision: 0 });

/** Which entries are wanted. Absent members restrict nothing. */
export const logFilter = z.strictObject({
  text: z.string().max(200).optional(),
  /** The first moment that counts. */
  from: time.optional(),
  /** The first moment that no longer counts. */
  to: time.optional(),
  site: z.string().max(200).optional(),
  serialNumber: z.string().max(200).optional(),
  /** The id of someone. */
  person: z.string().max(64).optional(),
  kind: z.enum(logKinds).optional(),
});
export type LogFilter = z.infer<typeof logFilter>;

/** An entry of the audit log. */
export const logRow = z.strictObject({
  sequence: z.number(),
  time: z.string(),
  /** Who did it, as declared. Absent once the name is erased. */
  person: z.string().optional(),
  personId: z.string(),
  action: z.string(),
  kind: z.enum(logKinds).optional(),
  /** The entry as a sentence. */
  sentence: z.string(),
  site: z.string().optional(),
  serialNumber: z.string().optional(),
  /** What it says, also the site and the eNB, with labels in words. */
  facts: z.array(z.strictObject({ label: z.string(), value: z.string() })),
});
export type LogRow = z.infer<typeof logRow>;

/** What a verification of the log has found, in words. */
export const logVerdict = z.strictObject({
  intact: z.boolean(),
  entries: z.number(),
  checkedAt: z.string(),
  /** What is proven, a sentence each. */
  proven: z.array(z.string()),
  /** What is not, a sentence each. */
  unproven: z.array(z.string()),
  fault: faultView.optional(),
  /** Present if the fault is only that the user chose a file of another log. */
  isOfOther: z.literal(true).optional(),
});
export type LogVerdict = z.infer<typeof logVerdict>;

/** The newest checkpoint of the log. */
export const logHead = z.strictObject({
  size: z.number(),
  /** The signed note, as the QR code shows it. */
  text: z.string(),
});
export type LogHead = z.infer<typeof logHead>;

/** Someone in the log. */
export const person = z.strictObject({
  id: z.string(),
  /** Absent once it is erased. */
  name: z.string().optional(),
  isCurrent: z.boolean(),
});

/** The state of the log as a whole. */
export const logView = z.strictObject({
  /** Names the log, on each of its heads. Absent before its first entry. */
  origin: z.string().optional(),
  entries: z.number(),
  /** Of the last verification. Absent before the first, and while one runs. */
  verdict: logVerdict.optional(),
  verifying: workView(['reading']).optional(),
  exporting: workView(['writing']).optional(),
  /** The end of the last export. */
  exported: z
    .strictObject({
      format: z.enum(logFormats),
      entries: z.number(),
      /** The names of the files in the chosen folder. */
      files: z.array(z.string()),
      fault: faultView.optional(),
    })
    .optional(),
  people: z.array(person),
  /** Whether the user has declared a name on this laptop. Otherwise entries bear the name of the user account. */
  isNameDeclared: z.boolean(),
});
export type LogView = z.infer<typeof logView>;
