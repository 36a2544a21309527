import { resolve } from 'node:path';
import { inventoryTemplate as template, templateColumns, writeInventoryTemplate } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';

/** `siteseal inventory template`. Prints the template, or writes it to a new file. */
export function inventoryTemplate(_: readonly string[], { out }: { readonly out?: string }): Outcome {
  const csv = template();
  const document = { columns: templateColumns, csv };
  if (out === undefined) return done(document, csv.trimEnd().split('\r\n'));
  const file = resolve(out);
  const written = writeInventoryTemplate(file);
  if (!written.ok) return failed(written.fault);
  return done({ ...document, file }, [fill(words.cli.inventory.written, { file })]);
}
