import type { LineFormat } from './line-format.ts';

/** JSON Lines: each line is an entry exactly as the tree covers it. */
export const jsonl: LineFormat = { header: '', line: ({ text }) => `${text}\n` };
