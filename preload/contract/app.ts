// What every screen uses: faults, files, and the state of the application.
import { z } from 'zod';
import { connections } from './steps.ts';

/** A fault as the page shows it. The core supplies both facts and words, because it has the only catalogue. */
export const faultView = z.strictObject({
  code: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  /** One phrase: file, row, line, field. */
  where: z.string().optional(),
  cause: z.string(),
  /** The role of who can fix it, if anyone has to. */
  fixer: z.string().optional(),
  /** The same in words. */
  mendedBy: z.string(),
  next: z.string(),
  /** The sentences of the underlying faults, outermost first. */
  because: z.array(z.string()),
});
export type FaultView = z.infer<typeof faultView>;

/** A file or folder that the user chose. The page cannot name one by its path. */
export const fileHandle = z.strictObject({
  /** Made by the shell; useless to anyone else. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last part of the path, for display. */
  name: z.string().max(255),
});
export type FileHandle = z.infer<typeof fileHandle>;

/** The choices on the start screen: training, preparing bundles, delivering them, reviewing the log. */
export const modes = ['training', 'office', 'site', 'log'] as const;
export type Mode = (typeof modes)[number];

/** The looks of the window. `sunlight` has the strongest contrast, and larger text. */
export const themes = ['system', 'light', 'dark', 'sunlight'] as const;
export type Theme = (typeof themes)[number];

/** What the administrator of this computer allows. */
export const policyView = z.strictObject({
  /** Where the policy is. */
  file: z.string().optional(),
  training: z.boolean(),
  connections: z.array(z.enum(connections)),
  language: z.string().optional(),
  /** Why it cannot be followed. Nothing that it could forbid is allowed then. */
  fault: faultView.optional(),
});
export type PolicyView = z.infer<typeof policyView>;

/** What the core reports about itself, and the settings of this laptop. */
export const appState = z.strictObject({
  version: z.string(),
  shell: z.enum(['electron', 'browser']),
  /** The start choice; null on the first start. */
  mode: z.enum(modes).nullable(),
  /** Whether everything shown is training data. */
  training: z.boolean(),
  theme: z.enum(themes),
  /** Absent if the administrator has none: everything is allowed. */
  policy: policyView.optional(),
});
export type AppState = z.infer<typeof appState>;

/** Work by others inside Siteseal: a package, a font, or a part of the runtime. */
export const softwarePart = z.strictObject({
  name: z.string(),
  /** Absent where the build could not find it out. */
  version: z.string().optional(),
  /** An SPDX expression. */
  licence: z.string(),
  /** The terms in full; empty if the part does not bring them. */
  text: z.string(),
});
export type SoftwarePart = z.infer<typeof softwarePart>;
