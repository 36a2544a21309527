// The lists of the log that the page reads too. In a separate file for the page, which does not load the schemas.

/** What kind of thing an entry is about. */
export const logKinds = ['log', 'keys', 'trust', 'preparing', 'delivery', 'steps'] as const;
export type LogKind = (typeof logKinds)[number];

/** The formats of an export. */
export const logFormats = ['csv', 'jsonl', 'pdf', 'ocsf', 'cef', 'proof'] as const;
export type LogFormat = (typeof logFormats)[number];
